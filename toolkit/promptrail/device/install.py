"""An app onto a device: its package files in any form in, what was installed with its hashes out.

Refuses what package_files.py and splits.py refuse; what the device's package manager refuses is told with the remedy.
"""

from pathlib import Path, PurePosixPath
from typing import NamedTuple

from promptrail.device import install_faults, package_files, splits
from promptrail.device.adb import Adb
from promptrail.device.adb_faults import told

COPYING = 900.0
"""Seconds for an app of some gigabytes over a slow cable."""
EXPANSIONS = "/sdcard/Android/obb"


class Installed(NamedTuple):
    """What went onto the device, and what of it this device does not need."""

    files: tuple[tuple[str, str], ...]
    """Name and SHA-256 of each."""
    left_out: tuple[tuple[str, str], ...] = ()
    """Name of each split that was left out, and why."""


def install(adb: Adb, properties: dict[str, str], apks: Path) -> Installed:
    """Install or update; a person's consents are not given for them (no -g). InputError, or DeviceError."""
    with package_files.opened(apks) as files:
        chosen = splits.choose([one.name for one in files.apks], properties)
        wanted = [one for one in files.apks if one.name in chosen.names]
        command = "install" if len(wanted) == 1 else "install-multiple"
        answer = adb.run(command, "-r", *(one.path for one in wanted), timeout=COPYING, check=False)
        if answer.code != 0 or "Failure" in answer.said:
            raise told(f"installing {apks.name}", answer.said, install_faults.FAULTS)
        for one in files.expansions:
            name = PurePosixPath(one.name).name
            package = name.split(".", 2)[2].removesuffix(".obb")
            adb.run("push", one.path, f"{EXPANSIONS}/{package}/{name}", timeout=COPYING)
        return Installed(
            tuple((one.name, one.sha256) for one in (*wanted, *files.expansions)), chosen.left_out
        )
