"""Executed notebooks in, the files of a report out: notebook, pages and PDF of each, findings.json, index.html.

A page comes in two editions: one whose figures are live, which carries its library, and a still one without any
script, to attach. manifest.json names every file with its SHA-256. The same case gives the same bytes of every page
and of findings.json. Files are written whole or not at all.
"""

import os
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from nbformat import NotebookNode

from promptrail.case import Case
from promptrail.errors import NotebookError
from promptrail.findings import FINDINGS
from promptrail.report import chromium
from promptrail.report.collect import document, finding_of
from promptrail.report.front import front
from promptrail.report.manifest import MANIFEST, manifest
from promptrail.report.page import Drawing, drawings, page
from promptrail.report.printing import print_pages
from promptrail.report.stamp import about
from promptrail.report.stills import stills

EDITIONS = (".ipynb", ".html", ".still.html")
NO_BROWSER = "no Chromium found: figures are drawn live only, and no PDF was made"


@dataclass(frozen=True, slots=True)
class Ran:
    """A notebook that ran to its end."""

    name: str
    source: Path
    nb: NotebookNode
    finding: dict[str, Any]
    seconds: float


@dataclass(frozen=True, slots=True)
class Result:
    """What one notebook left behind."""

    notebook: str
    finding: dict[str, Any]
    executed: Path
    html: Path
    still: Path
    """The page without any script."""
    pdf: Path | None
    """None: no Chromium was found, no PDF was asked for, or it could not be printed."""
    seconds: float
    stills: bool
    """False: the page draws its figures live only."""


def publish(
    case: Case, done: list[Ran], folder: Path, pdf: bool, say: Callable[[str], None]
) -> tuple[list[Result], list[str]]:
    """Write the report of these notebooks; what others left here for the same case stays listed beside them.

    Also why PDFs that were asked for could not be printed: the report is whole without them.
    """
    browser = chromium.find() is not None
    figures = [drawings(ran.nb) for ran in done]
    pictures = _stills(figures, browser)
    results, prints = [], []
    for ran, mine, svgs in zip(done, figures, pictures, strict=True):
        words = about(case, ran.finding, ran.source, str(ran.nb.metadata.get("title", ran.name)), browser)
        base = folder / ran.name
        printed = base.with_suffix(".pdf") if pdf and browser else None
        _note(ran, words)
        _write(base.with_suffix(".ipynb"), _text(ran.nb))
        still_page = page(ran.nb, mine, svgs, words, live=False)
        _write(base.with_suffix(".html"), page(ran.nb, mine, svgs, words, live=True).encode())
        _write(base.with_suffix(".still.html"), still_page.encode())
        if printed:
            prints.append((printed, still_page))
        executed, html, still = (base.with_suffix(suffix) for suffix in EDITIONS)
        results.append(Result(ran.name, ran.finding, executed, html, still, printed, ran.seconds, browser))
    faults = _print(prints)
    results = [replace(result, pdf=None) if result.pdf in faults else result for result in results]
    listed = sorted(
        [*results, *_others(case, folder, results)], key=lambda r: list(FINDINGS).index(r.notebook)
    )
    _write(folder / "findings.json", document(r.finding for r in listed))
    _write(folder / "index.html", front(case, listed).encode())
    _write(folder / MANIFEST, manifest(case, folder, listed))
    if not browser:
        say(NO_BROWSER)
    return results, list(faults.values())


def _others(case: Case, folder: Path, results: list[Result]) -> list[Result]:
    """Reports of notebooks that were not run now, as far as they were made from the same case."""
    import nbformat

    found = []
    for name in FINDINGS:
        executed, html, still = files = [folder / f"{name}{suffix}" for suffix in EDITIONS]
        pdf = folder / f"{name}.pdf"
        if any(r.notebook == name for r in results) or not all(file.is_file() for file in files):
            continue
        try:
            nb = nbformat.read(executed, as_version=4)  # type: ignore[no-untyped-call]
            noted = nb.metadata["promptrail"]["stamp"]
            finding = finding_of(nb, name)
        except (ValueError, KeyError, TypeError, AttributeError, NotebookError):  # not one of ours any more
            continue
        now = about(case, finding, executed, name, True)["stamp"]
        if (noted["Case"], noted["Captures"]) == (now["Case"], now["Captures"]):
            found.append(
                Result(name, finding, executed, html, still, pdf if pdf.is_file() else None, 0.0, True)
            )
    return found


def _note(ran: Ran, words: dict[str, Any]) -> None:
    """What the executed notebook says about its run; what differs from run to run is kept apart."""
    ran.nb.metadata["promptrail"] = {
        "finding": ran.finding["id"],
        "simulated": words["simulated"],
        "stamp": words["stamp"],
        "run": {
            "seconds": round(ran.seconds, 1),
            "ended": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
        },
    }


def _stills(figures: list[list[Drawing]], browser: bool) -> list[list[str] | None]:
    """The still pictures of all pages from one start of the browser."""
    if not browser:
        return [None for _ in figures]
    drawn = iter(stills([drawing.spec for mine in figures for drawing in mine]))
    return [[next(drawn) for _ in mine] for mine in figures]


def _print(jobs: list[tuple[Path, str]]) -> dict[Path, str]:
    """Print pages without their script, by way of files of their own; why some could not be."""
    with TemporaryDirectory(prefix="promptrail-") as folder:
        sources = []
        for out, text in jobs:
            source = Path(folder) / f"{out.stem}.html"
            source.write_text(text, encoding="utf-8", newline="\n")
            sources.append((source, out))
        return print_pages(sources)


def _text(nb: NotebookNode) -> bytes:
    import nbformat

    text: str = nbformat.writes(nb)  # type: ignore[no-untyped-call]
    return (text.rstrip("\n") + "\n").encode("utf-8", "backslashreplace")


def _write(target: Path, data: bytes) -> None:
    """Write a file whole or not at all."""
    fresh = target.with_name(f".{target.name}.tmp")
    try:
        fresh.write_bytes(data)
        os.replace(fresh, target)
    except OSError as fault:
        fresh.unlink(missing_ok=True)
        raise NotebookError(
            f"{target}: cannot be written: {fault.strerror}. Make room and run again."
        ) from fault
