"""Hosts in, rows of the frame `recipients` out: who stands behind each, one row a question and source.

`who` answers without a case; `attribute` answers for every host of a case, from the sources that the case keeps, and
adds where its parts disagree (see `disagreements`).
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import pyarrow as pa

from promptrail import frames
from promptrail.attribute import frozen
from promptrail.attribute.answers import Answers
from promptrail.attribute.disagreements import disagreements
from promptrail.attribute.observed import Observed, observed
from promptrail.attribute.rows import QUESTIONS, Row
from promptrail.attribute.sources import Sources, installed
from promptrail.attribute.subjects import Address
from promptrail.attribute.table import declared as table_of
from promptrail.case import Case

__all__ = ["QUESTIONS", "VERSION", "attribute", "who"]
VERSION = 3


def attribute(case: Case) -> pa.Table:
    """The recipients of every host that was asked for, in a request or of DNS, or named in a TLS hello."""
    seen = observed(case)
    sources = frozen.sources(case) or installed()
    rows = about(seen, case.declared_recipients, sources)
    frozen.keep(case, seen, sources)
    return frames.to_arrow("recipients", rows)


def about(seen: Mapping[str, Observed], declared: Iterable[Mapping[str, Any]], sources: Sources) -> list[Row]:
    """The rows about hosts with what the capture saw of them, disagreements after the answers of each."""
    own = table_of(declared)
    answers = Answers(own, sources)
    out: list[Row] = []
    for host in sorted(seen):
        rows = answers.about(host, seen[host].addresses)
        out += rows
        out += disagreements(host, seen[host], rows, own, sources)
    return out


def who(
    hosts: Iterable[str],
    declared: Iterable[Mapping[str, Any]] = (),
    sources: Sources | None = None,
    addresses: Mapping[str, Sequence[Address]] | None = None,
) -> list[Row]:
    """The rows about hosts and addresses; an answer that nobody gives is null, and its source says so."""
    answers, known = Answers(table_of(declared), sources or installed()), addresses or {}
    return [row for host in hosts for row in answers.about(host, known.get(host, ()))]
