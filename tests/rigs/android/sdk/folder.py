"""An SDK of stand-ins in a folder: how they behave in, the environment that finds them out.

    sdk = StandIn(tmp_path); sdk.behave(boots=False); sdk.found()

emulator and avdmanager are our programs; adb is the machine's own. Everything lies below the folder: SDK, home, AVDs.
"""

import json
import os
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import platformdirs
import pytest

from promptrail.device.emulator import sdk
from rigs.android.adbd import adb_server
from rigs.mitmdump import compiled

CACHES = str(Path(platformdirs.user_cache_dir("promptrail")).parent)
"""The user's own: there the locks of the ports are, which every test of this machine has to see."""

TESTS = Path(__file__).resolve().parents[3]
TOOLKIT = TESTS.parent / "toolkit"
IMAGES = (
    ("android-34", "google_apis", "x86_64"),
    ("android-34", "google_apis_playstore", "x86_64"),
    ("android-9", "default", "x86"),
)
BEHAVIOUR: dict[str, Any] = {
    "acceleration": [0, "KVM (version 12) is installed and usable."],
    "boots": True,
    "dies": None,
    "says": "",
    "code": 1,
    "deaf": False,
}
"""dies: "at once" or "booting", having said `says`, with exit code `code`. deaf: neither kill nor SIGTERM ends it."""
PROGRAM = """\
#!/bin/sh
PYTHONPATH="{path}" PYTHONPYCACHEPREFIX="{compiled}" exec "{python}" -P -m rigs.android.sdk.{name} "$@"
"""


class StandIn:
    def __init__(self, folder: Path) -> None:
        self.root, self.home = folder / "sdk", folder / "home"
        self.avds = self.home / ".android" / "avd"
        self.avds.mkdir(parents=True)
        for name, place in (("emulator", "emulator"), ("avdmanager", "cmdline-tools/latest/bin")):
            self.program(name, place)
        for image in IMAGES:
            there = self.root.joinpath("system-images", *image)
            there.mkdir(parents=True)
            (there / "source.properties").write_text("Pkg.Desc=System Image\nPkg.Revision=14\n")
        self.behave()

    def program(self, name: str, place: str) -> Path:
        file = self.root / place / name
        file.parent.mkdir(parents=True, exist_ok=True)
        path = f"{TOOLKIT}:{TESTS}"
        file.write_text(PROGRAM.format(path=path, compiled=compiled(), python=sys.executable, name=name))
        file.chmod(0o755)
        return file

    def behave(self, **how: Any) -> None:
        (self.root / "stand-in.json").write_text(json.dumps(BEHAVIOUR | how))

    @property
    def environ(self) -> dict[str, str]:
        """For this process, too: adb's client looks for the console's token in HOME."""
        return {"ANDROID_HOME": str(self.root), "HOME": str(self.home)}

    def found(self) -> sdk.Sdk:
        return sdk.find({**os.environ, **self.environ})

    def avd(self, name: str = "inv34", image: tuple[str, str, str] = IMAGES[0]) -> str:
        """An AVD, as avdmanager leaves one."""
        folder = self.avds / f"{name}.avd"
        folder.mkdir()
        (self.avds / f"{name}.ini").write_text(f"avd.ini.encoding=UTF-8\npath={folder}\ntarget={image[0]}\n")
        sysdir = "/".join(("system-images", *image)) + "/"
        (folder / "config.ini").write_text(f"AvdId={name}\nimage.sysdir.1={sysdir}\ntag.id={image[1]}\n")
        return name


def installed(folder: Path, monkeypatch: pytest.MonkeyPatch) -> StandIn:
    """For a fixture: an SDK as if it were this machine's own, with one AVD."""
    made = StandIn(folder)
    made.avd()
    for name, value in {**made.environ, "XDG_CACHE_HOME": CACHES}.items():
        monkeypatch.setenv(name, value)
    for name in (
        "ANDROID_SDK_ROOT",
        "ANDROID_AVD_HOME",
        "ANDROID_USER_HOME",
        "ANDROID_EMULATOR_HOME",
        "ANDROID_SDK_HOME",
    ):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(tempfile, "tempdir", str(folder))  # logs of what fails, or is kept, stay there
    monkeypatch.setenv("TMPDIR", str(folder))
    return made


def own_adb(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """For a fixture: an adb server that nobody else uses; the emulators tell it that they are there."""
    with adb_server() as port:
        monkeypatch.setenv("ANDROID_ADB_SERVER_PORT", str(port))
        yield
