"""Checks of the way to one device and of its state: reached, started, root, its clock, its storage, a way back."""

import re
import time

from promptrail.device import adb_faults
from promptrail.device.device import choose
from promptrail.device.doctor.bench import PATIENCE, Bench
from promptrail.device.doctor.check import Result, fault, not_checked, ok, seen, seen_of_adb
from promptrail.errors import DeviceError

APART = 60.0
"""Seconds between the clocks with which a fresh certificate may not be valid yet."""
NO_ROOT = (
    "Use an emulator image of the kind google_apis (one with Google Play gives no root), or root the device with "
    "Magisk and allow the shell there. Without root only apps that trust a user's CA can be read"
)
ROOM = 500 << 20
"""Bytes on the device, for an app and its splits."""


def device(bench: Bench) -> Result:
    """Sets `bench.device` where there is one that lets us in."""
    adb = bench.adb()
    listed = seen("adb devices -l", adb.ask("devices", "-l", timeout=PATIENCE))
    try:
        found = choose(adb, bench.serial)
    except DeviceError as refused:
        known = adb_faults.known(refused.said)
        return fault(refused.said, known.remedy if known else "Look at the device", listed)
    bench.device = found
    models = [one.properties.get("model", "") for one in adb.devices() if one.serial == found.serial]
    return ok(" ".join([found.serial, *models]).strip(), listed)


def booted(bench: Bench) -> Result:
    answer = bench.shell("getprop sys.boot_completed")
    evidence = seen_of_adb(bench, answer, "shell", "getprop sys.boot_completed")
    services = bench.shell("cmd package list packages android")
    asked = seen_of_adb(bench, services, "shell", "cmd package list packages android")
    if answer.text != "1":
        return fault("Android has not started", "Wait until sys.boot_completed is 1", evidence)
    if services.code != 0 and (known := adb_faults.known(services.said)):
        return fault("Android has not started its package manager", known.remedy, evidence, asked)
    return ok("Android has started", evidence)


def root(bench: Bench) -> Result:
    """Looks without `adb root`, which would restart adbd under a session that runs."""
    try:
        found = bench.phone.find_root(restart=False)
    except DeviceError as refused:
        if refused.fault in ("timeout", "broke", "offline"):
            raise
        build = bench.shell("getprop ro.debuggable")
        evidence = seen_of_adb(bench, build, "shell", "getprop ro.debuggable")
        if build.text == "1":
            return not_checked(
                "`adb root` was not tried, since it restarts adbd",
                evidence,
                remedy=f"`adb -s {bench.phone.serial} root`, then look again; recording does it by itself",
            )
        return fault("no root on this device", NO_ROOT, evidence)
    answer = bench.phone.as_root("id", timeout=PATIENCE, check=False)
    return ok(f"root by: {found.name}", seen_of_adb(bench, answer, "shell", found.form("id")))


def clock(bench: Bench) -> Result:
    before = time.time()
    answer = bench.shell("date +%s")
    after = time.time()
    evidence = seen_of_adb(bench, answer, "shell", "date +%s")
    if not re.fullmatch(r"\d+", answer.text):
        return not_checked("the device does not tell its time", evidence)
    apart = float(answer.text) - (before + after) / 2
    if abs(apart) > APART:
        return fault(
            f"the device's clock is {abs(apart):,.0f} s {'ahead' if apart > 0 else 'behind'}",
            "Set its time (`adb shell su root date @SECONDS`, or automatic time), or cold boot the emulator: a "
            "snapshot has the time at which it was saved",
            evidence,
        )
    return ok("the device's clock is right", evidence)


def storage(bench: Bench) -> Result:
    answer = bench.shell("df -k /data")
    evidence = seen_of_adb(bench, answer, "shell", "df -k /data")
    columns = answer.text.splitlines()[-1].split() if answer.code == 0 and answer.text else []
    if len(columns) < 4 or not columns[3].isdigit():
        return not_checked("df on the device does not say how much is free", evidence)
    free = int(columns[3]) << 10
    if free < ROOM:
        return fault(
            f"{free >> 20} MiB are free on the device", "Remove an app, or give it more space", evidence
        )
    return ok(f"{free >> 20:,} MiB are free on the device", evidence)


def snapshot(bench: Bench) -> Result:
    """A clean state to go back to. The console says KO on standard output, and ends with 0."""
    if not bench.phone.serial.startswith("emulator-"):
        return not_checked("only emulators have snapshots")
    answer = bench.phone.adb.ask("emu", "avd", "snapshot", "list", timeout=PATIENCE)
    evidence = seen_of_adb(bench, answer, "emu", "avd snapshot list")
    if answer.code != 0 or "KO:" in answer.said:
        known = adb_faults.known(answer.said)
        return fault("the emulator's console refused", known.remedy if known else "Look at its log", evidence)
    rows = [line for line in answer.text.splitlines() if re.match(r"\s*(--|\d+)\s", line)]
    if not rows:
        return fault(
            "no snapshot to go back to",
            "Save a clean one before the first run: `adb emu avd snapshot save clean`",
            evidence,
        )
    return ok(f"{len(rows)} snapshots", evidence)
