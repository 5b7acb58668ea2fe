"""Ten recordings, each ended at a moment of its own: the run can be read, the device comes back, no process is left."""

import random
import signal
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from promptrail import ingest
from promptrail.case import Case
from promptrail.device import doctor
from rigs.android.namespaces import until
from rigs.android.recording import SHORT, Bench, bench, ours, record_of, scenario

pytestmark = pytest.mark.rig
SIGNALS = (signal.SIGKILL, signal.SIGTERM, signal.SIGKILL, signal.SIGINT, signal.SIGKILL) * 2
RNG = random.Random(20261122)
MOMENTS = [(n + RNG.random()) / 10 for n in range(10)]
"""One in each tenth of a recording's length, which an undisturbed one measures."""
ALL = list(zip(range(10), MOMENTS, SIGNALS, strict=True))
LEFT = ("adb", "adb-server", "device", "booted", "left-behind")


class Ward:
    """The phone, and the state in which it has to be."""

    def __init__(self, bench: Bench, folder: Path) -> None:
        self.bench, self.folder = bench, folder
        self.case("warm")
        self.before = bench.state()

    def case(self, name: str) -> Case:
        return self.bench.case(self.folder / name)

    def start(self, case: Case, route: str = "settings") -> "subprocess.Popen[bytes]":
        file = scenario(case.path, "short", f'route = "{route}"', SHORT)
        command = self.bench.recording(case, file, route=route)
        with (case.path / "said").open("wb") as said:
            return subprocess.Popen(
                command, env=self.bench.env, stdout=said, stderr=said, start_new_session=True
            )

    def visited(self) -> doctor.Row:
        """What the doctor says of left-overs after it has put right what there was."""
        bench = doctor.Bench(adb=lambda: self.bench.the.device.adb, serial=self.bench.the.device.serial)
        checks = tuple(check for check in doctor.CHECKS if check.id in LEFT)
        return doctor.examine(bench, fix=True, checks=checks)[-1]


def said(case: Case) -> str:
    return (case.path / "said").read_text("utf-8", "replace")


@pytest.fixture(scope="module")
def ward(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ward]:
    with bench(tmp_path_factory.mktemp("bench")) as one, pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_STATE_HOME", one.env["XDG_STATE_HOME"])
        yield Ward(one, tmp_path_factory.mktemp("ward"))


@pytest.fixture(scope="module")
def length(ward: Ward) -> float:
    """Seconds from the start of the command until its run is closed, if nobody disturbs it."""
    case = ward.case("undisturbed")
    began = time.monotonic()
    process = ward.start(case)
    until(lambda: (case.captures / "short" / "run.json").exists() or process.poll() is not None)
    taken = time.monotonic() - began
    assert process.wait(60) == 0, said(case)
    assert ward.bench.state() == ward.before
    return taken


@pytest.mark.parametrize(("number", "moment", "how"), ALL, ids=[f"{m:.2f}-{s.name}" for _, m, s in ALL])
def test_a_recording_that_is_ended(
    ward: Ward, length: float, number: int, moment: float, how: signal.Signals
) -> None:
    """Whatever there is of the run imports, and never passes for a whole one; the doctor's next visit restores."""
    case = ward.case(f"ended-{number}")
    process = ward.start(case, "transparent" if number % 5 == 2 else "settings")
    time.sleep(moment * length)
    process.send_signal(how)
    process.wait(60)
    until(lambda: not ours(case.path))
    assert "Traceback" not in said(case) or "KeyboardInterrupt" in said(case)
    folder = case.captures / "short"
    closed = (folder / "run.json").is_file() and record_of(case, "short")["complete"]
    ingest.frames_of(case)
    assert list(case.runs["complete"]) == ([closed] if (folder / "evidence.jsonl").is_file() else [])
    lost = case.problems[case.problems["severity"] == "lost"]
    assert case.runs.empty or closed or not lost.empty
    if how is not signal.SIGKILL:
        assert ward.bench.state() == ward.before, said(case)
    row = ward.visited()
    assert row.result.state == "ok", row
    assert ward.bench.state() == ward.before


def test_whoever_comes_next_puts_it_back(ward: Ward, length: float) -> None:
    """Killed when the device is changed most: `doctor --fix` puts it back and says so; the next recording as well."""
    case = ward.case("doctor")
    process = ward.start(case)
    until(lambda: "consent" in said(case) or process.poll() is not None)
    process.kill()
    process.wait()
    assert ward.bench.state() != ward.before
    done = ward.bench.run(ward.bench.command("doctor", "--fix", "--serial", ward.bench.the.device.serial))
    assert "no recording left this device changed" in done.stdout and "done: put back" in done.stdout
    assert ward.bench.state() == ward.before
    until(lambda: not ours(case.path))
    ingest.frames_of(case)
    assert list(case.runs["complete"]) == [False]
    assert "ended before it could close the run" in case.problems["what"].str.cat()

    case = ward.case("killed")
    process = ward.start(case)
    until(lambda: "launch" in said(case) or process.poll() is not None)
    process.kill()
    process.wait()
    assert ward.bench.state() != ward.before
    last = ward.case("last")
    assert ward.start(last).wait(120) == 0, said(last)
    assert "was left as it is by the recording short" in said(last)
    assert ward.bench.state() == ward.before
