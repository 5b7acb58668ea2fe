"""Checks of an app that is to be recorded, before it is installed: its package files against the device."""

import zipfile
from pathlib import PurePosixPath

from promptrail.device import package_files
from promptrail.device.doctor.bench import Bench
from promptrail.device.doctor.check import Evidence, Result, fault, not_checked, ok, seen_of_adb
from promptrail.errors import InputError

LISTED = "getprop ro.product.cpu.abilist"
TRANSLATES_FROM = 30
"""SDK from which google_apis images for x86_64 run arm64 code."""


def abi(bench: Bench) -> Result:
    """Whether the device runs the app's native code."""
    if bench.apk is None:
        return not_checked("no app was named", remedy="Name its package files: doctor --apk FILE")
    answer = bench.shell(LISTED)
    evidence = seen_of_adb(bench, answer, "shell", LISTED)
    device = [one for one in answer.text.split(",") if one]
    if not device:
        return not_checked("the device does not tell its ABIs", evidence)
    app = native_abis(bench)
    found = Evidence(
        f"unzip -l {bench.apk.name} 'lib/*'", None, (", ".join(sorted(app)) or "no native code",)
    )
    if not app:
        return ok("the app has no native code", found)
    if fits := [one for one in device if one in app]:
        return ok(f"the app has native code for {fits[0]}", found, evidence)
    return fault(
        f"the app has native code for {', '.join(sorted(app))}, and the device runs {', '.join(device)}",
        "Take a device with such a processor: an app for arm64 only runs on an arm64 device, or on an x86_64 emulator "
        f"image of the kind google_apis from API {TRANSLATES_FROM} on",
        found,
        evidence,
    )


def native_abis(bench: Bench) -> set[str]:
    """Of all its package files together."""
    assert bench.apk is not None
    found: set[str] = set()
    with package_files.opened(bench.apk) as files:
        for one in files.apks:
            try:
                with zipfile.ZipFile(one.path) as apk:
                    parts = [PurePosixPath(name).parts for name in apk.namelist()]
            except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError) as fault:
                raise InputError(f"{bench.apk}: {one.name} is no APK that can be read: {fault}.") from fault
            found |= {p[1] for p in parts if len(p) == 3 and p[0] == "lib" and p[2].endswith(".so")}
    return found
