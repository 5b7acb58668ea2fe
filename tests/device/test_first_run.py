"""The first-user checklist on stand-ins for a phone and for the SDK: what can run passes, the rest says why."""

import json
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from promptrail.device.adb import Adb
from promptrail.device.first_run import STEPS, Visit, report, screen, walk
from promptrail.device.first_run.step import Row, Step, not_run, passed, take
from promptrail.device.keyboard import IME
from promptrail.errors import DeviceError, MissingTool
from promptrail.lab import authority
from rigs.android import rom
from rigs.android.namespaces import Phone, Shape
from rigs.android.sdk import folder
from rigs.android.sdk.folder import StandIn

LATIN = "com.android.inputmethod.latin/.LatinIME"
RULES = "{ iptables-save; ip6tables-save; } | grep promptrail"
STATE = f"settings list global; settings list secure; {RULES}; cat /proc/mounts; ls /data/local/tmp"


def ca(folder: Path) -> bytes:
    """One that the image trusts from the beginning."""
    return authority.make(folder).read_bytes()


def walked(visit: Visit, answer: bool | None = None) -> dict[str, Row]:
    """Every row by its step, with a person who always says the same."""
    told: list[str] = []
    rows = walk(visit, lambda question: answer, lambda row: told.append(row.step.id))
    assert told == [step.id for step in STEPS]
    return {row.step.id: row for row in rows}


def states(rows: dict[str, Row]) -> dict[str, str]:
    return {name: row.state for name, row in rows.items()}


def boot(phone: Phone) -> None:
    """A process in which the CA has to be seen."""
    phone.run(f"am start -W -n {rom.BROWSER.name}/.Main")


class Done(NamedTuple):
    rows: dict[str, Row]
    report: dict[str, Any]
    names: tuple[str, ...]
    """What may not be in the report."""
    before: str
    after: str


@pytest.fixture(scope="module")
def done(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Done]:
    """The whole list, once, on a phone that has the input method, an id of its own and a name."""
    keyboard = rom.Package(IME.partition("/")[0], "sleep infinity")
    image = [ca(tmp_path_factory.mktemp("image"))]
    with Phone(Shape(34), image, (rom.BROWSER, keyboard)) as phone, phone.adbd() as adbd:
        boot(phone)
        phone.run(
            "settings put secure android_id 00f1e2d3c4b5a697; settings put global device_name 'Kim'\\''s phone'"
        )
        phone.run(f"settings put secure default_input_method {LATIN}")
        before = phone.run(STATE)
        visit = Visit(adbd.client(), tmp_path_factory.mktemp("seen"), adbd.serial)
        rows = walked(visit)
        hostile = f"{Path.home()}/x SIM0000008 00f1e2d3c4b5a697 Kim's phone at {adbd.serial}"
        found = report(visit, [*rows.values(), Row(rows["boot"].step, "failed", hostile, None, 0.0)])
        names = (
            adbd.serial,
            str(visit.folder),
            "SIM0000008",
            "00f1e2d3c4b5a697",
            "Kim",
            socket.gethostname(),
        )
        yield Done(rows, found, names, before, phone.run(STATE))


@pytest.mark.rig
def test_on_the_stand_in_for_a_phone(done: Done) -> None:
    """All that a phone without an SDK can do passes; the others say why not."""
    assert states(done.rows) == {
        **dict.fromkeys(("sdk", "acceleration", "image", "avd"), "not run"),
        **dict.fromkeys(("boot", "root", "proxy", "ca-store", "route", "self-test", "taken-back"), "passed"),
        **dict.fromkeys(("ime", "screenshot", "screenrecord"), "passed"),
        **dict.fromkeys(("frida-server", "snapshot", "restore"), "not run"),
    }, [row.seen for row in done.rows.values() if row.state == "failed"]
    assert all(row.seen for row in done.rows.values()) and "only emulators" in done.rows["snapshot"].seen
    assert "curl: passed" in done.rows["self-test"].seen and "view: passed" in done.rows["self-test"].seen
    assert {row.looked for row in done.rows.values()} == {None}


@pytest.mark.rig
def test_nothing_is_left(done: Done) -> None:
    """Settings, packet filter, mounts and files are as they were."""
    assert done.after == done.before


@pytest.mark.rig
def test_the_report_names_nobody(done: Done) -> None:
    """Serial, the device's own ids, the user's home and the machine's name are in no line; the image's build is."""
    text = json.dumps(done.report, ensure_ascii=False)
    assert [name for name in done.names if name in text] == []
    seen = done.report["steps"][-1]["seen"]
    assert seen == "<HOME>/x <DEVICE-ID> <DEVICE-ID> <DEVICE-ID> at <SERIAL>"
    assert done.report["device"]["fingerprint"].startswith("promptrail/stand-in/")
    assert done.report["passed"] is False  # the row that was added has failed
    assert all(set(step) == set(done.report["steps"][0]) for step in done.report["steps"])


@pytest.mark.rig
def test_a_certificate_that_reaches_no_app(tmp_path: Path) -> None:
    """What does not hold is a failed step, and what hangs on it is not claimed; all of it is taken back."""
    with Phone(Shape(34, propagation="private"), [ca(tmp_path)]) as phone, phone.adbd() as adbd:
        boot(phone)
        visit = Visit(adbd.client(), tmp_path, adbd.serial)
        rows = walked(visit)
        assert adbd.device().reverses() == []
    assert rows["ca-store"].state == "failed" and "adb shell am force-stop" in rows["ca-store"].seen
    assert rows["self-test"].state == "not run" and "the step ca-store" in rows["self-test"].seen
    assert rows["route"].state == rows["taken-back"].state == "passed"


@pytest.fixture
def stand_in(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[StandIn]:
    made = folder.installed(tmp_path, monkeypatch)
    made.program("sdkmanager", "cmdline-tools/latest/bin")
    adb = folder.own_adb(monkeypatch)
    next(adb)
    yield made
    next(adb, None)


def test_on_a_stand_in_for_the_sdk(stand_in: StandIn, tmp_path: Path) -> None:
    """The AVD is started, found, saved, brought back and ended; the stand-in has no CA store, and that step fails."""
    (tmp_path / "seen").mkdir()
    visit = Visit(Adb(), tmp_path / "seen", avd="inv34", seconds=60)
    with visit.closing:
        rows = walked(visit)
        found = report(visit, list(rows.values()))
        assert visit.emulator and visit.emulator.alive
    assert not visit.emulator.alive
    wanted = (
        "sdk",
        "acceleration",
        "image",
        "avd",
        "boot",
        "root",
        "proxy",
        "screenshot",
        "snapshot",
        "restore",
    )
    assert {name: states(rows)[name] for name in wanted} == dict.fromkeys(wanted, "passed")
    assert rows["ca-store"].state == "failed" and found["passed"] is False
    assert found["emulator"] == "Android emulator version 99.0.0.0 (stand-in) (CL:N/A)"


def test_nothing_is_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither SDK nor device: no step is claimed, and each says what is missing."""
    for name in ("ANDROID_HOME", "ANDROID_SDK_ROOT"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    adb = folder.own_adb(monkeypatch)
    next(adb)
    rows = walked(Visit(Adb(), tmp_path))
    next(adb, None)
    assert {row.state for name, row in rows.items() if name != "proxy"} == {"not run"}
    assert "no Android SDK" in rows["sdk"].seen and "no device is connected" in rows["boot"].seen
    assert "the step sdk" in rows["image"].seen


def step(run: Any, **more: Any) -> Step:
    return Step("one", "do it", "it is done", run, **more)


def raising(fault: Exception) -> Any:
    def run(visit: Visit) -> Any:
        raise fault

    return run


@pytest.mark.parametrize(
    ("fault", "state", "seen"),
    [
        (DeviceError("it broke. Mend it."), "failed", "it broke. Mend it."),
        (MissingTool("there is none. Get it."), "not run", "there is none. Get it."),
        (KeyError("x"), "failed", "promptrail has a mistake here: KeyError('x')"),
    ],
)
def test_what_goes_wrong_is_a_row(tmp_path: Path, fault: Exception, state: str, seen: str) -> None:
    """A mistake of ours, too: the report is what it is made for."""
    row = take(step(raising(fault)), Visit(None, tmp_path), lambda question: True)  # type: ignore[arg-type]
    assert (row.state, row.seen) == (state, seen)


@pytest.mark.parametrize(
    ("says", "state", "looked"), [(True, "passed", True), (False, "failed", False), (None, "passed", None)]
)
def test_a_person_looks(tmp_path: Path, says: bool | None, state: str, looked: bool | None) -> None:
    """No is a failure whatever the machine saw; where nobody was asked the row says so."""
    asked = []
    one = step(lambda visit: passed("seen"), look=lambda visit: "Is it so?")
    row = take(one, Visit(None, tmp_path), lambda question: asked.append(question) or says)  # type: ignore[arg-type, func-returns-value]
    assert (row.state, row.looked, asked) == (state, looked, ["Is it so?"])
    assert ("said no" in row.seen) == (says is False)


def test_a_person_may_leave_a_step_out(tmp_path: Path) -> None:
    """What has to be done first and is not: the step is not run, and what was not seen is not asked about."""
    one = step(lambda visit: passed("seen"), please="Tap into it.")
    assert take(one, Visit(None, tmp_path), lambda question: False).state == "not run"  # type: ignore[arg-type]
    other = step(lambda visit: not_run("none"), look=lambda visit: "Is it so?")
    assert take(other, Visit(None, tmp_path), lambda question: False).seen == "none"  # type: ignore[arg-type]


@pytest.mark.rig
def test_a_film_that_was_not_brought_to_its_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file without its movie box cannot be played."""
    monkeypatch.setattr(screen, "FILM", 0.5)
    program = "#!/bin/sh\nfor last; do :; done\nprintf '0000ftypmp42' >$last\nsleep 0.5\nexit 1\n"
    with Phone() as phone, phone.adbd() as adbd:
        device = adbd.device()
        device.write("/data/local/screenrecord", program.encode())
        device.shell(
            "chmod 755 /data/local/screenrecord; mount --bind /data/local/screenrecord /system/bin/screenrecord"
        )
        seen = screen.film(Visit(device.adb, tmp_path, device=device))
    assert seen.state == "failed" and "is no MP4" in seen.words
