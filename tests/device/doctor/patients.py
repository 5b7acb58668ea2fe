"""Devices for the doctor to look at: a stand-in for adbd that is well, or has what a test gives it."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from promptrail.device import doctor
from promptrail.device.doctor.bench import Bench, Programs
from promptrail.device.doctor.check import Result
from promptrail.errors import DeviceError
from rigs.android import adbd_programs
from rigs.android.adbd import Adbd


@contextmanager
def patient(
    folder: Path,
    *,
    su: str | None = None,
    properties: Mapping[str, str] | None = None,
    more: Mapping[str, str] | None = None,
    **modes: Any,
) -> Iterator[tuple[Adbd, Bench]]:
    """A device, connected as far as it lets us, and a bench that finds it among nothing else."""
    path = adbd_programs.write(folder / "bin", su=su, properties=properties, more=more)
    with Adbd(folder / "device", path=path, **modes) as adbd:
        try:
            adbd.client()
        except DeviceError:
            assert modes, "a device that is well is reached"
        yield adbd, Bench(adb=adbd.adb)


def examined(bench: Bench, *ids: str, fix: bool = False) -> dict[str, doctor.Row]:
    """The rows of these checks and of all that they need; without ids of all that ask the device."""
    wanted = set(ids) or {check.id for check in doctor.CHECKS if check.needs}
    for check in reversed(doctor.CHECKS):
        if check.id in wanted:
            wanted |= set(check.needs)
    checks = tuple(check for check in doctor.CHECKS if check.id in wanted)
    return {row.check.id: row for row in doctor.examine(bench, fix=fix, checks=checks)}


def result(bench: Bench, check: str) -> Result:
    return examined(bench, check)[check].result


def machine(folder: Path, **programs: str) -> Programs:
    """A machine that has these programs (name and shell script) and no others; an underscore stands for a hyphen."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, body in programs.items():
        file = folder / name.replace("_", "-")
        file.write_text(f"#!/bin/sh\n{body}\n")
        file.chmod(0o755)
    found = Programs({"PATH": str(folder)})
    found.folders = [str(folder)]
    return found
