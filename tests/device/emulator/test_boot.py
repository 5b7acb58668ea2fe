"""Waiting for Android to boot: a stand-in for a device whose properties say how far it is, by the real adb."""

from pathlib import Path

import pytest

from promptrail.device.emulator import boot
from promptrail.errors import DeviceError
from rigs.android import adbd_programs
from rigs.android.adbd import Adbd

READY = {"sys.boot_completed": "1", "dev.bootcomplete": "1", "init.svc.bootanim": "stopped"}


@pytest.mark.parametrize(
    ("properties", "lacking"),
    [
        (READY, None),
        (READY | {"init.svc.bootanim": ""}, None),
        (READY | {"sys.boot_completed": ""}, "sys.boot_completed is not set"),
        (READY | {"dev.bootcomplete": "0"}, "dev.bootcomplete is 0"),
        (READY | {"init.svc.bootanim": "running"}, "init.svc.bootanim is running"),
    ],
)
def test_when_it_has_booted(tmp_path: Path, properties: dict[str, str], lacking: str | None) -> None:
    """All three say so; an image without a boot animation has none that could stop."""
    path = adbd_programs.write(tmp_path / "bin", properties=properties)
    with Adbd(tmp_path / "device", path=path) as adbd:
        device = adbd.device()
        assert boot.lacking(device) == lacking
        if lacking is None:
            return boot.wait(device, 0, lambda: None)
        with pytest.raises(DeviceError, match=f"had not booted after 0 s: {lacking}") as found:
            boot.wait(device, 0, lambda: None)
        assert found.value.fault == "not-booted"


def test_a_device_that_is_not_there(tmp_path: Path) -> None:
    """adb's own words are in the error."""
    with Adbd(tmp_path) as adbd:
        device = adbd.device()
        adbd.go_away()
        assert "it does not answer adb (" in (boot.lacking(device) or "")


def test_what_died_is_told_at_once(tmp_path: Path) -> None:
    """However long it may still take."""
    with Adbd(tmp_path) as adbd, pytest.raises(DeviceError, match="it died"):
        boot.wait(adbd.device(), 600, lambda: DeviceError("it died"))
