"""What one side of a connection sent when, as pieces: a record or datagram each at first, then close ones as one.

A long transfer has millions of records, so only the first `APART` pieces stand alone, which a handshake may need, and
those of a size that is looked at later (`ALONE`).
"""

from typing import NamedTuple

GAP = 0.05
"""Seconds: what is closer than this is one burst."""
APART = 16
ALONE = 19
"""Bytes of a record that may be a closing alert of TLS 1.3: level, description, inner type, tag (RFC 8446, 6)."""


class Piece(NamedTuple):
    """From its first record to its last, in seconds; `records` is 0 where bytes were counted whose records are not
    known."""

    at: float
    size: int
    records: int = 1
    last: float = 0.0

    @property
    def ended(self) -> float:
        return max(self.last, self.at)

    def with_next(self, other: "Piece") -> "Piece":
        ended = max(self.ended, other.ended)
        return Piece(self.at, self.size + other.size, self.records + other.records, ended)


class Sent:
    """`pieces`: in the order in which they were sent."""

    def __init__(self) -> None:
        self.pieces: list[Piece] = []

    def add(self, piece: Piece) -> None:
        before = self.pieces[-1] if len(self.pieces) > APART else None
        alone = before is None or ALONE in (before.size, piece.size)
        if before is None or alone or piece.at - before.ended >= GAP:
            self.pieces.append(piece)
        else:
            self.pieces[-1] = before.with_next(piece)

    def shorten(self, by: int) -> None:
        """The last piece was not sent to its end."""
        last = self.pieces[-1]
        self.pieces[-1] = last._replace(size=last.size - by)
