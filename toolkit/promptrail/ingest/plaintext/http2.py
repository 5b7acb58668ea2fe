"""HTTP/2 (RFC 9113) of both directions into exchanges, one a stream, with own small bookkeeping.

In: pieces and holes. Out: flows in the book, headers without the pseudo headers. A strange frame is passed over;
headers that stood in a lost compression table are counted in the flow's error, never made up. WebSockets of RFC 8441
are read.
"""

from promptrail.ingest.plaintext.exchange import Book, Exchange, Side
from promptrail.ingest.plaintext.header_table import BlockFault, Field, Headers
from promptrail.ingest.plaintext.http2_frames import (
    CONTINUATION,
    DATA,
    END_HEADERS,
    END_STREAM,
    HEADERS,
    PUSH_PROMISE,
    RST_STREAM,
    Frame,
    Frames,
)
from promptrail.ingest.plaintext.pieces import Lost, Piece
from promptrail.ingest.plaintext.raw import Raw
from promptrail.ingest.plaintext.tape import Moment, Steps, Tape
from promptrail.ingest.plaintext.websocket import WebSocket
from promptrail.model import Direction

CODES = [
    "NO_ERROR",
    "PROTOCOL_ERROR",
    "INTERNAL_ERROR",
    "FLOW_CONTROL_ERROR",
    "SETTINGS_TIMEOUT",
    "STREAM_CLOSED",
    "FRAME_SIZE_ERROR",
    "REFUSED_STREAM",
    "CANCEL",
    "COMPRESSION_ERROR",
    "CONNECT_ERROR",
    "ENHANCE_YOUR_CALM",
    "INADEQUATE_SECURITY",
    "HTTP_1_1_REQUIRED",
]
"""RFC 9113, 7."""
LARGEST_BLOCK = 4 << 20
LEFT = "bytes of an HTTP/2 connection that belong to no frame that could be read"


class Way:
    """One direction: its header table, and the header block that is still coming."""

    def __init__(self, direction: Direction) -> None:
        self.direction = direction
        self.tape = Tape(direction)
        self.table = Headers()
        self.block: Frame | None = None
        self.chunks: list[bytes] = []
        self.whole = True


class Http2:
    def __init__(self, book: Book) -> None:
        self.book = book
        self.ways: dict[Direction, Way] = {"request": Way("request"), "response": Way("response")}
        self.streams: dict[int, Exchange] = {}
        self._sockets: dict[int, WebSocket] = {}
        self._closed: set[int] = set()
        self._strays = {d: Raw(book, LEFT, joined=True) for d in self.ways}
        self._parsers = {d: self._walk(way) for d, way in self.ways.items()}

    def feed(self, item: Piece | Lost) -> None:
        self.ways[item.direction].tape.add(item)
        next(self._parsers[item.direction], None)

    def end(self) -> None:
        for direction, way in self.ways.items():
            way.tape.ended = True
            next(self._parsers[direction], None)
        for stream in list(self.streams):
            self._close(stream)
        for stray in self._strays.values():
            stray.end()

    def _walk(self, way: Way) -> Steps:
        def stray(data: bytes, moment: Moment) -> None:
            self._strays[way.direction].feed(Piece(moment.at, way.direction, data, moment.ref))

        return Frames(way.tape, stray, lambda what: self._gap(way, what)).walk(lambda f: self._take(way, f))

    def _gap(self, way: Way, what: str) -> None:
        """Frames were lost: whatever was open may miss some of them."""
        way.table.forget()
        way.block, way.chunks = None, []
        self._strays[way.direction].cut()
        for exchange in self.streams.values():
            side = exchange.request if way.direction == "request" else exchange.response
            if side and not side.over:
                side.whole = False
                exchange.wrong(f"frames of the {way.direction} are missing: {what}")

    def _take(self, way: Way, frame: Frame) -> None:
        if way.block is not None:
            if frame.kind == CONTINUATION and frame.stream == way.block.stream:
                self._block(way, frame)
                return
            way.table.forget()  # a block that was never finished
            way.block, way.chunks = None, []
        if frame.kind == DATA:
            self._data(way, frame)
        elif frame.kind in (HEADERS, PUSH_PROMISE):
            way.block, way.chunks, way.whole = frame, [], True
            self._block(way, frame)
        elif frame.kind == CONTINUATION:
            way.table.forget()
        elif frame.kind == RST_STREAM and frame.stream in self.streams:
            self._reset(way, frame)

    def _block(self, way: Way, frame: Frame) -> None:
        """A piece of a header block; with its end, the headers."""
        way.chunks.append(frame.payload)
        way.whole &= frame.whole and sum(map(len, way.chunks)) <= LARGEST_BLOCK
        if not frame.flags & END_HEADERS:
            return
        first, block, whole = way.block, b"".join(way.chunks), way.whole
        way.block, way.chunks = None, []
        assert first is not None
        at, faults, fields = way.tape.last.at, [], list[Field]()
        stream, direction = first.stream, way.direction
        if first.kind == PUSH_PROMISE:
            stream, block, direction = int.from_bytes(block[:4]) & 0x7FFFFFFF, block[4:], "request"
        if not whole:
            way.table.forget()
            faults.append("a header block is not whole")
        else:
            try:
                fields = way.table.decode(block)
            except BlockFault as fault:
                fields = fault.fields
                faults.append(str(fault))
        if unknown := sum(name is None or value is None for name, value in fields):
            faults.append(
                f"{unknown} headers of the {direction} are not known: what they refer to was not seen"
            )
        self._headers(direction, stream, first, fields, faults, at)

    def _headers(
        self,
        direction: Direction,
        stream: int,
        first: Frame,
        fields: list[Field],
        faults: list[str],
        at: float | None,
    ) -> None:
        if stream in self._closed or not stream:
            return
        exchange = self.streams.setdefault(stream, Exchange(first.began, stream))
        exchange.version = b"HTTP/2.0"
        for fault in faults:
            exchange.wrong(fault)
        pseudo = {n: v for n, v in fields if n and n[:1] == b":" and v is not None}
        plain = [(n, v) for n, v in fields if n is not None and n[:1] != b":" and v is not None]
        side = exchange.request if direction == "request" else exchange.response
        ends = bool(first.flags & END_STREAM) or first.kind == PUSH_PROMISE
        if side is not None:
            side.trailers += plain
        elif direction == "request":
            if exchange.response:
                exchange.began = first.began
            side = exchange.request = Side(first.began.at, plain)
            exchange.method = pseudo.get(b":method", b"")
            exchange.scheme = pseudo.get(b":scheme")
            exchange.authority = pseudo.get(b":authority", b"")
            exchange.target = pseudo.get(b":path", b"")
            exchange.websocket = pseudo.get(b":protocol") == b"websocket"
        else:
            status = pseudo.get(b":status", b"")
            if status[:1] == b"1" and not ends:
                return
            exchange.status = int(status) if status.isdigit() and len(status) == 3 else None
            side = exchange.response = Side(first.began.at, plain)
            self._answered(stream, exchange, at)
        if ends:
            side.end(at)
            self._settle(stream)

    def _answered(self, stream: int, exchange: Exchange, at: float | None) -> None:
        if exchange.websocket and exchange.request and exchange.response and exchange.status == 200:
            for side in (exchange.request, exchange.response):
                side.end(at if side is exchange.response else exchange.request.began)
            self._sockets[stream] = WebSocket(self.book, exchange, exchange.response.headers)
        else:
            exchange.websocket = False

    def _data(self, way: Way, frame: Frame) -> None:
        if not frame.stream or frame.stream in self._closed:
            return
        at = way.tape.last.at
        if socket := self._sockets.get(frame.stream):
            socket.feed(Piece(at, way.direction, frame.payload, frame.began.ref))
            if not frame.whole:
                socket.feed(Lost(at, way.direction, None, "a frame is not whole", frame.began.ref))
            return
        exchange = self.streams.setdefault(frame.stream, Exchange(frame.began, frame.stream))
        exchange.version = b"HTTP/2.0"
        side = exchange.request if way.direction == "request" else exchange.response
        if side is None:
            exchange.wrong(f"the headers of the {way.direction} were not seen")
            side = Side(frame.began.at)
            if way.direction == "request":
                exchange.request = side
            else:
                exchange.response = side
        if frame.payload:
            side.body.append(frame.payload)
        side.whole &= frame.whole
        if frame.last and frame.flags & END_STREAM:
            side.end(at)
            self._settle(frame.stream)

    def _reset(self, way: Way, frame: Frame) -> None:
        exchange = self.streams[frame.stream]
        number = int.from_bytes(frame.payload)
        code = CODES[number] if number < len(CODES) else str(number)
        response = exchange.response
        if not (response and response.over and not number):
            who = "client" if way.direction == "request" else "server"
            exchange.wrong(f"stream reset by the {who} ({code})")
        self._close(frame.stream)

    def _settle(self, stream: int) -> None:
        exchange = self.streams[stream]
        request, response = exchange.request, exchange.response
        if request and request.over and response and response.over and stream not in self._sockets:
            self._close(stream)

    def _close(self, stream: int) -> None:
        exchange = self.streams.pop(stream)
        self._closed.add(stream)
        if exchange.request is None:
            exchange.wrong("the request was not seen")
        for side, word in ((exchange.request, "request"), (exchange.response, "response")):
            if side and not (side.over and side.whole):
                exchange.wrong(f"the {word} is not whole")
        if socket := self._sockets.pop(stream, None):
            socket.end()
        else:
            self.book.close(exchange)
