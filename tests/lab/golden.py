"""What a finding says, without what differs from recording to recording: the lines of tests/lab/golden/STORY.json.

    .venv/bin/python tests/lab/golden.py [STORY...]

records the stories anew and writes their files. Read the difference before it is committed: each line is a statement
that somebody may attach to a report.
"""

import json
import re
import sys
import tempfile
from pathlib import Path
from typing import Any

from promptrail import pipeline
from promptrail.case import Case
from promptrail.cli.lab_opaque import drawn
from promptrail.findings import FINDINGS
from promptrail.lab.stories import STORIES
from promptrail.lab.telling import tell
from promptrail.model import Finding

FOLDER = Path(__file__).with_name("golden")
VOLATILE = (
    (re.compile(r"\d[\d,]* of \d[\d,]* bytes sent \([\d.]+ %\)"), "N of N bytes sent"),
    (re.compile(r"\d[\d,]* bytes"), "N bytes"),
    (re.compile(r"\d[\d,.]* (kB|MB)"), "N bytes"),
    (re.compile(r"\d+ exchanges? inside the band"), "N exchanges inside the band"),
    (re.compile(r"(?<=agree within )\d+\.\d+ s"), "T s"),
    (re.compile(r"\b20\d\d-\d\d-\d\d\b"), "DAY"),
)
"""Sizes follow from times inside compressed bodies; clocks and days are those of the recording."""
BY_CHANCE = {"In turn"}
"""Controls that hang on which of two runs, recorded at the same time, began first."""
MEASURED = {"10-opaque-channels"}
"""Whose statements are made of what was measured: verdict, grade and results of its controls are compared."""


WORDS = ("sentence", "licensed", "not_licensed")


def steady(text: str) -> str:
    """A sentence without its volatile figures."""
    for pattern, word in VOLATILE:
        text = pattern.sub(word, text)
    return text


def stated(finding: Finding) -> dict[str, Any]:
    """What the finding states."""
    measured = finding.notebook in MEASURED
    return {
        "verdict": finding.verdict,
        "grade": finding.grade,
        **({} if measured else {name: steady(getattr(finding, name)) for name in WORDS}),
        "controls": {
            c.control: [c.result, *([] if measured else [steady(c.observed)])]
            for c in finding.controls
            if c.control not in BY_CHANCE
        },
        "unseen": sorted({row["reason"] for row in finding.unseen}),
    }


def told(folder: Path, name: str) -> Case:
    """A story, recorded and traced."""
    case = Case.create(folder / name, simulated=True)
    tell(case, name, plans=drawn(case, STORIES[name].plans, STORIES[name].sends))
    pipeline.ensure(case)
    return case


def findings(case: Case, name: str) -> dict[str, Finding]:
    """Every finding of a story, by notebook; of an experiment those that it is for."""
    asked = STORIES[name].verdicts if STORIES[name].plans else FINDINGS
    return {notebook: FINDINGS[notebook].find(case) for notebook in asked}


if __name__ == "__main__":
    FOLDER.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as scratch:
        for name in sys.argv[1:] or STORIES:
            lines = {k: stated(found) for k, found in findings(told(Path(scratch), name), name).items()}
            text = json.dumps(lines, ensure_ascii=False, indent=1, sort_keys=True) + "\n"
            (FOLDER / f"{name}.json").write_text(text, encoding="utf-8")
            print(name)
