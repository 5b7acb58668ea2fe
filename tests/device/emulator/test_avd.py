"""AVDs on disk, good and broken, and new ones by a stand-in for avdmanager that refuses as the real one does."""

import pytest

from promptrail.device.emulator import avd
from promptrail.device.emulator.sdk import Image
from promptrail.errors import DeviceError, MissingTool
from rigs.android.sdk.folder import StandIn

GOOD = "system-images;android-34;google_apis;x86_64"


def test_those_that_are_there(stand_in: StandIn) -> None:
    """Name, place and image of each, from its own files."""
    stand_in.avd("a_store", ("android-34", "google_apis_playstore", "x86_64"))
    there = avd.avds(stand_in.found())
    assert [one.name for one in there] == ["a_store", "inv34"]
    assert there[1].image == Image("android-34", "google_apis", "x86_64") and there[1].fault is None
    assert there[0].image and there[0].image.no_root


def test_an_image_path_of_windows(stand_in: StandIn) -> None:
    """Written with its own separators."""
    config = stand_in.avds / "inv34.avd" / "config.ini"
    config.write_text("image.sysdir.1 = system-images\\android-34\\google_apis\\x86_64\\\r\n")
    assert avd.avds(stand_in.found())[0].image == Image("android-34", "google_apis", "x86_64")


@pytest.mark.parametrize(
    ("config", "fault", "image"),
    [
        (None, "cannot be read", None),
        (b"", "cannot be read", None),
        (b"\xff\xfe=\x00", None, None),
        (b"image.sysdir.1=/some/where/else", None, None),
        (b"image.sysdir.1=system-images/android-30/default/x86/", "is not installed", "android-30"),
    ],
)
def test_broken_ones_say_so(
    stand_in: StandIn, config: bytes | None, fault: str | None, image: str | None
) -> None:
    """An AVD with any files is listed, none is an exception."""
    file = stand_in.avds / "inv34.avd" / "config.ini"
    file.unlink() if config is None else file.write_bytes(config)
    (one,) = avd.avds(stand_in.found())
    assert (fault in (one.fault or "")) if fault else one.fault is None
    assert (one.image.platform if one.image else None) == image


def test_a_new_one(stand_in: StandIn) -> None:
    """Made, found again, and not a second time."""
    sdk = stand_in.found()
    made = avd.create(sdk, "fresh")
    assert made == avd.find(sdk, "fresh") and made.image and made.image.package == GOOD
    with pytest.raises(DeviceError, match="Android Virtual Device 'fresh' already exists") as found:
        avd.create(sdk, "fresh")
    assert found.value.fault == "avd-there"


def test_the_play_store_is_refused(stand_in: StandIn) -> None:
    """With the reason, and the image to take instead; nothing is made."""
    with pytest.raises(DeviceError, match="adbd gives no root") as found:
        avd.create(stand_in.found(), "fresh", "system-images;android-34;google_apis_playstore;x86_64")
    assert f'`sdkmanager "{GOOD}"`' in str(found.value) and found.value.fault == "production-build"
    assert [one.name for one in avd.avds(stand_in.found())] == ["inv34"]


@pytest.mark.parametrize("name", ["", "two words", "../up", "-n", "ü", "a;b"])
def test_names(stand_in: StandIn, name: str) -> None:
    """What avdmanager would refuse, or take for something else, is refused before."""
    with pytest.raises(DeviceError, match="no name for an AVD"):
        avd.create(stand_in.found(), name)


def test_what_is_not_there(stand_in: StandIn) -> None:
    """An image that is not installed, a device that avdmanager does not know."""
    with pytest.raises(MissingTool, match="is not installed"):
        avd.create(stand_in.found(), "fresh", "system-images;android-35;google_apis;x86_64")
    with pytest.raises(DeviceError, match="avdmanager list device") as found:
        avd.create(stand_in.found(), "fresh", GOOD, "pixel_99")
    assert found.value.fault == "hardware-unknown"


def test_an_avdmanager_that_puts_it_elsewhere(stand_in: StandIn) -> None:
    """It said that all went well, and the AVD is not where the emulator looks: no success is claimed."""
    (stand_in.root / "cmdline-tools/latest/bin/avdmanager").write_text("#!/bin/sh\ncat >/dev/null\n")
    with pytest.raises(DeviceError, match="said that it was done, and there is no AVD fresh"):
        avd.create(stand_in.found(), "fresh")
