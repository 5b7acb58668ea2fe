"""One recording of the lab for all tests of this folder: two versions of the app under prompts, and the other app."""

from pathlib import Path

import pytest
from filelock import FileLock

from promptrail.case import Case
from promptrail.lab.case import fill
from promptrail.lab.record import record
from rigs.evidence_reader import Evidence

RUNS = ["before-c1-1", "after-c1-1", "before-c3", "before-c0", "before-c2"]


@pytest.fixture(scope="session")
def lab(tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest) -> Case:
    """A recorded lab case, seed 1; the workers of pytest-xdist share it, and whoever is first records."""
    shared = tmp_path_factory.getbasetemp()
    shared = shared.parent if hasattr(request.config, "workerinput") else shared
    with FileLock(shared / "lab.lock"):
        if (shared / "lab").exists():
            return Case.open(shared / "lab")
        case = Case.create(shared / "lab", simulated=True)
        fill(case)
        assert record(case, RUNS) == RUNS
        return case


@pytest.fixture
def before(lab: Case) -> Evidence:
    return Evidence(lab.captures / "before-c1-1")


@pytest.fixture
def folders(lab: Case) -> list[Path]:
    return [lab.captures / run for run in RUNS]
