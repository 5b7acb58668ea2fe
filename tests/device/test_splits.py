"""Which splits a device gets, by the names of three makers and the properties of four devices."""

import pytest

from promptrail.device.splits import choose
from promptrail.errors import DeviceError

EMULATOR = {
    "ro.product.cpu.abilist": "x86_64,arm64-v8a",
    "ro.product.locale": "en-US",
    "qemu.sf.lcd_density": "420",
    "ro.sf.lcd_density": "160",
}
PHONE = {
    "ro.product.cpu.abilist": "arm64-v8a,armeabi-v7a,armeabi",
    "persist.sys.locale": "ko-KR",
    "ro.product.locale": "en-GB",
    "ro.sf.lcd_density": "640",
}
OLD = {"ro.product.cpu.abi": "armeabi-v7a", "ro.sf.lcd_density": "120", "ro.product.locale": "fr"}
SILENT = {"ro.product.cpu.abilist": "arm64-v8a"}
STORE = ["base.apk"] + [
    f"split_config.{q}.apk" for q in ("arm64_v8a", "armeabi_v7a", "hdpi", "xxhdpi", "en", "ko")
]
BUNDLETOOL = ["splits/base-master.apk"] + [
    f"splits/base-{q}.apk" for q in ("x86_64", "arm64_v8a", "mdpi", "xxxhdpi", "en", "pt_BR", "ko")
]
FEATURES = ["base.apk", "split_camera.apk", "split_camera.config.arm64_v8a.apk", "split_config.arm64_v8a.apk"]
MORE = ["split_camera.config.xhdpi.apk", "split_camera.config.mdpi.apk"]
CASES = [
    (STORE, EMULATOR, {"base", "arm64_v8a", "xxhdpi", "en"}),
    (STORE, PHONE, {"base", "arm64_v8a", "xxhdpi", "ko"}),
    (STORE, OLD, {"base", "armeabi_v7a", "hdpi", "en"}),
    (STORE, SILENT, {"base", "arm64_v8a", "hdpi", "xxhdpi", "en", "ko"}),
    (BUNDLETOOL, EMULATOR, {"master", "x86_64", "xxxhdpi", "en"}),
    (BUNDLETOOL, PHONE | {"persist.sys.locale": "pt-BR"}, {"master", "arm64_v8a", "xxxhdpi", "pt_BR"}),
    (["only.apk"], SILENT, {"only"}),
    (["base.apk", "config.de.apk"], PHONE, {"base"}),
]


@pytest.mark.parametrize(("names", "device", "expected"), CASES)
def test_the_splits_for_a_device(names: list[str], device: dict[str, str], expected: set[str]) -> None:
    """The first ABI of its list that there is, the next finer density, its language or English."""
    chosen = choose(names, device)
    tails = {
        name.removesuffix(".apk").replace("/", ".").replace("-", ".").split(".")[-1] for name in chosen.names
    }
    assert tails == expected
    assert sorted([*chosen.names, *(name for name, _ in chosen.left_out)]) == sorted(names)
    assert all(why for _, why in chosen.left_out)


def test_each_feature_is_chosen_for_by_itself() -> None:
    """A module's splits are its own: that the base has arm64 says nothing of the camera."""
    chosen = choose([*FEATURES, *MORE], PHONE)
    assert chosen.names == tuple(sorted([*FEATURES, "split_camera.config.xhdpi.apk"]))


def test_the_order_of_names_does_not_matter() -> None:
    """The same files give the same choice, in the same order."""
    assert choose(STORE, PHONE) == choose(reversed(STORE), PHONE)


@pytest.mark.parametrize("device", [{"ro.product.cpu.abilist": "x86_64"}, {}])
def test_no_native_code_for_the_device(device: dict[str, str]) -> None:
    """Said before anything is installed, with what there is and what to do."""
    with pytest.raises(
        DeviceError, match=r"native code for arm64_v8a, armeabi_v7a.* translates arm64"
    ) as found:
        choose(STORE, device)
    assert found.value.fault == "abi"
