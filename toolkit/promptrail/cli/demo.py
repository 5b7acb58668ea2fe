"""promptrail demo: lab, capture, frames, all notebooks, report, scored against the answer key."""

import argparse
import shutil
from pathlib import Path
from typing import Any

from promptrail.case import Case
from promptrail.cli.speech import say, tell_problems
from promptrail.errors import CaseError


def add(commands: Any) -> None:
    demo = commands.add_parser("demo", help="record the simulated app, trace its prompts, make a report")
    demo.add_argument(
        "--out", metavar="DIR", type=Path, default=Path("promptrail-demo"), help="folder for the demo's case"
    )
    demo.add_argument("--no-pdf", action="store_true", help="leave the PDF edition out")
    demo.set_defaults(run=run_demo)


def run_demo(options: argparse.Namespace) -> int:
    from promptrail import pipeline
    from promptrail.cli.recording import lab_case, tell_score
    from promptrail.cli.reporting import make, tell
    from promptrail.lab.telling import tell as tell_story

    folder = options.out / "case"
    _clear(folder)
    print("Recording a simulated chatbot app and its vendors through a real mitmdump …", flush=True)
    case = lab_case(folder)
    runs = tell_story(case, "reference", say=say)
    print(f"{len(runs)} runs recorded. Reading them, looking for what was typed …", flush=True)
    lost = tell_problems(pipeline.ensure(case, say))
    print("Running the notebooks …", flush=True)
    results = make(case, [], [], False, not options.no_pdf)
    code = tell_score(case)
    tell(case, results)
    return code or (3 if lost else 0)


def _clear(folder: Path) -> None:
    """A demo's case is made anew each time; anything else in its place is left alone and refused."""
    if not folder.exists():
        return
    if not Case.open(folder).settings.get("case", {}).get("simulated"):
        raise CaseError(f"{folder}: holds a case that is not the demo's. Give another folder with --out.")
    shutil.rmtree(folder)
