"""Snapshots through the real adb and a console that says KO with exit code 0."""

from collections.abc import Iterator

import pytest

from promptrail.device.adb import Adb, Answer
from promptrail.device.emulator import snapshots
from promptrail.device.emulator.running import Emulator
from promptrail.device.emulator.snapshots import Snapshot, Snapshots
from promptrail.errors import DeviceError
from rigs.android.sdk.folder import StandIn

LISTED = """\
List of snapshots present on all disks:
ID        TAG                 VM SIZE                DATE       VM CLOCK
--        default_boot            75M 2026-09-09 11:41:45   00:10:07.753
2         clean               1.1 GB     2026-09-30 10:00:00   00:01:00.000
--        no-date                195M
List of partial (non-loadable) snapshots on 'encrypt':
ID        TAG                 VM SIZE                DATE       VM CLOCK
--        broken                  75M 2026-09-09 11:41:45   00:10:07.753
OK
"""


@pytest.fixture
def emulator(stand_in: StandIn, own_adb: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[Emulator]:
    monkeypatch.setattr(snapshots, "SETTLE", 0.1)
    with Emulator("inv34") as one:
        yield one


def says(text: str, code: int = 0) -> Snapshots:
    """A console that always answers this."""
    return Snapshots(Adb("emulator-5554", runner=lambda *_: Answer(code, text.encode(), b"")), lambda: None)


def test_back_to_a_saved_state(emulator: Emulator) -> None:
    """Saved, changed, loaded: the change is gone, the device answers, the list has it, and no longer once deleted."""
    device = emulator.device()
    device.shell("settings put global mark before")
    emulator.snapshots.save("clean")
    device.shell("settings put global mark after")
    emulator.snapshots.load("clean")
    assert emulator.device().shell("settings get global mark").text == "before"
    assert [one.name for one in emulator.snapshots.list()] == ["clean"]
    emulator.snapshots.delete("clean")
    assert emulator.snapshots.list() == []


@pytest.mark.parametrize("verb", ["load", "delete"])
def test_no_such_snapshot(emulator: Emulator, verb: str) -> None:
    """The console's words, and what to do; the device stays as it is."""
    with pytest.raises(DeviceError, match="There is no such snapshot") as found:
        getattr(emulator.snapshots, verb)("nope")
    assert found.value.fault == "snapshot-missing" and "KO: " in found.value.said
    assert emulator.device().shell("echo here").text == "here"


def test_starting_from_a_snapshot(stand_in: StandIn, own_adb: None) -> None:
    """The state is that of the snapshot; one that is not there is an error, where the emulator boots anew."""
    with Emulator("inv34") as first:
        first.device().shell("settings put global mark saved")
        first.snapshots.save("clean")
        first.device().shell("settings put global mark later")
    with Emulator("inv34", snapshot="clean") as second:
        assert second.device().shell("settings get global mark").text == "saved"
    with (
        pytest.raises(DeviceError, match="did not start from the snapshot nope") as found,
        Emulator("inv34", snapshot="nope"),
    ):
        pass
    assert found.value.fault == "snapshot-missing"


def test_read_only_saves_none(stand_in: StandIn, own_adb: None) -> None:
    """The refusal is told with the reason."""
    with (
        Emulator("inv34", read_only=True) as emulator,
        pytest.raises(DeviceError, match="cannot save any") as found,
    ):
        emulator.snapshots.save("clean")
    assert found.value.fault == "snapshot-refused"


def test_another_users_emulator(emulator: Emulator, stand_in: StandIn) -> None:
    """Its console wants a token that is not ours."""
    token = stand_in.home / ".emulator_console_auth_token"
    ours = token.read_text()
    token.write_text("")  # adb sends what it finds
    with pytest.raises(DeviceError) as found:
        emulator.snapshots.list()
    token.write_text(ours)
    assert found.value.fault in ("console-token", "console")


def test_how_the_list_is_read() -> None:
    """Name, size, date; sizes with and without a space; not those that cannot be loaded."""
    assert says(LISTED).list() == [
        Snapshot("clean", "1.1 GB", "2026-09-30 10:00:00"),
        Snapshot("default_boot", "75M", "2026-09-09 11:41:45"),
        Snapshot("no-date", "195M", ""),
    ]
    assert says("There is no snapshot available.\r\nOK\r\n").list() == []


@pytest.mark.parametrize(("text", "code"), [("", 0), ("half a line", 0), ("error: could not connect", 1)])
def test_a_console_that_breaks_off(text: str, code: int) -> None:
    """Without OK nothing counts as done."""
    with pytest.raises(DeviceError):
        says(text, code).save("clean")


@pytest.mark.parametrize("name", ["", "two words", "a;kill", "a\nkill", "ü"])
def test_a_name_cannot_be_another_command(name: str) -> None:
    """The console splits lines into words."""
    with pytest.raises(DeviceError, match="is no name for a snapshot"):
        says("OK\r\n").save(name)
