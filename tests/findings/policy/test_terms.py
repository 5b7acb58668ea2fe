"""The ontology of finding 04: every row is linked, sourced, and tied to what can be observed."""

import pytest

from promptrail.findings.identifiers.names import plain, terms
from promptrail.findings.policy.terms import (
    below,
    data_terms,
    entity_terms,
    of_field,
    of_kind,
    of_role,
    with_broader,
)
from promptrail.model import PROBE_KINDS

TABLES = {"data": data_terms(), "entity": entity_terms()}


@pytest.mark.parametrize("name", TABLES)
def test_every_row_has_its_place_and_its_source(name: str) -> None:
    """Broader terms exist, lead to one root without a circle, and somebody says that policies speak so."""
    table = TABLES[name]
    roots = [one.term for one in table.values() if not one.broader]
    assert len(roots) == 1
    for one in table.values():
        assert roots[0] in with_broader([one.term], table) and one.source
        assert all(one.term not in with_broader([above], table) for above in one.broader)


def test_whatever_can_be_observed_is_a_kind_of_data() -> None:
    """Each kind of probe and each name of a field belongs to one data term, and to no other."""
    assert all(of_kind(kind) for kind in PROBE_KINDS) and all(of_field(term.term) for term in terms())
    for key in ("kinds", "fields", "names"):
        every = [word for one in data_terms().values() for word in getattr(one, key)]
        assert len(every) == len(set(every))


def test_further_names_are_plain_and_not_the_dictionary_s() -> None:
    """They are compared without case and signs, after the dictionary was asked."""
    names = {name for one in data_terms().values() for name in one.names}
    known = {name for term in terms() for name in (*term.names, *term.beside)}
    assert names and names == {plain(name) for name in names} and not names & known


@pytest.mark.parametrize(
    ("role", "found"),
    [
        ("cloud and analytics platform", {"cloud providers", "analytics providers"}),
        ("help-desk service", {"help-desk providers"}),
        ("device-fingerprint service", {"security providers"}),
        ("maker of the app", set()),
        ("overcloudy", set()),
    ],
)
def test_a_role_gives_classes_by_whole_words(role: str, found: set[str]) -> None:
    """A part of a word is none."""
    assert of_role(role) == found


def test_a_broad_term_covers_what_lies_below() -> None:
    """Device information covers advertising identifiers, over two steps; the reverse does not hold."""
    assert "advertising identifiers" in {one.term for one in below("device information", data_terms())}
    assert "device information" not in {one.term for one in below("advertising identifiers", data_terms())}
