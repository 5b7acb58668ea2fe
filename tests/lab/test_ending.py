"""Whatever ends a recording ends everything that it started, and leaves readable runs."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from promptrail.case.evidence import verify
from rigs.mitmdump import ROOT, until

pytestmark = pytest.mark.rig
RECORD = """
import sys
from collections.abc import Iterator
from promptrail.case import Case
from promptrail.lab.record import record
record(Case.create(sys.argv[1], simulated=True), ["before-c1-1", "before-c1-2"])
"""


def processes(mark: str) -> list[str]:
    """Command lines of running processes that name this folder."""
    listed = subprocess.run(["ps", "-axww", "-o", "stat=,args="], capture_output=True, text=True, check=True)
    return [line for line in listed.stdout.splitlines() if mark in line and not line.startswith("Z")]


@pytest.fixture
def recorder(tmp_path: Path) -> Iterator["subprocess.Popen[bytes]"]:
    """A process in the middle of recording two runs into tmp_path / "case"."""
    case = tmp_path / "case"
    env = dict(os.environ) | {"PYTHONPATH": str(ROOT / "toolkit")}
    running = subprocess.Popen([sys.executable, "-c", RECORD, str(case)], env=env, stderr=subprocess.DEVNULL)
    try:
        until(lambda: all((run / "events.jsonl").exists() for run in runs(case)))
        # two proxies, at least one app, the vendors' server, and the recorder itself
        assert len(processes(str(case))) >= 5
        yield running
    finally:
        running.kill()
        running.wait()


def runs(case: Path) -> list[Path]:
    return [case / "captures" / f"before-c1-{n}" for n in (1, 2)]


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM])
def test_ctrl_c_ends_all_before_it_returns(
    tmp_path: Path, recorder: "subprocess.Popen[bytes]", how: signal.Signals
) -> None:
    """Ctrl-C or SIGTERM in the middle of two runs: nothing runs on, no key of the lab is left, the runs are sealed."""
    recorder.send_signal(how)
    assert recorder.wait(60) != 0
    assert processes(str(tmp_path)) == []
    assert list((tmp_path / "case" / "private").glob("lab.*")) == []
    assert all(verify(run) == [] for run in runs(tmp_path / "case"))


def test_a_killed_recorder_leaves_nothing_running(
    tmp_path: Path, recorder: "subprocess.Popen[bytes]"
) -> None:
    """SIGKILL: nobody can be told, and yet proxies, apps and server end, and the proxies seal their runs."""
    recorder.send_signal(signal.SIGKILL)
    assert recorder.wait(60) == -signal.SIGKILL
    until(lambda: not processes(str(tmp_path)), lambda: "\n".join(processes(str(tmp_path))))
    assert all(verify(run) == [] for run in runs(tmp_path / "case"))
