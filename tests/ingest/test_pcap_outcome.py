"""What became of a connection, case by case: no reason claims more than the packets show."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from promptrail.ingest.packets.client_hello import ECH, ClientHello
from promptrail.ingest.packets.frames import Frame
from promptrail.ingest.packets.outcome import outcome_of
from promptrail.ingest.packets.spool import Spool
from promptrail.ingest.packets.tcp import Tcp
from promptrail.ingest.packets.tls import Tls
from promptrail.ingest.packets.tshark import FIELDS

CLIENT, SERVER = ("10.0.0.1", 40_000), ("10.0.0.2", 443)
FINISHED, ALERT = 53, 19


@pytest.fixture
def spool(tmp_path: Path) -> Iterator[Spool]:
    made = Spool(tmp_path)
    yield made
    made.close()


def connection(spool: Spool, said: dict[str, Any] | None = None, over: int | None = 0, **tls: Any) -> Tcp:
    """A connection that carried bytes both ways, with what is to be known of its TLS; `over`: who closed it."""
    first = Frame(1, 0.0, b"", False, 0, CLIENT, SERVER, 2, 0, 0, 0, b"", [b""] * len(FIELDS))
    one = Tcp(first, spool)
    one.begun = one.answered = True
    one.client = 0
    one.sides[0].count, one.sides[1].count = 600, 3000
    if over is not None:
        one.ended.add(over)
    one.tls = Tls()
    facts = {
        "answered": True,
        "version": "TLSv1.3",
        "hello": ClientHello(0x0303, [1], [0, 43], sni="chat.parley.test"),
    }
    for name, value in (facts | tls).items():
        setattr(one.tls, name, value)
    for name, value in (said or {}).items():
        setattr(one, name, value)
    return one


DONE = {"records": ([FINISHED, 300], [700, 700])}
CASES: list[tuple[str, dict[str, Any], str, str | None]] = [
    ("sealed", DONE, "no-keys", "no key log"),
    ("sealed, TLS 1.2", {"version": "TLSv1.2", "records": ([300], [])}, "no-keys", "no key log"),
    ("opened", {**DONE, "opened": True, "sent": [1, 1]}, "read", None),
    (
        "opened in part",
        {**DONE, "opened": True, "sent": [1, 1], "unopened": [0, 2]},
        "read",
        "2 of its TLS records",
    ),
    ("nothing asked", {**DONE, "opened": True}, "read", "without a request"),
    ("no answer", {"answered": False}, "tls-failed", "after the client's hello"),
    ("no answer, still open", {"answered": False, "over": None}, "broken-off", "behind the client's hello"),
    ("in the handshake", {"over": None}, "broken-off", "in the handshake"),
    ("closed in the handshake", {}, "tls-failed", "no alert can be read"),
    ("closed by the server", {"over": 1}, "tls-failed", "the server closed it"),
    ("encrypted alert", {"records": ([ALERT], [700])}, "tls-failed", "cannot be told without keys"),
    ("refused", {"alerts": [(0, 48)]}, "pinned", "unknown_ca (48)"),
    ("refused without an answer", {"alerts": [(0, 42)], "answered": False}, "tls-failed", "bad_certificate"),
    ("refused by the server", {"alerts": [(1, 40)]}, "tls-failed", "the server ended the handshake"),
    ("certificate of the client", {"alerts": [(1, 116)]}, "tls-failed", "certificate_required"),
    ("an alert nobody knows", {"alerts": [(0, 250)]}, "tls-failed", "unknown (250)"),
    ("closed gently", {**DONE, "alerts": [(0, 0)], "opened": True, "sent": [1, 1]}, "read", None),
    ("alert behind the content", {**DONE, "alerts": [(0, 48)], "opened": True, "sent": [9, 9]}, "read", None),
    ("middle", {"middle": True}, "no-keys", "begins in the middle"),
    ("ECH or a show of it", {**DONE, "ech": "chat.parley.test"}, "no-keys", "GREASE"),
    ("ECH behind a front", {**DONE, "ech": "cloudflare-ech.com"}, "ech", "name of a front"),
]


@pytest.mark.parametrize(
    ("facts", "outcome", "words"), [case[1:] for case in CASES], ids=[case[0] for case in CASES]
)
def test_tls(spool: Spool, facts: dict[str, Any], outcome: str, words: str | None) -> None:
    """Alerts, keys, and how far the handshake came."""
    facts = dict(facts)
    if front := facts.pop("ech", None):
        facts["hello"] = ClientHello(0x0303, [1], [0, ECH], sni=front)
    told, reason = outcome_of(connection(spool, over=facts.pop("over", 0), **facts), keyed=False)
    assert told == outcome and (reason is None if words is None else words in str(reason))


@pytest.mark.parametrize(
    ("said", "outcome", "words"),
    [
        ({"answered": False, "asked": 3}, "not-reached", "3 times"),
        ({"answered": False, "asked": 1}, "not-reached", "no answer"),
        ({"answered": False, "asked": 1, "reset": 1}, "not-reached", "RST"),
        ({}, "read", "no byte was sent"),
    ],
)
def test_a_connection_that_carried_nothing(
    spool: Spool, said: dict[str, Any], outcome: str, words: str
) -> None:
    """SYN, and what came of it."""
    one = connection(spool, said)
    one.tls = None
    one.sides[0].count = one.sides[1].count = 0
    told, reason = outcome_of(one, keyed=False)
    assert told == outcome and words in str(reason)


def test_holes_in_a_connection_whose_keys_are_there_are_told(spool: Spool) -> None:
    """It was read, and not all of it."""
    one = connection(spool, {"holes": [1, 2]}, opened=True, sent=[5, 5])
    assert "lacks bytes at 3 places" in str(outcome_of(one, keyed=True)[1])


def test_a_key_log_that_does_not_fit_is_named(spool: Spool) -> None:
    """Another sentence than where there is none."""
    assert outcome_of(connection(spool, **DONE), keyed=True) == (
        "no-keys",
        "the key log holds no keys for it",
    )
