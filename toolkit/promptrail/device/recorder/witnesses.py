"""Who else watches a run on a device: hooks in its app, and packets where its traffic passes.

Hooks go in before the app's first instruction where Frida can start it; else they say that its start was not hooked.
Packets are counted: with the settings proxy whatever passes the interface went past the proxy.
"""

import re
import time
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from promptrail.device import hook_device, packets
from promptrail.device.agents import load
from promptrail.device.device import Device
from promptrail.device.hook import Hooked
from promptrail.device.recorder.choices import Choices
from promptrail.device.routing import SettingsProxy
from promptrail.device.routing.passed import passed
from promptrail.errors import RecordingError

ADDRESS = re.compile(r"\binet6? ([0-9a-f.:]+)/\d+[^\n]* scope global", re.IGNORECASE)
STARTED = 20.0
"""Seconds for an app to have a process."""
ADB = "not tcp port 5555"
"""adb over the network is ours, and no traffic of the app."""


def hooks(
    stack: ExitStack,
    device: Device,
    choices: Choices,
    package: str,
    agents: tuple[str, ...],
    folder: Path,
    ca: Path,
    say: Callable[[str], None],
) -> None:
    """Start the app hooked; the hooks live as long as `stack`."""
    loaded = [load(agent) for agent in agents]
    on = hook_device.device(choices.frida or device.serial)
    try:
        target = hook_device.spawn([package], on)
    except RecordingError as fault:
        say(f"Frida could not start {package} ({fault}); its start will not be hooked")
        device.shell(f"monkey -p {package} -c android.intent.category.LAUNCHER 1", check=False)
        target = _found(package, on)
    parameters = {"ca": ca.read_text(encoding="ascii")}
    stack.enter_context(Hooked(folder, target, loaded, parameters, say))


def _found(package: str, on: Any) -> hook_device.Target:
    """The app's process, once Android has started it; RecordingError if it does not come."""
    until = time.monotonic() + STARTED
    while True:
        try:
            return hook_device.find(package, on)
        except RecordingError:
            if time.monotonic() > until:
                raise
        time.sleep(0.1)


def addresses(device: Device) -> list[str]:
    """The device's own, as it tells them."""
    return ADDRESS.findall(device.shell("ip addr show", check=False).text)


def past_the_proxy(folder: Path, route: str, known: list[str]) -> dict[str, Any]:
    """For the run's record: what the packets say went past; empty where nobody can tell."""
    file = folder / packets.FILE
    if route != SettingsProxy.name or not file.is_file() or not known:
        return {}
    counted = passed(file, known)
    rows = [row._asdict() for row in counted.rows]
    return {**counted.figures(), "rows": rows[:200], "rows_in_all": len(rows)}
