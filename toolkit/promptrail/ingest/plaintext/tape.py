"""One direction of a stream, read as a parser wants it: by line, by count, with its holes and its end as exceptions.

In: pieces and holes as they come. Out: bytes, and when and where they were seen. A parser is a generator that yields
while it needs more, so nothing is read twice however the stream was cut.
"""

import re
from collections import deque
from collections.abc import Generator
from typing import NamedTuple

from promptrail.ingest.plaintext.pieces import Lost, Piece
from promptrail.model import Direction

Steps = Generator[None]
"""What a parser is between two pieces."""
EMPTY_LINE = re.compile(rb"\n\r?\n")


class Hole(Exception):
    """The stream goes on behind something that is missing."""

    def __init__(self, lost: Lost) -> None:
        super().__init__(lost.what)
        self.lost = lost


class Ended(Exception):
    """Nothing more comes in this direction."""


class Moment(NamedTuple):
    at: float | None
    ref: str


class Tape:
    """`ended`: nothing more is added."""

    def __init__(self, direction: Direction) -> None:
        self.direction = direction
        self.ended = False
        self._held = bytearray()
        self._begin = 0
        self._marks: deque[tuple[int, Moment]] = deque()
        self._queue: deque[Piece | Lost] = deque()
        self._last = Moment(None, "")
        self._searched = 0

    def add(self, item: Piece | Lost) -> None:
        if isinstance(item, Lost) or item.data:
            self._queue.append(item)

    @property
    def next(self) -> Moment:
        """Of the first byte that nobody has read."""
        return self._marks[0][1] if self._held else self._last

    @property
    def last(self) -> Moment:
        """Of the last byte that was read."""
        return self._last

    @property
    def held(self) -> int:
        return len(self._held)

    def need(self, count: int) -> Steps:
        """Return when so many bytes are held."""
        while len(self._held) < count:
            yield from self._more()

    def hold(self, count: int) -> Steps:
        """Return when so many bytes are held, or no more can come before a hole or the end."""
        while len(self._held) < count:
            if self._queue:
                if isinstance(self._queue[0], Lost):
                    return
                self._draw()
            elif self.ended:
                return
            else:
                yield

    def take(self, count: int) -> Generator[None, None, bytes]:
        yield from self.need(count)
        return self._cut(count)

    def some(self, limit: int) -> Generator[None, None, bytes]:
        """At least one byte, as many as are held, not more than the limit."""
        yield from self.need(1)
        return self._cut(min(limit, len(self._held)))

    def line(self, limit: int, keep: bool = False) -> Generator[None, None, bytes]:
        """Up to and with the next line feed; so many bytes if there is none within the limit. `keep`: not read yet."""
        while True:
            found = self._held.find(b"\n", self._searched, limit)
            if found >= 0 or len(self._held) >= limit:
                end = found + 1 if found >= 0 else limit
                return self.peek(end) if keep else self._cut(end)
            self._searched = len(self._held)
            yield from self._more()

    def block(self, limit: int) -> Generator[None, None, bytes]:
        """Lines up to and with the next empty one; so many bytes if there is none within the limit."""
        while True:
            yield from self.need(1)
            if self._held[:1] == b"\n" or self._held[:2] == b"\r\n":
                return self._cut(2 - (self._held[:1] == b"\n"))
            found = EMPTY_LINE.search(self._held, max(0, self._searched - 2), limit)
            if found or len(self._held) >= limit:
                return self._cut(found.end() if found else limit)
            self._searched = len(self._held)
            yield from self._more()

    def peek(self, count: int) -> bytes:
        """Of what is held, without reading it."""
        return bytes(self._held[:count])

    def drop(self, count: int) -> bytes:
        """Read what is held already."""
        return self._cut(min(count, len(self._held)))

    def rest(self) -> list[Piece | Lost]:
        """All that nobody has read, as it came."""
        found: list[Piece | Lost] = []
        while self._held:
            end = self._marks[1][0] if len(self._marks) > 1 else self._begin + len(self._held)
            at, ref = self.next
            found.append(Piece(at, self.direction, self._cut(end - self._begin), ref))
        found += self._queue
        self._queue.clear()
        return found

    def _more(self) -> Steps:
        if self._queue:
            if isinstance(self._queue[0], Lost):
                lost = self._queue.popleft()
                assert isinstance(lost, Lost)
                raise Hole(lost)
            self._draw()
        elif self.ended:
            raise Ended
        else:
            yield

    def _draw(self) -> None:
        piece = self._queue.popleft()
        assert isinstance(piece, Piece)
        self._marks.append((self._begin + len(self._held), Moment(piece.at, piece.ref)))
        self._held += piece.data

    def _cut(self, count: int) -> bytes:
        data = bytes(self._held[:count])
        del self._held[:count]
        self._begin += count
        self._searched = 0
        while len(self._marks) > 1 and self._marks[1][0] < self._begin:
            self._marks.popleft()
        if count:
            self._last = self._marks[0][1]
        while self._marks and self._held and len(self._marks) > 1 and self._marks[1][0] <= self._begin:
            self._marks.popleft()
        if not self._held:
            self._marks.clear()
        return data
