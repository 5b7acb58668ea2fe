"""Steps until a device is there: booted, and root on it."""

from promptrail.device.device import choose
from promptrail.device.emulator import boot
from promptrail.device.emulator.running import Emulator
from promptrail.device.first_run.step import Seen, Visit, failed, not_run, passed


def booted(visit: Visit) -> Seen:
    """The AVD that was named is started; else the device that is there already."""
    if visit.avd and not visit.serial:
        emulator = Emulator(visit.avd, headless=visit.headless, seconds=visit.seconds)
        visit.emulator = visit.closing.enter_context(emulator)
        visit.device = emulator.device()
    else:
        if not visit.serial and not visit.adb.devices():
            return not_run("no device is connected, and no --avd was given to start")
        found = choose(visit.adb, visit.serial)
        if why := boot.lacking(found):
            return failed(f"{found.serial}: {why}")
        visit.device = found
    facts = visit.device.properties()
    names = ("ro.build.version.release", "ro.build.version.sdk", "ro.product.cpu.abi", "ro.build.type")
    return passed(f"{visit.device.serial}: Android {', '.join(facts.get(name, '?') for name in names)}")


def screen(visit: Visit) -> str | None:
    if visit.emulator and visit.headless:
        return None
    return "Do you see Android's home or lock screen on the device?"


def root(visit: Visit) -> Seen:
    return passed(visit.phone.find_root().name)
