"""What the doctor looks at: this machine's programs and packages, adb, one device, and a case and an app if given."""

import importlib.metadata
import os
import shutil
import subprocess
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from promptrail.case import Case
from promptrail.device.adb import Adb, Answer
from promptrail.device.device import Device

PATIENCE = 10.0
"""Seconds for each question; a device that takes longer is told as one that hangs."""
BESIDE_PATH = ("/usr/sbin", "/sbin")
"""Where Debian has tcpdump, and a user's PATH does not look."""


class Programs:
    """The programs of this machine, by name."""

    def __init__(self, environ: Mapping[str, str] = os.environ) -> None:
        self.environ = dict(environ)
        homes = [environ[name] for name in ("ANDROID_HOME", "ANDROID_SDK_ROOT") if environ.get(name)]
        sdk = [f"{home}/{folder}" for home in homes for folder in ("platform-tools", "emulator")]
        self.folders = [*environ.get("PATH", "").split(os.pathsep), *sdk, *BESIDE_PATH]

    def find(self, name: str) -> str | None:
        return shutil.which(name, path=os.pathsep.join(self.folders))

    def all(self, name: str) -> list[str]:
        """Each file of this name that is on PATH, once."""
        on_path = self.environ.get("PATH", "").split(os.pathsep)
        found = [shutil.which(name, path=folder) for folder in on_path if folder]
        return list({os.path.realpath(one): one for one in found if one}.values())

    def run(self, words: Sequence[str], timeout: float = PATIENCE) -> Answer:
        """A program that does not start, or does not end in time, has the exit code that a shell and `timeout` give."""
        try:
            done = subprocess.run(
                words, stdin=subprocess.DEVNULL, capture_output=True, env=self.environ, timeout=timeout
            )
        except subprocess.TimeoutExpired:
            return Answer(124, b"", f"no answer within {timeout:g} s".encode())
        except OSError as fault:
            return Answer(126, b"", str(fault.strerror).encode())
        return Answer(done.returncode, done.stdout, done.stderr)


def version_of(package: str) -> str | None:
    """Of a Python package in this environment."""
    try:
        return importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        return None


@dataclass
class Bench:
    """`device` is found by the check of that name, and None until then."""

    adb: Callable[[], Adb] = Adb
    serial: str | None = None
    case: Case | None = None
    apk: Path | None = None
    port: int = 8080
    """Where the proxy is to listen."""
    folder: Path = field(default_factory=Path.cwd)
    """Where captures would be written."""
    programs: Programs = field(default_factory=Programs)
    version_of: Callable[[str], str | None] = version_of
    device: Device | None = None

    @property
    def phone(self) -> Device:
        """The device, for checks that need it."""
        assert self.device is not None, "this check has to name the check `device` among its needs"
        return self.device

    def shell(self, command: str) -> Answer:
        """The device's answer, whatever its exit code."""
        return self.phone.shell(command, timeout=PATIENCE, check=False)
