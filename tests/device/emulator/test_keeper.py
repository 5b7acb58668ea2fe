"""The process between us and the emulator: exit codes, end of file, a program that will not end. Real processes."""

import subprocess
import sys
from pathlib import Path

import pytest

from promptrail.device.emulator import keeper
from rigs.mitmdump import until


def kept(program: str, ask: str = "true", patience: float = 0.3) -> "subprocess.Popen[bytes]":
    command = [
        sys.executable,
        "-P",
        keeper.__file__,
        str(patience),
        "sh",
        "-c",
        ask,
        "--",
        "sh",
        "-c",
        program,
    ]
    return subprocess.Popen(command, stdin=subprocess.PIPE)


def closed(process: "subprocess.Popen[bytes]") -> int:
    assert process.stdin
    process.stdin.close()
    return process.wait(30)


@pytest.mark.parametrize(("program", "code"), [("exit 0", 0), ("exit 7", 7), ("kill -KILL $$", 128 + 9)])
def test_the_exit_code_is_the_programs(program: str, code: int) -> None:
    """As a shell tells it."""
    process = kept(program)
    assert process.wait(30) == code
    closed(process)


def test_it_is_asked_first(tmp_path: Path) -> None:
    """The command that asks has its time; no signal is sent to a program that obeys it."""
    mark = tmp_path / "ask"
    waits = f"touch {tmp_path}/ready; until [ -e {mark} ]; do sleep 0.02; done"
    program = f"trap 'echo signal >{tmp_path}/signal' TERM; {waits}"
    process = kept(program, f"touch {mark}", patience=20)
    until(lambda: (tmp_path / "ready").exists())
    assert closed(process) == 0 and not (tmp_path / "signal").exists()


@pytest.mark.parametrize("ask", ["true", "exit 1", "sleep 600", "no-such-program-anywhere"])
def test_then_by_signals(tmp_path: Path, ask: str) -> None:
    """Whatever became of asking: SIGTERM, and a program that ignores it is killed."""
    process = kept(f"trap '' TERM; touch {tmp_path}/ready; exec sleep 600", ask)
    until(lambda: (tmp_path / "ready").exists())
    assert closed(process) == 128 + 9


def test_let_go(tmp_path: Path) -> None:
    """After `keep` the program goes on without it."""
    process = kept(
        f"touch {tmp_path}/ready; until [ -e {tmp_path}/end ]; do sleep 0.02; done; touch {tmp_path}/ended"
    )
    until(lambda: (tmp_path / "ready").exists())
    assert process.stdin
    process.stdin.write(keeper.KEEP)
    process.stdin.flush()
    assert process.wait(30) == 0
    (tmp_path / "end").touch()
    until(lambda: (tmp_path / "ended").exists())
    closed(process)
