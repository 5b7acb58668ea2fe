"""What a scout says of some bytes: what they hold, where, and what in them stays shut."""

from typing import NamedTuple

from promptrail.decode.layer import Span


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
