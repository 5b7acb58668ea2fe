"""Snapshots of a running emulator: saved, loaded, listed and deleted by its console, which ends with 0 when it refuses.

After a load the device is as it was then, its clock and connections too: tunnels of `adb reverse` are gone, and what
was mounted over the certificate store is as it was when it was saved. Lay the route and check the CA again.
"""

import re
import time
from collections.abc import Callable
from typing import NamedTuple

from promptrail.device.adb import Adb
from promptrail.device.emulator import faults
from promptrail.device.emulator.avd import NAME
from promptrail.errors import DeviceError

CONSOLE = 300.0
"""Seconds for one: it writes the whole memory, some gigabytes."""
SETTLE = 1.0
ROW = re.compile(
    r"^(?:--|\d+)\s+(?P<name>\S+)\s+(?P<size>\d[\d.]*\s*\w*)\s+(?P<saved>\S+ [\d:]+)?", re.MULTILINE
)
PARTIAL = "List of partial"
"""Behind it stand those that cannot be loaded."""


class Snapshot(NamedTuple):
    name: str
    size: str
    saved: str
    """By the clock of this machine, as the emulator tells it."""


class Snapshots:
    """`adb` is for one emulator; `booted` waits until it is there again after a load."""

    def __init__(self, adb: Adb, booted: Callable[[], None]) -> None:
        self.adb, self._booted = adb, booted

    def list(self) -> list[Snapshot]:
        """Those that can be loaded, by name."""
        said = self._ask("list").partition(PARTIAL)[0]
        rows = ROW.finditer(said)
        return sorted(Snapshot(one["name"], one["size"].strip(), one["saved"] or "") for one in rows)

    def save(self, name: str) -> None:
        """The device as it is now; one of this name is replaced."""
        self._ask("save", name)

    def load(self, name: str) -> None:
        """Back to it, and wait until the device answers."""
        self._ask("load", name)
        self._booted()
        # The old connection may answer a last time before it drops: once more, when it has had its time.
        time.sleep(SETTLE)
        self._booted()

    def delete(self, name: str) -> None:
        self._ask("delete", name)

    def _ask(self, verb: str, *names: str) -> str:
        """One command of the console; DeviceError with its words if it refuses, or breaks off."""
        for name in names:
            if not NAME.fullmatch(name):
                raise DeviceError(
                    f"{name!r} is no name for a snapshot: letters, digits, '.', '_' and '-' only."
                )
        words = ("emu", "avd", "snapshot", verb, *names)
        doing = f"adb -s {self.adb.serial} {' '.join(words)}"
        answer = self.adb.ask(*words, timeout=CONSOLE, doing=doing)
        said = answer.said.replace("\r", "")
        if answer.code != 0 or re.search(r"^KO\b", said, re.MULTILINE):
            raise faults.told(doing, said)
        if not re.search(r"^OK\b", said, re.MULTILINE):
            raise DeviceError(
                f"{doing}: the console broke off before it was done{f' ({said[-200:]})' if said else ''}. See whether "
                "the emulator still runs, and how its snapshots are: promptrail emulator snapshot list.",
                said,
                "broke",
            )
        return said
