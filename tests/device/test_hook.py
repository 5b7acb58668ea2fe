"""A real Frida session on a real process, through the command; and the refusal of a process that is not the case's."""

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from promptrail.case import Case
from promptrail.cli import main

AGENT = """
const getpid = new NativeFunction(Module.getGlobalExportByName('getpid'), 'int', []);
send({ pid: getpid() }, new Uint8Array([1, 2, 255]).buffer);
"""


@pytest.fixture
def process() -> Iterator[subprocess.Popen[bytes]]:
    """A process of ours that waits; who attaches while it is still being loaded may kill it."""
    waiting = "import time; print('ready', flush=True); time.sleep(120)"
    child = subprocess.Popen([sys.executable, "-c", waiting], stdout=subprocess.PIPE)
    assert child.stdout is not None and child.stdout.readline() == b"ready\n"
    yield child
    child.kill()
    child.wait()


def command(arguments: list[str]) -> int:
    """The command in a process of its own, as people run it.

    Frida traces its target from the process that calls it. In a worker of these tests the target is that process's own
    child, for which other threads may be waiting: then it was killed now and then when it was let go.
    """
    return subprocess.run([sys.executable, "-m", "promptrail", *arguments], timeout=120).returncode


@pytest.mark.rig
def test_a_process_is_hooked_with_a_reason(tmp_path: Path, process: subprocess.Popen[bytes]) -> None:
    """The agent's message, sent from inside the process, stands in hook.jsonl with its bytes; the reason in the log."""
    case = Case.create(tmp_path / "case", app={"package": "test.parley.chat"})
    agent = tmp_path / "agent.js"
    agent.write_text(AGENT)
    arguments = ["hook", str(process.pid), "--case", str(case.path), "--agents", str(agent), "--seconds", "1"]
    assert command(arguments) == 1, "another process than the case's needs a reason"
    assert list(case.captures.iterdir()) == []
    assert command([*arguments, "--because", "our own test process"]) == 0
    (file,) = case.captures.glob("hook-*/hook.jsonl")
    line = json.loads(file.read_text().splitlines()[0])
    assert line["message"] == {"type": "send", "payload": {"pid": process.pid}} and line["data"] == "AQL/"
    assert "our own test process" in (case.path / "log.jsonl").read_text()
    assert process.poll() is None, "the process goes on after it was let go"


@pytest.mark.parametrize("target", ["0", "no-such-process-here"])
def test_a_process_that_is_not_there(tmp_path: Path, capsys: pytest.CaptureFixture[str], target: str) -> None:
    """One sentence, exit code 1."""
    case = Case.create(tmp_path / "case")
    assert main(["hook", target, "--case", str(case.path), "--agents", "x.js", "--because", "test"]) == 1
    assert "no process" in capsys.readouterr().err
