"""The terms in which policies and traffic are compared: a table of broader and narrower terms in, what covers what out.

The table is `ontology.toml`. A term that it does not know is no term: readers of annotations refuse it. Says
nothing of what a policy means, only of how its terms lie to each other.
"""

import re
import tomllib
from collections.abc import Iterable
from functools import cache
from importlib.resources import files
from typing import Any, NamedTuple

from promptrail.language import say

FILE = "ontology.toml"
FIRST, THIRD, ANYONE, AFFILIATES = "first party", "third parties", "anyone", "affiliates"


class Term(NamedTuple):
    """One row of the table."""

    term: str
    broader: tuple[str, ...] = ()
    kinds: tuple[str, ...] = ()
    fields: tuple[str, ...] = ()
    names: tuple[str, ...] = ()
    roles: tuple[str, ...] = ()
    open: bool = False
    """A word that leaves no third party out."""
    source: str = ""


@cache
def data_terms() -> dict[str, Term]:
    """What may be sent, by term, in the order of pages."""
    return _read("data")


@cache
def entity_terms() -> dict[str, Term]:
    """Who may get it, by term."""
    return _read("entity")


def entity_said(entity: str) -> str:
    """A term of the ontology as it is read; the name of a company stays."""
    return say(entity) if entity in entity_terms() else entity


def with_broader(terms: Iterable[str], known: dict[str, Term]) -> frozenset[str]:
    """The terms and all that cover them."""
    found: set[str] = set()
    queue = list(terms)
    while queue:
        term = queue.pop()
        if term not in found:
            found.add(term)
            queue += known[term].broader
    return frozenset(found)


def below(term: str, known: dict[str, Term]) -> list[Term]:
    """The term and all that it covers."""
    return [one for one in known.values() if term in with_broader([one.term], known)]


def of_kind(kind: str) -> str | None:
    """The data term that a kind of probe shows."""
    return next((one.term for one in data_terms().values() if kind in one.kinds), None)


def of_field(field: str) -> str | None:
    """The data term of a field that identifiers/names.toml knows by its name."""
    return next((one.term for one in data_terms().values() if field in one.fields), None)


def of_name(name: str) -> str | None:
    """The data term of a field by one of our further names, which is plain already."""
    return next((one.term for one in data_terms().values() if name in one.names), None)


def of_role(role: str) -> frozenset[str]:
    """The classes of an organisation by whole words in what a source says that it does."""
    words = set(re.findall(r"[a-z]+(?:-[a-z]+)*", role.lower()))
    words |= {part for word in words for part in word.split("-")}
    return frozenset(one.term for one in entity_terms().values() if words & set(one.roles))


def _read(table: str) -> dict[str, Term]:
    text = files("promptrail.findings.policy").joinpath(FILE).read_text(encoding="utf-8")
    rows = tomllib.loads(text)[table]
    return {row["term"]: _term(row) for row in rows}


def _term(row: dict[str, Any]) -> Term:
    values: dict[str, Any] = {k: tuple(v) if isinstance(v, list) else v for k, v in row.items()}
    return Term(**values)
