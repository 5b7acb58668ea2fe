"""Packets between an app and a proxy, read with the app's keys, against what the proxy itself recorded of the same."""

import asyncio
import signal
import ssl
from typing import Any

import aiohttp
import pytest
from h2.config import H2Configuration
from h2.connection import H2Connection
from h2.events import StreamEnded

from ingest.oracle import oracle, plain
from promptrail.lab import authority
from rigs.mitmdump import Mitmdump, routed, tunnel
from rigs.packets import HOST, V12, V13, Read, Row, Wire, may_capture, read_run
from rigs.web_server import WebServer

pytestmark = pytest.mark.rig
PERMITTED = {
    "flow", "run", "source_ref", "connection", "started", "request_ended", "response_started", "ended", "at",
    "dest_ip", "dest_port", "cert_names", "cert_issuer", "simulated", "bodies_decoded",
}  # fmt: skip
"""What names the source, the clock, and the server: an app behind a proxy sees the proxy's address and certificate."""
FROM_CLIENT = {"sni", "alpn", "tls_version", "client_ip", "client_port", "host", "transport", "outcome"}


@pytest.fixture(scope="module")
def both(tmp_path_factory: pytest.TempPathFactory) -> tuple[Read, dict[str, list[Row]], Read]:
    """The same exchanges from packets, from the flow file, and from packets without keys."""
    may_capture()
    folder = tmp_path_factory.mktemp("wire")
    certificates = authority.make(tmp_path_factory.mktemp("certificates")).parent
    with (
        WebServer(certificates / f"{HOST}.pem") as server,
        Mitmdump(
            tmp_path_factory.mktemp("case"),
            *routed(server.port, certificates),
            "--set",
            "connection_strategy=lazy",
        ) as proxy,
        Wire(folder, proxy.confdir / "mitmproxy-ca-cert.pem", f"tcp port {proxy.port}") as wire,
    ):
        for version in (V12, V13):
            asyncio.run(http1(proxy, wire.context(version)))
            http2(proxy, wire.context(version))
        asyncio.run(websocket(proxy, wire.context(V13)))
        asyncio.run(http1(proxy, wire.context(V13, keep=False)))
        proxy.stop(signal.SIGINT)
    packets, keys = wire.capture.read_bytes(), wire.keys.read_bytes()
    scratch = tmp_path_factory.mktemp("read")
    return (
        read_run(scratch, packets, keys),
        oracle(proxy.folder / "flows.mitm", "r"),
        read_run(scratch, packets),
    )


async def http1(proxy: Mitmdump, context: ssl.SSLContext) -> None:
    url, through = f"https://{HOST}", f"http://127.0.0.1:{proxy.port}"
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(ssl=context)) as session:
        for method, path, body in [
            ("POST", "/echo?q=%20&k=kestrel-4417", b'{"prompt":"kestrel-4417"}'),
            ("GET", "/packed", None),
            ("GET", "/stream", None),
            ("HEAD", "/packed", None),
            ("GET", "/none", None),
            ("GET", "/missing", None),
        ]:
            async with session.request(method, url + path, data=body, proxy=through) as answer:
                await answer.read()


async def websocket(proxy: Mitmdump, context: ssl.SSLContext) -> None:
    through = f"http://127.0.0.1:{proxy.port}"
    async with (
        aiohttp.ClientSession(connector=aiohttp.TCPConnector(ssl=context)) as session,
        session.ws_connect(f"https://{HOST}/ws", proxy=through, compress=15) as talk,
    ):
        for text in ("hello", "안녕하세요 kestrel-4417", "hello again " * 500):
            await talk.send_str(text)
            await talk.receive()


def http2(proxy: Mitmdump, context: ssl.SSLContext) -> None:
    context.set_alpn_protocols(["h2"])
    with tunnel(proxy.port, HOST) as bare, context.wrap_socket(bare, server_hostname=HOST) as secure:
        h2 = H2Connection(H2Configuration(header_encoding=False))
        h2.initiate_connection()
        for n, (method, path) in enumerate([("POST", "/echo"), ("GET", "/packed"), ("GET", "/none")]):
            stream = 2 * n + 1
            fields = [(":method", method), (":scheme", "https"), (":authority", HOST), (":path", path)]
            h2.send_headers(
                stream, [*fields, ("cookie", "a=1"), ("cookie", "b=2")], end_stream=method == "GET"
            )
            if method == "POST":
                h2.send_data(stream, b"prompt kestrel-4417 " * 700, end_stream=True)
            secure.sendall(h2.data_to_send())
            over = False
            while not over:
                events = h2.receive_data(secure.recv(65536) or pytest.fail("closed"))
                for event in events:
                    if hasattr(event, "flow_controlled_length"):
                        h2.acknowledge_received_data(event.flow_controlled_length, event.stream_id)
                secure.sendall(h2.data_to_send())
                over = any(isinstance(event, StreamEnded) for event in events)


def readable(rows: list[Row]) -> list[Row]:
    """All but those of the last connection, whose keys nobody kept."""
    last = rows[-1]["connection"]
    return [row for row in rows if row["connection"] != last]


def in_order(rows: list[Row]) -> list[Row]:
    return sorted(rows, key=lambda row: row["started"])


def test_every_exchange_is_the_proxy_s(both: tuple[Read, dict[str, list[Row]], Read]) -> None:
    """HTTP/1, HTTP/2 and WebSocket behind CONNECT, TLS 1.2 and 1.3: each column that both can know, each body."""
    packets, theirs, _ = both
    expected = readable(in_order(theirs["flows"]))
    found = in_order(packets.flows)
    assert len(found) == len(expected) == 2 * (6 + 3) + 1
    for mine, wanted in zip(found, expected, strict=True):
        for column in wanted.keys() - PERMITTED:
            assert same(column, mine[column], wanted[column]), (column, mine["url"])
        said = [m for m in theirs["messages"] if m["flow"] == wanted["flow"]]
        messages = packets.messages(mine)
        assert len(messages) == len(said)
        for message, other in zip(messages, said, strict=True):
            for column in other.keys() - PERMITTED:
                assert message[column] == other[column], (column, mine["url"])


def same(column: str, mine: Any, wanted: Any) -> bool:
    if not (column.endswith("_headers") and mine and mine[0]["name"].islower()):
        return bool(plain(mine) == plain(wanted))
    # Towards the app mitmproxy speaks HTTP/2, and writes down what its HTTP/1 server said.
    dropped = (b"transfer-encoding", b"connection")
    return bool(mine == [h | {"name": h["name"].lower()} for h in wanted if h["name"].lower() not in dropped])


def test_every_connection_is_the_proxy_s(both: tuple[Read, dict[str, list[Row]], Read]) -> None:
    """The app's side of each: address, port, SNI, ALPN, version."""
    packets, theirs, _ = both
    wanted = {row["client_port"]: row for row in theirs["connections"]}
    for row in packets.connections:
        if row["outcome"] == "read":
            other = wanted.pop(row["client_port"])
            assert {k: row[k] for k in FROM_CLIENT} == {k: other[k] for k in FROM_CLIENT}
    (unread,) = wanted
    row = packets.from_port(unread)
    assert (row["outcome"], row["host"]) == ("no-keys", HOST)


def test_without_keys_a_tunnel_names_its_host_and_gives_no_flow(
    both: tuple[Read, dict[str, list[Row]], Read],
) -> None:
    """CONNECT itself is no exchange of the app's."""
    *_, sealed = both
    assert sealed.flows == [] and {row["host"] for row in sealed.connections} == {HOST}
    assert {row["outcome"] for row in sealed.connections} == {"no-keys"}
