"""The sample's report for tests, made once in a test session, whichever of its processes asks first."""

import pickle
import shutil
from pathlib import Path
from typing import NamedTuple

import pytest
from filelock import FileLock

from promptrail import shipped
from promptrail.case import Case
from promptrail.report.publish import Result
from promptrail.report.run import run


class Report(NamedTuple):
    """A case and what was made of it; nobody changes it."""

    case: Case
    results: list[Result]


def copy_of_sample(folder: Path) -> Case:
    """The sample's captures and settings in a folder of one's own, without what was made from them."""
    shutil.copytree(shipped.sample(), folder, ignore=shutil.ignore_patterns("frames", "reports"))
    return Case.open(folder)


def of_sample(factory: pytest.TempPathFactory) -> Report:
    """The report of the sample case, shared by the processes of this session."""
    base = factory.getbasetemp()
    shared = (
        base.parent if base.name.startswith("popen-") else base
    )  # one folder above that of an xdist worker
    folder, made = shared / "sample-report" / "sample", shared / "sample-report" / "results"
    made.parent.mkdir(exist_ok=True)
    with FileLock(made.parent / "lock"):
        if not made.exists():
            shutil.rmtree(folder, ignore_errors=True)
            made.write_bytes(pickle.dumps(run(copy_of_sample(folder))))
    return Report(Case.open(folder), pickle.loads(made.read_bytes()))
