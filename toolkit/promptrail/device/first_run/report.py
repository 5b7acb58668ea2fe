"""What the steps have found, as JSON for an issue: versions and rows in; no name of a person, machine or device in it.

Serial numbers, the device's own ids, the user's name and home and the machine's name are replaced wherever they stand.
The build's fingerprint stays: it is the image's.
"""

import getpass
import platform
import re
import socket
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from promptrail import __version__
from promptrail.device.first_run import machine
from promptrail.device.first_run.step import Row, Visit
from promptrail.errors import PromptrailError

SCHEMA = 1
FACTS = {
    "fingerprint": "ro.build.fingerprint",
    "release": "ro.build.version.release",
    "sdk": "ro.build.version.sdk",
    "abi": "ro.product.cpu.abi",
}
OWN = ("ro.serialno", "ro.boot.serialno", "ro.boot.bootloader.serialno")
SETTINGS = ("secure android_id", "global device_name", "secure bluetooth_name", "secure bluetooth_address")
SHORT = 4
"""Names of fewer letters are parts of ordinary words."""
ORDINARY = {"root", "user", "localhost", "stand_in", "android", "runner"}


DECIDES = "self-test"
"""Without this step nothing was shown that a recording rests on."""


def report(visit: Visit, rows: Sequence[Row]) -> dict[str, Any]:
    mask = masked(visit)
    facts = _asked(visit, lambda: visit.phone.properties()) if visit.device else {}
    adb = _asked(visit, lambda: {"version": visit.adb.run("version").text.splitlines()[0]})
    states = {row.step.id: row.state for row in rows}
    emulator = _asked(visit, lambda: {"version": machine.version(visit.sdk)} if visit.sdk else {})
    return {
        "schema": SCHEMA,
        "promptrail": __version__,
        "host": {
            "system": platform.system(),
            "release": platform.release(),
            "machine": platform.machine(),
            "python": platform.python_version(),
        },
        "adb": adb.get("version"),
        "emulator": emulator.get("version"),
        "device": {key: mask(facts[name]) for key, name in FACTS.items() if name in facts},
        "passed": states.get(DECIDES) == "passed" and "failed" not in states.values(),
        "steps": [
            {
                "id": row.step.id,
                "command": row.step.command,
                "expected": row.step.expected,
                "state": row.state,
                "ran": row.state != "not run",
                "passed": None if row.state == "not run" else row.state == "passed",
                "looked": row.looked,
                "seen": mask(row.seen),
                "seconds": row.seconds,
            }
            for row in rows
        ],
    }


def masked(visit: Visit) -> Callable[[str], str]:
    """A function that puts what a name is of in the place of the name. It asks the device while it is there."""
    known: dict[str, str] = {str(visit.folder): "FOLDER", str(Path.home()): "HOME"}
    for name in (getpass.getuser(), socket.gethostname(), socket.gethostname().partition(".")[0]):
        if len(name) >= SHORT and name.lower() not in ORDINARY:
            known[name] = "NAME"
    if visit.device:
        known[visit.device.serial] = "SERIAL"
        address = visit.device.serial.rpartition(":")[0]
        known |= {} if address.startswith("127.") else {address: "ADDRESS"}
        known |= dict.fromkeys(_asked(visit, lambda: _ids(visit)), "DEVICE-ID")
    known |= {visit.serial: "SERIAL"} if visit.serial else {}
    words = sorted((word for word in known if word), key=lambda word: (-len(word), word))
    pattern = re.compile("|".join(rf"(?<!\w){re.escape(word)}(?!\w)" for word in words))
    return lambda text: pattern.sub(lambda found: f"<{known[found[0]]}>", text)


def _ids(visit: Visit) -> dict[str, str]:
    facts = visit.phone.properties()
    values = [facts.get(name, "") for name in OWN]
    values += [visit.phone.shell(f"settings get {name}", check=False).text for name in SETTINGS]
    return {
        one: one for one in values if len(one) >= SHORT and one.lower() not in {"null", "unknown", *ORDINARY}
    }


def _asked(visit: Visit, ask: Callable[[], dict[str, str]]) -> dict[str, str]:
    """Nothing, where the device or program is gone by now."""
    try:
        return ask()
    except PromptrailError:
        return {}
