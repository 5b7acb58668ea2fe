"""Ways to root: which is found on which device, and what is said where there is none."""

from pathlib import Path

import pytest

from promptrail.errors import DeviceError
from rigs.android import adbd_programs
from rigs.android.adbd import Adbd

HOSTILE = """printf '%s|' "$(id -u)" 'two  words' '$HOME' '"' "it's" '\\'"""
ANSWER = b"0|two  words|$HOME|\"|it's|\\|"


@pytest.mark.parametrize(
    ("su", "rung"),
    [
        ("magisk", "su -mm -c"),
        ("string", "su -c"),
        ("argv", "su root sh -c"),
        ("number", "su 0 sh -c"),
        ("words", "su root"),
    ],
)
def test_the_way_is_found_and_keeps_quotes(tmp_path: Path, su: str, rung: str) -> None:
    """Each kind of su by its own way, and a command with every kind of quote arrives as it was written."""
    with Adbd(tmp_path, path=adbd_programs.write(tmp_path / "bin", su=su), user_build=True) as adbd:
        device = adbd.device()
        assert device.as_root(HOSTILE).out == ANSWER
        assert device.rung is not None and device.rung.name == rung
        assert device.shell("ls /data/local/tmp").out == b"", "nothing stays behind"


def test_root_is_looked_for_once(tmp_path: Path) -> None:
    """The way is remembered."""
    with Adbd(tmp_path, path=adbd_programs.write(tmp_path / "bin", su="argv")) as adbd:
        device = adbd.device()
        device.as_root("true")
        before = len(adbd.asked)
        device.as_root("true")
        assert len(adbd.asked) == before + 1


def test_adbd_that_is_root(tmp_path: Path) -> None:
    """No su is asked."""
    with Adbd(tmp_path, rooted=True, path=adbd_programs.write(tmp_path / "bin")) as adbd:
        device = adbd.device()
        assert device.as_root(HOSTILE).out == ANSWER
        assert not any("su " in service for service in adbd.asked)


def test_adb_root_keeps_the_tunnels(tmp_path: Path) -> None:
    """adbd starts anew as root, which ends its tunnels: they are made again."""
    with Adbd(tmp_path, path=adbd_programs.write(tmp_path / "bin")) as adbd:
        device = adbd.device()
        device.reverse(39011, 8080)
        assert device.as_root("id -u").text == "0"
        assert device.reverses() == [(39011, 8080)]


def test_a_file_that_only_root_may_read(tmp_path: Path) -> None:
    """`read` goes the same way, byte for byte."""
    with Adbd(tmp_path, path=adbd_programs.write(tmp_path / "bin", su="magisk")) as adbd:
        (adbd.root / "data" / "secret").write_bytes(bytes(range(256)))
        assert adbd.device().read("/data/secret", as_root=True) == bytes(range(256))


def test_no_root(tmp_path: Path) -> None:
    """Every way is named with what it said, and the remedy is that of a production build."""
    programs = adbd_programs.write(tmp_path / "bin")
    with Adbd(tmp_path, path=programs, user_build=True) as adbd, pytest.raises(DeviceError) as found:
        adbd.device().as_root("id")
    assert str(found.value).startswith("no root on this device")
    assert found.value.fault == "production-build"
    assert all(
        way in str(found.value) for way in ("su -mm -c: ", "su root sh -c: ", "cannot run as root", "Magisk")
    )


@pytest.mark.parametrize("su", ["unquoting", "asking"])
def test_a_su_that_cannot_be_used(tmp_path: Path, su: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """One that takes quotes away, one that waits for a person: neither counts as root."""
    monkeypatch.setattr("promptrail.device.root.TRYING", 0.5)
    programs = adbd_programs.write(tmp_path / "bin", su=su)
    with (
        Adbd(tmp_path, path=programs, user_build=True) as adbd,
        pytest.raises(DeviceError, match="no root on"),
    ):
        adbd.device().as_root("id")


def test_a_device_that_goes_away_meanwhile(tmp_path: Path) -> None:
    """That is no refusal of root: it is told as what it is."""
    programs = adbd_programs.write(tmp_path / "bin")
    with Adbd(tmp_path, path=programs, breaks={"shell": 60}) as adbd, pytest.raises(DeviceError) as found:
        adbd.device().as_root("id")
    assert found.value.fault in ("broke", "offline")
