"""An app's native code against the device's processors."""

import io
import zipfile
from pathlib import Path

import pytest

from device.doctor.patients import examined, patient

PHONE = {"ro.product.cpu.abilist": "arm64-v8a,armeabi-v7a"}
EMULATOR = {"ro.product.cpu.abilist": "x86_64"}


def apk(*libraries: str) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name in ("AndroidManifest.xml", *libraries):
            archive.writestr(name, b"x")
    return out.getvalue()


@pytest.mark.parametrize(
    ("libraries", "device", "state", "told"),
    [
        ((), EMULATOR, "ok", "no native code"),
        (("lib/arm64-v8a/libapp.so",), PHONE, "ok", "for arm64-v8a"),
        (("lib/arm64-v8a/libapp.so", "lib/x86_64/libapp.so"), EMULATOR, "ok", "for x86_64"),
        (("lib/arm64-v8a/libapp.so",), EMULATOR, "fault", "for arm64-v8a, and the device runs x86_64"),
        (("lib/armeabi-v7a/notes.txt", "assets/lib/arm/x.so"), EMULATOR, "ok", "no native code"),
        (("lib/arm64-v8a/libapp.so",), {"ro.product.cpu.abilist": ""}, "not checked", "does not tell"),
    ],
)
def test_native_code(
    tmp_path: Path, libraries: tuple[str, ...], device: dict[str, str], state: str, told: str
) -> None:
    """It runs where one of its ABIs is one of the device's."""
    (tmp_path / "app.apk").write_bytes(apk(*libraries))
    with patient(tmp_path, properties=device) as (_, bench):
        bench.apk = tmp_path / "app.apk"
        found = examined(bench, "abi")["abi"]
    assert found.result.state == state and told in found.result.told and found.severity == "required"


def test_all_splits_count(tmp_path: Path) -> None:
    """The native code lies in a split of its own."""
    with zipfile.ZipFile(tmp_path / "app.apks", "w") as archive:
        archive.writestr("splits/base-master.apk", apk())
        archive.writestr("splits/base-x86_64.apk", apk("lib/x86_64/libapp.so"))
    with patient(tmp_path, properties=EMULATOR) as (_, bench):
        bench.apk = tmp_path / "app.apks"
        assert examined(bench, "abi")["abi"].result.told == "the app has native code for x86_64"


@pytest.mark.parametrize("data", [b"", b"PK\x03\x04 broken", None])
def test_what_is_no_app(tmp_path: Path, data: bytes | None) -> None:
    """A fault of the file, with its name."""
    if data is not None:
        (tmp_path / "app.apk").write_bytes(data)
    with patient(tmp_path) as (_, bench):
        bench.apk = tmp_path / "app.apk"
        found = examined(bench, "abi")["abi"].result
    assert found.state == "fault" and "app.apk" in found.told


def test_no_app_was_named(tmp_path: Path) -> None:
    """Then nothing hangs on it."""
    with patient(tmp_path) as (_, bench):
        found = examined(bench, "abi")["abi"]
    assert (found.result.state, found.severity) == ("not checked", "optional")
