"""The policies of a case, each with its annotators, and which runs each one governs: a case in, `Document`s out.

Annotations of one text (SHA-256) are one document, and must agree on what it is, from when and for which versions.
A document whose text was changed after it was annotated is left aside with its reason.
"""

import datetime
from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path

import pandas as pd

from promptrail.case import Case
from promptrail.errors import InputError, ParameterError
from promptrail.findings.parameters import Parameter
from promptrail.findings.policy.annotation import read
from promptrail.findings.policy.statements import About, Annotation

FOLDER = "policies"
POLICY = Parameter(
    "policy", str, "", "file of a policy's text, such as app.txt; empty: the one that governs most runs"
)


@dataclass(frozen=True, slots=True)
class Document:
    """One policy as its annotators read it."""

    about: About
    annotations: tuple[Annotation, ...]
    """In the order of their files; one annotator has one."""

    @property
    def changed(self) -> bool:
        return any(one.changed for one in self.annotations)

    def governs(self, version: object, day: str | None) -> bool:
        """Whether it was in force for a run of this version on this day (UTC); without a day it is not known."""
        about = self.about
        of_version = not about.app_versions or version in about.app_versions
        in_force = day is not None and about.in_force <= day and (about.until is None or day <= about.until)
        return of_version and in_force


@dataclass(frozen=True, slots=True)
class Chosen:
    """The document of a finding, and the runs that it governs."""

    document: Document | None
    runs: list[str]
    others: list[str]
    """Runs that it does not govern, or nobody knows when they were."""
    left_aside: list[str]
    """Texts of documents that were changed."""
    known: list[str]
    """Texts of all documents that could be used."""


def documents(case: Case) -> list[Document]:
    """Every policy that lies in the case, by the name of its text. InputError as `read`, and where two disagree."""
    found: dict[str, list[Annotation]] = {}
    folder = case.path / FOLDER
    for file in sorted(folder.glob("*.toml")) if folder.is_dir() else []:
        one = read(file)
        if one.about.simulated != case.simulated:
            kind = (
                "a simulated policy in a case that is not"
                if one.about.simulated
                else "no simulated policy, as its case is"
            )
            raise InputError(f"{file}: this is {kind}. Take it out of {folder}, or correct `simulated`.")
        found.setdefault(one.about.sha256, []).append(one)
    for same in found.values():
        _agree(folder, same)
    made = [Document(same[0].about, tuple(same)) for same in found.values()]
    return sorted(made, key=lambda document: (document.about.file, document.about.sha256))


def choose(case: Case, runs: list[str], given: str) -> Chosen:
    """The document that was asked for, or the one that governs most of these runs. ParameterError if unknown."""
    every = documents(case)
    usable = [one for one in every if not one.changed]
    names = [one.about.file for one in every]
    if given and given not in names:
        known = f"It has: {', '.join(names)}." if names else f"It has none in {FOLDER}/."
        raise ParameterError(f"no policy {given!r} in this case. {known}")
    wanted = [one for one in usable if given in ("", one.about.file)]
    governed = [(one, governs(case.runs, runs, one)) for one in wanted]
    best = max(governed, key=lambda pair: len(pair[1]), default=None)
    mine = best[1] if best else []
    return Chosen(
        best[0] if best else None,
        mine,
        [run for run in runs if run not in mine],
        [one.about.file for one in every if one.changed and given in ("", one.about.file)],
        [one.about.file for one in usable],
    )


def governs(table: pd.DataFrame, runs: Iterable[str], document: Document) -> list[str]:
    """Those of the runs for which the document was in force."""
    mine = table[table["run"].isin(list(runs))]
    return [
        str(run)
        for run, version, started in zip(mine["run"], mine["app_version"], mine["started"], strict=True)
        if document.governs(version, day_of(started))
    ]


def day_of(started: float | None) -> str | None:
    """The day of a time, UTC; None where it is not known."""
    if started is None or pd.isna(started):
        return None
    return datetime.datetime.fromtimestamp(float(started), datetime.UTC).date().isoformat()


def _agree(folder: Path, same: list[Annotation]) -> None:
    first = same[0]
    for other in same[1:]:
        if replace(other.about, file=first.about.file) != first.about:
            raise InputError(
                f"{folder / other.name}: says other things of the policy than {first.name}, which reads the same "
                "text. Make [policy] alike in both."
            )
        if other.by == first.by:
            raise InputError(f"{folder / other.name}: {other.by} has read this text in {first.name} already.")
