"""Hosts in, rows of the frame `recipients` out: one row a host and question, each with its source and date.

The case's own table comes first. The shipped table is never asked about reserved names: what the lab invents cannot
be given to a real company.
"""

import tomllib
from collections.abc import Iterable, Mapping
from functools import cache
from importlib.resources import files
from typing import Any

import pyarrow as pa

from promptrail import frames
from promptrail.attribute.domains import registrable, reserved
from promptrail.case import Case

VERSION = 1
QUESTIONS = ("domain_owner", "service_operator", "network_operator", "address_country")
ORGANISATIONS = ("domain_owner", "service_operator")
Row = Mapping[str, Any]


@cache
def shipped() -> tuple[Row, ...]:
    """The table that comes with promptrail."""
    text = files("promptrail.attribute").joinpath("recipients.toml").read_text(encoding="utf-8")
    return tuple(tomllib.loads(text)["recipient"])


def attribute(case: Case) -> pa.Table:
    """The recipients of every host that was asked for or named in a TLS hello in this case."""
    hosts = set(case.flows["host"].dropna()) | set(case.connections["host"].dropna())
    hosts |= set(case.flows["sni"].dropna())
    return frames.to_arrow("recipients", who(sorted(hosts), case.declared_recipients))


def who(hosts: Iterable[str], declared: Iterable[Row] = ()) -> list[dict[str, Any]]:
    """Four rows for each host; an answer that nobody gives is null, and its source says so."""
    own = list(declared)
    return [row for host in hosts for row in _rows(host, own)]


def match(host: str, table: Iterable[Row]) -> Row | None:
    """The row whose domain is the host or the longest parent of it, label by label: never a mere part of a name."""
    name = host.rstrip(".").lower()
    fits = [r for r in table if name == r["domain"].lower() or name.endswith("." + r["domain"].lower())]
    return max(fits, key=lambda r: len(r["domain"]), default=None)


def _rows(host: str, declared: list[Row]) -> Iterable[dict[str, Any]]:
    tables = [("case", match(host, declared))]
    if not reserved(host):
        tables.append(("shipped", match(host, shipped())))
    known = next((row for _, row in tables if row and row.get("own") is not None), None)
    for question in QUESTIONS:
        origin, row = next(((o, r) for o, r in tables if r and r.get(question)), (None, None))
        yield {
            "host": host,
            "registrable_domain": registrable(host),
            "question": question,
            "answer": row[question] if row else None,
            "country": row.get("country") if row and question in ORGANISATIONS else None,
            "group": row.get("group") if row and question in ORGANISATIONS else None,
            "role": row.get("role") if row else None,
            "own": known["own"] if known else None,
            "source": row.get("source", "not stated") if row else "no source imported or shipped names it",
            "as_of": str(row["as_of"]) if row and row.get("as_of") else None,
            "origin": origin,
        }
