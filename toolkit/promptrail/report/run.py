"""Notebooks of a case in, its report out: executed notebooks, pages, PDFs, findings.json and a front page.

All notebooks run from one process, so that what they need is imported once; one start of Chromium draws all figures
and another prints all pages. Unknown parameters are refused before anything runs. A notebook that fails makes no page;
the others do.
"""

import difflib
import time
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from promptrail import pipeline, shipped
from promptrail.case import Case
from promptrail.errors import NotebookError, ParameterError
from promptrail.findings import FINDINGS
from promptrail.findings.parameters import check
from promptrail.language import ENGLISH, chosen, speaking
from promptrail.report.collect import finding_of
from promptrail.report.execute import execute
from promptrail.report.publish import Ran, Result, publish

TIMEOUT = 300
"""Seconds for one cell."""
Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Planned:
    """A notebook and the parameters that it is given."""

    name: str
    source: Path
    parameters: dict[str, Any]


def run(
    case: Case,
    notebooks: Iterable[str] | None = None,
    parameters: Mapping[str, Any] | None = None,
    show_values: bool = False,
    pdf: bool = True,
    jobs: int = 2,
    timeout: int = TIMEOUT,
    language: str = "",
    say: Say = lambda line: None,
) -> list[Result]:
    """Run notebooks (all of `FINDINGS` unless named) and write the report into CASE/reports, or into a folder there
    that is named after the language if it is not English. Unless a language is named it is that of the case.

    ParameterError for an unknown notebook, parameter or language; NotebookError, after the others were written, if one
    failed or could not be printed.
    """
    spoken = chosen(case.language, language)
    todo = plan(notebooks, dict(parameters or {}), show_values)
    pipeline.ensure(case, say)
    folder = folder_of(case, spoken).resolve()
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as fault:
        raise NotebookError(
            f"{folder}: cannot be made: {fault.strerror}. Copy the case to where you may write."
        ) from fault
    above = ".." if spoken == ENGLISH else "../.."
    with speaking(spoken), ThreadPoolExecutor(max(1, jobs)) as pool:
        done = list(pool.map(lambda job: _execute(job, folder, above, timeout, say), todo))
        results, unprinted = publish(case, [d for d in done if isinstance(d, Ran)], folder, pdf, say)
    if faults := [*(str(d) for d in done if isinstance(d, NotebookError)), *unprinted]:
        raise NotebookError("\n".join(faults))
    return results


def folder_of(case: Case, language: str) -> Path:
    """Where the report in a language lies."""
    return case.reports if language == ENGLISH else case.reports / language


def plan(
    notebooks: Iterable[str] | None, parameters: dict[str, Any], show_values: bool = False
) -> list[Planned]:
    """What is to be run, with which typed parameters; refuses unknown notebooks and parameters."""
    names = list(dict.fromkeys(_named(n) for n in notebooks)) if notebooks else list(FINDINGS)
    known = {n: [p.name for p in FINDINGS[n].PARAMETERS if p.name != "case"] for n in names}
    every = sorted({p for declared in known.values() for p in declared})
    for given in parameters:
        if given not in every:
            near = difflib.get_close_matches(given, every, 1)
            hint = f" Did you mean {near[0]!r}?" if near else ""
            raise ParameterError(
                f"no notebook to be run has a parameter {given!r}.{hint} They have: {', '.join(every)}."
            )
    if show_values:
        parameters = {**parameters, "show_values": True}
    todo = []
    for name in names:
        mine = {k: v for k, v in parameters.items() if k in known[name]}
        typed = check(name, FINDINGS[name].PARAMETERS, mine)
        todo.append(Planned(name, shipped.notebooks() / f"{name}.ipynb", {k: typed[k] for k in mine}))
    return todo


def _named(asked: str) -> str:
    """A notebook by its name, its file name or the start of either."""
    stem = Path(asked).name.removesuffix(".ipynb")
    found = [n for n in FINDINGS if n == stem] or [n for n in FINDINGS if stem and n.startswith(stem)]
    if len(found) == 1:
        return found[0]
    near = difflib.get_close_matches(stem, FINDINGS, 1)
    hint = f" Did you mean {near[0]}?" if near else ""
    raise ParameterError(f"no notebook is called {asked!r}.{hint} There are: {', '.join(FINDINGS)}.")


def _execute(job: Planned, folder: Path, above: str, timeout: int, say: Say) -> Ran | NotebookError:
    """Run one notebook in the folder of its report, from which the case is `..` or more: no path of this machine is
    noted.
    """
    for suffix in (".ipynb", ".html", ".still.html", ".pdf"):  # an older page must not pass for this one's
        (folder / f"{job.name}{suffix}").unlink(missing_ok=True)
    began = time.monotonic()
    try:
        nb = execute(job.source, folder, {"case": above, **job.parameters}, timeout)
        ran = Ran(job.name, job.source, nb, finding_of(nb, job.source.name), time.monotonic() - began)
    except NotebookError as fault:
        say(f"{job.name}: failed")
        return fault
    say(f"{job.name}: ran in {ran.seconds:.1f} s")
    return ran
