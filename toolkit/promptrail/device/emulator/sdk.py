"""The Android SDK of this machine: an environment in, where its programs and system images lie out.

Refuses, with where it looked and what to do, an SDK or a program that is not there. Nothing is downloaded: what
sdkmanager installs comes under a licence that a person has to accept.
"""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from promptrail.device.adb import Answer
from promptrail.errors import DeviceError, MissingTool

VARIABLES = ("ANDROID_HOME", "ANDROID_SDK_ROOT")
USUAL: dict[str, tuple[str, ...]] = {
    "linux": ("~/Android/Sdk", "/opt/android-sdk", "/usr/local/lib/android/sdk", "/usr/lib/android-sdk"),
    "darwin": (
        "~/Library/Android/sdk",
        "/opt/homebrew/share/android-commandlinetools",
        "/usr/local/share/android-commandlinetools",
    ),
    "win32": ("$LOCALAPPDATA/Android/Sdk", "~/AppData/Local/Android/Sdk"),
}
"""Where Android Studio, package managers and CI images put it, by sys.platform."""
PARTS = ("emulator", "cmdline-tools", "system-images")
"""A folder with one of these is an SDK; Debian's has platform-tools alone, and makes no emulator."""
FOLDERS: dict[str, tuple[str, ...]] = {
    "emulator": ("emulator",),
    "avdmanager": ("cmdline-tools/latest/bin", "cmdline-tools/*/bin", "tools/bin"),
    "sdkmanager": ("cmdline-tools/latest/bin", "cmdline-tools/*/bin", "tools/bin"),
}
GET = (
    "Install Android Studio, or its command-line tools (developer.android.com/studio#command-line-tools-only)"
)
IMAGE = "system-images;android-34;google_apis;x86_64"
INSTALL = f'sdkmanager "platform-tools" "emulator" "{IMAGE}"'


class Image(NamedTuple):
    """A system image that is installed; `tag` says what is in it (default, google_apis, google_apis_playstore, ...)."""

    platform: str
    tag: str
    abi: str
    revision: str = ""

    @property
    def package(self) -> str:
        """Its name for sdkmanager and avdmanager."""
        return f"system-images;{self.platform};{self.tag};{self.abi}"

    @property
    def no_root(self) -> str | None:
        """Why `adb root` will not work on it; None if it will."""
        if "playstore" not in self.tag:
            return None
        return "an image with the Play Store is a production build, on which adbd gives no root"


class Sdk(NamedTuple):
    root: Path
    platform: str = sys.platform
    environ: Mapping[str, str] = os.environ

    @property
    def avd_home(self) -> Path:
        """Where AVDs lie; both programs are told so, as they search different places by themselves."""
        given, below = self.environ.get, Path
        for name, under in (
            ("ANDROID_AVD_HOME", ""),
            ("ANDROID_USER_HOME", "avd"),
            ("ANDROID_EMULATOR_HOME", "avd"),
            ("ANDROID_SDK_HOME", ".android/avd"),
        ):
            if folder := given(name):
                return below(folder) / under
        return _home(self.environ) / ".android" / "avd"

    @property
    def env(self) -> dict[str, str]:
        """For the SDK's programs."""
        return {
            **self.environ,
            **dict.fromkeys(VARIABLES, str(self.root)),
            "ANDROID_AVD_HOME": str(self.avd_home),
        }

    def program(self, name: str) -> Path:
        """Of the SDK, newest first; on Windows avdmanager and sdkmanager are batch files."""
        files = [name] if self.platform != "win32" else [f"{name}.exe", f"{name}.bat", f"{name}.cmd"]
        for pattern in FOLDERS[name]:
            for folder in sorted(self.root.glob(pattern), key=_age, reverse=True):
                for file in files:
                    if (folder / file).is_file():
                        return folder / file
        package = "emulator" if name == "emulator" else "cmdline-tools;latest"
        raise MissingTool(
            f'{name} is not in the SDK {self.root}: `sdkmanager "{package}"`'
            + ("." if name == "emulator" else f", or {GET}.")
        )

    def run(self, name: str, *arguments: str, timeout: float = 120.0, stdin: bytes | None = None) -> Answer:
        """One of its programs, whatever its exit code; DeviceError if it does not start, or takes longer."""
        words = [str(self.program(name)), *arguments]
        try:
            done = subprocess.run(
                words, input=stdin or b"", capture_output=True, env=self.env, timeout=timeout
            )
        except subprocess.TimeoutExpired:
            raise DeviceError(
                f"{name} {' '.join(arguments)}: no end within {timeout:g} s. Run it by hand and see what it waits for.",
                fault="timeout",
            ) from None
        except OSError as fault:
            raise DeviceError(f"{words[0]} cannot be run: {fault.strerror}. Install it again.") from fault
        return Answer(done.returncode, done.stdout, done.stderr)

    def images(self) -> list[Image]:
        """The system images that are installed, oldest Android first."""
        found = []
        for folder in (self.root / "system-images").glob("*/*/*"):
            if any((folder / file).is_file() for file in ("package.xml", "source.properties", "system.img")):
                platform, tag, abi = folder.parts[-3:]
                found.append(Image(platform, tag, abi, _revision(folder)))
        return sorted(found, key=lambda one: (_numbers(one.platform), one))

    def image(self, package: str) -> Image:
        """The installed image of this name."""
        images = self.images()
        for one in images:
            if one.package == package:
                return one
        there = ", ".join(one.package for one in images) or "none"
        raise MissingTool(f'{package} is not installed (installed: {there}): `sdkmanager "{package}"`.')


def find(environ: Mapping[str, str] = os.environ, platform: str = sys.platform) -> Sdk:
    """The first that is one: what the environment names, the usual places, where `emulator` on PATH lies."""
    named = [Path(environ[name]) for name in VARIABLES if environ.get(name)]
    usual = [_expanded(place, environ) for place in USUAL.get(platform, USUAL["linux"])]
    program = shutil.which("emulator", path=environ.get("PATH", ""))
    by_path = [Path(program).resolve().parent.parent] if program else []
    looked: Sequence[Path] = [*named, *usual, *by_path]
    for root in looked:
        if any((root / part).is_dir() for part in PARTS):
            return Sdk(root, platform, environ)
    raise MissingTool(
        f"no Android SDK with an emulator was found in {', '.join(map(str, looked))}. {GET}, set ANDROID_HOME to its "
        f"folder, then: {INSTALL}."
    )


def _home(environ: Mapping[str, str]) -> Path:
    return Path(environ.get("HOME") or environ.get("USERPROFILE") or Path.home())


def _expanded(place: str, environ: Mapping[str, str]) -> Path:
    local = environ.get("LOCALAPPDATA") or str(_home(environ) / "AppData" / "Local")
    return Path(place.replace("~", str(_home(environ)), 1).replace("$LOCALAPPDATA", local))


def _age(folder: Path) -> tuple[bool, tuple[int, ...], str]:
    """`latest` is newer than every number."""
    name = folder.parent.name
    return name == "latest", _numbers(name), name


def _numbers(text: str) -> tuple[int, ...]:
    return tuple(map(int, re.findall(r"\d+", text)))


def _revision(folder: Path) -> str:
    try:
        text = (folder / "source.properties").read_text("utf-8", "replace")
    except FileNotFoundError:
        return ""
    found = re.search(r"^Pkg\.Revision\s*=\s*(\S+)", text, re.MULTILINE)
    return found[1] if found else ""
