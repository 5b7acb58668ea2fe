"""Hosts with their addresses in, the rows of the frame `recipients` about each out: one a question and source.

A question that nobody answers has one row that says so. The case's own table goes first; the shipped table is never
asked about reserved names. What is said about a name depends on its entries alone, so it is put together once and
copied for every host below the same domain.
"""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from promptrail.attribute.dataset import Dataset
from promptrail.attribute.domains import PRIVATE, Suffix, reserved
from promptrail.attribute.network_side import COUNTRY, OPERATOR, network_side
from promptrail.attribute.rows import (
    DETAILS,
    EMPTY,
    IMPORTED,
    LISTED,
    NOBODY,
    ORGANISATIONS,
    Row,
    answer,
    unknown,
)
from promptrail.attribute.sources import Sources
from promptrail.attribute.subjects import Address, Subject, subject
from promptrail.attribute.table import CASE, Entry, Table

NO_ADDRESS = "no address of it is known"
NO_NAME = "an address names no domain"
SUFFIX = "a public suffix: below it anybody can have a name"
CUSTOMER = "below a private suffix: a customer of the domain's owner may run it"


class _Said(NamedTuple):
    """Rows about a name, without the name: about its holders, as stated of its network, and the rest."""

    holders: list[Row]
    networks: list[Row]
    rest: list[Row]
    base: Row


class Answers:
    """Asks the case's own table and some sources about hosts, one after another."""

    def __init__(self, case: Table, sources: Sources) -> None:
        self._case, self._sources = case, sources
        self._lists = [data for data in sources.datasets if data.domains]
        self._said: dict[object, _Said] = {}

    def about(self, host: str, addresses: Sequence[Address] = ()) -> list[Row]:
        """The rows about one host. `addresses` are those that a capture saw; an address answers for itself."""
        meant = subject(host)
        name = meant.name
        suffix = self._sources.suffixes.of(name) if name else None
        own = self._case.match(meant.host)
        known = self._sources.table.match(name) if name and not reserved(name) else None
        held = [(data, *data.owner(name)) for data in self._lists] if name else []
        why = _why(meant, suffix)
        key = (id(own), id(known), why, meant.fault, tuple(h[1:] for h in held) if held else ())
        said = self._said.get(key)
        if said is None:
            said = self._said[key] = _say([e for e in (own, known) if e], held, why, meant.fault)
        seen = (meant.address,) if meant.address else addresses
        parts = said.holders + (self._network(said, seen) if seen else said.networks) + said.rest
        domain, rule = (suffix.registrable, suffix.rule) if suffix else (None, None)
        out = []
        for template in parts:
            row = template.copy()
            row["host"], row["registrable_domain"], row["suffix"] = host, domain, rule
            out.append(row)
        return out

    def _network(self, said: _Said, addresses: Sequence[Address]) -> list[Row]:
        """What the case states of the network goes first; beside it only what sources know is told."""
        out: list[Row] = []
        for question, rows in zip(
            (OPERATOR, COUNTRY), network_side(said.base, self._sources, addresses), strict=True
        ):
            stated = [r for r in said.networks if r["question"] == question and r["answer"]]
            out += stated + [r for r in rows if r["answer"] or not stated]
        return out


def _why(meant: Subject, suffix: Suffix | None) -> tuple[str, str]:
    """Why nobody may be named as owner and operator of a name of this form."""
    if meant.address:
        return NO_NAME, NO_NAME
    if suffix is None:
        return NOBODY, NOBODY
    if suffix.registrable is None:
        return SUFFIX, SUFFIX
    return NOBODY, CUSTOMER if suffix.rule.endswith(f"({PRIVATE})") else NOBODY


def _say(
    entries: list[Entry],
    lists: list[tuple[Dataset, bool, str | None]],
    why: tuple[str, str],
    fault: str | None,
) -> _Said:
    base = EMPTY | {
        "role": next((e.cells["role"] for e in entries if "role" in e.cells), None),
        "own": next((e.own for e in entries if e.own is not None), None),
        "note": fault,
    }
    holders: list[Row] = []
    for question, nobody in zip(ORGANISATIONS, why, strict=True):
        holders += _organisation(base, question, entries, lists) or [unknown(base, question, nobody)]
    networks: list[Row] = []
    for question in (OPERATOR, COUNTRY):
        stated = [
            answer(base, question, e.network[question], e.proofs[question], CASE)
            for e in entries
            if question in e.network
        ]
        networks += stated or [unknown(base, question, NO_ADDRESS)]
    rest = _cells(base, "corporate_group", "group", entries) or [unknown(base, "corporate_group", NOBODY)]
    for question, cell in DETAILS.items():
        rest += _cells(base, question, cell, entries)
    for data, holds, _ in lists:
        if holds:
            listed = {"note": "The list holds the domain."}
            rest.append(answer(base, LISTED, data.proof.source, data.proof, IMPORTED, **listed))
    return _Said(holders, networks, rest, base)


def _organisation(
    base: Row, question: str, entries: Iterable[Entry], lists: Iterable[tuple[Dataset, bool, str | None]]
) -> list[Row]:
    """Everybody who names the organisation; what the case states stands alone."""
    out = []
    for entry in entries:
        if said := entry.cells.get(question):
            about = {"country": entry.cells.get("country"), "group": entry.cells.get("group")}
            out.append(answer(base, question, said, entry.proofs[question], entry.origin, **about))
    if question == "domain_owner":
        out += [answer(base, question, owner, data.proof, IMPORTED) for data, _, owner in lists if owner]
    return out[:1] if out and out[0]["origin"] == CASE else out


def _cells(base: Row, question: str, cell: str, entries: Iterable[Entry]) -> list[Row]:
    told = [
        answer(base, question, e.cells[cell], e.proofs[cell], e.origin) for e in entries if cell in e.cells
    ]
    return told[:1]
