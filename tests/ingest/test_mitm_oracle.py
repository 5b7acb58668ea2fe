"""Our reading of a flow file against mitmproxy's own: every column of every row, from FlowReader's objects."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from mitmproxy import certs, dns, flow, http, websocket
from mitmproxy.test import tflow
from wsproto.frame_protocol import Opcode

from captures import exchange, write_flows
from conftest import REAL
from ingest.oracle import same


def http2(host: bytes, port: int = 443) -> Any:
    """A request of HTTP/2: the name stands in :authority, no Host header; the target is an address."""
    one = exchange("https://192.0.2.7/a?b=1", b"x")
    one.request.data.http_version = b"HTTP/2.0"
    one.request.data.authority, one.request.data.port = host, port
    one.request.headers.pop("host", None)
    return one


def http1(host: str | bytes, **data: Any) -> Any:
    """A request of HTTP/1.1 whose target is an address and whose Host header says this."""
    one = exchange("https://192.0.2.7/a?b=1")
    raw = host if isinstance(host, bytes) else host.encode("utf-8", "surrogateescape")
    one.request.headers = http.Headers([(b"Host", raw)])
    for key, value in data.items():
        setattr(one.request.data, key, value)
    return one


HOSTS = [
    "a.test", "a.test:8443", "A.Test:443", "a.test:0", "a.test:99999", "a.test:x", "[2001:db8::1]:8443",
    "[2001:db8::1]",
    "2001:db8::1", "192.0.2.9:80", "한국.test", "xn--3e0b707e.test", "bücher.example:8080", "a b", "", "..", "a..b",
    "under_score.test", "-", "x" * 70 + ".test", "a." * 130, "a.test.", "[", "[]", ":80", "a:1:2", "\udcff.test",
    "xn--\udcff", "xn--a-ecp.ru", "ⅷ.test", "a.test, b.test",
]  # fmt: skip


@pytest.mark.parametrize("host", HOSTS)
def test_host_and_url(tmp_path: Path, host: str) -> None:
    """Host and URL of HTTP/1 and HTTP/2 requests are mitmproxy's pretty_host and pretty_url."""
    raw = host.encode("utf-8", "surrogateescape")
    ours = [http1(host), http1(host, scheme=b"http"), http1(host, port=8443), http2(raw), http2(raw, 8080)]
    ours += [
        http1(host, scheme=b"ftp"),
        http1(host, path=b"*"),
        http1(host, method=b"CONNECT", authority=raw),
    ]
    if any("\udcff" in x.request.pretty_url for x in ours):
        for one in ours:  # the table holds UTF-8: those bytes stand as %XX, in both readings
            plain_text(one)
    same(tmp_path, write_flows(tmp_path / "f.mitm", *ours))


def plain_text(one: Any) -> None:
    for name in ("authority", "path"):
        setattr(one.request.data, name, getattr(one.request.data, name).replace(b"\xff", b"%FF"))
    fields = one.request.headers.fields
    one.request.headers.fields = tuple((n, v.replace(b"\xff", b"%FF")) for n, v in fields)


def many_headers() -> Any:
    pairs = [
        (b"X-B", b"2"),
        (b"x-b", b"1"),
        (b"X-Latin", "é".encode("latin-1")),
        (b"\xff", b"\x00\x01"),
        (b"", b""),
    ]
    one = exchange("https://a.test/1", b'{"q":1}', [*pairs, (b"x-long", b"v" * 70_000)])
    one.request.headers.add("Content-Encoding", " gzip ")
    one.response.headers["Content-Type"] = "text/plain; charset=é"
    return one


def large() -> list[Any]:
    """Flows that are read where they lie, not copied first."""
    ours = [
        exchange(f"https://a.test/{n}", bytes(range(256)) * 6000, [(b"x", b"y" * 20_000)] * 2)
        for n in range(2)
    ]
    ours[0].response.raw_content = b"z" * 3_000_000
    return [*ours, exchange("https://a.test/small")]


def no_response() -> Any:
    one = exchange("https://a.test/1")
    one.response, one.error = None, flow.Error("peer closed connection", 1.5)
    return one


def missing_bodies() -> Any:
    one = exchange("https://a.test/1", b"x")
    one.request.raw_content = one.response.raw_content = None
    one.response.timestamp_end = None
    return one


def ipv6() -> Any:
    one = exchange("https://[2001:db8::1]:8443/x")
    one.server_conn.peername = ("2001:db8::1", 8443, 0, 0)
    one.server_conn.address = ("2001:db8::1", 8443)
    one.client_conn.peername, one.client_conn.sockname = ("::1", 5, 0, 0), ("::1", 6, 0, 0)
    return one


def bare_connection() -> Any:
    """A server that was never reached: no address, no time, no TLS."""
    one = exchange("https://a.test/1")
    server, client = one.server_conn, one.client_conn
    server.address = server.peername = server.sockname = server.sni = server.timestamp_start = None
    client.sni = client.alpn = client.tls_version = client.timestamp_end = None
    return one


def shared_connection() -> list[Any]:
    """Three flows of one connection, of which the later ones know more, and one of another."""
    ours = [exchange(f"https://a.test/{n}") for n in range(4)]
    for n, one in enumerate(ours[:3]):
        one.client_conn = ours[0].client_conn.copy()
        one.client_conn.id = "the same"
        one.client_conn.timestamp_end = n or None
    return ours


def socket(*messages: websocket.WebSocketMessage, **end: Any) -> Any:
    one = tflow.twebsocketflow()
    one.websocket.messages = list(messages)
    for key, value in end.items():
        setattr(one.websocket, key, value)
    return one


def sockets() -> list[Any]:
    say = websocket.WebSocketMessage
    text, binary = say(Opcode.TEXT, True, "안녕".encode(), 1.0), say(Opcode.BINARY, False, b"\x00\xff", 2.0)
    dropped = say(Opcode.TEXT, False, b"", 3.0, True, True)
    return [
        socket(text, binary, dropped, close_code=1000, close_reason="é"),
        socket(),
        socket(text, close_code=None),
    ]


def resolved() -> list[Any]:
    """DNS with answers of every type that has a text form, data that does not fit, and none."""
    from ipaddress import IPv4Address, IPv6Address

    from mitmproxy.net.dns import https_records

    record = dns.ResourceRecord
    service = https_records.HTTPSRecord(1, "svc.test", {1: b"\x02h2", 5: b"\xfe'\"\\\n", 99: b"?"})
    answers = [
        record.A("a.test", IPv4Address("192.0.2.1")),
        record.AAAA("a.test", IPv6Address("2001:db8::1")),
        record.CNAME("a.test", "한국.test"),
        record.PTR("1.2.0.192.in-addr.arpa", "a.test"),
        record.TXT("a.test", "v=spf1 é"),
        record.HTTPS("a.test", service),
        *(record("odd.test", kind, 1, 60, data) for kind in (1, 2, 5, 16, 28, 65) for data in ODD_DATA),
        record("mx.test", 15, 1, 60, b"\x00\x0a\x01a\x00"),
        record("", 999, 1, 0, b""),
    ]
    full, bare, asked, unasked = tflow.tdnsflow(resp=True), *(tflow.tdnsflow() for _ in range(3))
    full.response.answers = answers
    bare.error = flow.Error("no answer", 2.0)
    asked.request.questions[0].name = "bücher.example"
    unasked.request.questions = []
    return [full, bare, asked, unasked]


ODD_DATA = [
    b"",
    b"\x00",
    b"\xff",
    b"\x01",
    b"\x03abc",
    b"\x01a\x00\x00",
    b"\x40" + b"a" * 64 + b"\x00",
    b"\x00\x01\x00\x00",
]


def streams() -> list[Any]:
    plain, empty, udp_one = tflow.ttcpflow(), tflow.ttcpflow(messages=[]), tflow.tudpflow()
    nameless = tflow.ttcpflow(err=True)
    nameless.client_conn.sni = None
    return [plain, empty, udp_one, nameless]


def certified() -> list[Any]:
    """Server certificates with names, with an address, without names, and the lab's."""
    import datetime
    import ipaddress

    from cryptography import x509
    from cryptography.hazmat.primitives import hashes
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.x509.oid import NameOID

    key = ec.generate_private_key(ec.SECP256R1())
    now = datetime.datetime(2026, 1, 1)
    made = []
    for issuer, names in (
        ('A CA, of "Łódź"', [x509.DNSName("a.test"), x509.DNSName("*.a.test")]),
        ("CA", [x509.IPAddress(ipaddress.ip_address("192.0.2.1")), x509.RFC822Name("a@a.test")]),
        ("CA", []),
        ("promptrail lab CA SIMULATED", [x509.DNSName("sim.test")]),
    ):
        name = x509.Name(
            [
                x509.NameAttribute(NameOID.COMMON_NAME, issuer),
                x509.NameAttribute(NameOID.ORGANIZATION_NAME, "o+="),
            ]
        )
        builder = x509.CertificateBuilder(
            name, x509.Name([]), key.public_key(), 7, now, now + datetime.timedelta(9)
        )
        if names:
            builder = builder.add_extension(x509.SubjectAlternativeName(names), False)
        leaf = certs.Cert(builder.sign(key, hashes.SHA256()))
        for _ in range(2):
            one = exchange("https://a.test/1")
            one.server_conn.certificate_list = [leaf, leaf]
            one.client_conn.mitmcert = leaf
            made.append(one)
    return made


def odd_meta() -> Any:
    """What we pass over: metadata, comment, mark, a backup of an edited flow; and trailers, which we do not."""
    one = exchange("https://a.test/1", b"body")
    one.metadata = {"nested": [{"a": [1, 2.5, None, True]}], "7:version;2:99#": "x"}
    one.comment, one.marked, one.is_replay = "7:version;2:99#}", ":grapes:", "request"
    one.backup()
    one.request.path = "/edited?key=%ED%95%9C"
    one.response.trailers = http.Headers([(b"grpc-status", b"0")])
    return one


CASES: list[Callable[[], Any]] = [
    large, many_headers, no_response, missing_bodies, ipv6, bare_connection, shared_connection, sockets, resolved,
    streams, certified, odd_meta,
]  # fmt: skip


@pytest.mark.parametrize("make", CASES, ids=lambda make: make.__name__)
def test_every_column_is_mitmproxys(tmp_path: Path, make: Callable[[], Any]) -> None:
    """Flows, messages and connections of every kind: no column differs."""
    made = make()
    same(tmp_path, write_flows(tmp_path / "f.mitm", *(made if isinstance(made, list) else [made])))


@pytest.mark.needs_shared
@pytest.mark.parametrize("name", ["error_log", "event_stream", "successful_log", "websocket"])
def test_real_captures(tmp_path: Path, name: str) -> None:
    """Flow files that a real mitmproxy recorded."""
    assert len(same(tmp_path, REAL / f"mitmproxy-{name}.mitm").flows) >= 2
