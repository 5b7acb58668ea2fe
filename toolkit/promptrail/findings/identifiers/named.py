"""Fields that are named like a value of device, account or setting: messages in, one row a host and term out.

For a case in which nobody declared a value. A name is the sender's word: it is told as a named field, with its grade,
and never counted among the declared identifiers.
"""

from dataclasses import dataclass, field
from typing import Any

from promptrail.findings.identifiers.fields import Sent
from promptrail.findings.identifiers.names import CLASSES, Term, constants, name_all, plain, terms
from promptrail.findings.identifiers.strength import strength
from promptrail.findings.mask import Mask
from promptrail.language import say

SHOWN = ("device", "setting")
"""Classes whose values stand in a page; those of one person, device, sitting or line only where they are asked for."""
MOST, LONG = 3, 48
"""Paths and values of one row, and letters of a value."""


@dataclass(slots=True)
class _Row:
    term: Term
    grades: set[str] = field(default_factory=set)
    paths: dict[str, None] = field(default_factory=dict)
    values: dict[str, None] = field(default_factory=dict)
    runs: set[str] = field(default_factory=set)
    flows: set[str] = field(default_factory=set)
    fields: int = 0


class NamedFields:
    """Collects requests; `rows` tells what they held."""

    def __init__(self) -> None:
        self._rows: dict[tuple[str, str], _Row] = {}

    def add(self, message: Sent) -> None:
        """One part of a message; answers are passed over."""
        if message.direction != "request":
            return
        outer = [one for one in message.fields if one.outer and one.text.strip()]
        for one, named in zip(outer, name_all([(one.path, one.text) for one in outer]), strict=True):
            if named is None:
                continue
            row = self._rows.setdefault((message.host, named.term.term), _Row(named.term))
            row.grades.add(named.grade)
            row.paths.setdefault(f"{message.part} {one.path}")
            row.values.setdefault(one.text)
            row.runs.add(message.run)
            row.flows.add(message.flow)
            row.fields += 1

    def rows(self, mask: Mask, show_values: bool, runs: int) -> list[dict[str, Any]]:
        """By host, then in the dictionary's order; masked."""
        order = {term.term: n for n, term in enumerate(terms())}
        found = sorted(self._rows.items(), key=lambda item: (item[0][0], order[item[0][1]]))
        return [_row(host, row, mask, show_values, runs) for (host, _), row in found]


def _row(host: str, row: _Row, mask: Mask, show_values: bool, runs: int) -> dict[str, Any]:
    shown = row.term.kind in SHOWN or (show_values and row.term.kind != "session")
    values = list(row.values)
    texts = [mask.text(value)[:LONG] if shown else say("[{n} characters]", n=len(value)) for value in values]
    told = [strength("identifier", value) for value in values]
    weak = [one.words for one in told if not one.identifies] if row.term.kind == "identifier" else []
    known = [
        say("known constant: {what}", what=say(what)) for v in values if (what := constants().get(plain(v)))
    ]
    return {
        "host": host,
        "term": row.term.term,
        "class": row.term.kind,
        "grade": max(row.grades),
        "paths": [mask.text(path) for path in list(row.paths)[:MOST]],
        "values": list(dict.fromkeys(texts))[:MOST],
        "different": len(values),
        "fields": row.fields,
        "requests": len(row.flows),
        "runs": len(row.runs),
        "of": runs,
        "weak": weak[0] if weak and len(weak) == len(values) else known[0] if known else None,
    }


def by_class(rows: list[dict[str, Any]]) -> dict[str, list[str]]:
    """Class -> the terms that were met, in the dictionary's order."""
    met = {row["term"] for row in rows}
    return {
        kind: found
        for kind in CLASSES
        if (found := [t.term for t in terms() if t.kind == kind and t.term in met])
    }
