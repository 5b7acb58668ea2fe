"""Frames of HTTP/2 (RFC 9113, 4) in one direction of a stream; where they were lost, the place where they go on.

In: a tape. Out: frames with their payload, pieces of DATA as they come. A payload with a hole of known size is passed
over; behind any other hole the next bytes that look like frames on end are taken for frames, what stands before is raw.
"""

from collections.abc import Callable, Generator
from typing import NamedTuple

from promptrail.ingest.plaintext.tape import Ended, Hole, Moment, Steps, Tape

PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
DATA, HEADERS, PRIORITY, RST_STREAM, SETTINGS, PUSH_PROMISE, PING, GOAWAY, WINDOW_UPDATE, CONTINUATION = (
    range(10)
)
END_STREAM, END_HEADERS, PADDED, PRIORITISED = 1, 4, 8, 32
FLAGS = {DATA: 9, HEADERS: 45, PRIORITY: 0, RST_STREAM: 0, SETTINGS: 1, PUSH_PROMISE: 12, PING: 1, GOAWAY: 0}
FLAGS |= {WINDOW_UPDATE: 0, CONTINUATION: 4}
LENGTHS = {PRIORITY: 5, RST_STREAM: 4, PING: 8, WINDOW_UPDATE: 4}
ALONE = {SETTINGS: True, PING: True, GOAWAY: True}
"""Whether a frame stands for the connection (True) or a stream; WINDOW_UPDATE may do both."""
USUAL = 16_384
"""The largest payload that no peer must ask leave for."""
LOOK = 3 * USUAL
"""So many bytes are looked at for where frames go on."""


class Frame(NamedTuple):
    """`whole`: no byte of its payload is missing. `last`: nothing more of it comes (DATA comes in pieces)."""

    kind: int
    flags: int
    stream: int
    payload: bytes
    began: Moment
    whole: bool
    last: bool = True


class Head(NamedTuple):
    length: int
    kind: int
    flags: int
    stream: int


def head_of(raw: bytes) -> Head:
    return Head(int.from_bytes(raw[:3]), raw[3], raw[4], int.from_bytes(raw[5:9]) & 0x7FFFFFFF)


def plausible(raw: bytes) -> bool:
    """Whether nine bytes can head a frame that peers usually send."""
    head = head_of(raw)
    return (
        head.length <= USUAL
        and head.kind in FLAGS
        and not raw[5] & 0x80
        and not head.flags & ~FLAGS[head.kind]
        and LENGTHS.get(head.kind, head.length) == head.length
        and (head.kind != SETTINGS or head.length % 6 == 0)
        and (head.kind == WINDOW_UPDATE or ALONE.get(head.kind, False) == (head.stream == 0))
        and head.stream < 1 << 24
    )


def looks_framed(data: bytes) -> bool:
    """Whether a stream begins with two frames, or with settings as every HTTP/2 side does."""
    if (
        len(data) >= 9
        and plausible(data[:9])
        and data[3] == SETTINGS
        and data[4] == 0
        and data[:3] != b"\0\0\0"
    ):
        return True
    return chained(data, 0, ended=False)


def chained(data: bytes, at: int, ended: bool) -> bool:
    """Whether two frames on end begin here; at the end of a stream one that ends with it is enough."""
    for n in range(2):
        if len(data) < at + 9:
            return n > 0 and ended and len(data) == at
        if not plausible(data[at : at + 9]):
            return False
        at += 9 + int.from_bytes(data[at : at + 3])
    return True


class Frames:
    """`stray` gets the bytes that belong to no frame; `gap` is called when frames were lost."""

    def __init__(
        self, tape: Tape, stray: Callable[[bytes, Moment], None], gap: Callable[[str], None]
    ) -> None:
        self.tape, self._stray, self._gap = tape, stray, gap

    def walk(self, take: Callable[[Frame], None]) -> Steps:
        """Hand over every frame of this direction."""
        begun = False
        while True:
            try:
                if not begun:
                    begun = True
                    yield from self._begin()
                while True:
                    yield from self._frame(take)
            except Hole as hole:
                left = self.tape.drop(self.tape.held)
                if left:
                    self._stray(left, self.tape.last)
                self._gap(hole.lost.what)
            except Ended:
                left = self.tape.drop(self.tape.held)
                if left:
                    self._stray(left, self.tape.last)
                return
            try:
                yield from self._find()
            except Ended:
                return

    def _begin(self) -> Steps:
        """The preface of a client, or settings; else the capture began in the middle."""
        tape = self.tape
        if tape.direction == "request":
            yield from tape.hold(len(PREFACE))
            if tape.peek(len(PREFACE)) == PREFACE:
                tape.drop(len(PREFACE))
                return
        yield from tape.hold(9)
        first = tape.peek(9)
        if tape.direction == "response" and len(first) == 9 and plausible(first) and first[3] == SETTINGS:
            return
        self._gap("the capture began in the middle of the connection")
        yield from self._find()

    def _find(self) -> Steps:
        """Go to the next place where frames stand on end."""
        tape = self.tape
        while True:
            try:
                yield from tape.hold(LOOK)
                yield from tape.need(1)
                seen = tape.peek(LOOK)
                ended = len(seen) < LOOK
                for at in range(min(len(seen), USUAL)):
                    if chained(seen, at, ended):
                        if at:
                            self._stray(tape.drop(at), tape.last)
                        return
                self._stray(tape.drop(USUAL), tape.last)
            except Hole as hole:
                self._gap(hole.lost.what)

    def _frame(self, take: Callable[[Frame], None]) -> Steps:
        tape = self.tape
        yield from tape.need(1)
        began = tape.next
        length, kind, flags, stream = head_of((yield from tape.take(9)))
        if kind == DATA and not flags & PADDED:
            yield from self._data(take, length, flags, stream, began)
            return
        data, whole = yield from self._payload(length)
        if flags & PADDED and kind in (DATA, HEADERS, PUSH_PROMISE) and data:
            data = data[1 : max(1, len(data) - data[0])]
        if flags & PRIORITISED and kind == HEADERS:
            data = data[5:]
        take(Frame(kind, flags, stream, data, began, whole))

    def _payload(self, length: int) -> Generator[None, None, tuple[bytes, bool]]:
        chunks: list[bytes] = []
        whole = True
        while length:
            try:
                chunks.append((yield from self.tape.some(length)))
                length -= len(chunks[-1])
            except Hole as hole:
                missing = hole.lost.length
                if missing is None or missing > length:
                    raise
                length, whole = length - missing, False
        return b"".join(chunks), whole

    def _data(
        self, take: Callable[[Frame], None], length: int, flags: int, stream: int, began: Moment
    ) -> Steps:
        """DATA in pieces: what came before a hole or the end of the capture is kept."""
        if not length:
            take(Frame(DATA, flags, stream, b"", began, True))
        while length:
            whole, data = True, b""
            try:
                data = yield from self.tape.some(length)
                length -= len(data)
            except Hole as hole:
                missing, whole = hole.lost.length, False
                if missing is None or missing > length:
                    take(Frame(DATA, 0, stream, b"", began, False))
                    raise
                length -= missing
            take(Frame(DATA, flags, stream, data, began, whole, not length))
