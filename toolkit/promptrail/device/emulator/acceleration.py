"""Whether the emulator can use this machine's virtualisation: its own test decides, not whether /dev/kvm exists.

`emulator -accel-check` ends with 0 if it can; else its exit code is a status, and its words stand between two
lines `accel`.
"""

import re
from typing import NamedTuple

from promptrail.device import adb_faults
from promptrail.device.emulator import faults
from promptrail.device.emulator.sdk import Sdk

WORDS = re.compile(r"^accel:?\s*\n(?:\d+\s*\n)?(.*?)\n?^accel\s*$", re.MULTILINE | re.DOTALL)


class Acceleration(NamedTuple):
    usable: bool
    told: str
    """The emulator's own words, in one line."""
    remedy: str
    """Without a full stop; empty if it is usable."""


def check(sdk: Sdk) -> Acceleration:
    answer = sdk.run("emulator", "-accel-check", timeout=30.0)
    found = WORDS.search(answer.text.replace("\r\n", "\n"))
    words = " ".join((found[1] if found else answer.said).split()) or f"exit code {answer.code}, and no word"
    if answer.code == 0:
        return Acceleration(True, words, "")
    known = adb_faults.known(answer.said, faults.ACCELERATION) or faults.ACCELERATION[-1]
    return Acceleration(False, words, known.remedy)
