"""Apps onto a device, with the real adb and a stand-in for the package manager."""

import hashlib
import zipfile
from pathlib import Path

import pytest

from promptrail.device.install import Installed
from promptrail.errors import DeviceError, InputError
from rigs.android import adbd_programs
from rigs.android.adbd import Adbd

OBB = "main.7.org.example.chat.obb"


def digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def test_one_apk(tmp_path: Path) -> None:
    """It arrives byte for byte, and the record has its hash."""
    (tmp_path / "app.apk").write_bytes(bytes(range(256)) * 999)
    with Adbd(tmp_path / "device", path=adbd_programs.write(tmp_path / "bin")) as adbd:
        installed = adbd.device().install(tmp_path / "app.apk")
    assert (tmp_path / "bin/state/apks/base.apk").read_bytes() == (tmp_path / "app.apk").read_bytes()
    assert installed == Installed((("app.apk", digest((tmp_path / "app.apk").read_bytes())),))


def test_splits_and_expansion_files(tmp_path: Path) -> None:
    """Those that the device needs in one session, the OBB in its place; the others are named with the reason."""
    parts = {
        "base.apk": b"base",
        "config.ko.apk": b"Korean",
        "config.fr.apk": b"French",
        "config.arm64_v8a.apk": b"arm",
        OBB: b"expansion",
        "manifest.json": b'{"package_name": "org.example.chat"}',
    }
    with zipfile.ZipFile(tmp_path / "app.xapk", "w") as archive:
        for name, data in parts.items():
            archive.writestr(name, data)
    with Adbd(tmp_path / "device", path=adbd_programs.write(tmp_path / "bin")) as adbd:
        installed = adbd.device().install(tmp_path / "app.xapk")
        there = sorted(one.read_bytes() for one in (tmp_path / "bin/state/apks").iterdir())
        assert there == [b"Korean", b"arm", b"base"]
        assert adbd.device().read(f"/sdcard/Android/obb/org.example.chat/{OBB}") == b"expansion"
    wanted = ("base.apk", "config.arm64_v8a.apk", "config.ko.apk", OBB)
    assert dict(installed.files) == {name: digest(parts[name]) for name in wanted}
    assert installed.left_out == (("config.fr.apk", "the device's language is ko-KR"),)


@pytest.mark.parametrize("parts", [["base.apk"], ["base.apk", "config.ko.apk"]])
def test_the_device_refuses(tmp_path: Path, parts: list[str]) -> None:
    """The package manager's words and what to do, for one APK and for several."""
    (tmp_path / "app").mkdir()
    for name in parts:
        (tmp_path / "app" / name).write_bytes(b"x")
    said = "Failure [INSTALL_FAILED_NO_MATCHING_ABIS: Failed to extract native libraries, res=-113]"
    path = adbd_programs.write(tmp_path / "bin", installing=said)
    with Adbd(tmp_path / "device", path=path) as adbd, pytest.raises(DeviceError) as found:
        adbd.device().install(tmp_path / "app")
    assert found.value.fault == "abi" and "res=-113" in str(found.value)
    assert "arm64 only needs an arm64 device" in str(found.value)


def test_a_system_that_has_not_started(tmp_path: Path) -> None:
    """There is no package manager yet."""
    (tmp_path / "app.apk").write_bytes(b"x")
    path = adbd_programs.write(tmp_path / "bin", installing="cmd: Can't find service: package")
    with (
        Adbd(tmp_path / "device", path=path) as adbd,
        pytest.raises(DeviceError, match="has not started yet"),
    ):
        adbd.device().install(tmp_path / "app.apk")


def test_a_connection_that_breaks(tmp_path: Path) -> None:
    """An app that went over only in part was not installed."""
    (tmp_path / "app.apk").write_bytes(bytes(999_999))
    programs = adbd_programs.write(tmp_path / "bin")
    with Adbd(tmp_path / "device", path=programs, breaks={"exec": 5000}) as adbd, pytest.raises(DeviceError):
        adbd.device().install(tmp_path / "app.apk")


def test_nothing_is_asked_of_the_device_for_what_is_no_app(tmp_path: Path) -> None:
    """The file is looked at first."""
    with Adbd(tmp_path / "device", path=adbd_programs.write(tmp_path / "bin")) as adbd:
        with pytest.raises(InputError, match="no such file"):
            adbd.device().install(tmp_path / "none.apk")
        assert not any("install" in service for service in adbd.asked)
