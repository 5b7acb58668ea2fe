"""A run whose recorder says that it broke off, or could not say it, is never whole, whoever witnessed it."""

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from captures import exchange, write_flows
from promptrail import ingest, shipped
from promptrail.case import Case, run_record
from promptrail.case.evidence import seal

RUN = "before-c1-1"


@pytest.fixture
def case(tmp_path: Path) -> Case:
    """One recorded run of the sample, in a case of its own."""
    case = Case.create(tmp_path / "case")
    shutil.copytree(shipped.sample() / "captures" / RUN, case.captures / RUN)
    return case


def close(case: Case, **facts: Any) -> None:
    """run.json and what else `promptrail record` puts beside, sealed."""
    folder = case.captures / RUN
    (folder / run_record.SCENARIO).write_text("schema = 1\n")
    (folder / "screen-001.png").write_bytes(b"\x89PNG")
    (folder / "screen-01.mp4").write_bytes(b"ftyp")
    (folder / "packets.json").write_text("{}")
    run_record.write(folder, facts)
    seal(folder, [run_record.SCENARIO, run_record.FILE, "screen-001.png", "screen-01.mp4", "packets.json"])


def test_a_whole_run_with_its_pictures(case: Case) -> None:
    """Film, pictures and the scenario disturb nothing, and nothing is reported."""
    close(case, complete=True, reason=None)
    assert ingest.frames_of(case) == []
    assert bool(case.runs.complete.iloc[0]) and len(case.flows) > 0


def test_a_run_that_broke_off(case: Case) -> None:
    """Its flows are read; the run is not complete, and the problem has the recorder's reason."""
    close(case, complete=False, reason="step 4 (prompt) of r: the proxy ended")
    (problem,) = ingest.frames_of(case)
    assert (problem.severity, problem.file) == ("lost", f"captures/{RUN}/run.json")
    assert "the recording broke off: step 4 (prompt) of r: the proxy ended" in problem.what
    assert not bool(case.runs.complete.iloc[0]) and len(case.flows) > 0


def test_a_killed_recorder_whose_proxy_sealed(case: Case) -> None:
    """The manifest is whole and promises run.json: without it nobody closed the run."""
    manifest = case.captures / RUN / "manifest.json"
    told = json.loads(manifest.read_text())
    told["meta"]["record"] = "run.json"
    manifest.write_text(json.dumps(told))
    (problem,) = ingest.frames_of(case)
    assert run_record.KILLED in problem.what and not bool(case.runs.complete.iloc[0])


def test_it_holds_for_every_witness(tmp_path: Path) -> None:
    """A flow file and no manifest: the reason is told all the same."""
    case = Case.create(tmp_path / "case")
    (case.captures / "r").mkdir()
    write_flows(case.captures / "r" / "flows.mitm", exchange("https://chat.parley.test/"))
    run_record.write(case.captures / "r", {"complete": False, "reason": "no space left on device"})
    problems = ingest.frames_of(case)
    assert case.runs[["source", "complete"]].values.tolist() == [["mitm", False]]
    assert [problem.file for problem in problems] == ["captures/r/run.json"]
