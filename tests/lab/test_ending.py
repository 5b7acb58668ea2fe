"""Whatever ends a recording ends everything that it started, and leaves readable runs."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from rigs.mitmdump import ROOT, until

pytestmark = pytest.mark.rig
RECORD = """
import sys
from promptrail.case import Case
from promptrail.lab.record import record
record(Case.create(sys.argv[1], simulated=True), ["before-c1-1", "before-c1-2"])
"""


def processes(mark: str) -> list[str]:
    """Command lines of running processes that name this folder."""
    listed = subprocess.run(["ps", "-axww", "-o", "stat=,args="], capture_output=True, text=True, check=True)
    return [line for line in listed.stdout.splitlines() if mark in line and not line.startswith("Z")]


@pytest.mark.parametrize(("how", "code"), [(signal.SIGINT, 1), (signal.SIGTERM, 1), (signal.SIGKILL, -9)])
def test_nothing_is_left_running(tmp_path: Path, how: signal.Signals, code: int) -> None:
    """Ctrl-C, SIGTERM and SIGKILL in the middle of two runs: proxies, apps and server end, and the runs are sealed."""
    case = tmp_path / "case"
    env = dict(os.environ) | {"PYTHONPATH": str(ROOT / "toolkit")}
    recorder = subprocess.Popen([sys.executable, "-c", RECORD, str(case)], env=env, stderr=subprocess.DEVNULL)
    runs = [case / "captures" / f"before-c1-{n}" for n in (1, 2)]
    until(lambda: all((run / "events.jsonl").exists() for run in runs))
    # mitmdump twice, an app twice, the server, and the recorder itself
    assert len(processes(str(case))) >= 5
    recorder.send_signal(how)
    assert recorder.wait(60) == code
    until(lambda: not processes(str(case)), lambda: "\n".join(processes(str(case))))
    assert all((run / "manifest.json").exists() for run in runs)
