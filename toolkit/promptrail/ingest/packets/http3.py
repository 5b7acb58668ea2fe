"""HTTP/3 (RFC 9114) of a QUIC connection that tshark decrypted, into flows: a request stream each.

In: the connection's streams in the spool. Out: flows and messages as for HTTP/2, their source_ref with `stream N`.
tshark 4.0 does not open header blocks; QPACK is undone here. A stream with a hole is read up to it.
"""

from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator

from promptrail.ingest.packets.client_hello import Reader
from promptrail.ingest.packets.initial import varint
from promptrail.ingest.packets.qpack import Fault, Field, Table
from promptrail.ingest.packets.spool import Entry
from promptrail.ingest.plaintext.exchange import Book, Built, Exchange, Side
from promptrail.ingest.plaintext.tape import Moment

DATA, HEADERS, SETTINGS = 0, 1, 4
CONTROL, ENCODER = 0, 2
"""Kinds of one-way streams (RFC 9114, 6.2 and RFC 9204, 4.2)."""
BY_SERVER, ONE_WAY = 1, 2
"""Bits of a stream's number (RFC 9000, 2.1)."""
CAPACITY = 1
"""SETTINGS_QPACK_MAX_TABLE_CAPACITY."""


class Half:
    """What one side sent on a stream, up to its first hole, and when each byte of it was seen."""

    def __init__(self, entries: Iterable[Entry], ended: bool) -> None:
        parts: list[bytes] = []
        self.starts: list[int] = []
        self.moments: list[Entry] = []
        self.whole, self.ended, size = True, ended, 0
        for entry in entries:
            if entry.missing is not None:
                self.whole = False
                break
            parts.append(entry.data)
            self.starts.append(size)
            self.moments.append(entry._replace(data=b""))
            size += len(entry.data)
        self.data = b"".join(parts)

    def seen(self, place: int) -> Entry:
        """The frame that held the byte at an offset, of the last one behind the end."""
        return self.moments[max(bisect_right(self.starts, place) - 1, 0)]

    def frames(self, at: int = 0) -> Iterator[tuple[int, bytes, int]]:
        """Kind, payload and offset of each frame; the last one as far as it goes."""
        reader = Reader(self.data)
        reader.at = at
        while reader.more:
            start = reader.at
            try:
                kind, length = varint(reader), varint(reader)
            except IndexError:
                self.whole = False
                return
            payload = self.data[reader.at : reader.at + length]
            self.whole &= len(payload) == length
            reader.at += length
            yield kind, payload, start


class Http3:
    """The request streams of one connection. `client`: the side that asked; `half`: fetches a stream's side."""

    def __init__(self, book: Book, client: int, half: Callable[[int, int], Half]) -> None:
        self.book, self.client, self.half = book, client, half
        self.tables = {client: Table(), 1 - client: Table()}
        """By the side whose header blocks they open."""

    def read(self, streams: Iterable[int]) -> Iterator[Built]:
        """Every request, in the order of streams; the low bits of a number say who began it, and which way it goes."""
        for stream in sorted(streams):
            if stream & ONE_WAY:
                side = 1 - self.client if stream & BY_SERVER else self.client
                self._one_way(side, self.half(stream, side))
        for stream in sorted(streams):
            if stream & (ONE_WAY | BY_SERVER):
                continue
            self._request(stream, self.half(stream, self.client), self.half(stream, 1 - self.client))
            yield from self.book.finished
            self.book.finished.clear()

    def _one_way(self, side: int, half: Half) -> None:
        reader = Reader(half.data)
        try:
            kind = varint(reader)
        except IndexError:
            return
        if kind == ENCODER:
            at = reader.at
            for n, moment in enumerate(half.moments):
                end = half.starts[n + 1] if n + 1 < len(half.starts) else len(half.data)
                if end > at:
                    self.tables[side].feed(half.data[at:end], moment.frame)
                    at = end
        elif kind == CONTROL:
            for name, payload, _ in half.frames(reader.at):
                if name == SETTINGS:
                    self._settings(side, Reader(payload))

    def _settings(self, side: int, reader: Reader) -> None:
        """What a side allows, the other side's encoder may use."""
        try:
            while reader.more:
                number, value = varint(reader), varint(reader)
                if number == CAPACITY:
                    self.tables[1 - side].capacity = value
        except IndexError:
            return

    def _request(self, stream: int, asked: Half, answered: Half) -> None:
        first = [half.moments[0] for half in (asked, answered) if half.moments]
        if not first:
            return
        exchange = Exchange(Moment(first[0].at, str(first[0].frame)), stream, version=b"HTTP/3")
        if asked.moments:
            exchange.request = self._side(asked, self.client, exchange, True)
        else:
            exchange.wrong("the request was not seen")
        if answered.moments:
            exchange.response = self._side(answered, 1 - self.client, exchange, False)
        self.book.close(exchange)

    def _side(self, half: Half, sender: int, exchange: Exchange, request: bool) -> Side:
        side = Side(half.moments[0].at)
        headed = False
        for kind, payload, place in half.frames():
            if kind == DATA:
                side.body.append(payload)
            elif kind == HEADERS:
                seen = half.seen(place + len(payload))
                try:
                    fields = self.tables[sender].decode(payload, seen.frame)
                except Fault as fault:
                    exchange.wrong(str(fault))
                    headed = True
                    continue
                plain = [(n, v) for n, v in fields if n[:1] != b":"]
                if headed:
                    side.trailers += plain
                    continue
                headed = self._head(exchange, fields, request)
                if headed:
                    side.began, side.headers = half.seen(place).at, plain
        side.whole = half.whole
        if half.ended and half.whole:
            side.end(half.moments[-1].at)
        else:
            exchange.wrong(f"the {'request' if request else 'response'} is not whole")
        return side

    def _head(self, exchange: Exchange, fields: list[Field], request: bool) -> bool:
        """Take in the pseudo headers; false for an interim answer (1xx)."""
        pseudo = {n: v for n, v in fields if n[:1] == b":"}
        if request:
            exchange.method = pseudo.get(b":method", b"")
            exchange.scheme = pseudo.get(b":scheme")
            exchange.authority = pseudo.get(b":authority", b"")
            exchange.target = pseudo.get(b":path", b"")
            return True
        status = pseudo.get(b":status", b"")
        if len(status) == 3 and status[:1] == b"1":
            return False
        exchange.status = int(status) if status.isdigit() and len(status) == 3 else None
        return True
