"""Hosts to recipients: whole labels only, the case before the shipped table, reserved names from the case alone."""

import pytest

from promptrail.attribute.domains import registrable, reserved
from promptrail.attribute.recipients import QUESTIONS, match, shipped, who


def answers(host: str, declared: list[dict[str, object]] | None = None) -> dict[str, object]:
    return {row["question"]: row["answer"] for row in who([host], declared or [])}


@pytest.mark.parametrize(
    ("host", "expected"),
    [
        ("gator.volces.com", "volces.com"),
        ("a.b.co.uk", "b.co.uk"),
        ("ingest.brightmoor.test", "brightmoor.test"),
        ("192.0.2.7", None),
        ("[2001:db8::1]", None),
        ("com", None),
    ],
)
def test_registrable_domain(host: str, expected: str | None) -> None:
    """By the public suffix list; an address has none."""
    assert registrable(host) == expected


def test_a_part_of_a_name_is_no_match() -> None:
    """netflix.com is not x.com, and evil-volces.com is not volces.com."""
    table = [{"domain": "x.com"}, {"domain": "volces.com"}]
    assert match("netflix.com", table) is None
    assert match("evil-volces.com", table) is None
    assert match("volces.com.attacker.test", table) is None
    assert match("a.VOLCES.com.", table) == {"domain": "volces.com"}


def test_four_questions_are_never_merged() -> None:
    """Each host has one row a question; what nobody stated is empty, not inferred."""
    rows = who(["gator.volces.com"])
    assert [r["question"] for r in rows] == list(QUESTIONS)
    assert answers("gator.volces.com")["address_country"] is None
    assert answers("gator.volces.com")["domain_owner"] == "Beijing Volcano Engine Technology"


def test_the_case_comes_before_the_shipped_table() -> None:
    """What the investigator states wins, with its own source."""
    row = who(
        ["api.intercom.io"],
        [{"domain": "intercom.io", "domain_owner": "Somebody", "source": "register", "as_of": "2026-01-02"}],
    )[0]
    assert (row["answer"], row["source"], row["origin"]) == ("Somebody", "register", "case")


def test_reserved_names_are_nobodys(monkeypatch: pytest.MonkeyPatch) -> None:
    """A fictional host is never answered from the shipped table, even if a row were to name it."""
    from promptrail.attribute import recipients

    monkeypatch.setattr(
        recipients,
        "shipped",
        lambda: ({"domain": "brightmoor.test", "domain_owner": "A real company", "source": "x"},),
    )
    assert (
        reserved("ingest.brightmoor.test")
        and reserved("api.tidedesk.example")
        and not reserved("example.org.uk")
    )
    assert set(answers("ingest.brightmoor.test").values()) == {None}


def test_every_shipped_row_can_be_checked() -> None:
    """Source and date on each, no reserved name, no domain twice."""
    rows = shipped()
    assert all(r["source"] and r["as_of"] for r in rows)
    assert len({r["domain"] for r in rows}) == len(rows)
    assert not any(reserved(r["domain"]) for r in rows)
