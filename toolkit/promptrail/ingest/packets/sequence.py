"""One direction of a TCP connection, put in order: segments in, bytes out once each, and holes where some never came.

In: sequence numbers as they were sent (RFC 9293, 3.4, modulo 2^32). A retransmission gives nothing new; a segment that
comes early waits, in bounded memory. What is missing is given up when the other side has confirmed it and it still
does not come, when too much waits, and at the end.
"""

from typing import NamedTuple

WAITING_BYTES, WAITING = 4_194_304, 1024
"""So much may wait behind a hole."""
PATIENCE = 1.0
"""Seconds that a hole stays open after the other side confirmed what was in it: captures of several cores reorder."""
FAR = 67_108_864
"""A segment so far ahead is no part of the stream: windows are smaller (RFC 7323 allows 2^30, nobody gives it)."""


class Bytes(NamedTuple):
    at: float
    frame: int
    data: bytes


class Hole(NamedTuple):
    at: float
    frame: int
    length: int
    what: str


class Sequence:
    """`count`: bytes that came, each counted once. `lost`: bytes of holes."""

    def __init__(self) -> None:
        self.count = self.lost = 0
        self._next: int | None = None
        self._first = 0
        self._waiting: dict[int, Bytes] = {}
        self._held = 0
        self._confirmed = self._finished = 0
        """Ends of the stream as the other side has had it, and as FIN says."""
        self._since: float | None = None

    def begin(self, number: int) -> None:
        """The number of the first byte, from SYN."""
        if self._next is None:
            self._first, self._next = number, 0

    def add(self, number: int, at: float, frame: int, data: bytes, length: int) -> list[Bytes | Hole]:
        """A segment; `length`: on the wire, more than its data where the capture cut it short."""
        self.begin(number)
        place = self._place(number)
        found: list[Bytes | Hole] = []
        if place > FAR:
            return [Hole(at, frame, 0, f"{length} bytes stand far outside the stream and are left out")]
        if length > len(data):
            self._keep(place, Bytes(at, frame, data))
            found += self._ready()
            if self._next == place + len(data):
                found.append(self._skip(place + length, at, frame, "the capture cut a packet short"))
        elif length:
            self._keep(place, Bytes(at, frame, data))
        found += self._ready()
        while len(self._waiting) > WAITING or self._held > WAITING_BYTES:
            found += self._give_up(at)
        if self._waiting and self._since is not None and at - self._since >= PATIENCE:
            found += self._give_up(at)
        return found

    def confirm(self, number: int, at: float) -> None:
        """The other side has had everything before this number."""
        if self._next is None:
            return
        place = self._place(number)
        if self._confirmed < place <= self._next + FAR:
            self._confirmed = place
        if self._waiting and self._since is None and place > min(self._waiting):
            self._since = at

    def finish(self, number: int) -> None:
        """The number behind the last byte, from FIN."""
        if self._next is not None and (place := self._place(number)) <= self._next + FAR:
            self._finished = place

    def end(self, at: float, frame: int) -> list[Bytes | Hole]:
        """Nothing more comes."""
        found: list[Bytes | Hole] = []
        while self._waiting:
            found += self._give_up(None)
        # A confirmation counts FIN as a byte, and the FIN may be what is missing.
        last = self._finished or self._confirmed - 1
        if self._next is not None and last > self._next:
            found.append(self._skip(last, at, frame, "the capture does not hold them"))
        return found

    def _place(self, number: int) -> int:
        """Offset in the stream; negative before its first byte, the nearest to where it stands now."""
        assert self._next is not None
        near = (number - self._first - self._next) & 0xFFFFFFFF
        return self._next + (near - 0x100000000 if near & 0x80000000 else near)

    def _keep(self, place: int, piece: Bytes) -> None:
        assert self._next is not None
        if place < self._next:  # its beginning came before
            piece = piece._replace(data=piece.data[self._next - place :])
            place = self._next
        known = self._waiting.get(place)
        if piece.data and (known is None or len(known.data) < len(piece.data)):
            self._held += len(piece.data) - (len(known.data) if known else 0)
            self._waiting[place] = piece

    def _ready(self) -> list[Bytes | Hole]:
        found: list[Bytes | Hole] = []
        while self._waiting:
            place = min(self._waiting) if self._next not in self._waiting else self._next
            if place is None or self._next is None or place > self._next:
                break
            piece = self._waiting.pop(place)
            self._held -= len(piece.data)
            data = piece.data[self._next - place :]
            if data:
                self._next += len(data)
                self.count += len(data)
                found.append(piece._replace(data=data))
                self._since = None
        return found

    def _give_up(self, at: float | None) -> list[Bytes | Hole]:
        place = min(self._waiting)
        piece = self._waiting[place]
        what = "the capture does not hold them"
        hole = self._skip(place, piece.at if at is None else at, piece.frame, what)
        self._since = None
        return [hole, *self._ready()]

    def _skip(self, place: int, at: float, frame: int, what: str) -> Hole:
        assert self._next is not None
        length, self._next = place - self._next, place
        self.lost += length
        return Hole(at, frame, length, f"{length} bytes are missing: {what}")
