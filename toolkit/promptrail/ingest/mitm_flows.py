"""One flow of a flow file into records: flow, messages and its connection, the same that mitmproxy's own objects give.

In: the fields that `flow_format` read. Out: records of `model`; bodies go to the sink. What cannot be a flow is Damage.
Destination, SNI and certificate are kept apart. A connection is taken apart once for all flows that repeat its state.
"""

from collections.abc import Callable
from functools import lru_cache
from typing import Any, NamedTuple

from promptrail.ingest.authority import host_and_url, text
from promptrail.ingest.certificate import names_and_issuer
from promptrail.ingest.dns_text import lines
from promptrail.ingest.flow_format import CLIENT, DNS_MESSAGE, REQUEST, RESPONSE, SERVER
from promptrail.ingest.identity import PROXY, TRAILERS, body_of, connection_id, flow_id, marked, trailers_of
from promptrail.ingest.rows import ConnectionRow, FlowRow, MessageRow
from promptrail.ingest.sink import Sink
from promptrail.ingest.templates import Templates
from promptrail.ingest.tnetstring import Damage, Data, Shape, pick
from promptrail.model import Direction

STATES, STATE_BYTES = 1024, 65_536
"""So many connection states are remembered, each up to this size."""
WEBSOCKET_TEXT = 1
WITNESS = [PROXY]


class Client(NamedTuple):
    connection: str
    sni: str | None
    alpn: str | None
    tls_version: str | None
    opened: float | None
    closed: float | None
    transport: str
    ip: str | None
    port: int | None


class Server(NamedTuple):
    host: str | None
    port: int | None
    ip: str | None
    ip_port: int | None
    cert_names: list[str]
    cert_issuer: str | None


class Flows:
    """Turns the flows of one run into records. `odd_certificates` counts those that could not be read."""

    def __init__(self, run: str, sink: Sink) -> None:
        self.run, self.sink = run, sink
        self.odd_certificates = 0
        self._clients, self._servers = Templates(CLIENT), Templates(SERVER)
        self._client = lru_cache(STATES)(self._client_of)
        self._server = lru_cache(STATES)(self._server_of)

    def convert(self, data: Data, found: dict[str, Any]) -> tuple[FlowRow, list[MessageRow], Client]:
        """The records of one flow. ValueError, TypeError or KeyError where a field is not what it should be."""
        client_state, server_state = found["client_conn"], found["server_conn"]
        client = (self._client if len(client_state) <= STATE_BYTES else self._client_of)(client_state)
        server = (self._server if len(server_state) <= STATE_BYTES else self._server_of)(server_state)
        error = found["error"]
        shared = {
            "flow": flow_id(self.run, found["id"]),
            "run": self.run,
            "source_ref": found["id"],
            "sni": client.sni,
            "dest_ip": server.ip,
            "dest_port": server.ip_port,
            "cert_names": server.cert_names,
            "cert_issuer": server.cert_issuer,
            "connection": client.connection,
            "error": error["msg"] if error else None,
        }
        kind = found["type"]
        if kind not in KINDS:
            raise Damage(f"flows of the type {kind!r} are not known", 0)
        flow, messages = KINDS[kind](self, data, found, shared, server)
        return flow, messages, client

    def connection(self, client: Client, flow: FlowRow) -> ConnectionRow:
        """The connection that carried a flow, as it was when the flow was saved."""
        return ConnectionRow(
            client.connection,
            self.run,
            flow.sni or flow.host,
            flow.sni,
            flow.dest_ip,
            flow.dest_port,
            client.opened,
            client.closed,
            client.alpn,
            client.tls_version,
            flow.cert_names,
            flow.cert_issuer,
            "read",
            simulated=flow.simulated,
            transport=client.transport,
            client_ip=client.ip,
            client_port=client.port,
            witnesses=WITNESS,
            read_by=PROXY,
        )

    def _http(
        self, data: Data, found: dict[str, Any], shared: dict[str, Any], server: Server
    ) -> tuple[FlowRow, list[MessageRow]]:
        request = _part(data, found["request"], REQUEST)
        response = _part(data, found["response"], RESPONSE) if found["response"] else None
        websocket = found["websocket"]
        method, scheme = text(request["method"]).upper(), text(request["scheme"])
        host, url = host_and_url(request, method, scheme)
        sent, received = request["content"], response["content"] if response else None
        headers = response["headers"] if response else []
        flow = FlowRow(
            **shared,
            kind="websocket" if websocket else "http",
            host=host,
            port=request["port"],
            method=method,
            scheme=scheme,
            url=url,
            http_version=text(request["http_version"]),
            status=response["status_code"] if response else None,
            started=request["timestamp_start"],
            request_ended=request["timestamp_end"],
            response_started=response["timestamp_start"] if response else None,
            ended=response["timestamp_end"] if response else None,
            request_headers=request["headers"],
            response_headers=headers,
            request_body=None if sent is None else self.sink.body(sent),
            request_length=None if sent is None else len(sent),
            response_body=None if received is None else self.sink.body(received),
            response_length=None if received is None else len(received),
            response_complete=bool(response and response["timestamp_end"] and received is not None),
            simulated=marked(headers, shared["cert_issuer"]),
        )
        messages = []
        if sent != b"":
            messages.append(body_of(flow, "request", flow.request_ended or flow.started))
        if response and received != b"" and not websocket:
            messages.append(body_of(flow, "response", flow.ended, flow.response_complete))
        parts = zip(TRAILERS, (request, response), (flow.request_ended, flow.ended), strict=True)
        for direction, said, at in parts:
            if said and not websocket:
                messages += trailers_of(flow, direction, said["trailers"], at, self.sink.body)
        for seq, frame in enumerate(websocket["messages"] if websocket else [], 2):
            opcode, from_client, content, at = frame[:4]
            messages.append(
                self._message(flow, seq, "ws", from_client, content, at, opcode == WEBSOCKET_TEXT)
            )
        return flow, messages

    def _stream(
        self, data: Data, found: dict[str, Any], shared: dict[str, Any], server: Server
    ) -> tuple[FlowRow, list[MessageRow]]:
        pieces = found["messages"]
        flow = FlowRow(
            **shared,
            kind=found["type"],
            host=shared["sni"] or server.host,
            port=server.port,
            started=found["timestamp_created"],
            ended=_time(pieces[-1][2]) if pieces else None,
            simulated=marked([], shared["cert_issuer"]),
        )
        return flow, [self._message(flow, n, "raw", *piece[:3]) for n, piece in enumerate(pieces)]

    def _dns(
        self, data: Data, found: dict[str, Any], shared: dict[str, Any], server: Server
    ) -> tuple[FlowRow, list[MessageRow]]:
        request = _part(data, found["request"], DNS_MESSAGE)
        response = _part(data, found["response"], DNS_MESSAGE) if found["response"] else None
        question, answers = lines(request, response)
        asked = request["timestamp"]
        flow = FlowRow(
            **shared,
            kind="dns",
            host=question,
            started=asked,
            ended=response["timestamp"] if response else None,
        )
        said = "\n".join([f"? {question}", *answers]).encode("utf-8", "surrogatepass")
        return flow, [
            MessageRow(flow.flow, self.run, 0, "request", "dns", self.sink.body(said), len(said), asked)
        ]

    def _message(
        self,
        flow: FlowRow,
        seq: int,
        part: str,
        from_client: Any,
        content: Any,
        at: Any,
        word: bool | None = None,
    ) -> MessageRow:
        if not isinstance(content, bytes):
            raise Damage("a message is no bytes", 0)
        direction: Direction = "request" if from_client else "response"
        body = self.sink.body(content)
        return MessageRow(
            flow.flow, self.run, seq, direction, part, body, len(content), _time(at), True, word
        )

    def _client_of(self, state: bytes) -> Client:
        found = self._clients.pick(state)
        return Client(
            connection_id(self.run, found["id"]),
            found["sni"],
            found["alpn"].decode("latin-1") if found["alpn"] else None,
            "QUICv1" if found["tls_version"] == "QUIC" else found["tls_version"],  # format 20 said QUIC
            found["timestamp_start"],
            found["timestamp_end"],
            found["transport_protocol"],
            *_address(found["peername"]),
        )

    def _server_of(self, state: bytes) -> Server:
        found = self._servers.pick(state)
        chain = found["certificate_list"]
        leaf = names_and_issuer(chain[0]) if chain and isinstance(chain[0], bytes) else None
        self.odd_certificates += bool(chain) and leaf is None
        names, issuer = leaf or ([], None)
        return Server(*_address(found["address"]), *_address(found["peername"]), names, issuer)


Convert = Callable[[Flows, Data, dict[str, Any], dict[str, Any], Server], tuple[FlowRow, list[MessageRow]]]
KINDS: dict[str, Convert] = {
    "http": Flows._http,
    "tcp": Flows._stream,
    "udp": Flows._stream,
    "dns": Flows._dns,
}


def _part(data: Data, place: tuple[int, int], fields: Shape) -> dict[str, Any]:
    return pick(data, place[0], place[1], fields)


def _address(found: list[Any] | None) -> tuple[str | None, int | None]:
    if not found:
        return None, None
    host, port = found[:2]
    if not isinstance(host, str) or not isinstance(port, int):
        raise Damage("an address is no host and port", 0)
    return host, port


def _time(at: Any) -> float | None:
    if not isinstance(at, int | float | None):
        raise Damage("a time is no number", 0)
    return None if at is None else float(at)
