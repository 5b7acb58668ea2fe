"""What Frida cannot do, provoked: each fault is one sentence that names what failed and what to do."""

import http.server
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from promptrail.device import hook_device
from promptrail.device.agents import Agent, frida
from promptrail.device.hook import Hooked, find
from promptrail.device.hook_device import Target
from promptrail.device.hook_faults import FAULTS, told
from promptrail.device.hook_link import Link
from promptrail.errors import RecordingError
from rigs.alive import alive
from rigs.native.clients import needs, run
from rigs.native.portal import free_port, portal
from rigs.needs import missing_rig

pytestmark = pytest.mark.rig

OTHER_VERSION = "frida==16.7.19"
SLEEP_32 = """
.globl _start
_start: movl $29, %eax
int $0x80
jmp _start
"""
"""pause(2), for a 32-bit processor."""


def attach(target: Target) -> Link:
    """What `promptrail hook` does first."""
    return Link(target, print, print)


@contextmanager
def process(*command: str) -> Iterator[subprocess.Popen[bytes]]:
    child = subprocess.Popen(command)
    try:
        yield child
    finally:
        child.kill()
        child.wait()


def test_a_process_that_has_ended() -> None:
    """It may end between the moment it was found and the moment it is hooked."""
    child = subprocess.Popen(["true"])
    with pytest.raises(
        RecordingError, match=r"cannot attach to app \(\d+\): .*has ended and waits for its parent"
    ):
        ended(child.pid)
        attach(Target(child.pid, "app"))
    child.wait()
    with pytest.raises(RecordingError, match=r"unable to find process .*Start the app"):
        attach(Target(child.pid, "app"))


def ended(pid: int) -> None:
    """Until the process has ended, without taking it off the list of processes."""
    os.waitid(os.P_PID, pid, os.WEXITED | os.WNOWAIT)


def test_this_process_itself() -> None:
    """It would wait for itself."""
    with pytest.raises(RecordingError, match="cannot hook itself"):
        find(str(os.getpid()))


def test_another_users_process() -> None:
    """Permission denied, with what may be done about it."""
    script = """
import os, sys, frida
from promptrail.device.hook_link import Link
from promptrail.device.hook_device import Target
if os.getuid() == 0:
    os.setgid(65534), os.setuid(65534)
os.environ["HOME"] = "/tmp"
try:
    Link(Target(int(sys.argv[1]), "app"), print, print)
except Exception as fault:
    print(fault)
"""
    words = [sys.executable, "-c", script, str(os.getpid() if os.getuid() == 0 else 1)]
    done = subprocess.run(words, capture_output=True, text=True, timeout=60)
    assert "unable to access process" in done.stdout and "as its user or as root" in done.stdout, done


def test_another_abi(tmp_path: Path) -> None:
    """A 32-bit process on a system without 32-bit libraries."""
    if Path("/lib/ld-linux.so.2").exists():
        missing_rig("this system has 32-bit libraries: Frida can hook such a process")
    needs("as")
    needs("ld")
    source = tmp_path / "sleep.s"
    source.write_text(SLEEP_32)
    run(["as", "--32", source, "-o", tmp_path / "sleep.o"])
    run(["ld", "-m", "elf_i386", tmp_path / "sleep.o", "-o", tmp_path / "sleep"])
    with process(str(tmp_path / "sleep")) as child, pytest.raises(RecordingError, match="of another ABI"):
        attach(Target(child.pid, "sleep"))


def test_no_server_on_the_device() -> None:
    """Nobody listens at the address."""
    away = hook_device.device(f"127.0.0.1:{free_port()}")
    with pytest.raises(
        RecordingError, match=r"cannot ask .*: unable to connect.* No frida-server answers there"
    ):
        find("1", away)


def test_something_else_on_the_port() -> None:
    """A web server is no frida-server."""
    with http.server.HTTPServer(("127.0.0.1", 0), http.server.BaseHTTPRequestHandler) as server:
        server.RequestHandlerClass.log_message = lambda *_: None  # type: ignore[method-assign, assignment]
        threading.Thread(target=server.serve_forever, daemon=True).start()
        away = hook_device.device(f"127.0.0.1:{server.server_port}")
        with pytest.raises(RecordingError, match="What answers there is no frida-server"):
            find("1", away)
        server.shutdown()


@pytest.mark.parametrize("name", ["usb", "no-such-id"])
def test_no_such_device(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """No phone is connected here."""
    monkeypatch.setattr(hook_device, "FINDING", 0.1)
    with pytest.raises(
        RecordingError, match=f"cannot reach the device {name}: device not found. No such device"
    ):
        hook_device.device(name)


@pytest.mark.long
def test_a_server_of_another_version(tmp_path: Path) -> None:
    """A Frida of the version before answers over TCP: the sentence says that the versions differ."""
    command = [
        sys.executable,
        "-m",
        "pip",
        "install",
        "-q",
        "--no-deps",
        "--target",
        str(tmp_path),
        OTHER_VERSION,
    ]
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode != 0:
        missing_rig(f"needs {OTHER_VERSION}, which pip could not get: {done.stderr[-300:]}")
    with process("sleep", "600") as child, portal(child.pid, str(tmp_path)) as port:
        away = hook_device.device(f"127.0.0.1:{port}")
        with pytest.raises(RecordingError, match="of another major version"):
            find(str(child.pid), away)


@pytest.mark.parametrize(
    ("command", "words"),
    [
        (["/no/such/program"], "There is no such program"),
        (["/etc/passwd"], "no program that this system can run"),
    ],
)
def test_what_cannot_be_started(command: list[str], words: str) -> None:
    """A path that leads to no program."""
    with pytest.raises(RecordingError, match=words):
        hook_device.spawn(command)


@pytest.mark.parametrize(
    ("source", "words"),
    [
        ("let (", "SyntaxError"),
        ("rpc.exports = { init() { throw new Error('no such hook point') } };", "no such hook point"),
        ("rpc.exports = { init() { ptr(8).writeU8(1); } };", "access violation accessing 0x8"),
    ],
)
def test_an_agent_that_fails_is_told(tmp_path: Path, source: str, words: str) -> None:
    """The sentence has the agent's name and its own words, what it said is in the log, the process goes on."""
    with process("sleep", "600") as child:
        with pytest.raises(
            RecordingError, match=rf"mine could not be loaded into sleep \({child.pid}\).*{words}"
        ):
            Hooked(tmp_path / "run", Target(child.pid, "sleep"), [Agent("mine", source, "")]).__enter__()
        assert (tmp_path / "run" / "hook.jsonl").is_file()
        assert alive(child.pid)


def test_an_agent_that_ends_its_process(tmp_path: Path) -> None:
    """What it sent before is on disk, and the session says that it did not end it."""
    source = """
        send({ before: true });
        rpc.exports = { init() { new NativeFunction(Module.getGlobalExportByName("_exit"), "void", ["int"])(3); } };
    """
    with process("sleep", "600") as child:
        with Hooked(tmp_path / "run", Target(child.pid, "sleep"), [Agent("mine", source, "")]) as session:
            assert session.gone.wait(60)
        child.wait(60)  # with what, Frida may have asked first
    assert not session.complete and session.reason
    assert '"before":true' in session.log.file.read_text()


def test_the_words_are_fridas() -> None:
    """Each line of the table stands in this version of Frida, so that a change of its words is seen here."""
    (library,) = Path(frida().__file__).parent.glob("_frida*.so")
    written = library.read_bytes().lower()
    assert [
        one.words for one in FAULTS if one.words.encode() not in written and one.words != "no such process"
    ] == []
    assert [one.kind for one in FAULTS if one.kind and not hasattr(frida(), one.kind)] == []


def test_an_unknown_fault_keeps_its_words() -> None:
    """What is in no line of the table is told as Frida says it."""
    assert (
        str(told(ValueError("something new."), "cannot attach to app (7)"))
        == "cannot attach to app (7): something new."
    )
