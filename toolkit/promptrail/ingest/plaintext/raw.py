"""Bytes that are no HTTP, kept as messages of a flow of the kind tcp: a protocol of its own, or what HTTP left over.

TLS that nobody opened is counted and not kept. Holes stand among the messages as missing ones, with their length.
"""

from dataclasses import dataclass, field

from promptrail.ingest.plaintext.exchange import Book
from promptrail.ingest.plaintext.pieces import Lost, Piece
from promptrail.ingest.rows import MessageRow
from promptrail.model import Direction

SEALED = "TLS that was not opened: its bytes are counted, not kept"


@dataclass
class Run:
    """Bytes of one direction that belong together."""

    direction: Direction
    at: float | None
    chunks: list[bytes] = field(default_factory=list)
    lost: Lost | None = None


class Raw:
    """`joined`: pieces that follow each other in a direction are one message, however they were cut."""

    def __init__(
        self,
        book: Book,
        why: str | None = None,
        joined: bool = False,
        sealed: bool = False,
        host: str | None = None,
    ) -> None:
        self.book, self.joined, self.sealed, self.host = book, joined, sealed, host
        self.why = SEALED if sealed else why
        self._runs: list[Run] = []
        self._ref: str | None = None
        self._first: float | None = None
        self._last: float | None = None
        self._messages: list[tuple[Direction, str | None, int | None, float | None, bool]] = []

    def feed(self, item: Piece | Lost) -> None:
        if self._ref is None:
            self._ref, self._first = item.ref, item.at
        self._last = item.at if item.at is not None else self._last
        if isinstance(item, Lost):
            self.cut()
            self._messages.append((item.direction, None, item.length, item.at, False))
            return
        if not (self.joined and self._runs and self._runs[-1].direction == item.direction):
            self.cut()
            self._runs.append(Run(item.direction, item.at))
        self._runs[-1].chunks.append(item.data)

    def cut(self) -> None:
        """What comes next does not belong to what came last."""
        for run in self._runs:
            data = b"".join(run.chunks)
            if self.sealed:
                self._messages.append((run.direction, None, len(data), run.at, False))
            else:
                self._messages.append((run.direction, self.book.sink.body(data), len(data), run.at, True))
        self._runs = []

    def end(self) -> None:
        self.cut()
        if self._ref is None:
            return
        flow = self.book.plain(self._ref, self._first, self._last, self.why, self.host)
        rows = [
            MessageRow(flow.flow, flow.run, seq, direction, "raw", body, length, at, complete)
            for seq, (direction, body, length, at, complete) in enumerate(self._messages)
        ]
        self.book.finished.append((flow, rows))
