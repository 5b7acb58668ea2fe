"""Who and what was recorded, as a device tells it; what it does not tell is null, and never guessed."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from promptrail.device.device import Device
from promptrail.device.identity import read
from rigs.android import adbd_programs
from rigs.android.adbd import Adbd

PACKAGE = "org.example.chat"
ADVERTISING = "8a3e5c0e-1f2d-4b6a-9c7d-0e1f2a3b4c5d"
# In the words of Android's own dumps (AOSP, Settings.java's dumpPackageLPr and WebViewUpdateServiceImpl).
DUMPED = f"""Packages:
  Package [{PACKAGE}] (1a2b3c):
    versionCode=41200 minSdk=24 targetSdk=34
    versionName=4.12.0-beta
    firstInstallTime=2026-11-02 09:30:11
    lastUpdateTime=2026-11-20 18:01:59
    installerPackageName=com.android.vending
"""
PROGRAMS = {
    "dumpsys": f"""case $1 in
package) [ "$2" = {PACKAGE} ] && echo '{DUMPED}' || echo "Unable to find package: $2" ;;
webviewupdate) echo '  Current WebView package (name, version): (com.google.android.webview, 128.0.6613.88)' ;;
esac""",
    "pm": f'[ "$2" = {PACKAGE} ] || exit 1; echo "package:$here/base.apk"; echo "package:$here/split_config.ko.apk"',
}
PROPERTIES = {
    "ro.serialno": "R58M123ABCD",
    "ro.product.model": "SM-S921N",
    "ro.product.manufacturer": "samsung",
    "persist.sys.timezone": "Asia/Seoul",
    "persist.sys.locale": "ko-KR",
}
SSAID = (
    f'<settings><setting id="3" name="10191" value="00f1e2d3c4b5a697" package="{PACKAGE}" defaultValue="00f1" />'
    '<setting id="4" name="10200" value="ffffffffffffffff" package="org.example.other" /></settings>'
)


@contextmanager
def device(folder: Path, more: Mapping[str, str] = PROGRAMS, **modes: Any) -> Iterator[Device]:
    path = adbd_programs.write(folder / "bin", properties=PROPERTIES, more=more)
    state = folder / "bin" / "state"
    (state / "base.apk").write_bytes(b"PK base")
    (state / "split_config.ko.apk").write_bytes(b"PK split")
    for name, value in {
        "secure.android_id": "9774d56d682e549c",
        "global.device_name": "민수의 S24",
        "secure.bluetooth_address": "02:00:00:00:00:00",
    }.items():
        (state / "settings" / name).write_text(f"{value}\n")
    with Adbd(folder / "device", path=path, **modes) as adbd:
        yield adbd.device()


def test_what_a_device_tells(tmp_path: Path) -> None:
    """Model, build, clock, WebView; the app's versions, installer and the digest of each of its files."""
    with device(tmp_path) as one:
        who = read(one, PACKAGE, root=False)
    assert who.device["model"] == "SM-S921N" and who.device["time_zone"] == "Asia/Seoul"
    assert who.device["webview"] == "com.google.android.webview, 128.0.6613.88"
    assert who.device["security_patch"] is None and who.device["emulator"] is None
    assert abs(who.device["clock"]["ahead"]) <= who.device["clock"]["uncertainty"] + 0.01
    app = {key: who.app[key] for key in ("version_name", "version_code", "target_sdk", "installer")}
    assert app == {
        "version_name": "4.12.0-beta",
        "version_code": "41200",
        "target_sdk": "34",
        "installer": "com.android.vending",
    }
    assert who.app["first_installed"] == "2026-11-02 09:30:11"
    files = [(apk["file"], apk["sha256"][:8]) for apk in who.app["apks"]]
    assert files == [("base.apk", "c7419b9a"), ("split_config.ko.apk", "1dc3c3e3")]


def test_identifiers_that_may_travel(tmp_path: Path) -> None:
    """Those that a device tells, and not the ones that stand for "none"; none of them among the facts."""
    with device(tmp_path) as one:
        who = read(one, PACKAGE, root=False)
    assert who.identifiers == {
        "serial number": "R58M123ABCD",
        "android id of the shell": "9774d56d682e549c",
        "device name": "민수의 S24",
    }
    told = str(who.device) + str(who.app)
    assert not [value for value in who.identifiers.values() if value in told]


def test_with_root_the_app_s_own(tmp_path: Path) -> None:
    """The advertising id, and the Android ID that this app alone gets; another app's is left out."""
    files = {
        "cat": 'case "$*" in *adid_settings*) echo "<string name=\\"adid_key\\">'
        + ADVERTISING
        + '</string>" ;; '
        '*) exec /bin/cat "$@" ;; esac',
        "abx2xml": f"echo '{SSAID}'",
    }
    with device(tmp_path, PROGRAMS | files, rooted=True) as one:
        who = read(one, PACKAGE, root=True)
    assert who.identifiers["advertising id"] == ADVERTISING
    assert who.identifiers["android id of the app"] == "00f1e2d3c4b5a697"


def test_a_device_that_tells_nothing(tmp_path: Path) -> None:
    """No date, no dumpsys, no such app: null everywhere, and no error."""
    silent = {"dumpsys": "exit 20", "pm": "exit 1", "date": "echo nonsense", "settings": "exit 255"}
    with device(tmp_path, silent) as one:
        who = read(one, "org.not.there", root=False)
    assert who.device["clock"]["ahead"] is None and who.device["webview"] is None
    assert {value for key, value in who.app.items() if key not in ("package", "apks")} == {None}
    assert who.app["apks"] == [] and set(who.identifiers) == {"serial number"}


@pytest.mark.parametrize("value", ["", "null", "unknown", "12345", "two\nlines", "02:00:00:00:00:00"])
def test_values_that_are_no_identifier(tmp_path: Path, value: str) -> None:
    """Absent, too short to be traced, or no single line: not kept."""
    with device(tmp_path) as one:
        (tmp_path / "bin" / "state" / "settings" / "secure.android_id").write_text(f"{value}\n")
        assert "android id of the shell" not in read(one, PACKAGE, root=False).identifiers
