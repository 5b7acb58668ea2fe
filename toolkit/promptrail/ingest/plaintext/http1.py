"""HTTP/1 (RFC 9112) of both directions into exchanges: framing, pipelining, interim answers, upgrades, tunnels.

In: pieces and holes. Out: flows in the book; bodies as sent but for their chunks. What is no message is looked over for
the next start line and kept as raw bytes. Behind a hole in the answers only the last open question is answered: clients
wait before they ask again on the same connection, and an answer given to the wrong question would be made up.
"""

from collections import deque
from collections.abc import Callable, Generator
from typing import Protocol

from promptrail.ingest.identity import stated
from promptrail.ingest.plaintext.exchange import Book, Exchange, Side
from promptrail.ingest.plaintext.http1_messages import (
    LINE,
    REQUEST,
    RESPONSE,
    START,
    length_of,
    read_body,
    read_headers,
)
from promptrail.ingest.plaintext.pieces import Lost, Piece
from promptrail.ingest.plaintext.raw import Raw
from promptrail.ingest.plaintext.tape import Ended, Hole, Moment, Steps, Tape
from promptrail.ingest.plaintext.websocket import WebSocket
from promptrail.model import Direction, Headers

LEFT = "bytes that belong to no HTTP message that could be read"


class Inner(Protocol):
    """What a connection may go over to."""

    def feed(self, item: Piece | Lost) -> None: ...
    def end(self) -> None: ...


class Http1:
    """`tunnel` makes the reader of what follows a CONNECT or an upgrade: the host that was asked for, and why."""

    def __init__(self, book: Book, tunnel: Callable[[str | None, str | None], Inner]) -> None:
        self.book, self._tunnel = book, tunnel
        self.tapes: dict[Direction, Tape] = {"request": Tape("request"), "response": Tape("response")}
        self._parsers = {"request": self._requests(), "response": self._responses()}
        self._open: deque[Exchange] = deque()
        """Asked and not answered."""
        self._unsettled: dict[int, Exchange] = {}
        self._asking = False
        """A request's head is being read."""
        self._strays: dict[Direction, Raw] = {d: Raw(book, LEFT, joined=True) for d in self.tapes}
        self._inner: Inner | None = None

    def feed(self, item: Piece | Lost) -> None:
        if self._inner:
            self._inner.feed(item)
            return
        self.tapes[item.direction].add(item)
        self._run()

    def end(self) -> None:
        if self._inner is None:
            for tape in self.tapes.values():
                tape.ended = True
            self._run()
            for exchange in self._open:  # no answer comes: what waits for one goes on as HTTP
                exchange.switched = exchange.switched or False
            self._run()
        if self._inner:
            self._inner.end()
        for exchange in list(self._unsettled.values()):
            self._close(exchange)
        for stray in self._strays.values():
            stray.end()

    def _run(self) -> None:
        for direction in ("request", "response", "request"):
            next(self._parsers[direction], None)
        if self._inner:
            for tape in self.tapes.values():
                for item in tape.rest():
                    self._inner.feed(item)

    # --- the two directions

    def _requests(self) -> Steps:
        tape, synced = self.tapes["request"], True
        while True:
            self._asking = False
            try:
                moment, start, headers = yield from self._head(tape, synced)
            except Ended:
                return
            except Hole:
                synced = False
                continue
            found = REQUEST.search(start)
            assert found is not None
            exchange = Exchange(moment, method=found[1], target=found[2], version=found[3])
            side = exchange.request = Side(moment.at, headers)
            self._asking = False
            self._open.append(exchange)
            self._unsettled[id(exchange)] = exchange
            synced = yield from read_body(tape, side, *length_of(headers, b"", None))
            if side.over:
                self._settle(exchange)
            if exchange.method == b"CONNECT" or any(n.lower() == b"upgrade" for n, _ in headers):
                while exchange.switched is None:
                    yield
                if exchange.switched:
                    return

    def _responses(self) -> Steps:
        tape, synced = self.tapes["response"], True
        exchange: Exchange | None = None
        gap = False
        while True:
            try:
                yield from tape.need(1)
                while not self._open and self._asking and not self.tapes["request"].ended:
                    yield
                moment, start, headers = yield from self._head(tape, synced)
            except Ended:
                return
            except Hole:
                synced, gap = False, True
                continue
            found = RESPONSE.search(start)
            assert found is not None
            while gap and len(self._open) > 1:
                self._unanswered(self._open.popleft())
            gap = False
            exchange = self._open[0] if self._open else Exchange(moment)
            status = int(found[2])
            if 100 <= status < 200 and status != 101:
                continue
            if self._open:
                self._open.popleft()
            else:
                exchange.wrong("the request was not seen")
                self._unsettled[id(exchange)] = exchange
            exchange.status, side = status, Side(moment.at, headers)
            exchange.response, exchange.version = side, exchange.version or found[1]
            if self._switch(exchange, side, status, tape.last.at):
                return
            synced = yield from read_body(
                tape, side, *length_of(headers, (exchange.method or b"").upper(), status)
            )
            gap = not synced
            if side.over:
                self._settle(exchange)

    def _unanswered(self, exchange: Exchange) -> None:
        exchange.switched = False
        exchange.wrong("the answer is missing: it fell into a hole")
        if exchange.request and exchange.request.over:
            self._close(exchange)

    def _settle(self, exchange: Exchange) -> None:
        """Hand in what both sides are done with."""
        request, response = exchange.request, exchange.response
        if response and response.over and (request is None or request.over):
            self._close(exchange)

    def _close(self, exchange: Exchange) -> None:
        if self._unsettled.pop(id(exchange), None) is None:
            return
        for side, word in ((exchange.request, "request"), (exchange.response, "response")):
            if side and not (side.over and side.whole):
                exchange.wrong(f"the {word} is not whole")
        self.book.close(exchange)

    def _switch(self, exchange: Exchange, answer: Side, status: int, at: float | None) -> bool:
        """Whether the connection is something else from here on."""
        to = stated(answer.headers, b"upgrade") or "another protocol"
        if exchange.method == b"CONNECT" and 200 <= status < 300:
            del self._unsettled[id(exchange)]  # a way, no exchange: what is asked in it is told
            self._inner = self._tunnel(exchange.target.decode("latin-1"), None)
        elif status == 101 and to.lower() == "websocket":
            answer.end(at)
            del self._unsettled[id(exchange)]  # handed in when its messages are
            exchange.websocket = True
            self._inner = WebSocket(self.book, exchange, answer.headers)
        elif status == 101:
            answer.end(at)
            self._settle(exchange)
            self._inner = self._tunnel(None, f"the connection switched to {to}")
        exchange.switched = self._inner is not None
        return exchange.switched

    # --- messages

    def _head(self, tape: Tape, synced: bool) -> Generator[None, None, tuple[Moment, bytes, Headers]]:
        """The next start line and headers; when and where it began. Bytes before it are kept as raw."""
        stray = self._strays[tape.direction]
        exact, within = START[tape.direction]
        start = b""
        try:
            while True:
                yield from tape.need(1)
                self._asking |= tape.direction == "request" and synced
                moment = tape.next
                line = yield from tape.line(LINE)
                if synced and line in (b"\r\n", b"\n"):
                    continue
                if synced and exact.match(line):
                    break
                if found := within.search(line):
                    if found.start():
                        stray.feed(Piece(moment.at, tape.direction, line[: found.start()], moment.ref))
                        moment = tape.last
                    line = line[found.start() :]
                    break
                synced = False
                self._asking = False
                stray.feed(Piece(moment.at, tape.direction, line, moment.ref))
            stray.cut()
            start = line
            headers = yield from read_headers(tape)
        except (Hole, Ended):
            if start or tape.held:
                data = start + tape.drop(tape.held)
                stray.feed(Piece(moment.at, tape.direction, data, moment.ref))
                stray.cut()
            raise
        return moment, start, headers
