"""Which connection of one witness is which of another."""

from typing import Any

import pytest

from promptrail.ingest.matching import pairs


def row(name: str, **more: Any) -> dict[str, Any]:
    known = {
        "connection": name,
        "transport": "tcp",
        "client_ip": "127.0.0.1",
        "client_port": 40000,
        "sni": "chat.test",
        "host": "chat.test",
        "opened": 10.0,
        "closed": 20.0,
    }
    return known | more


def met(ours: list[dict[str, Any]], theirs: list[dict[str, Any]]) -> set[tuple[str, str]]:
    return {(pair.ours["connection"], pair.theirs["connection"]) for pair in pairs(ours, theirs)}


CASES = {
    "same address and port": ([row("a")], [row("x", sni=None, host=None)], {("a", "x")}),
    "another port": ([row("a")], [row("x", client_port=40001)], set()),
    "another transport": ([row("a")], [row("x", transport="udp")], set()),
    "the port was used again later": (
        [row("a"), row("b", opened=50.0, closed=60.0)],
        [row("y", opened=50.1, closed=60.0), row("x", opened=10.1, closed=19.0)],
        {("a", "x"), ("b", "y")},
    ),
    "the later use alone was seen": (
        [row("a", opened=50.0, closed=60.0)],
        [row("x", opened=10.0, closed=12.0), row("y", opened=50.0, closed=60.0)],
        {("a", "y")},
    ),
    "an address as IPv6 writes it": ([row("a")], [row("x", client_ip="::ffff:127.0.0.1")], {("a", "x")}),
    "a relay gave it another address": (
        [row("a")],
        [row("x", client_ip="10.0.2.15", client_port=5)],
        {("a", "x")},
    ),
    "no address, another host": ([row("a")], [row("x", client_ip=None, sni="b.test")], set()),
    "no address, another time": ([row("a")], [row("x", client_ip=None, opened=30.0, closed=40.0)], set()),
    "no address, no host": ([row("a")], [row("x", client_ip=None, sni=None, host=None)], set()),
    "two at one host, in their order": (
        [row("a", opened=10.0), row("b", opened=11.0, client_port=40001)],
        [row("x", opened=10.2, client_ip=None), row("y", opened=11.2, client_ip=None)],
        {("a", "x"), ("b", "y")},
    ),
    "one has a pair by address, so the other by host": (
        [row("a"), row("b", client_port=40001)],
        [row("x", client_ip=None), row("y", client_port=40001)],
        {("a", "x"), ("b", "y")},
    ),
    "times that nobody knows": ([row("a", opened=None, closed=None)], [row("x")], {("a", "x")}),
    "nobody on one side": ([], [row("x")], set()),
}


@pytest.mark.parametrize("case", CASES)
def test_pairs(case: str) -> None:
    """Address and port first, host and time where a relay changed them; each connection has one pair at most."""
    ours, theirs, expected = CASES[case]
    assert met(ours, theirs) == expected
    assert met(ours[::-1], theirs[::-1]) == expected
    assert met(theirs, ours) == {(b, a) for a, b in expected}
