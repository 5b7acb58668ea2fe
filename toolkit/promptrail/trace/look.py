"""What a scout says of some bytes: what they hold, where, and what in them stays shut."""

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from itertools import accumulate
from typing import NamedTuple

from promptrail.decode.layer import FIRST, Span


class Unread(NamedTuple):
    """What could not be opened."""

    reason: str
    detail: str
    length: int


PART, WHOLE, OPENED = 1, 2, 4


class Look(NamedTuple):
    """`holds`: 0 nothing, PART a fragment, WHOLE a needle, OPENED a ciphertext whose plaintext is known."""

    holds: int
    joined: tuple[Span, ...]
    """Stretches (start, end) of pieces that make a needle when they are joined."""
    unread: tuple[Unread, ...]
    spans: tuple[Span, ...] | None = ()
    """Where needles stand in the bytes as they are; None: one is hidden, nobody knows where."""


NOTHING = Look(0, (), ())


def worth(looks: Iterable[Look]) -> int:
    """What some looks hold together."""
    holds = 0
    for look in looks:
        holds |= look.holds
    return holds


def outwards(spans: Sequence[Span] | None, lost: int, grown: int = 0) -> tuple[Span, ...] | None:
    """Where these stretches may have stood in a text that became so much shorter, while nothing moved; `grown`: bytes
    by which some of it became longer, at most."""
    return None if spans is None else tuple((start - grown, end + lost + grown) for start, end in spans)


def places(data: bytes, run: bytes) -> tuple[Span, ...] | None:
    """Everywhere where a run stands; None: it was put together of several."""
    found, start = [], data.find(run)
    while start >= 0:
        found.append((start, start + len(run)))
        start = data.find(run, start + len(run))
    return tuple(found) or None


def together(spans: Iterable[Span], looks: Iterable[Look]) -> tuple[Span, ...] | None:
    """These stretches and those of some looks, in order, made one where they overlap; None: one holds something nobody
    knows where."""
    every = list(spans)
    for look in looks:
        if look.holds:
            if look.spans is None:
                return None
            every += look.spans
    return tuple(merged(every))


def merged(spans: Iterable[Span]) -> list[Span]:
    """These stretches (start, end) in order, made one where they overlap."""
    told: list[Span] = []
    for start, end in sorted(spans):
        if told and start <= told[-1][1]:
            told[-1] = told[-1][0], max(told[-1][1], end)
        else:
            told.append((start, end))
    return told


class Within:
    """Some stretches, to be asked whether another lies in one of them, whole."""

    def __init__(self, spans: Iterable[Span]) -> None:
        self._spans = sorted(spans)
        self._reach = list(accumulate((end for _, end in self._spans), max))
        """Of each: how far it and those that start before it reach."""

    def has(self, start: int, end: int) -> bool:
        """Whether it does."""
        place = bisect_right(self._spans, start, key=FIRST)
        return place > 0 and end <= self._reach[place - 1]
