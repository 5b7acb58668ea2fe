"""The plaintext of one connection into flows and messages: HTTP/1, HTTP/2, WebSocket, else a raw stream.

In: a carrier, and its pieces and holes in the order in which they were seen. Out: rows as the reader of flow files
makes them for the same exchange, as soon as each is over. Refuses nothing: what cannot be read stays as raw bytes.
A flow's source_ref is `CARRIER frame REF`, the place of its first byte, with `stream N` for HTTP/2 and `no N` where two
begin in the same place. A stream whose end was not seen ends with a Lost of unknown length; without one its end is
taken for a close.
"""

import re
from collections.abc import Callable, Iterable, Iterator

from promptrail.ingest.authority import taken_apart
from promptrail.ingest.plaintext.exchange import Book
from promptrail.ingest.plaintext.http1 import Http1, Inner
from promptrail.ingest.plaintext.http1_messages import METHODS, REQUEST_WITHIN
from promptrail.ingest.plaintext.http2 import Http2
from promptrail.ingest.plaintext.http2_frames import PREFACE, looks_framed
from promptrail.ingest.plaintext.pieces import Carrier, Lost, Piece
from promptrail.ingest.plaintext.raw import Raw
from promptrail.ingest.rows import FlowRow, MessageRow
from promptrail.ingest.sink import Sink

ENOUGH = 16_384
"""With so many bytes of a direction it is decided what they are."""
TLS = re.compile(rb"\x16\x03[\x00-\x04]")
STATUS = re.compile(rb"HTTP/1\.\d \d")
ASKED = re.compile(rb"[!#$%&'*+\-.^_`|~0-9A-Za-z]{1,40} [^\s]+ HTTP/1\.\d\r?\n")

LONG = re.compile(rb"(?:" + METHODS + rb") (?:/|https?://)\S*\Z")
"""A start line that is longer than what is looked at."""


def flows_of(
    carrier: Carrier, pieces: Iterable[Piece | Lost], run: str, sink: Sink
) -> Iterator[tuple[FlowRow, list[MessageRow]]]:
    """The flows of a connection."""
    stream = Stream(carrier, run, sink)
    for piece in pieces:
        yield from stream.feed(piece)
    yield from stream.end()


class Stream:
    """A connection whose pieces come among those of others: `feed` and `end` give the flows that are over by then."""

    def __init__(self, carrier: Carrier, run: str, sink: Sink) -> None:
        self.carrier = carrier
        self._book = Book(carrier, run, sink)
        self._reader = Content(self._book, carrier.tls, carrier.alpn)

    def feed(self, item: Piece | Lost) -> list[tuple[FlowRow, list[MessageRow]]]:
        self._reader.feed(item)
        return self._book.fetch() if self._book.finished else []

    def end(self) -> list[tuple[FlowRow, list[MessageRow]]]:
        self._reader.end()
        return self._book.fetch()


class Content:
    """What a connection, or a tunnel in one, carries: waits until that can be told, then hands all over."""

    def __init__(
        self, book: Book, tls: bool, alpn: str | None, host: str | None = None, why: str | None = None
    ) -> None:
        self.book, self.tls, self.alpn, self.host, self.why = book, tls, alpn, host, why
        self._waiting: list[Piece | Lost] = []
        self._heads = {"request": bytearray(), "response": bytearray()}
        self._holed: set[str] = set()
        self._reader: Inner | None = None

    def feed(self, item: Piece | Lost) -> None:
        if self._reader:
            self._reader.feed(item)
            return
        self._waiting.append(item)
        if isinstance(item, Lost):
            self._holed.add(item.direction)
        else:
            head = self._heads[item.direction]
            head += item.data[: ENOUGH - len(head)]
        self._decide(last=False)

    def end(self) -> None:
        if self._reader is None:
            self._decide(last=True)
        if self._reader:
            self._reader.end()

    def _decide(self, last: bool) -> None:
        make = kind_of(
            bytes(self._heads["request"]),
            bytes(self._heads["response"]),
            self.alpn,
            last or len(self._waiting) > 4096,
        )
        if make is None:
            return
        self._reader = READERS[make](self)
        waiting, self._waiting = self._waiting, []
        for item in waiting:
            self._reader.feed(item)

    def http1(self) -> Inner:
        return Http1(self.book, self.tunnel)

    def http2(self) -> Inner:
        return Http2(self.book)

    def raw(self) -> Inner:
        return Raw(self.book, self.why, host=self.host)

    def sealed(self) -> Inner:
        return Raw(self.book, sealed=True, host=self.host)

    def tunnel(self, target: str | None, why: str | None) -> Inner:
        host = taken_apart(target)[0] if target else self.host
        return Content(self.book, self.tls, None, host, why)


READERS: dict[str, Callable[[Content], Inner]] = {
    "http1": Content.http1,
    "http2": Content.http2,
    "raw": Content.raw,
    "sealed": Content.sealed,
}


def kind_of(asked: bytes, answered: bytes, alpn: str | None, last: bool) -> str | None:
    """What the first bytes of both directions are; None: more are needed."""
    last = last or len(asked) >= ENOUGH or len(answered) >= ENOUGH
    if alpn == "h2" or asked.startswith(PREFACE):
        return "http2"
    if alpn in ("http/1.1", "http/1.0"):
        return "http1"
    if len(asked) < len(PREFACE) and PREFACE.startswith(asked) and asked and not last:
        return None
    if ASKED.match(asked) or STATUS.match(answered):
        return "http1"
    if TLS.match(asked) or (TLS.match(answered) and last):
        return "sealed"
    if looks_framed(asked) or looks_framed(answered):
        return "http2"
    if not last:
        return None
    if LONG.match(asked):
        return "http1"
    begun = any(REQUEST_WITHIN.search(line + b"\n") for line in asked.split(b"\n")[:-1])
    return "http1" if begun or b"HTTP/1." in answered else "raw"
