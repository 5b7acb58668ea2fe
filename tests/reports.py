"""Reports for tests, each made once in a test process: of the sample case, and of a hostile capture."""

import atexit
import shutil
import tempfile
from functools import cache
from pathlib import Path

from promptrail import shipped
from promptrail.case import Case
from promptrail.report.publish import Result
from promptrail.report.run import run


def folder(prefix: str) -> Path:
    """A folder that goes when this process ends."""
    made = Path(tempfile.mkdtemp(prefix=f"promptrail-{prefix}-"))
    atexit.register(shutil.rmtree, made, ignore_errors=True)
    return made


def sample_case() -> Case:
    """A copy of the sample's captures and settings, without what was made from them."""
    target = folder("sample") / "sample"
    shutil.copytree(shipped.sample(), target, ignore=shutil.ignore_patterns("frames", "reports"))
    return Case.open(target)


@cache
def of_sample() -> tuple[Case, list[Result], list[str]]:
    """The sample's case, results and what was said meanwhile."""
    case, said = sample_case(), list[str]()
    return case, run(case, say=said.append), said
