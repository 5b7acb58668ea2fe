"""Who and what was recorded: device and app as the device itself tells them, and the identifiers that may travel.

In: a device and a package. Out: facts for the run's record, and values for the private part of the case. What a device
does not tell is null, never guessed. Where Android keeps each value is in the comments; the advertising id and an app's
own Android ID need root.
"""

import re
import time
from shlex import quote
from typing import Any, NamedTuple

from promptrail.device.device import Device

PROPERTIES = {
    "manufacturer": "ro.product.manufacturer",
    "model": "ro.product.model",
    "device": "ro.product.device",
    "build": "ro.build.fingerprint",
    "release": "ro.build.version.release",
    "sdk": "ro.build.version.sdk",
    "security_patch": "ro.build.version.security_patch",
    "abis": "ro.product.cpu.abilist",
    "locale": "persist.sys.locale",
    "time_zone": "persist.sys.timezone",
    "emulator": "ro.kernel.qemu",
}
FIELDS = {
    "version_name": r"versionName=(\S+)",
    "version_code": r"versionCode=(\d+)",
    "target_sdk": r"targetSdk=(\d+)",
    "first_installed": r"firstInstallTime=(.+)",
    "last_updated": r"lastUpdateTime=(.+)",
    "installer": r"installerPackageName=(\S+)",
}
"""In `dumpsys package`."""
ADVERTISING = "/data/data/com.google.android.gms/shared_prefs/adid_settings.xml"
UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
NOTHING = ("", "null", "unknown", "00000000-0000-0000-0000-000000000000", "02:00:00:00:00:00")
SHORTEST = 6
"""Shorter values would be met by chance."""


class Identity(NamedTuple):
    device: dict[str, Any]
    app: dict[str, Any]
    base: str | None
    """Where the app's base package lies on the device."""
    identifiers: dict[str, str]
    """Name -> value: personal, for the private part of the case only."""


def read(device: Device, package: str, root: bool) -> Identity:
    """All of it; takes a second or two."""
    before = time.time()
    clock = device.shell("date +%s.%N", check=False).text
    after = time.time()
    properties = device.properties()
    about: dict[str, Any] = {name: properties.get(key) or None for name, key in PROPERTIES.items()}
    about["webview"] = _first(
        r"Current WebView package.*\(([^)]+)\)", device.shell("dumpsys webviewupdate", check=False).text
    )
    told = float(clock) if re.fullmatch(r"\d+(\.\d+)?", clock) else None
    about["clock"] = {
        "ahead": None if told is None else round(told - (before + after) / 2, 3),
        "uncertainty": round((after - before) / 2, 3),
    }
    files = re.findall(
        r"^package:(.+)$", device.shell(f"pm path {quote(package)}", check=False).text, re.MULTILINE
    )
    return Identity(
        about,
        _app(device, package, files),
        files[0] if files else None,
        _identifiers(device, properties, package, root),
    )


def _app(device: Device, package: str, files: list[str]) -> dict[str, Any]:
    """`files`: its packages on the device, the base first."""
    said = device.shell(f"dumpsys package {quote(package)}", check=False).text
    return {
        "package": package,
        **{name: _known(_first(pattern, said)) for name, pattern in FIELDS.items()},
        "apks": [{"file": file.rpartition("/")[2], "sha256": _sha256(device, file)} for file in files],
    }


def _sha256(device: Device, file: str) -> str | None:
    """By the device's own toybox, so that nothing large is copied."""
    said = device.shell(f"sha256sum {quote(file)}", check=False, timeout=120.0).text.split()
    return said[0] if said and re.fullmatch(r"[0-9a-f]{64}", said[0]) else None


def _identifiers(device: Device, properties: dict[str, str], package: str, root: bool) -> dict[str, str]:
    """The shell's own Android ID is not the app's since Android 8; the app's is in settings_ssaid.xml (root)."""
    found = {
        "serial number": properties.get("ro.serialno", ""),
        "android id of the shell": device.shell("settings get secure android_id", check=False).text,
        "device name": device.shell("settings get global device_name", check=False).text,
        "bluetooth address": device.shell("settings get secure bluetooth_address", check=False).text,
        "wi-fi address": device.shell("cat /sys/class/net/wlan0/address", check=False).text,
    }
    if root:
        advertising = device.as_root(f"cat {ADVERTISING}", check=False).text
        found["advertising id"] = match[0] if (match := UUID.search(advertising)) else ""
        own = device.as_root("abx2xml /data/system/users/0/settings_ssaid.xml -", check=False).text
        found["android id of the app"] = _first(
            rf'package="{re.escape(package)}"[^>]*value="([0-9a-f]+)"', own
        ) or (_first(rf'value="([0-9a-f]+)"[^>]*package="{re.escape(package)}"', own) or "")
    return {
        name: value
        for name, value in found.items()
        if value not in NOTHING and len(value) >= SHORTEST and "\n" not in value
    }


def _first(pattern: str, said: str) -> str | None:
    found = re.search(pattern, said)
    return found[1].strip() if found else None


def _known(value: str | None) -> str | None:
    return None if value in (None, *NOTHING) else value
