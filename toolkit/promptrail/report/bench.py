"""The notebooks of a case to work in: a case in, `CASE/notebooks/` with a copy of each notebook out.

A copy names its case by `..`, so it runs wherever the case is moved to. What is there already is the person's own and
is never overwritten; where it is older than ours that is told.
"""

import os
from pathlib import Path
from typing import NamedTuple

from promptrail import shipped
from promptrail.case import Case
from promptrail.errors import CaseError
from promptrail.findings import FINDINGS
from promptrail.findings.parameters import CASE
from promptrail.language import chosen, speaking
from promptrail.report.translated import translate

FOLDER = "notebooks"
DEFAULT = f'{CASE.name}: str = "{CASE.default}"'


class Laid(NamedTuple):
    """What came of it."""

    folder: Path
    fresh: list[str]
    """Copied now."""
    kept: list[str]
    """There already, and unlike what would be copied."""


def lay(case: Case) -> Laid:
    """Copy what is missing. CaseError where the case cannot be written to."""
    folder = case.path / FOLDER
    fresh, kept = [], []
    with speaking(chosen(case.language)):
        texts = {
            name: _for_case((shipped.notebooks() / f"{name}.ipynb").read_text(encoding="utf-8"))
            for name in FINDINGS
        }
    try:
        folder.mkdir(exist_ok=True)
        for name, text in texts.items():
            target = folder / f"{name}.ipynb"
            if not target.exists():
                _write(target, text)
                fresh.append(name)
            elif target.read_text(encoding="utf-8", errors="replace") != text:
                kept.append(name)
    except OSError as fault:
        raise CaseError(
            f"{folder}: cannot be written: {fault.strerror}. Copy the case to where you may write."
        ) from fault
    return Laid(folder, fresh, kept)


def _for_case(source: str) -> str:
    """The notebook in the present language, with its case's default set to the folder above it."""
    import nbformat

    nb = nbformat.reads(source, as_version=4)  # type: ignore[no-untyped-call]
    translate(nb)
    for cell in nb.cells:
        if "parameters" in cell.metadata.get("tags", []):
            cell.source = cell.source.replace(DEFAULT, f'{CASE.name}: str = ".."', 1)
    text: str = nbformat.writes(nb)  # type: ignore[no-untyped-call]
    return text.rstrip("\n") + "\n"


def _write(target: Path, text: str) -> None:
    """Whole or not at all."""
    part = target.with_name(f".{target.name}.part")
    part.write_text(text, encoding="utf-8", newline="\n")
    os.replace(part, target)
