"""Which kinds of data went to whom: sightings, named fields and recipients in, pairs of the two out.

A pair rests on a declared value that was found whole, or on less: a part or digest of one, a value that another app on
the device sent there too, or a field's name alone. Only the first decides anything.
"""

from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import pandas as pd

from promptrail import frames
from promptrail.case import Case
from promptrail.findings.delivered import only_delivered
from promptrail.findings.identifiers.controls import from_another_app
from promptrail.findings.identifiers.fields import messages
from promptrail.findings.identifiers.names import name_all, segments
from promptrail.findings.identifiers.strength import strength
from promptrail.findings.policy.recipients import NO_HOST, Recipient, recipients
from promptrail.findings.policy.terms import data_terms, of_field, of_kind, of_name
from promptrail.language import mark
from promptrail.model import PERSONAL_KINDS

WHOLE = ("exact", "normalised", "reassembled")
"""Tiers that show the value itself."""
GUESS = "obfuscated"
VALUE, SHARED, HINT, NAME = mark("value"), mark("another app"), mark("hint"), mark("name")
BASES = {
    VALUE: mark("a declared value"),
    SHARED: mark("a declared value; another app sent it there too"),
    HINT: mark("a part or digest of a value, or one too short to tell"),
    NAME: mark("by a field's name alone"),
}
"""What a pair rests on, the strongest first."""


@dataclass(slots=True)
class Pair:
    """One data type at one recipient."""

    data: str
    recipient: Recipient
    basis: str
    runs: set[str] = field(default_factory=set)
    hosts: set[str] = field(default_factory=set)
    sightings: list[str] = field(default_factory=list)
    fields: set[str] = field(default_factory=set)
    """Paths of fields that are named so."""

    @property
    def decides(self) -> bool:
        return self.basis == VALUE


Key = tuple[str, str, bool | None]
"""Data type, and who got it."""


class Seen(NamedTuple):
    """What was observed in some runs."""

    pairs: list[Pair]
    hits: pd.DataFrame
    """The sightings that the pairs rest on."""
    named: bool
    """Whether any field at all was known by its name: then the search for names is shown to work."""
    holders: dict[str, Recipient]
    """Of every host of these runs."""


def observed(case: Case, runs: list[str], company: str | None) -> Seen:
    """The pairs of these runs, by data type and then by recipient: the maker last."""
    hits = only_delivered(case, case.sightings)
    asked = (hits["direction"] == "request") & ~hits["decoy"].astype(bool) & (hits["tier"] != GUESS)
    hits = hits[asked]
    elsewhere = from_another_app(case, hits)
    hits = hits[hits["run"].isin(runs)]
    met = [case.flows, case.connections]
    hosts = {str(h) for frame in met for h in frame.loc[frame["run"].isin(runs), "host"].dropna()}
    holders = recipients(case, sorted(hosts | {NO_HOST}), company)
    found: dict[Key, Pair] = {}
    for hit in frames.rows(hits):
        host = hit.host or NO_HOST
        pair = _pair(found, _data(hit.kind, hit.path, hit.text), holders[host], _basis(hit, elsewhere))
        if pair is not None:
            pair.runs.add(hit.run)
            pair.hosts.add(host)
            pair.sightings.append(hit.id)
    named = _named(case, runs)
    for data, host, path, run in sorted(named):
        if data is not None and host in holders and (pair := _pair(found, data, holders[host], NAME)):
            pair.runs.add(run)
            pair.hosts.add(host)
            pair.fields.add(path)
    order = list(data_terms())
    pairs = sorted(
        found.values(), key=lambda p: (order.index(p.data), p.recipient.own is True, p.recipient.name)
    )
    return Seen(pairs, hits, bool(named), holders)


def _pair(found: dict[Key, Pair], data: str, holder: Recipient, basis: str) -> Pair | None:
    """The pair to add to: a new one, or the one there; None where that rests on more."""
    order = list(BASES)
    key = (data, holder.name, holder.own)
    known = found.get(key)
    if known is None or order.index(basis) < order.index(known.basis):
        known = found[key] = Pair(data, holder, basis)
    return known if known.basis == basis else None


def _data(kind: str, path: str | None, text: str) -> str:
    """The data type of a sighting; an identifier's by the name of its field, where that says which it is."""
    base = of_kind(kind)
    assert base is not None, kind
    if kind == "identifier" and path:
        (named,) = name_all([(path, text)])
        told = of_field(named.term.term) if named else None
        if told is not None and base in (told, *data_terms()[told].broader):
            return told
    return base


def _basis(row: Any, elsewhere: Collection[tuple[str, str]]) -> str:
    weak = row.kind in PERSONAL_KINDS and not strength(row.kind, row.text).identifies
    if row.tier not in WHOLE or weak:
        return HINT
    return SHARED if (row.probe, row.host) in elsewhere else VALUE


Named = tuple[str | None, str, str, str]
"""Data type (None: one that the ontology does not have), host, path, run."""


def _named(case: Case, runs: list[str]) -> set[Named]:
    """Fields by their names alone: those of identifiers/names.toml, and the ontology's further ones."""
    found: set[Named] = set()
    for message in messages(case, runs):
        if message.direction != "request":
            continue
        outer = [one for one in message.fields if one.outer and one.text.strip()]
        for one, known in zip(outer, name_all([(f.path, f.text) for f in outer]), strict=True):
            last = next((name for name in reversed(segments(one.path)) if not name.isdigit()), "")
            data = of_field(known.term.term) if known else of_name(last)
            if known or data:
                found.add((data, message.host, f"{message.part} {one.path}", message.run))
    return found
