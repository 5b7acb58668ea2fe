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
from promptrail.findings import FINDINGS
from promptrail.lab.stories import STORIES
from promptrail.lab.telling import tell
from promptrail.model import Finding

FOLDER = Path(__file__).with_name("golden")
VOLATILE = (
    (re.compile(r"\d[\d,]* bytes"), "N bytes"),
    (re.compile(r"\d[\d,.]* (kB|MB)"), "N bytes"),
    (re.compile(r"(?<=agree within )\d+\.\d+ s"), "T s"),
    (re.compile(r"\b20\d\d-\d\d-\d\d\b"), "DAY"),
)
"""Sizes follow from times inside compressed bodies; clocks and days are those of the recording."""


def steady(text: str | None) -> str | None:
    """A sentence without its volatile figures."""
    for pattern, word in VOLATILE if text else ():
        text = pattern.sub(word, text or "")
    return text


def stated(finding: Finding) -> dict[str, Any]:
    """What the finding states."""
    return {
        "verdict": finding.verdict,
        "grade": finding.grade,
        "sentence": steady(finding.sentence),
        "licensed": steady(finding.licensed),
        "not_licensed": steady(finding.not_licensed),
        "controls": {c.control: [c.result, steady(c.observed)] for c in finding.controls},
        "unseen": sorted({row["reason"] for row in finding.unseen}),
    }


def told(folder: Path, name: str) -> Case:
    """A story, recorded and traced."""
    case = Case.create(folder / name, simulated=True)
    tell(case, name)
    pipeline.ensure(case)
    return case


def findings(case: Case) -> dict[str, Finding]:
    """Every finding of a case, by notebook."""
    return {notebook: module.find(case) for notebook, module in FINDINGS.items()}


if __name__ == "__main__":
    FOLDER.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as scratch:
        for name in sys.argv[1:] or STORIES:
            lines = {k: stated(found) for k, found in findings(told(Path(scratch), name)).items()}
            text = json.dumps(lines, ensure_ascii=False, indent=1, sort_keys=True) + "\n"
            (FOLDER / f"{name}.json").write_text(text, encoding="utf-8")
            print(name)
