"""The checks of a device: every way not to reach one, and what may be wrong with one that is reached."""

from pathlib import Path
from typing import Any

import pytest

from device.doctor.patients import examined, patient, result
from promptrail.device.adb import Adb, Answer
from promptrail.device.doctor import bench as bench_module
from promptrail.device.doctor import connection
from promptrail.device.doctor.bench import Bench
from promptrail.device.transcript import Recording, Replay
from rigs.android.adbd import Adbd, adb_server

UNREACHED: list[tuple[dict[str, Any], str, str]] = [
    ({"auth": "unanswered"}, "device unauthorized", "confirm the dialog"),
    ({"auth": "refused"}, "device offline", "adb reconnect offline"),
]


@pytest.mark.parametrize(("modes", "told", "remedy"), UNREACHED)
def test_a_device_that_is_not_reached(tmp_path: Path, modes: dict[str, Any], told: str, remedy: str) -> None:
    """The fault has adb's list as evidence, and nothing that needs the device is claimed."""
    with patient(tmp_path, **modes) as (_, bench):
        found = examined(bench)
    device = found["device"].result
    assert device.state == "fault" and told in device.told and remedy in device.remedy
    assert device.evidence[0].command == "adb devices -l" and device.evidence[0].lines
    others = {one.result.state for name, one in found.items() if name not in ("device", "adb-server", "adb")}
    assert others == {"not checked"}


def test_no_device() -> None:
    """An adb server that knows none."""
    with adb_server() as port:
        found = result(Bench(adb=lambda: Adb(port=port)), "device")
    assert found.state == "fault" and "Start the emulator" in found.remedy


def test_several_devices_and_the_one_that_is_meant(tmp_path: Path) -> None:
    """They are named; --serial takes one; one that is not there is told with those that are."""
    with patient(tmp_path / "a") as (one, bench), Adbd(tmp_path / "b") as other:
        one.adb().connect(other.serial)
        found = result(bench, "device")
        assert "--serial" in found.remedy and one.serial in found.told and other.serial in found.told
        bench.serial = other.serial
        assert result(bench, "device").told == f"{other.serial} stand_in"
        bench.serial = "nope"
        assert "device 'nope' not found" in result(bench, "device").told


def test_a_device_that_is_gone(tmp_path: Path) -> None:
    """It was there, and adb still lists it."""
    with patient(tmp_path) as (adbd, bench):
        adbd.go_away()
        found = examined(bench, "clock")
    assert [found[name].result.state for name in ("device", "booted", "clock")] != ["ok", "ok", "ok"]
    assert found["clock"].result.state == "not checked"


def test_a_device_that_hangs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """One question goes unanswered; the others are not asked."""
    for module in (bench_module, connection):
        monkeypatch.setattr(module, "PATIENCE", 0.5)
    with patient(tmp_path, stuck={"shell"}) as (adbd, bench):
        found = examined(bench)
        assert sum(service.startswith("shell") for service in adbd.asked) == 1
    assert "no answer within 0.5 s" in found["booted"].result.told
    assert "it may ask something" in found["booted"].result.remedy
    assert found["root"].result.state == "not checked"


def test_a_device_that_breaks_off(tmp_path: Path) -> None:
    """What came until then is not taken for an answer."""
    with patient(tmp_path, breaks={"shell": 3}) as (_, bench):
        found = examined(bench, "booted")["booted"].result
    assert found.state == "fault" and "broke" in found.told


@pytest.mark.parametrize(("property", "state"), [("1", "ok"), ("", "fault"), ("0", "fault")])
def test_booted(tmp_path: Path, property: str, state: str) -> None:
    """Android says that it has started."""
    with patient(tmp_path, properties={"sys.boot_completed": property}) as (_, bench):
        assert result(bench, "booted").state == state


def test_booted_without_its_services(tmp_path: Path) -> None:
    """The property alone is not enough, as after a crash of the system's server."""
    with patient(tmp_path) as (_, bench):
        (tmp_path / "bin/state/booting").touch()
        found = result(bench, "booted")
    assert (
        found.state == "fault"
        and "package manager" in found.told
        and "Can't find service" in str(found.evidence)
    )


@pytest.mark.parametrize(
    ("su", "modes", "state", "told"),
    [
        ("magisk", {}, "ok", "root by: su -mm -c"),
        (None, {"rooted": True}, "ok", "root by: adbd runs as root"),
        (None, {"user_build": True}, "fault", "no root"),
    ],
)
def test_root(tmp_path: Path, su: str | None, modes: dict[str, Any], state: str, told: str) -> None:
    """By which way, or that there is none, with the kinds of device that have one."""
    with patient(tmp_path, su=su, **modes) as (adbd, bench):
        found = result(bench, "root")
        assert "root:" not in adbd.asked, "a session may be running: adbd is not restarted"
    assert found.state == state and told in found.told
    assert state == "ok" or "google_apis" in found.remedy


def test_root_that_needs_a_restart(tmp_path: Path) -> None:
    """A device for developers would give it; that is said, and not tried."""
    with patient(tmp_path, properties={"ro.debuggable": "1"}) as (adbd, bench):
        found = result(bench, "root")
        assert found.state == "not checked" and f"adb -s {adbd.serial} root" in found.remedy
        assert "root:" not in adbd.asked


@pytest.mark.parametrize(
    ("program", "state", "told"),
    [
        ("date +%s", "ok", "is right"),
        ("expr $(/bin/date +%s) + 3600", "fault", "3,600 s ahead"),
        ("expr $(/bin/date +%s) - 9000000", "fault", "s behind"),
        ("echo 'date: bad format'", "not checked", "does not tell"),
    ],
)
def test_the_clock(tmp_path: Path, program: str, state: str, told: str) -> None:
    """Against this machine's: with an hour between them no certificate is valid."""
    more = {} if program == "date +%s" else {"date": program}
    with patient(tmp_path, more=more) as (_, bench):
        found = result(bench, "clock")
    assert found.state == state
    assert told in found.told.replace("3,599", "3,600") and found.evidence[0].command.endswith(
        "shell date +%s"
    )


DF = "Filesystem 1K-blocks Used Available Use% Mounted on\n/dev/block/dm-5 6082144 {used} {free} 9% /data"


@pytest.mark.parametrize(
    ("program", "state"),
    [
        (f"cat <<END\n{DF.format(used=1, free=6000000)}\nEND", "ok"),
        (f"cat <<END\n{DF.format(used=6000000, free=1000)}\nEND", "fault"),
        ("echo 'df: /data: Permission denied' >&2; exit 1", "not checked"),
        ("echo", "not checked"),
    ],
)
def test_storage(tmp_path: Path, program: str, state: str) -> None:
    """Room for an app on the device; what df does not say is not guessed."""
    with patient(tmp_path, more={"df": program}) as (_, bench):
        assert result(bench, "storage").state == state


NONE = "There is no snapshot available.\nOK\n"
SOME = "List of snapshots present on all disks:\nID        TAG                 VM SIZE\n--        clean    123M\nOK\n"


@pytest.mark.parametrize(
    ("said", "state", "told"),
    [
        (SOME, "ok", "1 snapshots"),
        (NONE, "fault", "no snapshot"),
        ("KO: unknown command, try 'help'\n", "fault", "console refused"),
        ("KO: Device 'cache' does not have the requested snapshot 'clean'\n", "fault", "console refused"),
    ],
)
def test_snapshots(said: str, state: str, told: str) -> None:
    """The console ends with 0 whatever it says."""
    bench = Bench()
    bench.device = connection.choose(
        Adb(runner=lambda arguments, *_: Answer(0, _emulator(arguments, said).encode(), b""))
    )
    found = connection.snapshot(bench)
    assert found.state == state and told in found.told


def _emulator(arguments: tuple[str | Path, ...], said: str) -> str:
    return said if "emu" in arguments else "List of devices attached\nemulator-5554 device\n"


def test_a_phone_has_no_snapshots(tmp_path: Path) -> None:
    """That is neither ok nor a fault."""
    with patient(tmp_path) as (_, bench):
        assert result(bench, "snapshot").state == "not checked"


def test_an_examination_is_given_again(tmp_path: Path) -> None:
    """From its transcript alone the same rows come out, evidence and all."""
    log = tmp_path / "doctor.jsonl"
    with patient(tmp_path, su="magisk") as (adbd, _):
        with Recording(adbd.adb().runner, log) as run:
            then = examined(Bench(adb=lambda: Adb(runner=run)))
        assert then["root"].result.state == "ok"
    replay = Replay(log)
    now = examined(Bench(adb=lambda: Adb(runner=replay)))
    assert {k: v.as_json() for k, v in now.items()} == {k: v.as_json() for k, v in then.items()}
    assert replay.rest == 0
