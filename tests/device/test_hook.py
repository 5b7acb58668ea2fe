"""A real Frida session on a real process, through the command; and the refusal of a process that is not the case's."""

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from promptrail.case import Case
from promptrail.case.evidence import verify
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


def command(arguments: list[str]) -> subprocess.CompletedProcess[str]:
    """The command in a process of its own, as people run it.

    Frida traces its target from the process that calls it. In a worker of these tests the target is that process's own
    child, for which other threads may be waiting: then it was killed now and then when it was let go.
    """
    words = [sys.executable, "-m", "promptrail", *arguments]
    return subprocess.run(words, timeout=120, capture_output=True, text=True)


def written(case: Case) -> list[dict[str, object]]:
    (file,) = case.captures.glob("hook-*/hook.jsonl")
    return [json.loads(line) for line in file.read_text().splitlines()]


@pytest.mark.rig
def test_a_process_is_hooked_with_a_reason(tmp_path: Path, process: subprocess.Popen[bytes]) -> None:
    """The agent's message, sent from inside the process, stands in hook.jsonl with its bytes; the reason in the log."""
    case = Case.create(tmp_path / "case", app={"package": "test.parley.chat"})
    agent = tmp_path / "agent.js"
    agent.write_text(AGENT)
    arguments = ["hook", str(process.pid), "--case", str(case.path), "--agents", str(agent), "--seconds", "1"]
    assert command(arguments).returncode == 1, "another process than the case's needs a reason"
    assert list(case.captures.iterdir()) == []
    assert command([*arguments, "--because", "our own test process"]).returncode == 0
    (line,) = [one for one in written(case) if one["k"] == "message"]
    assert line["message"] == {"type": "send", "payload": {"pid": process.pid}} and line["data"] == "AQL/"
    assert "our own test process" in (case.path / "log.jsonl").read_text()
    assert process.poll() is None, "the process goes on after it was let go"
    (folder,) = case.run_folders()
    assert verify(folder) == []


@pytest.mark.rig
def test_an_agent_that_throws_is_told(tmp_path: Path, process: subprocess.Popen[bytes]) -> None:
    """A fault in init ends the command with its words, and stands in the log; the process goes on."""
    case = Case.create(tmp_path / "case")
    agent = tmp_path / "faulty.js"
    agent.write_text("rpc.exports = { init() { throw new Error('no such hook point'); } };")
    done = command(
        ["hook", str(process.pid), "--case", str(case.path), "--agents", str(agent), "--because", "test"]
    )
    assert done.returncode == 1 and "no such hook point" in done.stderr
    assert process.poll() is None


@pytest.mark.parametrize("target", ["0", "no-such-process-here"])
def test_a_process_that_is_not_there(tmp_path: Path, capsys: pytest.CaptureFixture[str], target: str) -> None:
    """One sentence, exit code 1."""
    case = Case.create(tmp_path / "case")
    assert main(["hook", target, "--case", str(case.path), "--agents", "x.js", "--because", "test"]) == 1
    assert "no process" in capsys.readouterr().err


@pytest.mark.parametrize("parameters", ["{", "[1]"])
def test_parameters_are_an_object(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], parameters: str
) -> None:
    """What is no JSON object is refused in one sentence."""
    case = Case.create(tmp_path / "case")
    words = ["hook", "1", "--case", str(case.path), "--agents", "x.js", "--parameters", parameters]
    assert main(words) != 0
    assert "--parameters" in capsys.readouterr().err
