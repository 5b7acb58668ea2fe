"""What decoding works on: a layer is a stretch of bytes with the way it was reached; a decoder turns it into pieces.

Offsets are bytes. `start` and `length` say where in its parent a layer stands; `exact` says that those bytes are the
layer's own, so that an offset inside it can be carried outwards.
"""

from bisect import bisect_left
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from operator import itemgetter
from typing import NamedTuple

Span = tuple[int, int]
FIRST = itemgetter(0)


def touch(spans: Sequence[Span], begin: int, stop: int) -> bool:
    """Whether one of these stretches (start, end), in order of start and of end, has a byte in common with another."""
    place = bisect_left(spans, stop, key=FIRST)
    return place > 0 and begin < spans[place - 1][1]


class Piece(NamedTuple):
    """What a decoder yields: bytes found inside a layer."""

    data: bytes
    start: int
    length: int
    path: str = ""
    exact: bool = False
    media: str = ""
    """Content type of the piece, where its surroundings name one."""
    step: str | None = None
    """Word for the chain where it is not the decoder's id; empty: nothing was undone."""
    encodings: tuple[str, ...] = ()
    """Codings under which the piece stands, as its surroundings name them; see Layer."""


@dataclass(slots=True, eq=False)
class Layer:
    """Bytes, and how they were reached from the message as sent.

    Nobody changes one. It is not frozen: a walk makes thousands, and a frozen one takes three times as long to make.
    """

    data: bytes
    path: tuple[str, ...] = ()
    chain: tuple[str, ...] = ()
    media: str = ""
    """Content type, lower case, with parameters; empty: not said."""
    encodings: tuple[str, ...] = ()
    """Codings still to be undone, outermost last, as Content-Encoding lists them (RFC 9110 section 8.4); the transfer
    codings of HTTP and mail, and what gRPC says of its messages, are of the same kind."""
    parent: "Layer | None" = None
    start: int = 0
    length: int = 0
    exact: bool = False
    near: Sequence[Span] | None = None
    """Stretches (start, end) of the data, in order of start and of end, beside which nothing is asked for: a decoder
    may leave out what touches none of them, but for its first piece, which shows that it applies. None: all of it."""

    @property
    def depth(self) -> int:
        return 0 if self.parent is None else self.parent.depth + 1

    def child(self, step: str, piece: Piece) -> "Layer":
        """The layer that a piece of this one makes."""
        path = (*self.path, piece.path) if piece.path else self.path
        step = step if piece.step is None else piece.step
        return Layer(
            piece.data,
            path,
            (*self.chain, step) if step else self.chain,
            piece.media,
            piece.encodings,
            self,
            piece.start,
            piece.length,
            piece.exact,
        )

    def outwards(self, span: Span) -> Span:
        """A span of this layer in its parent: the same bytes if they stand there, else all that it was made of."""
        return (self.start + span[0], span[1]) if self.exact else (self.start, self.length)


class Decoder(NamedTuple):
    """One way of unwrapping. `decode` yields nothing where it does not apply; Undecodable says that it should have."""

    id: str
    """The word that it adds to the chain; empty where it only takes apart what is not wrapped."""
    version: int
    reasoning: str
    """The standard or document that it follows."""
    decode: Callable[[Layer], Iterable[Piece]]


class Undecodable(Exception):
    """A layer says that it is wrapped, and could not be unwrapped: reason (encoding, incomplete, limit) and words.

    `data` is what came out before a limit was met: it is looked through like any other layer, and the fault is told.
    """

    def __init__(self, reason: str, detail: str, data: bytes = b"") -> None:
        super().__init__(detail)
        self.reason, self.detail, self.data = reason, detail, data
