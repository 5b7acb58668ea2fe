"""WebSocket frames (RFC 6455) of both directions into messages: permessage-deflate (RFC 7692) undone, fragments joined.

In: the pieces behind the upgrade. Out: messages in their exchange. A hole inside a frame loses what is in it; behind
one of unknown size no frame can be found again: the rest of that direction is one message, marked incomplete.
"""

import re
import zlib
from collections.abc import Generator

from promptrail.ingest.plaintext.exchange import Book, Exchange
from promptrail.ingest.plaintext.pieces import Lost, Piece
from promptrail.ingest.plaintext.tape import Ended, Hole, Steps, Tape
from promptrail.model import Direction, Headers

CONTINUATION, TEXT, BINARY, CLOSE = 0, 1, 2, 8
TAIL = b"\x00\x00\xff\xff"
WINDOW = 32_768
LARGEST = 1 << 30
"""A message that inflates to more stays as it was sent."""


class Inflater:
    """Undoes the compression of one direction's messages; None where that cannot be done."""

    def __init__(self, keeps: bool) -> None:
        self.keeps = keeps
        """Whether a message may refer to those before it."""
        self._inflate = zlib.decompressobj(-15)
        self._seen = b""
        self.lost = False

    def message(self, data: bytes, whole: bool) -> bytes | None:
        if self.lost or not whole:
            self.lose()
            return None
        out, rest = [], data + TAIL
        size = 0
        try:
            while rest:
                out.append(self._inflate.decompress(rest, LARGEST - size + 1))
                size += len(out[-1])
                if size > LARGEST:
                    raise zlib.error("too large")
                rest = self._inflate.unconsumed_tail
                if self._inflate.eof:
                    rest = (
                        b""
                        if self._inflate.unused_data in (TAIL, b"\x00" + TAIL)
                        else self._inflate.unused_data
                    )
                    self._fresh(b"".join([self._seen, *out[-2:]])[-WINDOW:])
        except zlib.error:
            self.lose()
            return None
        plain = b"".join(out)
        if self.keeps:
            self._seen = (self._seen + plain[-WINDOW:])[-WINDOW:]
        else:
            self._fresh(b"")
        return plain

    def lose(self) -> None:
        """A message is missing or damaged: with kept context, so are all that come."""
        self.lost = self.keeps
        self._fresh(b"")

    def _fresh(self, known: bytes) -> None:
        self._inflate = zlib.decompressobj(-15, zdict=known) if known else zlib.decompressobj(-15)


class WebSocket:
    """`answer`: the headers that accepted it, which say how messages are compressed."""

    def __init__(self, book: Book, exchange: Exchange, answer: Headers) -> None:
        self.book, self.exchange = book, exchange
        agreed = ", ".join(
            v.decode("latin-1").lower() for n, v in answer if n.lower() == b"sec-websocket-extensions"
        )
        self.deflate = "permessage-deflate" in agreed
        self.tapes: dict[Direction, Tape] = {"request": Tape("request"), "response": Tape("response")}
        self._parsers = {}
        for direction, side in (("request", "client"), ("response", "server")):
            alone = re.search(rf"\b{side}_no_context_takeover\b", agreed) is not None
            way: Direction = "request" if direction == "request" else "response"
            self._parsers[way] = self._messages(self.tapes[way], Inflater(not alone))

    def feed(self, item: Piece | Lost) -> None:
        self.tapes[item.direction].add(item)
        next(self._parsers[item.direction], None)

    def end(self) -> None:
        for direction, tape in self.tapes.items():
            tape.ended = True
            next(self._parsers[direction], None)
        self.book.close(self.exchange)

    def _messages(self, tape: Tape, inflater: Inflater) -> Steps:
        """Every message of a direction, then what no frame could be found in."""
        try:
            while True:
                yield from self._message(tape, inflater)
        except Ended:
            if tape.drop(tape.held):
                self.exchange.wrong("a WebSocket frame was cut short")
            return
        except Hole as fault:
            hole = fault
        left = []
        while True:
            try:
                left.append((yield from tape.some(1 << 20)))
            except Hole:
                continue
            except Ended:
                break
        if left:
            self._add(tape, b"".join(left), False, None)
        if left or hole.lost.length:
            self.exchange.wrong(f"WebSocket messages are missing: {hole.lost.what}")

    def _message(self, tape: Tape, inflater: Inflater) -> Steps:
        """One message: its frames, with control frames between them."""
        chunks: list[bytes] = []
        kind, packed, whole = None, False, True
        try:
            while True:
                first, second = yield from tape.take(2)
                length = second & 127
                if length > 125:
                    length = int.from_bytes((yield from tape.take(2 if length == 126 else 8)))
                key = (yield from tape.take(4)) if second & 128 else b""
                code = first & 15
                into = chunks if code < CLOSE else []
                if code in (TEXT, BINARY):
                    kind, packed = code, bool(first & 64) and self.deflate
                whole &= yield from self._payload(tape, length, key, into)
                if code < CLOSE and first & 128:
                    break
        except (Hole, Ended) as fault:
            if chunks:
                self._finish(tape, inflater, b"".join(chunks), kind, packed, False)
            elif isinstance(fault, Hole):
                inflater.lose()
            raise
        self._finish(tape, inflater, b"".join(chunks), kind, packed, whole)

    def _payload(self, tape: Tape, length: int, key: bytes, into: list[bytes]) -> Generator[None, None, bool]:
        """Read a frame's payload, unmasked; whether it is whole."""
        done, whole = 0, True
        while done < length:
            try:
                data = yield from tape.some(length - done)
            except Hole as hole:
                missing = hole.lost.length
                if missing is None or missing > length - done:
                    raise
                done, whole = done + missing, False
                continue
            into.append(unmasked(data, key, done) if key else data)
            done += len(data)
        return whole

    def _finish(
        self, tape: Tape, inflater: Inflater, data: bytes, kind: int | None, packed: bool, whole: bool
    ) -> None:
        if not whole:
            self.exchange.wrong("a WebSocket message is not whole")
        if packed:
            plain = inflater.message(data, whole)
            if plain is None:
                self.exchange.wrong("WebSocket messages stay compressed: what they refer to is missing")
                whole = False
            else:
                data = plain
        self._add(tape, data, whole, None if kind is None else kind == TEXT)

    def _add(self, tape: Tape, data: bytes, whole: bool, word: bool | None) -> None:
        body = self.book.sink.body(data)
        self.exchange.frames.append((tape.direction == "request", body, len(data), tape.last.at, whole, word))


def unmasked(data: bytes, key: bytes, begin: int) -> bytes:
    """XOR with the frame's key (RFC 6455, 5.3), from this place in the payload on; as one number, which is fast."""
    turn = begin % 4
    key = key[turn:] + key[:turn]
    pad = (key * (len(data) // 4 + 1))[: len(data)]
    return (int.from_bytes(data) ^ int.from_bytes(pad)).to_bytes(len(data))
