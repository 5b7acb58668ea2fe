"""The opaque lab, recorded through a real mitmdump and tcpdump: what its key says is what the packets show."""

import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pandas as pd
import pytest

from promptrail import pipeline
from promptrail.case import Case
from promptrail.case.evidence import verify
from promptrail.cli import main
from promptrail.cli.lab_opaque import COMPRESSED, told
from promptrail.errors import RecordingError
from promptrail.infer import plan as plans
from promptrail.infer.plan import Plan
from promptrail.lab.opaque.record import KEY, PLANNED, record_opaque
from promptrail.lab.opaque.vendors import FIELDS, FIRST_PARTY, KEYS, LAYOUT, PADDED, PASSED, UPLOADER
from rigs.evidence_reader import Evidence
from rigs.mitmdump import ROOT, until
from rigs.needs import missing_rig
from rigs.packets import may_capture

pytestmark = pytest.mark.rig
SEED = "0f" * 16


class Recorded(NamedTuple):
    case: Case
    plan: Plan
    runs: list[str]

    def first(self, host: str) -> dict[int, int]:
        """Size of the burst with which each prompt began at a host, by slot."""
        events = self.case.events[self.case.events["event"] == "slot"]
        mine = self.case.bursts[
            (self.case.bursts["host"] == host) & (self.case.bursts["direction"] == "request")
        ]
        found = {}
        for row in events.itertuples():
            after = mine[(mine["run"] == row.run) & (mine["at"] >= row.at) & (mine["at"] < row.at + 0.1)]
            if len(after):
                found[int(row.label)] = int(after.sort_values("at")["size"].iloc[0])
        return found


def record(folder: Path, kind: str, **sizes: Any) -> Recorded:
    may_capture()
    case = Case.create(folder / "case", simulated=True)
    plan = plans.draw(kind, SEED, **COMPRESSED, **sizes)
    runs = record_opaque(case, told(plan))
    assert pipeline.ensure(case) == []
    return Recorded(case, plan, runs)


@pytest.fixture(scope="module")
def dose(tmp_path_factory: pytest.TempPathFactory) -> Recorded:
    return record(tmp_path_factory.mktemp("dose"), "dose", per_length=2, controls=2, drafts=1, sessions=2)


@pytest.fixture(scope="module")
def pairs(tmp_path_factory: pytest.TempPathFactory) -> Recorded:
    return record(tmp_path_factory.mktemp("pairs"), "differential", inputs=2)


def test_every_slot_of_the_plan_is_told_once(dose: Recorded) -> None:
    """Over two runs, in the plan's order, each with its end; both runs name the plan, and end in a drain."""
    assert dose.runs == ["opaque-dose-01", "opaque-dose-02"]
    events: pd.DataFrame = dose.case.events.sort_values("at")
    told_slots = events[events["event"].isin(["slot", "slot-end"])]
    assert list(told_slots["label"]) == [str(n) for n in range(13) for _ in range(2)]
    assert list(told_slots["event"]) == ["slot", "slot-end"] * 13
    assert set(events[events["event"] == "plan"]["label"]) == {plans.digest(dose.plan)}
    for run in dose.runs:
        assert list(events[events["run"] == run]["event"])[:2] == ["launch", "plan"]
        assert list(events[events["run"] == run]["event"])[-2:] == ["drain", "end"]


def test_what_is_sealed_follows_the_text_byte_by_byte(dose: Recorded) -> None:
    """To the uploader a byte a character; the first party's grows as much. No key is needed to see it."""
    for host in (UPLOADER.host, FIRST_PARTY.host):
        sizes = dose.first(host)
        prompts = {slot.slot: slot.length for slot in dose.plan.slots if slot.kind == "prompt"}
        assert sizes.keys() >= prompts.keys()
        heads = {sizes[n] - length for n, length in prompts.items()}
        # Content-Length has one to four digits.
        assert min(heads) > 150 and max(heads) - min(heads) <= 3, host


def test_what_is_counted_by_line_grows_in_steps(dose: Recorded) -> None:
    """38 bytes for each line of 45 characters; the padded one is the same for all."""
    sizes, padded = dose.first(LAYOUT.host), dose.first(PADDED.host)
    prompts = [slot for slot in dose.plan.slots if slot.kind == "prompt"]
    lines = {slot.slot: -(-len(plans.typed(dose.plan, slot)) // 45) for slot in prompts}
    heads = {sizes[n] - 38 * count for n, count in lines.items()}
    assert max(heads) - min(heads) <= 3
    assert len({padded[slot.slot] for slot in prompts}) == 1


def test_the_vendors_are_not_read(dose: Recorded) -> None:
    """Passed through and without keys: no flow, no message; the first party's requests hold the texts."""
    read = set(dose.case.flows["host"])
    assert read == {FIRST_PARTY.host}
    rows = dose.case.connections
    assert set(rows[rows["outcome"] == "passed-through"]["host"]) == set(PASSED)
    run = Evidence(dose.case.captures / dose.runs[0])
    sent = b"".join(run.body(r["body"]) for r in run.of("request"))
    for slot in dose.plan.slots[: dose.plan.begins[1]]:
        text = plans.text(dose.plan, slot).encode()
        assert (text != b"" and text in sent) == (slot.kind == "prompt")


def test_bursts_name_connections_of_the_run(dose: Recorded) -> None:
    """Proxy and packets are one run: what the packets counted stands on the proxy's connections and clock."""
    bursts, rows = dose.case.bursts, dose.case.connections
    assert set(bursts["connection"]) <= set(rows["connection"])
    assert {tuple(names) for names in rows["witnesses"]} == {("proxy", "packets")}
    spans = {run: rows[rows["run"] == run]["opened"].min() for run in dose.runs}
    assert all(row.at >= spans[row.run] - 0.1 for row in bursts.itertuples())


def test_runs_are_sealed_with_their_key(dose: Recorded) -> None:
    """Packets, events and the answer key are hashed; the key has the plan and what each host does; all is simulated."""
    for run in dose.runs:
        folder = dose.case.captures / run
        manifest = json.loads((folder / "manifest.json").read_text("utf-8"))
        assert verify(folder) == [] and {KEY, "capture.pcap", "events.jsonl"} <= manifest["files"].keys()
        key = json.loads((folder / KEY).read_text("utf-8"))
        assert key["simulated"] and key["plan"] == plans.digest(dose.plan) and key["input"] == "paste"
        assert {row["host"] for row in key["hosts"]} > set(PASSED) and key["fields"] is None
    assert dose.case.simulated and dose.case.runs["simulated"].all() and dose.case.runs["complete"].all()
    assert list((dose.case.private).glob("lab.*")) == []


def test_a_capture_is_never_overwritten(dose: Recorded) -> None:
    """The same plan again is refused before anything is started."""
    with pytest.raises(RecordingError, match="opaque-dose-01, opaque-dose-02 already"):
        record_opaque(dose.case, told(dose.plan))


def test_a_real_case_is_never_mixed_with_the_lab(tmp_path: Path, dose: Recorded) -> None:
    """Nothing of it is changed, and nothing is started."""
    case = Case.create(tmp_path / "case")
    (case.captures / "monday").mkdir()
    before = (case.path / "case.toml").read_bytes()
    with pytest.raises(RecordingError, match="holds real recordings"):
        record_opaque(case, told(dose.plan))
    assert (case.path / "case.toml").read_bytes() == before


def test_without_the_right_to_capture_nothing_is_begun(tmp_path: Path) -> None:
    """Said at once in tcpdump's words, and no run is left that would be in the way of the next try."""
    tool = tmp_path / "tcpdump"
    tool.write_text("#!/bin/sh\necho 'tcpdump: lo: You do not have permission' >&2\nexit 1\n")
    tool.chmod(0o700)
    command = [sys.executable, "-m", "promptrail", "lab", "opaque", str(tmp_path / "case")]
    env = dict(os.environ) | {
        "PYTHONPATH": str(ROOT / "toolkit"),
        "PATH": f"{tmp_path}:{os.environ['PATH']}",
    }
    done = subprocess.run(command, env=env, capture_output=True, text=True)
    assert done.returncode == 1 and "You do not have permission" in done.stderr and "root" in done.stderr
    assert Case.open(tmp_path / "case").run_folders() == []


def test_a_plan_without_its_parts_is_refused(tmp_path: Path) -> None:
    """What is missing is named."""
    case = Case.create(tmp_path / "case", simulated=True)
    with pytest.raises(RecordingError, match=r"The plan has no begins, digest.* slots\."):
        record_opaque(case, {"kind": "dose", "seed": SEED})
    assert {"begins", "digest", "slots"} < PLANNED


def test_differential_runs_are_readable(pairs: Recorded) -> None:
    """A run a slot; the hash in the reports agrees where the prompt does, and nowhere else."""
    assert pairs.runs == [f"opaque-differential-0{n}" for n in range(1, 5)]
    topics: dict[int, set[str]] = {}
    for run, slot in zip(pairs.runs, pairs.plan.slots, strict=True):
        evidence = Evidence(pairs.case.captures / run)
        bodies = [
            json.loads(evidence.body(r["body"])) for r in evidence.of("request") if FIELDS.host in r["url"]
        ]
        (report,) = [content for content in bodies if "topic" in content]
        topics.setdefault(slot.input, set()).add(report["topic"])
    assert {len(found) for found in topics.values()} == {1} and len(set.union(*topics.values())) == 2


def test_the_command_records_a_plan(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A plan that lies in a case is followed; typed key by key, the telemetry of keys grows."""
    may_capture()
    plan = plans.draw("dose", SEED, **COMPRESSED, lengths=(32, 2000), per_length=2, controls=0, drafts=0)
    file = plans.write(plan, tmp_path)
    assert main(["lab", "opaque", str(tmp_path / "case"), "--plan", str(file), "--typed"]) == 0
    assert capsys.readouterr().out.splitlines() == ["opaque-dose"]
    case = Case.open(tmp_path / "case")
    assert (case.path / "plans" / file.name).read_bytes() == file.read_bytes()
    pipeline.ensure(case)
    sizes = Recorded(case, plan, ["opaque-dose"]).first(KEYS.host)
    long = [sizes[slot.slot] for slot in plan.slots if slot.length > 1000]
    assert min(long) > 90 * 0.12 * 1700 * 0.7 and max(sizes.values()) == max(long)
    lines = [json.loads(line) for line in (case.path / "log.jsonl").read_text("utf-8").splitlines()]
    done = [line["action"] for line in lines]
    assert done.index("plan") < done.index("lab opaque")


@pytest.fixture
def recorder(tmp_path: Path) -> Iterator["subprocess.Popen[bytes]"]:
    """A process in the middle of its slots."""
    may_capture()
    if not shutil.which("ps"):
        missing_rig("ps is not installed")
    command = [sys.executable, "-m", "promptrail", "lab", "opaque", str(tmp_path / "case")]
    env = dict(os.environ) | {"PYTHONPATH": str(ROOT / "toolkit")}
    running = subprocess.Popen(command, env=env, stderr=subprocess.DEVNULL)
    events = tmp_path / "case" / "captures" / "opaque-dose" / "events.jsonl"
    try:
        until(lambda: events.exists() and "slot-end" in events.read_text("utf-8"))
        yield running
    finally:
        running.kill()
        running.wait()


def left(mark: str) -> list[str]:
    listed = subprocess.run(["ps", "-axww", "-o", "stat=,args="], capture_output=True, text=True, check=True)
    return [line for line in listed.stdout.splitlines() if mark in line and not line.startswith("Z")]


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGKILL])
def test_whatever_ends_it_ends_all(
    tmp_path: Path, recorder: "subprocess.Popen[bytes]", how: signal.Signals
) -> None:
    """Ctrl-C and SIGKILL: proxy, app, server and tcpdump end; the run is readable and never passes for a whole one."""
    recorder.send_signal(how)
    assert recorder.wait(60) != 0
    until(lambda: not left(str(tmp_path)), lambda: "\n".join(left(str(tmp_path))))
    case = Case.open(tmp_path / "case")
    until(lambda: (case.captures / "opaque-dose" / "manifest.json").is_file())
    problems = pipeline.ensure(case)
    assert any("broke off" in problem.what for problem in problems)
    assert not case.runs["complete"].any() and case.runs["simulated"].all()
