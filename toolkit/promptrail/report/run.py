"""Notebooks of a case in, its report out: executed notebooks, pages, PDFs, findings.json and a front page.

All notebooks run in one process, so that what they need is imported once, and all figures are drawn by one start of
Chromium. Unknown parameters are refused before anything runs. A notebook that fails makes no page; the others do.
"""

import difflib
import os
import time
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import nbformat
from nbformat import NotebookNode

from promptrail import pipeline, shipped
from promptrail.case import Case
from promptrail.errors import NotebookError, ParameterError
from promptrail.findings import FINDINGS
from promptrail.findings.parameters import check
from promptrail.report import chromium
from promptrail.report.collect import canonical, finding_of
from promptrail.report.execute import execute
from promptrail.report.front import front
from promptrail.report.page import Drawing, drawings, page
from promptrail.report.stamp import about
from promptrail.report.stills import stills

TIMEOUT = 300
"""Seconds for one cell."""
Say = Callable[[str], None]


@dataclass
class Result:
    """What one notebook left behind."""

    notebook: str
    finding: dict[str, Any]
    executed: Path
    html: Path
    pdf: Path | None
    """None: no Chromium was found, or no PDF was asked for."""
    seconds: float
    stills: bool


@dataclass
class _Job:
    name: str
    source: Path
    parameters: dict[str, Any]
    began: float = field(default_factory=time.monotonic)
    seconds: float = 0.0
    nb: NotebookNode | None = None
    fault: NotebookError | None = None


def run(
    case: Case,
    notebooks: Iterable[str] | None = None,
    parameters: Mapping[str, Any] | None = None,
    show_values: bool = False,
    pdf: bool = True,
    jobs: int = 2,
    timeout: int = TIMEOUT,
    say: Say = lambda line: None,
) -> list[Result]:
    """Run notebooks (all of `FINDINGS` unless named) and write the report into CASE/reports.

    ParameterError for an unknown notebook or parameter; NotebookError, after the others were written, if one failed.
    """
    todo = plan(notebooks, dict(parameters or {}), show_values)
    pipeline.ensure(case, say)
    folder = case.reports.resolve()
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as fault:
        raise NotebookError(f"{folder}: cannot write there: {fault.strerror}. Copy the case to where you can.") from fault
    with ThreadPoolExecutor(max(1, jobs)) as pool:
        done = list(pool.map(lambda job: _execute(job, folder, timeout, say), todo))
        good = [job for job in done if job.nb is not None]
        results = _write(case, good, folder, pdf, pool, say)
    front(case, folder, results)
    if bad := [job.fault for job in done if job.fault is not None]:
        raise NotebookError("\n".join(map(str, bad)))
    return results


def plan(notebooks: Iterable[str] | None, parameters: dict[str, Any], show_values: bool = False) -> list[_Job]:
    """What is to be run, with which typed parameters; refuses unknown notebooks and parameters."""
    names = list(dict.fromkeys(_named(n) for n in notebooks)) if notebooks else list(FINDINGS)
    known: dict[str, list[str]] = {n: [p.name for p in FINDINGS[n].PARAMETERS] for n in names}
    every = sorted({p for declared in known.values() for p in declared} - {"case"})
    for given in parameters:
        if given not in every:
            near = difflib.get_close_matches(given, every, 1)
            hint = f" Did you mean {near[0]!r}?" if near else ""
            raise ParameterError(f"no notebook to be run has a parameter {given!r}.{hint} They have: {', '.join(every)}.")
    if show_values:
        parameters = {**parameters, "show_values": True}
    todo = []
    for name in names:
        mine = {k: v for k, v in parameters.items() if k in known[name]}
        typed = check(name, FINDINGS[name].PARAMETERS, mine)
        todo.append(_Job(name, shipped.notebooks() / f"{name}.ipynb", {k: typed[k] for k in mine}))
    return todo


def _named(asked: str) -> str:
    """A notebook by its name, its file name or the start of either."""
    stem = Path(asked).name.removesuffix(".ipynb")
    found = [n for n in FINDINGS if n == stem] or [n for n in FINDINGS if n.startswith(stem) and stem]
    if len(found) == 1:
        return found[0]
    near = difflib.get_close_matches(stem, FINDINGS, 1)
    hint = f" Did you mean {near[0]}?" if near else ""
    raise ParameterError(f"no notebook is called {asked!r}.{hint} There are: {', '.join(FINDINGS)}.")


def _execute(job: _Job, folder: Path, timeout: int, say: Say) -> _Job:
    for suffix in (".ipynb", ".html", ".pdf"):  # an older page must not pass for this one's
        (folder / f"{job.name}{suffix}").unlink(missing_ok=True)
    job.began = time.monotonic()
    try:
        job.nb = execute(job.source, folder, {"case": "..", **job.parameters}, timeout)
        finding_of(job.nb, job.source.name)
    except NotebookError as fault:
        job.nb, job.fault = None, fault
    job.seconds = time.monotonic() - job.began
    say(f"{job.name}: {'failed' if job.fault else 'ran'} ({job.seconds:.1f} s)")
    return job


def _write(
    case: Case, done: list[_Job], folder: Path, pdf: bool, pool: ThreadPoolExecutor, say: Say
) -> list[Result]:
    """Pages, PDFs and findings.json of the notebooks that ran."""
    figures = [drawings(job.nb) for job in done]
    browser = chromium.find() is not None
    svgs = _stills(figures, browser)
    results = []
    prints: list[tuple[Path, str]] = []
    for job, mine, pictures in zip(done, figures, svgs):
        assert job.nb is not None
        finding = finding_of(job.nb, job.name)
        title = str(job.nb.metadata.get("title", job.name))
        words = about(case, finding, job.source, title, browser)
        base = folder / job.name
        job.nb.metadata["promptrail"] = {
            "finding": finding["id"],
            "simulated": words["simulated"],
            "stamp": words["stamp"],
            "run": {"seconds": round(job.seconds, 1), "ended": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())},
        }
        _replace(base.with_suffix(".ipynb"), (nbformat.writes(job.nb) + "\n").encode())
        _replace(base.with_suffix(".html"), page(job.nb, mine, pictures, words, live=True).encode())
        if pdf and browser:
            prints.append((base.with_suffix(".pdf"), page(job.nb, mine, pictures, words, live=False)))
        results.append(
            Result(
                job.name,
                finding,
                base.with_suffix(".ipynb"),
                base.with_suffix(".html"),
                base.with_suffix(".pdf") if pdf and browser else None,
                job.seconds,
                browser,
            )
        )
    list(pool.map(_print, prints))
    _replace(folder / "findings.json", canonical(r.finding for r in results))
    say(f"{len(results)} pages" + ("" if browser else "; no Chromium found: figures are drawn live only, and no PDF was made"))
    return results


def _stills(figures: list[list[Drawing]], browser: bool) -> list[list[str] | None]:
    """The still pictures of all pages from one start of the browser."""
    if not browser:
        return [None for _ in figures]
    drawn = iter(stills([d.spec for page_figures in figures for d in page_figures]))
    return [[next(drawn) for _ in page_figures] for page_figures in figures]


def _print(job: tuple[Path, str]) -> None:
    """Print a page without its script, by way of a file of its own."""
    out, text = job
    with TemporaryDirectory(prefix="promptrail-") as folder:
        source = Path(folder) / f"{out.stem}.html"
        source.write_text(text, encoding="utf-8", newline="\n")
        chromium.print_pdf(source, out)


def _replace(target: Path, data: bytes) -> None:
    """Write a file whole or not at all."""
    fresh = target.with_name(f".{target.name}.tmp")
    try:
        fresh.write_bytes(data)
        os.replace(fresh, target)
    except OSError as fault:
        fresh.unlink(missing_ok=True)
        raise NotebookError(f"{target}: cannot be written: {fault.strerror}. Make room and run again.") from fault
