"""Which connection of one witness is which of another: rows in, pairs out, each side used once.

First by the client's address and port, which no two open connections share; then, where a relay gave them new ones, by
the host and the time. A connection that only one side saw has no pair: that is what the ledger of the unseen is for.
"""

import statistics
from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Iterator
from typing import Any, NamedTuple

Row = dict[str, Any]
SLACK = 2.0
"""Seconds by which the times of two witnesses may differ before a pair by host and time is refused."""


class Pair(NamedTuple):
    ours: Row
    theirs: Row
    how: str


def pairs(ours: Iterable[Row], theirs: Iterable[Row]) -> list[Pair]:
    """Connections that both saw. Order of the rows does not matter."""
    left, right = sorted(ours, key=_when), sorted(theirs, key=_when)
    found: list[Pair] = []
    for how, key, fits in WAYS:
        used = {id(side) for pair in found for side in pair[:2]}
        free = ([row for row in rows if id(row) not in used] for rows in (left, right))
        found += [Pair(a, b, how) for a, b in _by(key, fits, *free)]
    return found


def apart(ours: Iterable[Row], theirs: Iterable[Row]) -> float:
    """Seconds by which their clock is ahead of ours, roughly, so that times can be compared; 0 if nobody can tell.

    From connections whose client address and port occur once on each side: at least three, most of which agree.
    """
    left, right = ({k: row for k, (row, n) in _counted(rows).items() if n == 1} for rows in (ours, theirs))
    times = [(left[k]["opened"], right[k]["opened"]) for k in left.keys() & right.keys()]
    lags = [b - a for a, b in times if a is not None and b is not None]
    if len(lags) < 3:
        return 0.0
    lag = statistics.median(lags)
    agree = sum(abs(one - lag) <= SLACK for one in lags)
    return lag if 2 * agree > len(lags) and abs(lag) > SLACK else 0.0


def _counted(rows: Iterable[Row]) -> dict[Hashable, tuple[Row, int]]:
    """A row for each client address, and how many have it."""
    found: dict[Hashable, tuple[Row, int]] = {}
    for row in rows:
        if (key := _address(row)) is not None:
            found[key] = row, found.get(key, (row, 0))[1] + 1
    return found


def _by(
    key: Callable[[Row], Hashable], fits: Callable[[Row, Row], bool], left: list[Row], right: list[Row]
) -> Iterator[tuple[Row, Row]]:
    """Pairs of the same key, in the order of time; a row without a key has no pair."""
    waiting = defaultdict(list)
    for row in right:
        if (name := key(row)) is not None:
            waiting[name].append(row)
    for row in left:
        rows = waiting.get(key(row), [])
        at = next((n for n, other in enumerate(rows) if fits(row, other)), None)
        if at is not None:
            yield row, rows.pop(at)


def _address(row: Row) -> Hashable:
    """Transport, address and port of the client; None where one of them is not known."""
    if row["client_ip"] is None or row["client_port"] is None:
        return None
    return row["transport"] or "tcp", _plain(row["client_ip"]), row["client_port"]


def _plain(address: str) -> str:
    """An IPv4 address that a socket shows as IPv6 (RFC 4291, 2.5.5.2) in its own form."""
    return address.lower().removeprefix("::ffff:")


def _host(row: Row) -> Hashable:
    return row["sni"] or row["host"] or None


def _overlap(a: Row, b: Row) -> bool:
    """Whether two connections can have been open at one time; what is not known does not forbid it."""
    return _before(a["opened"], b["closed"]) and _before(b["opened"], a["closed"])


def _before(start: float | None, end: float | None) -> bool:
    return start is None or end is None or start <= end + SLACK


def _strangers(a: Row, b: Row) -> bool:
    """Two that both know their client's address were compared by it already, unless a relay stood between them."""
    return _overlap(a, b) and (_address(a) is None or _address(b) is None or a["client_ip"] != b["client_ip"])


def _when(row: Row) -> tuple[float, str]:
    return row["opened"] if row["opened"] is not None else float("inf"), row["connection"]


WAYS: list[tuple[str, Callable[[Row], Hashable], Callable[[Row, Row], bool]]] = [
    ("address and port", _address, _overlap),
    ("host and time", _host, _strangers),
]
