"""Tells a story of the lab: its name and an empty case in, the whole case out - recordings, policy, packages."""

import shutil
import tempfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from promptrail.case import Case
from promptrail.case.evidence import FLOW_FILE
from promptrail.errors import RecordingError
from promptrail.lab import package, policy
from promptrail.lab.builds import BUILDS
from promptrail.lab.case import fill
from promptrail.lab.opaque.record import record_opaque
from promptrail.lab.record import record
from promptrail.lab.stories import STORIES, Story


def story(name: str) -> Story:
    """A story by its name; RecordingError names those that there are."""
    if name not in STORIES:
        raise RecordingError(f"The lab has no story {name!r}. It has: {', '.join(STORIES)}.")
    return STORIES[name]


def tell(
    case: Case,
    name: str,
    jobs: int = 2,
    say: Callable[[str], None] = lambda line: None,
    flow_file: bool = True,
    plans: Sequence[Mapping[str, Any]] = (),
) -> list[str]:
    """Record the story into the case, `jobs` runs at a time; the names of its runs.

    `plans` are those of a story that follows some (see `opaque.record`): whoever calls has drawn and kept them.
    """
    told = story(name)
    if told.plans:
        return [run for plan in plans for run in record_opaque(case, dict(plan), say=say)]
    versions = sorted({s.version for s in told.scenarios if s.app == "Parley"})
    fill(case, versions=versions)
    if told.policy:
        policy.place(case, told.policy)
    package.place(case, tuple(release for release in BUILDS if release in told.packages))
    if not told.handed_over:
        return record(case, told.scenarios, jobs, say, flow_file, told.witnesses, told.edition)
    with tempfile.TemporaryDirectory(prefix="promptrail-") as elsewhere:
        theirs = Case.create(Path(elsewhere) / "case", simulated=True)
        runs = record(theirs, told.scenarios, jobs, say)
        for run in runs:
            (case.captures / run).mkdir(parents=True)
            shutil.copyfile(theirs.captures / run / FLOW_FILE, case.captures / run / FLOW_FILE)
    return runs
