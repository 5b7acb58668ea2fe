"""The hand-kept table of recipients: TOML files in, entries that can be looked up by host out.

An entry says who holds some domains, and each of its cells rests on a proof: a source with its date, its licence, and
what it shows. Refused are a cell without a proof, a proof of an empty cell, an unknown key, a domain that stands twice
and a reserved name: what the lab invents cannot be given to a real company.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from typing import Any

from promptrail.attribute.domains import reserved
from promptrail.attribute.subjects import subject
from promptrail.attribute.toml_rows import Rows

CELLS = ("domain_owner", "service_operator", "entity", "country", "group", "role")
"""What an entry can say: names in common use, the legal entity, where that is established, its group, what it does."""
KEYS = ("domains", *CELLS, "proof")
PROOF_KEYS = ("cells", "source", "at", "shows")
SOURCE_KEYS = ("title", "url", "as_of", "licence")
SHIPPED, CASE = "shipped", "case"


@dataclass(frozen=True, slots=True)
class Proof:
    """Who says so, where, when, and under which licence it may be passed on."""

    source: str
    as_of: str | None = None
    licence: str | None = None
    url: str | None = None
    shows: str | None = None


@dataclass(frozen=True, slots=True)
class Entry:
    """Who stands behind some domains, cell by cell with its proof."""

    domains: tuple[str, ...]
    cells: Mapping[str, str]
    proofs: Mapping[str, Proof]
    origin: str
    own: bool | None = None
    """Whether it is the app's maker; only a case can say so."""
    network: Mapping[str, str] = field(default_factory=dict)
    """What only a case may say of a host without an address: network_operator, address_country."""


class Table:
    """Entries by domain. The longest domain that is the host or above it wins, label by label."""

    def __init__(self, entries: Iterable[Entry]) -> None:
        self.entries = tuple(entries)
        self._by = {domain: entry for entry in reversed(self.entries) for domain in entry.domains}

    def match(self, name: str) -> Entry | None:
        """The entry of a name in A-labels: never by a mere part of a label."""
        by = self._by
        while name and by:
            if name in by:
                return by[name]
            name = name.partition(".")[2]
        return None


def shipped_files() -> dict[str, str]:
    """The names and texts of the tables that come with promptrail, in order of their names."""
    found = files("promptrail.attribute").iterdir()
    return {
        file.name: file.read_text(encoding="utf-8")
        for file in sorted(found, key=lambda f: f.name)
        if file.name.startswith("recipients") and file.name.endswith(".toml")
    }


@cache
def shipped() -> Table:
    """The table that comes with promptrail."""
    return Table(entries_of(shipped_files()))


def declared(rows: Iterable[Mapping[str, Any]]) -> Table:
    """The case's own table (`[[recipient]]` in case.toml): one source and date a row, which is the investigator's."""
    return Table(_declared(row) for row in rows)


def _declared(row: Mapping[str, Any]) -> Entry:
    cells = {k: str(row[k]) for k in CELLS if row.get(k)}
    network = {k: str(row[k]) for k in ("network_operator", "address_country") if row.get(k)}
    as_of = str(row["as_of"]) if row.get("as_of") else None
    proof = Proof(str(row.get("source") or "not stated"), as_of)
    domain = str(row["domain"])
    proofs = dict.fromkeys((*cells, *network), proof)
    own = row.get("own")
    return Entry((subject(domain).host,), cells, proofs, CASE, None if own is None else bool(own), network)


def entries_of(texts: Mapping[str, str]) -> list[Entry]:
    """The entries of some files, by name. InputError names file, line and what to do."""
    seen: dict[str, tuple[Rows, int]] = {}
    out = []
    for name, text in texts.items():
        rows = Rows(name, text)
        rows.known(rows.data, ("source", "recipient"))
        sources = _sources(rows)
        for n, row in enumerate(rows.array("recipient")):
            entry = _entry(rows, n, row, sources)
            for domain in entry.domains:
                if domain in seen:
                    other, m = seen[domain]
                    where = f"{other.name}, line {other.line('recipient', m)}"
                    rows.fault(f"{domain} stands in {where} already", "recipient", n, "domains")
                seen[domain] = rows, n
            out.append(entry)
    return out


def _sources(rows: Rows) -> dict[str, dict[str, str]]:
    found = rows.data.get("source", {})
    for key, source in found.items():
        if not isinstance(source, dict):
            rows.fault(f"write the source as [source.{key}]", key=key)
        rows.known(source, SOURCE_KEYS)
        for part in SOURCE_KEYS:
            if not isinstance(source.get(part), str):
                rows.fault(f"source {key} has no {part}", key=key)
    return dict(found)


def _entry(rows: Rows, n: int, row: Mapping[str, Any], sources: Mapping[str, Mapping[str, str]]) -> Entry:
    rows.known(row, KEYS, "recipient", n)
    domains = rows.texts_of(row, "domains", "recipient", n)
    if not domains:
        rows.fault("a recipient has no domains", "recipient", n)
    for domain in domains:
        if subject(domain).name != domain or reserved(domain):
            why = "is reserved for tests" if reserved(domain) else "is not written in A-labels and lower case"
            rows.fault(f"{domain} {why}", "recipient", n, "domains")
    cells = {c: t for c in CELLS if (t := rows.text_of(row, c, "recipient", n, must=False))}
    proofs: dict[str, Proof] = {}
    for proof in row.get("proof", []):
        rows.known(proof, PROOF_KEYS, "recipient", n)
        source = sources.get(proof.get("source", ""))
        if source is None:
            rows.fault(f"no [source.{proof.get('source')}] in this file", "recipient", n, "proof")
        made = Proof(
            source["title"],
            source["as_of"],
            source["licence"],
            source["url"].replace("{}", str(proof.get("at", ""))),
            rows.text_of(proof, "shows", "recipient", n, must=True),
        )
        for cell in rows.texts_of(proof, "cells", "recipient", n):
            if cell not in cells:
                rows.fault(f"a proof for {cell}, which is not given", "recipient", n, "proof")
            proofs.setdefault(cell, made)
    if bare := [c for c in cells if c not in proofs]:
        rows.fault(f"{bare[0]} has no proof: say who says so, or leave it out", "recipient", n, bare[0])
    return Entry(tuple(domains), cells, proofs, SHIPPED)
