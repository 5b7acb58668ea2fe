"""Records an app on a device: a case and a plan in, one run a planned run out, the device as it was.

    runs = record(case, read(Path("first-chat.toml")), choose(Adb()), Choices())

One run: what is there is remembered; identity; the CA, proved with the route by a real handshake; proxy, packets, hooks
and screen; the steps; then all of it back, in the opposite order, whatever happened. session.py does one run by what
traffic.py leads and proves, typed.py knows what is typed, record.py keeps what is to be told, witnesses.py hooks and
counts.
"""

import os
from collections.abc import Callable

from promptrail.case import Case
from promptrail.device import before
from promptrail.device.agents import load
from promptrail.device.authority import authority
from promptrail.device.device import Device
from promptrail.device.doctor import CHECKS, Bench, examine
from promptrail.device.proxy import interruptible
from promptrail.device.recorder.choices import Choices
from promptrail.device.recorder.session import Session
from promptrail.device.recorder.typed import texts
from promptrail.device.routing import WireGuard, wireguard
from promptrail.device.scenario import Plan
from promptrail.errors import RecordingError

__all__ = ["Choices", "record"]
PREFLIGHT = ("booted", "clock")
"""The doctor's checks without which no run is worth its time; adb, mitmproxy and a full disk tell by themselves."""


def record(
    case: Case,
    plan: Plan,
    device: Device,
    choices: Choices,
    say: Callable[[str], None] = lambda line: None,
    ask: Callable[[str], object] = input,
) -> list[str]:
    """Every run of the plan; their names. RecordingError after the run that could not be done was closed."""
    if there := [one.run for one in plan.runs if (case.captures / one.run).exists()]:
        raise RecordingError(
            f"{case.captures} holds {', '.join(there)} already, and a capture is never overwritten. Give the scenario "
            "another name, or record into a new case."
        )
    for hook in sorted({hook for one in plan.runs for hook in one.variant.hooks}):
        load(hook)  # one that is not there, or does not compile, is told before the device is touched
    if plan.route == WireGuard.name:
        tunnel(case, choices, say)
    clean(device, say)
    preflight(device)
    typed = texts(case, plan)
    with interruptible():
        for planned in plan.runs:
            Session(case, plan, planned, device, choices, typed, say, ask).run()
            case.log("record", run=planned.run, scenario=plan.name, package=planned.package)
    return [one.run for one in plan.runs]


def tunnel(case: Case, choices: Choices, say: Callable[[str], None]) -> None:
    """The configuration that the device's WireGuard app needs, as a file; it stays the same for the whole case."""
    if choices.host is None:
        raise RecordingError(
            "the route wireguard needs --host: this machine's address as the device reaches it (an emulator: 10.0.2.2)."
        )
    confdir, file = authority(case), case.private / "promptrail.conf"
    wireguard.keys(confdir)
    text = wireguard.configuration(confdir, choices.host, choices.at(WireGuard.name) or 0)
    if not file.exists() or file.read_text(encoding="utf-8") != text:
        with open(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as out:
            out.write(text)
        for line in wireguard.instructions(file):
            say(line)


def clean(device: Device, say: Callable[[str], None]) -> None:
    """Put back what earlier recordings left on this device."""
    for one in before.left_behind(device.serial):
        say(f"{device.serial} was left as it is by {one}: putting it back")
        for line in before.put_back(device, one):
            say(f"  {line}")
        before.forget(one)


def preflight(device: Device) -> None:
    """RecordingError with the doctor's sentence where the device is not ready."""
    chosen = tuple(check for check in CHECKS if check.id in PREFLIGHT)
    rows = examine(Bench(adb=lambda: device.adb, serial=device.serial, device=device), checks=chosen)
    for row in rows:
        if not row.passed:
            raise RecordingError(f"{row.result.told}. {row.result.remedy}. `promptrail doctor` tells more.")
