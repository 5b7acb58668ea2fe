"""Hosts to rows: one a question and source, the case before the shipped table, reserved names from the case alone."""

import pytest

from promptrail import frames
from promptrail.attribute.recipients import who
from promptrail.attribute.rows import EMPTY, QUESTIONS
from promptrail.attribute.table import Table, entries_of

NAMED = """\
[source.x]
title = "X"
url = "https://x.example.org"
as_of = "2026-01-01"
licence = "MIT"
"""


def answers(host: str, declared: list[dict[str, object]] | None = None) -> dict[str, object]:
    return {row["question"]: row["answer"] for row in who([host], declared or [])}


def test_a_row_has_the_columns_of_the_frame() -> None:
    """In their order, so that the frame is what the rows say."""
    assert list(EMPTY) == [c.name for c in frames.FRAMES["recipients"]]
    for row in who(["gator.volces.com", "1.1.1.1", "a..b", "nobody.net"]):
        assert list(row) == list(EMPTY)


@pytest.mark.parametrize("host", ["nobody.net", "1.1.1.1", "a..b", "com", "api.parley.test", ""])
def test_every_host_has_five_questions(host: str) -> None:
    """Each is there, in order; what nobody stated is empty and its source says so, never inferred."""
    rows = who([host])
    assert [r["question"] for r in rows] == list(QUESTIONS)
    assert all(r["source"] for r in rows)


def test_who_holds_a_domain_and_where_an_address_lies_are_apart() -> None:
    """A company's country is where it is established; the address's country is another question."""
    rows = {r["question"]: r for r in who(["gator.volces.com"])}
    assert rows["address_country"]["answer"] is None and rows["established_in"]["answer"] == "CN"
    assert rows["domain_owner"]["answer"] == "Volcano Engine"
    assert "separate legal entity" in rows["corporate_group"]["answer"]


def test_the_case_comes_before_the_shipped_table() -> None:
    """What the investigator states wins, with its own source."""
    row = who(
        ["api.intercom.io"],
        [{"domain": "intercom.io", "domain_owner": "Somebody", "source": "register", "as_of": "2026-01-02"}],
    )[0]
    assert (row["answer"], row["source"], row["origin"]) == ("Somebody", "register", "case")


def test_a_cell_that_the_case_leaves_out_is_asked_of_the_shipped_table() -> None:
    """The tables are joined cell by cell, each with its own source."""
    rows = {r["question"]: r for r in who(["api.intercom.io"], [{"domain": "intercom.io", "own": False}])}
    assert (rows["domain_owner"]["answer"], rows["domain_owner"]["origin"]) == ("Intercom", "shipped")
    assert rows["domain_owner"]["own"] is False


def test_a_case_may_state_network_and_country() -> None:
    """The lab does: its addresses are nobody's, so only the case can say."""
    row = {"domain": "parley.test", "network_operator": "Northquay", "address_country": "XA", "source": "lab"}
    told = answers("chat.parley.test", [row])
    assert (told["network_operator"], told["address_country"]) == ("Northquay", "XA")


def test_reserved_names_are_nobodys(monkeypatch: pytest.MonkeyPatch) -> None:
    """A fictional host is never answered from the shipped table, even if a row were to name it."""
    from promptrail.attribute import answers as module
    from promptrail.attribute import table

    monkeypatch.setattr(table, "reserved", lambda name: False)
    row = '[[recipient]]\ndomains = ["brightmoor.test"]\ndomain_owner = "A real company"\n'
    proof = 'proof = [{ source = "x", cells = ["domain_owner"], shows = "." }]\n'
    made = Table(entries_of({"t.toml": NAMED + row + proof}))
    assert made.match("ingest.brightmoor.test")
    monkeypatch.setattr(table, "shipped", lambda: made)
    assert module.reserved("ingest.brightmoor.test")
    assert set(answers("ingest.brightmoor.test").values()) == {None}
