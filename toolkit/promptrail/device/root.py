"""Root on a device: how a command becomes one of root's, found by trying the ways in turn; refuses where none works.

The ways and their order are HTTP Toolkit's, with Magisk's mount master first of those by su: without it a mount stays
in the namespace of that one session. A way counts only if a script that was put on the device says that it runs as
uid 0 and got its words as they were given, since the programs called su differ in what they do to quotes.
"""

from collections.abc import Callable
from shlex import quote
from typing import NamedTuple

from promptrail.device import adb_faults
from promptrail.device.adb import Answer
from promptrail.errors import DeviceError

SCRIPT = "/data/local/tmp/promptrail-root.sh"
ASKING = b'echo "uid $(id -u) words $# $1 $2"\n'
WORDS = ("two  words", "$HOME;'\"")
ASKED = f"sh {SCRIPT} {' '.join(map(quote, WORDS))}"
EXPECTED = f"uid 0 words 2 {' '.join(WORDS)}"
TRYING = 15.0
"""Seconds for one way: a root app may ask its user first."""


class Rung(NamedTuple):
    name: str
    form: Callable[[str], str]
    """A command for root's shell in, the command that makes it so out."""


PLAIN = Rung("adbd runs as root", lambda command: command)
RUNGS = (
    PLAIN,
    Rung("su -mm -c", lambda command: f"su -mm -c {quote(command)}"),
    Rung("su -c", lambda command: f"su -c {quote(command)}"),
    Rung("su root sh -c", lambda command: f"su root sh -c {quote(command)}"),
    Rung("su 0 sh -c", lambda command: f"su 0 sh -c {quote(command)}"),
    Rung("su root", lambda command: f"su root {quote(command)}"),
)


def holds(rung: Rung, shell: Callable[[str], Answer]) -> str | None:
    """None if this way works on the device, where SCRIPT is in place; else what it said instead."""
    try:
        answer = shell(rung.form(ASKED))
    except DeviceError as fault:
        if fault.fault != "timeout":
            raise
        return str(fault)
    return None if answer.code == 0 and answer.text == EXPECTED else answer.said or f"exit code {answer.code}"


def refused(said: list[tuple[str, str]]) -> DeviceError:
    """The sentence for a device on which no way works: what each said, and the remedy of the first that is known."""
    lines = "; ".join(f"{way}: {adb_faults.one_line(words)[:120]}" for way, words in said)
    fault = next((found for _, words in reversed(said) if (found := adb_faults.known(words))), None)
    remedy = (
        fault.remedy
        if fault
        else "Use an emulator image of the kind google_apis, or root the device with Magisk"
    )
    return DeviceError(
        f"no root on this device ({lines}). {remedy}.", lines, fault.id if fault else "no-root"
    )
