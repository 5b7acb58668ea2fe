"""Steps with what outlasts a run: frida-server on the device, a snapshot saved, and the device brought back to it."""

from promptrail.device.doctor import frida_server
from promptrail.device.doctor.bench import Bench
from promptrail.device.emulator import boot
from promptrail.device.emulator.snapshots import Snapshots
from promptrail.device.first_run.step import Seen, Visit, failed, not_run, passed

NAME = "promptrail-first-run"
MARK = "promptrail_first_run"
BACK = 180.0
"""Seconds in which a device answers again after a snapshot was loaded."""


def frida(visit: Visit) -> Seen:
    device = visit.phone
    if not device.shell(frida_server.FIND, check=False).text:
        return not_run("there is no frida-server on the device; put it to /data/local/tmp, and repeat")
    result = frida_server.server(Bench(adb=lambda: device.adb, serial=device.serial, device=device))
    told = f"{result.told}. {result.remedy}".strip()
    return {"ok": passed, "fault": failed, "not checked": not_run}[result.state](told)


def snapshot(visit: Visit) -> Seen:
    if not visit.phone.serial.startswith("emulator-"):
        return not_run("only emulators have snapshots")
    kept = _snapshots(visit)
    kept.save(NAME)
    visit.closing.callback(kept.delete, NAME)
    found = [one for one in kept.list() if one.name == NAME]
    return (
        passed(f"saved, {found[0].size}")
        if found
        else failed("it said OK, and the list has no such snapshot")
    )


def restore(visit: Visit) -> Seen:
    """A setting that was made behind the snapshot has to be gone."""
    visit.phone.shell(f"settings put global {MARK} after")
    _snapshots(visit).load(NAME)
    value = visit.phone.shell(f"settings get global {MARK}").text
    if value != "null":
        visit.phone.shell(f"settings delete global {MARK}")
        return failed(f"a setting that was made after the snapshot was saved is still {value}")
    visit.phone.rung = None  # the snapshot has its own way to root
    return passed(f"the device is as it was when it was saved; root: {visit.phone.find_root().name}")


def _snapshots(visit: Visit) -> Snapshots:
    return Snapshots(visit.phone.adb, lambda: boot.wait(visit.phone, BACK, lambda: None))
