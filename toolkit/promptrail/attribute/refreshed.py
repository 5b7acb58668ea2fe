"""A case's sources made anew, and what that changes: a case in, the new snapshot's name and every other answer out."""

from collections.abc import Mapping
from typing import NamedTuple

from promptrail.attribute import frozen
from promptrail.attribute.manifest import Manifest
from promptrail.attribute.observed import Observed, observed
from promptrail.attribute.recipients import about
from promptrail.attribute.rows import DISAGREEMENT, Row
from promptrail.attribute.sources import installed
from promptrail.case import Case

Key = tuple[str, str, str]


class Change(NamedTuple):
    """One answer that is not what it was."""

    host: str
    question: str
    was: str
    is_now: str


class Refreshed(NamedTuple):
    """The new snapshot, the one before it, the files that differ and the answers that differ."""

    snapshot: str
    before: str | None
    files: list[str]
    changes: list[Change]


def refresh(case: Case) -> Refreshed:
    """Make the new snapshot, which is in force from then on. The old one stays in the case."""
    seen = observed(case)
    old = Manifest.read(case)
    was = _answers(case, seen)
    name = frozen.refresh(case, seen)
    now = _answers(case, seen)
    new = Manifest.read(case).snapshots[name]["files"]
    files = old.snapshots[old.current]["files"] if old.current else {}
    other = [file for file in sorted({*files, *new}) if files.get(file) != new.get(file)]
    told = [f"{file}: {_word(file in files, file in new)}" for file in other]
    changes = [
        Change(host, question, was.get(key, "not known"), now.get(key, "not known"))
        for key in sorted({*was, *now})
        if was.get(key) != now.get(key)
        for host, question, _ in [key]
    ]
    return Refreshed(name, old.current, told, changes)


def _answers(case: Case, seen: Mapping[str, Observed]) -> dict[Key, str]:
    """Every answer, by host, question and address; several of them joined."""
    out: dict[Key, list[str]] = {}
    for row in about(seen, case.declared_recipients, frozen.sources(case) or installed()):
        if row["question"] != DISAGREEMENT:
            key = (str(row["host"]), str(row["question"]), str(row["address"] or ""))
            out.setdefault(key, []).append(_told(row))
    return {key: "; ".join(said) for key, said in out.items()}


def _told(row: Row) -> str:
    value = row["answer"] or row["status"]
    return f"{value} ({row['source']}{', ' + row['as_of'] if row['as_of'] else ''})"


def _word(was: bool, is_now: bool) -> str:
    return "is another" if was and is_now else "is new" if is_now else "is gone"
