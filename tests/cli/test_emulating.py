"""`promptrail emulator`: what its commands print and how they end, with a stand-in for the SDK and the real adb."""

import io
import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from promptrail.cli import emulating, main
from promptrail.device.emulator import ports, snapshots
from promptrail.device.emulator.running import Emulator
from rigs.android.sdk import folder
from rigs.android.sdk.folder import TESTS, TOOLKIT, StandIn
from rigs.mitmdump import until

ROOTED = "system-images;android-34;google_apis;x86_64"


@pytest.fixture
def stand_in(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> StandIn:
    return folder.installed(tmp_path, monkeypatch)


@pytest.fixture
def own_adb(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    yield from folder.own_adb(monkeypatch)


def test_list(stand_in: StandIn, capsys: pytest.CaptureFixture[str]) -> None:
    """AVDs and images, and which of them are of no use here and why."""
    stand_in.avd("old", ("android-30", "default", "x86"))
    assert main(["emulator", "list"]) == 0
    out = capsys.readouterr().out.splitlines()
    assert f"AVD     inv34  {ROOTED}" in out
    assert "fast    KVM (version 12) is installed and usable." in out
    assert any(line.startswith("AVD     old") and "is not installed" in line for line in out)
    assert any("playstore" in line and "gives no root" in line for line in out)


def test_list_as_json(stand_in: StandIn, capsys: pytest.CaptureFixture[str]) -> None:
    """One object."""
    assert main(["emulator", "list", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["acceleration"]["usable"] is True
    assert told["avds"] == [{"name": "inv34", "image": ROOTED, "fault": None}]
    assert [one["package"] for one in told["images"] if one["no_root"]] == [
        ROOTED.replace("apis", "apis_playstore")
    ]


def test_without_virtualisation(stand_in: StandIn, capsys: pytest.CaptureFixture[str]) -> None:
    """The emulator's own words with what to do; an SDK without the emulator still lists what there is."""
    stand_in.behave(
        acceleration=[8, "/dev/kvm is not found: VT disabled in BIOS or KVM kernel module not loaded"]
    )
    assert main(["emulator", "list"]) == 0
    assert "SLOW    /dev/kvm is not found: VT disabled in BIOS" in capsys.readouterr().out
    (stand_in.root / "emulator" / "emulator").unlink()
    assert main(["emulator", "list"]) == 0
    out = capsys.readouterr().out
    assert "SLOW    emulator is not in the SDK" in out and "AVD     inv34" in out


def test_no_sdk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """One sentence with what to install, exit code 1."""
    monkeypatch.setenv("HOME", str(tmp_path))
    for name in ("ANDROID_HOME", "ANDROID_SDK_ROOT"):
        monkeypatch.delenv(name, raising=False)
    assert main(["emulator", "list"]) == 1
    assert capsys.readouterr().err.startswith("promptrail: no Android SDK with an emulator was found in ")


def test_create(stand_in: StandIn, capsys: pytest.CaptureFixture[str]) -> None:
    """An AVD of the image that is named, or of the default one; the Play Store is refused."""
    assert main(["emulator", "create", "one"]) == 0
    assert main(["emulator", "create", "two", ROOTED, "--hardware", "pixel"]) == 0
    assert capsys.readouterr().out.startswith("one in ")
    assert main(["emulator", "create", "three", ROOTED.replace("apis", "apis_playstore")]) == 1
    assert "adbd gives no root" in capsys.readouterr().err


def test_start_until_ctrl_c(stand_in: StandIn, own_adb: None) -> None:
    """The serial on stdout, alone; Ctrl-C ends the emulator, and the command well."""
    env = {**os.environ, "PYTHONPATH": f"{TOOLKIT}:{TESTS}"}
    command = [
        sys.executable,
        "-P",
        "-m",
        "promptrail",
        "emulator",
        "start",
        "inv34",
        "--network-speed",
        "edge",
    ]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stdin=subprocess.DEVNULL, env=env, text=True
    ) as process:
        assert process.stdout
        serial = process.stdout.readline().strip()
        port = int(serial.removeprefix("emulator-"))
        assert not ports.free(port)
        arguments = json.loads((stand_in.avds / "inv34.avd" / f"arguments-{port}.json").read_text())
        assert arguments[-2:] == ["-netspeed", "edge"]
        process.send_signal(signal.SIGINT)
        assert process.stdout.read() == ""
        assert process.wait(60) == 0
    assert ports.free(port) and ports.free(port + 1)


def test_start_and_keep(stand_in: StandIn, own_adb: None, capsys: pytest.CaptureFixture[str]) -> None:
    """It returns when the device has booted, which runs on; its snapshots are saved, listed, loaded and deleted."""
    assert main(["emulator", "start", "inv34", "--keep"]) == 0
    serial = capsys.readouterr().out.strip()
    port = int(serial.removeprefix("emulator-"))
    try:
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(snapshots, "SETTLE", 0.1)
            for words in (["save", "clean"], ["load", "clean", "--serial", serial], ["list"]):
                assert main(["emulator", "snapshot", *words]) == 0
            assert capsys.readouterr().out == "clean  75M  2026-09-09 11:41:45\n"
            assert main(["emulator", "snapshot", "delete", "clean"]) == 0
            assert main(["emulator", "snapshot", "load", "clean"]) == 1
            assert "There is no such snapshot" in capsys.readouterr().err
    finally:
        subprocess.run(["adb", "-s", serial, "emu", "kill"], stdout=subprocess.DEVNULL)
        until(lambda: ports.free(port))


def test_start_that_fails(stand_in: StandIn, own_adb: None, capsys: pytest.CaptureFixture[str]) -> None:
    """The emulator's own words and the remedy; nothing on stdout."""
    stand_in.behave(dies="at once", says="x86_64 emulation currently requires hardware acceleration!")
    assert main(["emulator", "start", "inv34"]) == 1
    told = capsys.readouterr()
    assert told.out == "" and "requires hardware acceleration" in told.err and "KVM" in told.err


@pytest.mark.parametrize("words", [["list", "x"], ["save"], ["load"], ["delete"]])
def test_snapshot_names(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    """A name where one is needed, and none where not."""
    assert main(["emulator", "snapshot", *words]) == 1
    assert "promptrail emulator snapshot list | save NAME" in capsys.readouterr().err


@pytest.mark.parametrize("words", [["start"], ["snapshot", "rename"], ["create"], []])
def test_a_wrong_command_line(words: list[str]) -> None:
    """Exit code 2."""
    with pytest.raises(SystemExit) as ended:
        main(["emulator", *words])
    assert ended.value.code == 2


def test_checklist(stand_in: StandIn, own_adb: None, capsys: pytest.CaptureFixture[str]) -> None:
    """The report alone on stdout; a step that failed makes the exit code 1; nothing of the device runs on."""
    with Emulator("inv34") as emulator:
        assert main(["emulator", "checklist", "--json", "--serial", emulator.serial]) == 1
        assert emulator.alive
    told = json.loads(capsys.readouterr().out)
    steps = {step["id"]: step for step in told["steps"]}
    assert (
        steps["snapshot"]["passed"] and steps["restore"]["passed"] and steps["screenshot"]["looked"] is None
    )
    assert steps["ca-store"]["passed"] is False  # the stand-in has none
    assert steps["self-test"] | {"ran": False, "passed": None} == steps["self-test"]
    assert emulator.serial not in json.dumps(told)


def test_checklist_for_a_person(
    own_adb: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A block a step with its command and what was seen, then the report; with nothing there, each says why, and the
    whole has not passed."""
    monkeypatch.setenv("HOME", str(tmp_path))
    for name in ("ANDROID_HOME", "ANDROID_SDK_ROOT"):
        monkeypatch.delenv(name, raising=False)
    assert main(["emulator", "checklist"]) == 1
    out, _, report = capsys.readouterr().out.partition("\nThe report, for an issue; it names nobody:\n")
    assert out.startswith("not run  sdk ") and "         $ adb exec-out screencap -p\n" in out
    assert {step["state"] for step in json.loads(report)["steps"] if step["id"] != "proxy"} == {"not run"}
    assert json.loads(report)["passed"] is False


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(
    ("typed", "answer"),
    [("y\n", True), ("No\n", False), ("what?\n\n YES \n", True), ("", None), ("what?\n", None)],
)
def test_a_person_is_asked_until_the_answer_is_one(
    typed: str, answer: bool | None, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """y or n; the end of the input is no answer, and where nobody sits nothing is asked. Questions go to stderr."""
    monkeypatch.setattr(sys, "stdin", Terminal(typed))
    assert emulating.ask("Is it so?") is answer
    assert "Is it so? [y/n]" in capsys.readouterr().err
    monkeypatch.setattr(sys, "stdin", io.StringIO("y\n"))
    assert emulating.ask("Is it so?") is None and capsys.readouterr() == ("", "")
