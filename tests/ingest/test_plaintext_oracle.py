"""Plaintext of a TLS client into flows, against what a real mitmdump between it and the server recorded of the same."""

import signal
import ssl
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from h2.config import H2Configuration
from h2.connection import H2Connection
from h2.events import StreamEnded
from wsproto import ConnectionType, WSConnection
from wsproto.events import AcceptConnection, CloseConnection, Event, Message, Request, TextMessage
from wsproto.extensions import PerMessageDeflate

from ingest.alike import alike
from ingest.oracle import Row
from ingest.talks import CARRIER, Talk
from promptrail.ingest.plaintext.flows import flows_of
from promptrail.ingest.sink import Sink
from promptrail.lab import authority
from rigs.mitmdump import Mitmdump, routed, tunnel
from rigs.web_server import WebServer

pytestmark = pytest.mark.rig
HOST = "chat.parley.test"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[int, Path]]:
    """Its port, and the folder with its CA."""
    certificates = authority.make(tmp_path_factory.mktemp("certificates")).parent
    with WebServer(certificates / f"{HOST}.pem") as running:
        yield running.port, certificates


class Client:
    """TLS through the proxy; `talk` has what passed, as a hook in the client would see it."""

    def __init__(self, secure: ssl.SSLSocket) -> None:
        self.secure, self.talk = secure, Talk()

    def send(self, data: bytes) -> None:
        self.secure.sendall(data)
        self.talk.asks(data)

    def receive(self) -> bytes:
        data = self.secure.recv(65536)
        if data:
            self.talk.answers(data)
        return data


@pytest.fixture
def proxy(tmp_path: Path, server: tuple[int, Path]) -> Iterator[Mitmdump]:
    # lazy: HTTP/2 is agreed with the client before the server is asked what it can
    with Mitmdump(tmp_path, *routed(*server), "--set", "connection_strategy=lazy") as running:
        yield running


def connect(proxy: Mitmdump, alpn: str) -> Any:
    context = ssl.create_default_context(cafile=str(proxy.confdir / "mitmproxy-ca-cert.pem"))
    context.set_alpn_protocols([alpn])
    plain_socket = tunnel(proxy.port, HOST)
    return plain_socket, context


def compare(proxy: Mitmdump, talk: Talk, lower: bool = False) -> list[Row]:
    """What passed by the client's side is what the proxy recorded."""
    proxy.stop(signal.SIGINT)
    ours = list(flows_of(CARRIER, talk.items, "run", Sink(proxy.folder)))
    messages = [m._asdict() for _, said in ours for m in said]
    return alike([flow._asdict() for flow, _ in ours], messages, proxy.folder / "flows.mitm", lower)


def test_http1_as_mitmproxy_has_it(proxy: Mitmdump) -> None:
    """Echo, compressed, chunked, empty and HEAD answers on one connection, a chunked request, odd headers."""
    host = f"Host: {HOST}\r\n".encode()
    asked = [
        b"POST /echo?q=%20 HTTP/1.1\r\n" + host + b"Content-Length: 5\r\nX-A:  b \r\nx-a: c\r\n\r\nhello",
        b"GET /packed HTTP/1.1\r\n" + host + b"\r\n",
        b"GET /stream HTTP/1.1\r\n" + host + b"\r\n",
        b"PUT /echo HTTP/1.1\r\n"
        + host
        + b"Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n4;x=y\r\ndefg\r\n0\r\n\r\n",
        b"HEAD /packed HTTP/1.1\r\n" + host + b"\r\n",
        b"GET /none HTTP/1.1\r\n" + host + b"\r\n",
        b"GET /missing HTTP/1.1\r\n" + host + b"Connection: close\r\n\r\n",
    ]
    socket, context = connect(proxy, "http/1.1")
    with socket as plain_socket, context.wrap_socket(plain_socket, server_hostname=HOST) as secure:
        client = Client(secure)
        for request in asked:
            client.send(request)
            answer = b""
            while not over(answer, request):
                answer += client.receive() or pytest.fail("closed")
    assert len(compare(proxy, client.talk)) == len(asked)


def over(answer: bytes, request: bytes) -> bool:
    """Whether this answer is whole, told without the reader that is tested."""
    head, end, body = answer.partition(b"\r\n\r\n")
    if not end:
        return False
    if request.startswith(b"HEAD") or b" 204 " in head.splitlines()[0]:
        return True
    if b"chunked" in head:
        return body.endswith(b"0\r\n\r\n")
    lengths = [line for line in head.splitlines() if line.lower().startswith(b"content-length:")]
    return len(body) == int(lengths[0][15:])


def test_http2_as_mitmproxy_has_it(proxy: Mitmdump) -> None:
    """Several streams at once, bodies over many frames, crumbs of cookies."""
    socket, context = connect(proxy, "h2")
    with socket as plain_socket, context.wrap_socket(plain_socket, server_hostname=HOST) as secure:
        assert secure.selected_alpn_protocol() == "h2"
        client, h2 = Client(secure), H2Connection(H2Configuration(header_encoding=False))
        h2.initiate_connection()
        asked = [("POST", "/echo"), ("GET", "/packed"), ("GET", "/stream"), ("GET", "/none")]
        for n, (method, path) in enumerate(asked):
            stream, start = 2 * n + 1, [(":method", method), (":scheme", "https"), (":authority", HOST)]
            fields = [*start, (":path", path), ("cookie", "a=1"), ("cookie", "b=2"), ("x-a", "é".encode())]
            h2.send_headers(stream, fields, end_stream=method == "GET")
            if method == "POST":
                h2.send_data(stream, b"prompt " * 2000, end_stream=True)
            client.send(h2.data_to_send())
            while True:
                events = h2.receive_data(client.receive() or pytest.fail("closed"))
                for event in events:
                    if hasattr(event, "flow_controlled_length"):
                        h2.acknowledge_received_data(event.flow_controlled_length, event.stream_id)
                if said := h2.data_to_send():
                    client.send(said)
                if any(isinstance(e, StreamEnded) and e.stream_id == stream for e in events):
                    break
    assert len(compare(proxy, client.talk, lower=True)) == len(asked)


@pytest.mark.parametrize("packed", [False, True], ids=["plain", "permessage-deflate"])
def test_websocket_as_mitmproxy_has_it(proxy: Mitmdump, packed: bool) -> None:
    """Messages of both sides with their kind, fragments joined, compression undone."""
    socket, context = connect(proxy, "http/1.1")
    with socket as plain_socket, context.wrap_socket(plain_socket, server_hostname=HOST) as secure:
        client, web = Client(secure), WSConnection(ConnectionType.CLIENT)
        client.send(web.send(Request(HOST, "/ws", extensions=[PerMessageDeflate()] if packed else [])))
        wait(client, web, AcceptConnection)
        for text in ("hello", "안녕하세요", "hello again " * 500):
            half = len(text) // 2
            client.send(web.send(TextMessage(text[:half], message_finished=False)))
            client.send(web.send(TextMessage(text[half:])))
            wait(client, web, Message)
        client.send(web.send(CloseConnection(1000)))
        wait(client, web, CloseConnection)
    (flow,) = compare(proxy, client.talk)
    assert flow["kind"] == "websocket"
    assert (b"permessage-deflate" in b"".join(h["value"] for h in flow["response_headers"])) == packed


def wait(client: Client, web: WSConnection, kind: type[Event]) -> None:
    """Receive until an event of this kind is over."""
    while True:
        web.receive_data(client.receive() or pytest.fail("closed"))
        for event in web.events():
            if isinstance(event, kind) and getattr(event, "message_finished", True):
                return
