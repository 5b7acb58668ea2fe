"""`promptrail doctor`: its text, its JSON, its exit codes, with a device that is well and one that is not."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from promptrail.cli import main
from rigs.android import adbd_programs
from rigs.android.adbd import Adbd, adb_server


@pytest.fixture
def adbd(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Adbd]:
    """A device that is well, as the only one of the adb server that the command finds."""
    path = adbd_programs.write(tmp_path / "bin", su="magisk")
    with Adbd(tmp_path / "device", path=path) as made:
        monkeypatch.setenv("ANDROID_ADB_SERVER_PORT", str(made.server_port))
        made.client()
        yield made


def test_a_device_that_is_well(adbd: Adbd, capsys: pytest.CaptureFixture[str]) -> None:
    """A line a check, exit code 0."""
    assert main(["doctor"]) == 0
    out = capsys.readouterr().out
    assert f"ok     required     device         {adbd.serial} stand_in\n" in out
    assert out.endswith("\nEverything required is ok.\n")


def test_json(adbd: Adbd, capsys: pytest.CaptureFixture[str]) -> None:
    """One object, each check with id, severity, state, evidence and remedy."""
    assert main(["doctor", "--json", "--serial", adbd.serial]) == 0
    told = json.loads(capsys.readouterr().out)
    checks = {one["id"]: one for one in told["checks"]}
    assert told["passed"] is True and len(checks) >= 20
    assert {one["severity"] for one in checks.values()} == {"required", "recommended", "optional"}
    assert checks["root"]["evidence"] == [
        {"command": f"adb -s {adbd.serial} shell su -mm -c id", "exit": 0, "lines": ["uid=0"]}
    ]
    assert checks["snapshot"]["state"] == "not checked" and checks["snapshot"]["told"]


def test_no_device(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """Exit code 1; the fault with evidence and remedy, what needs the device is not claimed."""
    with adb_server() as port:
        monkeypatch.setenv("ANDROID_ADB_SERVER_PORT", str(port))
        assert main(["doctor"]) == 1
    out = capsys.readouterr().out
    assert "FAULT  required     device         no devices/emulators found\n" in out
    assert "       $ adb devices -l  (exit code 0)\n         List of devices attached\n" in out
    assert "       To do: Start the emulator" in out
    assert "?      required     booted         it needs the check device to be ok\n" in out
    assert out.endswith("\nRequired, and not ok: device, booted, clock, left-behind, proxy-setting.\n")


def test_fix(adbd: Adbd, capsys: pytest.CaptureFixture[str]) -> None:
    """A proxy setting that a broken-off session left is a fault, and is taken away when asked."""
    adbd.device().shell("settings put global http_proxy 127.0.0.1:39201")
    assert main(["doctor"]) == 1
    assert "To do: doctor --fix" in capsys.readouterr().out
    assert main(["doctor", "--fix"]) == 0
    assert "       done: adb -s" in capsys.readouterr().out
    assert adbd.device().shell("settings get global http_proxy").text == ":0"


def test_what_a_device_says_drives_no_terminal(
    adbd: Adbd, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Control characters are shown as what they are."""
    (tmp_path / "bin/state/settings/global.http_proxy").write_text("\x1b]0;x\x07evil:1\n")
    assert main(["doctor"]) == 1
    out = capsys.readouterr().out
    assert "\x1b" not in out and "\x07" not in out and "evil:1" in out


def test_a_case_and_an_app(adbd: Adbd, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Their own checks are made, and an app that does not fit is a required fault."""
    (tmp_path / "app.apk").write_bytes(b"no zip")
    assert main(["case", "new", str(tmp_path / "case")]) == 0
    capsys.readouterr()
    assert (
        main(["doctor", "--json", "--case", str(tmp_path / "case"), "--apk", str(tmp_path / "app.apk")]) == 1
    )
    checks = {one["id"]: one for one in json.loads(capsys.readouterr().out)["checks"]}
    assert "before its first recording" in checks["authority"]["told"]
    assert (checks["abi"]["state"], checks["abi"]["severity"]) == ("fault", "required")


def test_a_transcript(adbd: Adbd, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Each call of adb and its answer; a file that is there is not written over."""
    assert main(["doctor", "--transcript", str(tmp_path / "t.jsonl")]) == 0
    calls = [json.loads(line)["arguments"] for line in (tmp_path / "t.jsonl").read_text("utf-8").splitlines()]
    assert ["devices", "-l"] in calls and len(calls) > 10
    assert main(["doctor", "--transcript", str(tmp_path / "t.jsonl")]) == 1
    assert "t.jsonl: cannot be made: File exists." in capsys.readouterr().err


def test_explaining(capsys: pytest.CaptureFixture[str]) -> None:
    """A text that a program said is looked up, without looking at anything; an unknown one is not guessed about."""
    assert main(["doctor", "--explain", "ReferenceError: 'Java' is not defined"]) == 0
    assert capsys.readouterr().out.startswith("frida-java: Frida 17 has no Java bridge")
    assert main(["doctor", "--explain", "something new"]) == 1
    assert "not known" in capsys.readouterr().out


def test_no_such_case(capsys: pytest.CaptureFixture[str]) -> None:
    """One sentence."""
    assert main(["doctor", "--case", "nowhere"]) == 1
    assert capsys.readouterr().err.startswith("promptrail: nowhere")
