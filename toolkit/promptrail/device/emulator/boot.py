"""Waits until Android has booted on a device, or says how far it came: a device in, nothing out but the errors.

Booted is sys.boot_completed and dev.bootcomplete (AOSP, ActivityManagerService) with no boot animation running.
"""

import time
from collections.abc import Callable

from promptrail.device.device import Device
from promptrail.errors import DeviceError

BETWEEN = 0.25
ANSWER = 10.0
"""Seconds for one question; while it starts, adb may wait for an answer that never comes."""
READY = {"sys.boot_completed": ("1",), "dev.bootcomplete": ("1",), "init.svc.bootanim": ("stopped", "")}


def lacking(device: Device) -> str | None:
    """What is not ready yet, in words; None if it has booted."""
    asked = ",".join(f"$(getprop {name})" for name in READY)
    try:
        values = device.shell(f'echo "{asked}"', timeout=ANSWER).text.split(",")
    except DeviceError as fault:
        return f"it does not answer adb ({' '.join(fault.said.split())[:200] or fault})"
    for (name, ready), value in zip(READY.items(), values, strict=True):
        if value not in ready:
            return f"{name} is {value or 'not set'}"
    return None


def wait(device: Device, seconds: float, died: Callable[[], DeviceError | None], log: object = None) -> None:
    """`died` is asked each time; its error is raised. DeviceError, which names the log, if it takes longer."""
    until = time.monotonic() + seconds
    while True:
        if fault := died():
            raise fault
        if (why := lacking(device)) is None:
            return
        if time.monotonic() > until:
            raise DeviceError(
                f"{device.serial} had not booted after {seconds:g} s: {why}. Without virtualisation, or for the first "
                "start of an AVD, it may need more: give it longer (--boot SECONDS). If it stays so, start it with "
                "--window and look, or with --wipe." + (f" Its log: {log}." if log else ""),
                fault="not-booted",
            )
        time.sleep(BETWEEN)
