"""What the opaque lab's vendors are sent, rule by rule: how sizes follow texts, and that noise follows none."""

import hashlib
import json
from typing import Any

import pytest

from promptrail.lab.opaque.noise import PROFILES, beside, sizes
from promptrail.lab.opaque.uploads import BLOCK, RULES, Hands, body
from promptrail.lab.opaque.vendors import FIELD_KEY, HOSTS, VENDORS, company

SEALED = 28
"""Nonce and tag."""


def slot(text: str, kind: str = "prompt", number: int = 0) -> dict[str, Any]:
    return {"slot": number, "kind": kind, "text": text, "input": 0}


def length(does: str, text: str, typed: bool = False, kind: str = "prompt") -> int:
    return len(body(does, Hands("ab" * 16, typed), slot(text, kind)) or b"")


@pytest.mark.parametrize(
    ("does", "narrow", "wide"),
    [
        ("upload", 4000, 8000),
        ("layout", 38 * 89, 38 * 89),
        ("answer", 2, 2),
        ("padded", BLOCK - SEALED, BLOCK - SEALED),
    ],
)
def test_a_sealed_body_is_as_long_as_its_key_says(does: str, narrow: int, wide: int) -> None:
    """Of 4,000 characters: one byte each in one alphabet, two in the other, or none of both."""
    assert length(does, "x" * 4000) - SEALED == narrow
    assert length(does, "ü" * 4000) - SEALED == wide


def test_whatever_follows_no_length_is_constant() -> None:
    """Hash, answer and padding say nothing of a text by their size."""
    for does in ("hash", "answer", "padded", "fields"):
        assert len({length(does, "x" * n) for n in (1, 30, 9000)}) == 1, does


def test_keys_follow_what_is_typed_and_not_what_is_pasted() -> None:
    """An event for 12 keys of 100; a paste is one event in all, and a draft is typed as well."""
    for kind in ("prompt", "draft"):
        pasted = {length("keys", "x" * n, kind=kind) for n in (30, 900, 9000)}
        typed = [length("keys", "x" * n, True, kind) - SEALED for n in (900, 9000)]
        assert len(pasted) == 1 and pasted <= {0, 90 + SEALED}
        assert [round(size / 90 / 0.12, -2) for size in typed] == pytest.approx([900, 9000], rel=0.2)


@pytest.mark.parametrize("does", sorted(set(RULES) - {"keys"}))
@pytest.mark.parametrize("kind", ["control", "draft"])
def test_nothing_is_sent_for_what_is_not_submitted(does: str, kind: str) -> None:
    """No rule but that of the keys reads a field before it is sent."""
    assert body(does, Hands("ab" * 16, False), slot("text", kind)) is None


def test_nobody_can_open_what_is_sealed() -> None:
    """The text stands in no body but the first party's, and the same text never gives the same bytes."""
    text = "a text that is known"
    hands = Hands("ab" * 16, False)
    for vendor in VENDORS:
        sent = body(vendor.does, hands, slot(text)) or b""
        assert (text.encode() in sent) == (vendor.does == "chat")
        again = body(vendor.does, hands, slot(text)) or b"x"
        assert vendor.does == "chat" or vendor.does == "keys" or sent != again


def test_readable_fields_are_what_their_key_says() -> None:
    """A hash that repeats with its prompt, in another run of the app too; a counter, a random number, a constant."""
    rows = [
        json.loads(RULES["fields"](Hands("ab" * 16, False), slot(text, number=n)) or b"")
        for n, text in enumerate(["one", "two", "one"])
    ]
    assert [row["topic"] for row in rows][:2] == [
        hashlib.sha256(text.encode()).hexdigest()[:12] for text in ("one", "two")
    ]
    assert rows[0]["topic"] == rows[2]["topic"]
    assert [row["n"] - rows[0]["n"] for row in rows] == [0, 1, 2]
    assert len({row["nonce"] for row in rows}) == 3 and {row["schema"] for row in rows} == {3}
    assert {f"/{name}" for name in rows[0]} == set(FIELD_KEY)


@pytest.mark.parametrize("profile", PROFILES)
def test_noise_follows_its_seed_and_no_text(profile: str) -> None:
    """The same plan gives the same sizes; a longer text gives none other; a louder profile more."""
    for n in range(40):
        one, other = slot("x", number=n), slot("x" * 9000, number=n)
        assert sizes("s", HOSTS[1], one, profile) == sizes("s", HOSTS[1], other, profile)
    drawn = [tuple(sizes("s", HOSTS[1], slot("x", number=n), profile)) for n in range(40)]
    assert len(set(drawn)) > 30 and all(1 <= len(one) <= 5 and min(one) >= 40 for one in drawn)


def test_a_louder_profile_sends_more() -> None:
    """Quiet, moderate and loud are in that order."""
    totals = [
        sum(sum(sizes("s", host, slot("x", number=n), profile)) for n in range(60) for host in HOSTS)
        for profile in PROFILES
    ]
    assert totals == sorted(totals) and totals[2] > 5 * totals[0]


@pytest.mark.parametrize("readable", [True, False])
def test_noise_has_the_size_that_was_drawn(readable: bool) -> None:
    """JSON for a host that is read, bytes without form for the others."""
    bodies = [beside("s", HOSTS[0], slot("x", number=n), "loud", readable) for n in range(30)]
    assert [list(map(len, one)) for one in bodies] == [
        sizes("s", HOSTS[0], slot("x", number=n), "loud") for n in range(30)
    ]
    for content in (content for one in bodies for content in one if readable):
        assert json.loads(content)["beat"]


def test_every_company_is_invented() -> None:
    """Under .test and .example, in countries that nobody has, each domain once."""
    rows = [company(vendor) for vendor in VENDORS]
    assert all(row.domain.endswith((".test", ".example")) for row in rows)
    assert {row.country for row in rows} == {"XA", "XB", "XC"} and len({row.domain for row in rows}) == len(
        rows
    )
    assert [row.domain for row in rows if row.own] == ["parley.test"]
