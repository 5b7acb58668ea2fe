"""Which of an app's splits a device needs: their file names and the device's properties in, the chosen ones out.

Goes by the names that bundletool and the stores give: [split_]config.QUALIFIER.apk, [split_]MODULE.config.QUALIFIER.apk
and MODULE-QUALIFIER.apk. What is no split by ABI, density or language is needed by every device. Refuses an app that
has native code for other processors only.
"""

import re
from collections.abc import Iterable, Mapping
from typing import NamedTuple

from promptrail.errors import DeviceError

ABIS = ("arm64_v8a", "armeabi_v7a", "armeabi", "x86_64", "x86", "mips64", "mips", "riscv64")
DENSITIES = {
    "ldpi": 120,
    "mdpi": 160,
    "tvdpi": 213,
    "hdpi": 240,
    "xhdpi": 320,
    "xxhdpi": 480,
    "xxxhdpi": 640,
}
SPLIT = re.compile(
    r"(?:split_)?(?:(?P<store>[\w.]+?)\.)?config\.(?P<given>\w+)\.apk|(?P<module>\w+)-(?P<built>\w+)\.apk"
)
LANGUAGE = re.compile(r"[a-z]{2,3}(_[A-Za-z]{2,4})?")


class Chosen(NamedTuple):
    names: tuple[str, ...]
    left_out: tuple[tuple[str, str], ...]
    """Those that this device does not need, each with the reason."""


class Split(NamedTuple):
    name: str
    module: str
    kind: str
    """abi, density, language, or nothing for what every device needs."""
    value: str


def read(name: str) -> Split:
    """What a file name says of a split."""
    found = SPLIT.fullmatch(name.rpartition("/")[2])
    value = (found["given"] or found["built"]) if found else ""
    module = (found["store"] or found["module"] or "base") if found else ""
    if value in ABIS:
        return Split(name, module, "abi", value)
    if value in DENSITIES:
        return Split(name, module, "density", value)
    if LANGUAGE.fullmatch(value):
        return Split(name, module, "language", value)
    return Split(name, module, "", value)


def choose(names: Iterable[str], properties: Mapping[str, str]) -> Chosen:
    """The splits for a device with these properties (getprop)."""
    splits = sorted(map(read, names))
    keep: list[str] = [one.name for one in splits if not one.kind]
    left_out: list[tuple[str, str]] = []
    for kind, wanted in WANTED:
        for module in sorted({one.module for one in splits if one.kind == kind}):
            there = [one for one in splits if (one.kind, one.module) == (kind, module)]
            values, why = wanted({one.value for one in there}, properties)
            keep += [one.name for one in there if one.value in values]
            left_out += [(one.name, why) for one in there if one.value not in values]
    return Chosen(tuple(sorted(keep)), tuple(sorted(left_out)))


def _abi(there: set[str], properties: Mapping[str, str]) -> tuple[set[str], str]:
    """The first of the device's ABIs, which are in its order of preference."""
    listed = properties.get("ro.product.cpu.abilist") or properties.get("ro.product.cpu.abi", "")
    for abi in listed.split(","):
        if (value := abi.strip().replace("-", "_")) in there:
            return {value}, f"the device prefers {abi.strip()}"
    raise DeviceError(
        f"the app has native code for {', '.join(sorted(there))}, and the device runs {listed or 'nothing it names'}. "
        "Take a device with such a processor; an x86_64 emulator image of the kind google_apis translates arm64 from "
        "API 30 on.",
        fault="abi",
    )


def _density(there: set[str], properties: Mapping[str, str]) -> tuple[set[str], str]:
    """The nearest that is not coarser than the screen; all, where the device does not tell it."""
    told = properties.get("qemu.sf.lcd_density") or properties.get("ro.sf.lcd_density", "")
    if not told.isdigit():
        return there, ""
    fine = [value for value in there if DENSITIES[value] >= int(told)]
    best = min(fine, key=DENSITIES.__getitem__) if fine else max(there, key=DENSITIES.__getitem__)
    return {best}, f"the screen has {told} dpi"


def _language(there: set[str], properties: Mapping[str, str]) -> tuple[set[str], str]:
    """The device's language; English where the app does not have it; all, where the device does not tell it."""
    locale = properties.get("persist.sys.locale") or properties.get("ro.product.locale", "")
    language = re.split(r"[-_]", locale)[0].lower()
    if not language:
        return there, ""
    fits = {value for value in there if value.split("_")[0].lower() == language}
    return fits or there & {"en"}, f"the device's language is {locale}"


WANTED = (("abi", _abi), ("density", _density), ("language", _language))
