"""The checks of this machine: programs that are there, missing, broken or old; the port; the disk."""

import collections
import shutil
import socket
from pathlib import Path

import pytest

from device.doctor.patients import machine
from promptrail.device import doctor
from promptrail.device.adb import Adb, Answer
from promptrail.device.doctor.bench import Bench

OLD = "echo Android Debug Bridge version 1.0.32; echo Revision x"
NEW = "echo Android Debug Bridge version 1.0.41; echo Version 35.0.2"
KVM = [
    ("x86_64 emulation currently requires hardware acceleration!", "Use a machine with KVM"),
    ("KVM requires a CPU that supports vmx or svm", "Switch on VT-x or AMD-V"),
    ("/dev/kvm is not found: VT disabled in BIOS or KVM kernel module not loaded", "Load the module"),
    ("This user doesn't have permissions to use KVM (/dev/kvm).", "gpasswd -a $USER kvm"),
    ("something new", "Use a machine with KVM"),
]


def row(bench: Bench, check: str) -> doctor.Row:
    """This check alone."""
    (found,) = doctor.examine(bench, checks=tuple(one for one in doctor.CHECKS if one.id == check))
    return found


def test_adb_is_missing(tmp_path: Path) -> None:
    """The way to get it, and everything that asks a device is not checked."""
    rows = {one.check.id: one for one in doctor.examine(Bench(programs=machine(tmp_path)))}
    assert rows["adb"].result.state == "fault" and "apt install adb" in rows["adb"].result.remedy
    assert {rows[check.id].result.state for check in doctor.CHECKS if check.needs} == {"not checked"}


@pytest.mark.parametrize(
    ("program", "state", "told"),
    [
        (NEW, "ok", "version 1.0.41"),
        (OLD, "fault", "1.0.32 is too old"),
        ("exit 127", "fault", "does not run"),
        ("echo odd", "ok", "odd"),
    ],
)
def test_adb_of_every_kind(tmp_path: Path, program: str, state: str, told: str) -> None:
    """Its version is told; one that is too old or broken is a fault, with what it said."""
    result = row(Bench(programs=machine(tmp_path, adb=program)), "adb").result
    assert result.state == state and told in result.told and result.evidence[0].command == "adb version"


def test_two_versions_of_adb(tmp_path: Path) -> None:
    """Both are named."""
    programs = machine(tmp_path / "one", adb=NEW)
    machine(tmp_path / "two", adb=OLD)
    programs.environ["PATH"] = f"{tmp_path}/one:{tmp_path}/two:{tmp_path}/one"
    bench = Bench(adb=lambda: Adb(runner=lambda *_: Answer(0, b"", b"")), programs=programs)
    result = row(bench, "adb-server").result
    assert result.state == "fault" and result.told == "2 different adb programs are on PATH"
    assert result.evidence[1].lines == (f"{tmp_path}/one/adb", f"{tmp_path}/two/adb")


@pytest.mark.parametrize(
    ("answer", "remedy"),
    [
        (
            Answer(0, b"", b"adb server version (41) doesn't match this client (40); killing..."),
            "Two versions of adb",
        ),
        (Answer(1, b"", b"* failed to start daemon\nerror: cannot connect to daemon"), "adb kill-server"),
        (Answer(1, b"", b"something new"), "adb kill-server"),
    ],
)
def test_a_server_that_is_not_ours(tmp_path: Path, answer: Answer, remedy: str) -> None:
    """Seen also where adb goes on, and ends with 0."""
    bench = Bench(adb=lambda: Adb(runner=lambda *_: answer), programs=machine(tmp_path, adb=NEW))
    result = row(bench, "adb-server").result
    assert result.state == "fault" and remedy in result.remedy and result.evidence[0].code == answer.code


@pytest.mark.parametrize("check", ["mitmproxy", "frida"])
def test_packages(check: str) -> None:
    """Their version, or how to install them."""
    assert row(Bench(version_of=lambda name: "12.9"), check).result.told == f"{check} 12.9"
    missing = row(Bench(version_of=lambda name: None), check).result
    assert missing.state == "fault" and "pip install 'promptrail[" in missing.remedy


@pytest.mark.parametrize("check", ["tcpdump", "tshark", "chromium", "npm", "emulator"])
def test_tools(tmp_path: Path, check: str) -> None:
    """There, with the first line of what it says on standard output; missing; and there but broken."""
    assert row(Bench(programs=machine(tmp_path / "none")), check).result.state == "fault"
    well = machine(tmp_path / "well", **{check: "echo warning >&2; echo; echo version 7; echo more"})
    assert row(Bench(programs=well), check).result.told == f"version 7, {tmp_path}/well/{check}"
    broken = row(Bench(programs=machine(tmp_path / "broken", **{check: "echo no >&2; exit 3"})), check).result
    assert broken.state == "fault" and broken.evidence[0].code == 3 and broken.evidence[0].lines == ("no",)


def test_a_tool_that_hangs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is ended, and told as one that does not run."""
    programs = machine(tmp_path, npm="exec /bin/sleep 600")
    run = programs.run
    monkeypatch.setattr(programs, "run", lambda words: run(words, timeout=0.2))
    result = row(Bench(programs=programs), "npm").result
    assert result.state == "fault" and result.evidence[0].lines == ("no answer within 0.2 s",)


@pytest.mark.parametrize(("said", "remedy"), KVM)
def test_acceleration(tmp_path: Path, said: str, remedy: str) -> None:
    """The emulator's own words, each with its remedy."""
    programs = machine(tmp_path, emulator=f"cat <<'END'\naccel:\n8\n{said}\naccel\nEND\nexit 8")
    (tmp_path / "cat").symlink_to("/bin/cat")
    result = row(Bench(programs=programs), "acceleration").result
    assert result.state == "fault" and remedy in result.remedy and said in result.evidence[0].lines


def test_acceleration_that_works_or_cannot_be_tested(tmp_path: Path) -> None:
    """Without the emulator nothing is claimed, whether or not /dev/kvm is there."""
    works = machine(tmp_path, emulator="echo accel:; echo 0; echo KVM is installed and usable.; echo accel")
    assert row(Bench(programs=works), "acceleration").result.state == "ok"
    assert row(Bench(programs=machine(tmp_path / "none")), "acceleration").result.state == "not checked"


def test_the_port() -> None:
    """Free, taken, and one that cannot be had."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        taken = listener.getsockname()[1]
        result = row(Bench(port=taken), "port").result
        assert result.state == "fault" and f"sport = :{taken}" in result.remedy
    assert row(Bench(port=taken), "port").result.state == "ok"


@pytest.mark.parametrize(
    ("free", "state", "told"), [(10, "fault", "0 MiB"), (1 << 30, "ok", "short"), (9 << 30, "ok", "9 GiB")]
)
def test_the_disk(monkeypatch: pytest.MonkeyPatch, free: int, state: str, told: str) -> None:
    """How much is free where captures would be written."""
    usage = collections.namedtuple("usage", "total used free")(1, 1, free)
    monkeypatch.setattr(shutil, "disk_usage", lambda folder: usage)
    result = row(Bench(), "disk").result
    assert result.state == state and told in result.told
