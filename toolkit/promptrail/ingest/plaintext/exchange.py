"""A request and its response while they are put together, and the rows that they become.

In: what a parser of HTTP/1 or HTTP/2 finds, in any order. Out: a flow with its messages, field by field as the reader
of flow files gives them for the same exchange. A side that was not seen stays empty and is told; nothing is guessed.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, field

from promptrail.ingest.authority import PORTS, host_and_url, taken_apart, text
from promptrail.ingest.identity import TRAILERS, body_of, connection_id, flow_id, marked, trailers_of
from promptrail.ingest.plaintext.pieces import Carrier
from promptrail.ingest.plaintext.tape import Moment
from promptrail.ingest.rows import FlowRow, MessageRow
from promptrail.ingest.sink import Sink
from promptrail.model import Direction, Headers

ABSOLUTE = re.compile(rb"([A-Za-z][A-Za-z0-9+.\-]*)://([^/?#]*)(.*)", re.DOTALL)
"""A request target with scheme and authority, as proxies are asked (RFC 9112, 3.2.2)."""
FIRST_FRAME = 2
"""Where a WebSocket's messages begin: behind both bodies."""
Built = tuple[FlowRow, list[MessageRow]]


@dataclass
class Side:
    """Request or response. `over`: nothing more comes; `whole`: no part of the body is missing."""

    began: float | None
    headers: Headers = field(default_factory=list)
    trailers: Headers = field(default_factory=list)
    body: list[bytes] = field(default_factory=list)
    ended: float | None = None
    over: bool = False
    whole: bool = True

    def end(self, at: float | None) -> None:
        self.over, self.ended = True, at

    def content(self) -> bytes | None:
        """None: missing; empty only where the message says so."""
        found = b"".join(self.body)
        return found if found or (self.over and self.whole) else None


@dataclass
class Exchange:
    """`frames`: (from the client, body, length, at, complete, text) of each WebSocket message, as they ended."""

    began: Moment
    stream: int | None = None
    method: bytes | None = None
    target: bytes = b""
    authority: bytes = b""
    scheme: bytes | None = None
    version: bytes = b""
    status: int | None = None
    request: Side | None = None
    response: Side | None = None
    websocket: bool = False
    switched: bool | None = None
    """Whether the connection went over to something else; None: not answered yet."""
    errors: list[str] = field(default_factory=list)
    frames: list[tuple[bool, str | None, int, float | None, bool, bool | None]] = field(default_factory=list)

    def wrong(self, what: str) -> None:
        """Say once what went wrong."""
        if what not in self.errors:
            self.errors.append(what)


class Book:
    """Where the parsers of one connection hand in what they found; `finished` holds it until it is fetched."""

    def __init__(self, carrier: Carrier, run: str, sink: Sink) -> None:
        self.carrier, self.run, self.sink = carrier, run, sink
        self.connection = connection_id(run, carrier.ref)
        self.finished: list[Built] = []
        self._named: dict[str, int] = {}

    def name(self, ref: str, stream: int | None = None) -> str:
        """A flow's source_ref: connection, place of its first byte, HTTP/2's stream; a number where two share it."""
        name = f"{self.carrier.ref} {self.carrier.unit} {ref}" + (
            f" stream {stream}" if stream is not None else ""
        )
        self._named[name] = count = self._named.get(name, 0) + 1
        return name if count == 1 else f"{name} no {count}"

    def fetch(self) -> list[Built]:
        """What is finished, and forget it."""
        found, self.finished = self.finished, []
        return found

    def plain(
        self, ref: str, started: float | None, ended: float | None, error: str | None, host: str | None = None
    ) -> FlowRow:
        """A flow of bytes that are no HTTP."""
        carrier, name = self.carrier, self.name(ref)
        return FlowRow(
            flow=flow_id(self.run, name),
            run=self.run,
            source_ref=name,
            kind="tcp",
            host=host or carrier.sni or carrier.host or carrier.dest_ip,
            port=carrier.port or carrier.dest_port,
            started=started,
            ended=ended,
            sni=carrier.sni,
            dest_ip=carrier.dest_ip,
            dest_port=carrier.dest_port,
            cert_names=carrier.cert_names,
            cert_issuer=carrier.cert_issuer,
            connection=self.connection,
            response_complete=True,
            error=error,
            simulated=marked([], carrier.cert_issuer),
        )

    def close(self, exchange: Exchange) -> None:
        """An exchange to which nothing is added any more."""
        carrier, request, response = self.carrier, exchange.request, exchange.response
        name = self.name(exchange.began.ref, exchange.stream)
        place = place_of(exchange, carrier)
        sent = request.content() if request else None
        received = response.content() if response else None
        store: Callable[[bytes], str] = self.sink.body
        headers = response.headers if response else []
        whole = bool(response and response.over and response.whole)
        flow = FlowRow(
            flow=flow_id(self.run, name),
            run=self.run,
            source_ref=name,
            kind="websocket" if exchange.websocket else "http",
            host=place.host,
            port=place.port,
            method=place.method,
            scheme=place.scheme,
            url=place.url,
            http_version=text(exchange.version) if exchange.version else None,
            status=exchange.status,
            started=request.began if request else None,
            request_ended=request.ended if request else None,
            response_started=response.began if response else None,
            ended=response.ended if response else None,
            sni=carrier.sni,
            dest_ip=carrier.dest_ip,
            dest_port=carrier.dest_port,
            cert_names=carrier.cert_names,
            cert_issuer=carrier.cert_issuer,
            connection=self.connection,
            request_headers=request.headers if request else [],
            response_headers=headers,
            request_body=None if sent is None else store(sent),
            request_length=None if sent is None else len(sent),
            response_body=None if received is None else store(received),
            response_length=None if received is None else len(received),
            response_complete=whole,
            error="; ".join(exchange.errors) or None,
            simulated=marked(headers, carrier.cert_issuer),
        )
        self.finished.append((flow, self._messages(flow, exchange)))

    def _messages(self, flow: FlowRow, exchange: Exchange) -> list[MessageRow]:
        messages = []
        request, response = exchange.request, exchange.response
        if request and request.content() != b"":
            at = flow.request_ended if flow.request_ended is not None else flow.started
            messages.append(body_of(flow, "request", at, request.over and request.whole))
        if response and response.content() != b"" and not exchange.websocket:
            messages.append(body_of(flow, "response", flow.ended, flow.response_complete))
        sides: tuple[Side | None, ...] = (request, response)
        for direction, side in zip(TRAILERS, sides, strict=True):
            if side and not exchange.websocket:
                messages += trailers_of(flow, direction, side.trailers, side.ended, self.sink.body)
        for seq, (sent, body, length, at, complete, word) in enumerate(exchange.frames, FIRST_FRAME):
            way: Direction = "request" if sent else "response"
            messages.append(MessageRow(flow.flow, flow.run, seq, way, "ws", body, length, at, complete, word))
        return messages


@dataclass
class Place:
    """Where a request went, as it says itself."""

    method: str | None = None
    scheme: str | None = None
    host: str | None = None
    port: int | None = None
    url: str | None = None


def place_of(exchange: Exchange, carrier: Carrier) -> Place:
    """Method, scheme, host, port and URL by the rules for flow files; without a request what the connection knows."""
    known = carrier.host or carrier.sni or carrier.dest_ip
    scheme = "https" if carrier.tls else "http"
    if exchange.request is None or exchange.method is None:
        return Place(None, scheme, known, carrier.port or carrier.dest_port)
    method, target, authority = text(exchange.method).upper(), exchange.target, exchange.authority
    named_host, named_port = None, None
    if absolute := ABSOLUTE.fullmatch(target):
        scheme, authority, target = text(absolute[1]).lower(), absolute[2], absolute[3] or b"/"
        named_host, named_port = taken_apart(text(authority))
    elif method == "CONNECT" and not exchange.websocket:
        authority = authority or target
        named_host, named_port = taken_apart(text(authority))
    if exchange.scheme:
        scheme = text(exchange.scheme)
    headers = exchange.request.headers
    said = authority or next((v for n, v in headers if n.lower() == b"host"), b"")
    if named_port is None and said:
        named_port = taken_apart(text(said))[1]
    usual = PORTS.get(scheme)
    port = carrier.port or named_port or (usual if said else carrier.dest_port or usual)
    if absolute:
        port = named_port or usual
    fields = {
        "host": named_host or known or "",
        "port": port,
        "authority": authority,
        "headers": headers,
        "http_version": exchange.version,
        "path": target,
    }
    asked = "GET" if exchange.websocket else method  # RFC 8441 asks with CONNECT for a path
    host, url = host_and_url(fields, asked, scheme)
    return Place(method or None, scheme, host or None, port, url if target else None)
