"""The same value at two organisations: who showed it first, and what is no bridge."""

from pathlib import Path
from typing import Any

import pytest

from factories import DEVICE, Rows, compact
from promptrail.findings.identifiers import finding as identifiers

ISSUER, OWN = "fp.quillmark.example", "chat.parley.test"
ISSUED = "7be1d90c44a2f3556b08"


def case(folder: Path, rows: Rows, **parameters: Any) -> list[dict[str, Any]]:
    rows.recipient(OWN, True, service_operator="Parley Labs")
    rows.recipient(ISSUER, False, service_operator="Quillmark")
    rows.recipient("cdn.quillmark.example", False, service_operator="Quillmark")
    found: Any = identifiers.find(rows.write(folder), **parameters).facts["bridges"]
    return list(found)


def issued(rows: Rows, value: str = ISSUED, at: tuple[float, float] = (1, 5), to: str = OWN) -> None:
    """The issuer sets a cookie, and later the value goes to another host in a header."""
    rows.run("r1")
    cookie = [(b"Set-Cookie", f"smid={value}; Path=/".encode())]
    rows.flow("r1", ISSUER, b"{}", at[0], response_headers=cookie, response_started=None)
    rows.flow("r1", to, b"{}", at[1], request_headers=[(b"X-Rangers-Id", value.encode())])


def test_an_id_that_one_gives_out_and_another_receives(tmp_path: Path) -> None:
    """First in a cookie of the issuer, then in a request to the maker; the value stands as its length."""
    rows = Rows()
    issued(rows)
    (row,) = case(tmp_path / "case", rows)
    assert (row["first"], row["how"], row["value"]) == (ISSUER, "given out in a cookie of", "[20 characters]")
    assert row["organisations"] == ["Parley Labs", "Quillmark"]
    assert [(h["host"], h["direction"]) for h in row["hosts"]] == [(ISSUER, "response"), (OWN, "request")]


def test_the_direction_follows_the_clock(tmp_path: Path) -> None:
    """Sent to the maker before the other gave it out: the app had it already."""
    rows = Rows()
    issued(rows, at=(5, 1))
    assert (
        case(tmp_path / "case", rows) == []
    )  # the issuer only gave it back: no second organisation was sent it
    rows.flow("r1", ISSUER, compact({"id": ISSUED}), 3)
    (row,) = case(tmp_path / "b", rows)
    assert (row["first"], row["how"]) == (OWN, "first seen in a request to")


def test_a_declared_value_bears_its_name(tmp_path: Path) -> None:
    """In whatever case and with whatever separators it travels."""
    rows = Rows()
    rows.probe("did", "identifier", DEVICE)
    issued(rows, DEVICE)
    (row,) = case(tmp_path / "case", rows)
    assert (row["probe"], row["value"]) == ("did", "[identifier did]")


def test_values_are_shown_where_asked_for_but_for_credentials(tmp_path: Path) -> None:
    """A token that two companies share is told, and never printed."""
    rows = Rows()
    issued(rows)
    for host in (OWN, ISSUER):
        rows.flow("r1", host, compact({"auth_token": "c0ffee1234567890abcd", "n": host}), 8)
    shown = {row["value"] for row in case(tmp_path / "case", rows, show_values=True)}
    assert shown == {ISSUED, "[20 characters]"}


@pytest.mark.parametrize(
    "value",
    [
        "2026-03-14T10:00:00.000Z",
        "1790000000123",
        "0.45245647430419922",
        "application/x-www-form-urlencoded",
        "test.parley.chat.release.v4200",
        "00000000-0000-0000-0000-000000000000",
        "SIM-8",
        "a sentence with a number 5514 in it",
    ],
)
def test_what_derives_from_the_same_phone_or_day_is_no_bridge(tmp_path: Path, value: str) -> None:
    """Times, fractions, types, package names, constants, models, prompts."""
    rows = Rows()
    issued(rows, value)
    assert case(tmp_path / "case", rows) == []


def test_a_device_model_is_no_bridge(tmp_path: Path) -> None:
    """Long enough, and named as what many devices have."""
    rows = Rows()
    rows.run("r1")
    for host in (OWN, ISSUER):
        rows.flow("r1", host, compact({"device_model": "XQ7-4419-AK82-0031-7B", "h": host}))
    assert case(tmp_path / "case", rows) == []


def test_two_hosts_of_one_organisation_are_no_bridge(tmp_path: Path) -> None:
    """Who runs them decides, not their names."""
    rows = Rows()
    issued(rows, to="cdn.quillmark.example")
    assert case(tmp_path / "case", rows) == []


def test_a_holder_that_nobody_named_is_said_to_be_unknown(tmp_path: Path) -> None:
    """Told apart by its domain, and marked as not known."""
    rows = Rows()
    issued(rows, to="api.unheard-of.net")
    (row,) = case(tmp_path / "case", rows)
    assert [h["known"] for h in row["hosts"]] == [True, False]
