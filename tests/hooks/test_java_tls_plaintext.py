"""What a real JVM sends inside TLS, told by the agent: the same requests and answers as a real mitmdump recorded."""

from pathlib import Path

import pytest

from rigs.client import HOST
from rigs.java.jvm import Hooked
from rigs.java.pinned import EDITIONS, READ, app, ask, http_client
from rigs.mitmdump import Mitmdump, routed
from rigs.tls_server import JSON, TlsServer

pytestmark = pytest.mark.rig

PROMPTS = ["short", "안녕하세요 " * 3000, "third"]


def http(data: bytes) -> tuple[bytes, list[list[str]], bytes]:
    """First line, headers and body of a message that fills its stream."""
    head, body = data.split(b"\r\n\r\n", 1)
    first, *lines = head.split(b"\r\n")
    return first, [line.decode("latin-1").split(": ", 1) for line in lines], body


@pytest.mark.parametrize("edition", EDITIONS)
def test_the_same_as_the_proxy_recorded(
    tmp_path: Path, certificates: Path, proxy: Mitmdump, edition: str
) -> None:
    """Each request and answer byte for byte, in order, with the host that was asked for and the addresses used."""
    path = f"/plaintext-{edition}"
    with app(tmp_path, certificates, edition, "none", proxy) as running:
        with Hooked(running, "java-tls-plaintext") as hooked:
            for prompt in PROMPTS:
                assert ask(running, proxy, path, f'{{"prompt":"{prompt}"}}') == READ
            streams, pieces = hooked.records("stream"), hooked.records("plaintext")
        assert ask(running, proxy, path) == READ, "it goes on when the hooks are gone"
    told = [r for r in proxy.records("request") if r["url"].endswith(path)][: len(PROMPTS)]
    assert len(streams) == len(PROMPTS) and hooked.ended["faults"] == 0
    for stream, request in zip(streams, told, strict=True):
        sides = {}
        for side in ("request", "response"):
            mine = [p for p in pieces if p["stream"] == stream["stream"] and p["direction"] == side]
            assert [p["offset"] for p in mine] == [
                sum(q["length"] for q in mine[:n]) for n in range(len(mine))
            ]
            sides[side] = http(b"".join(p["data"] for p in mine))
        first, headers, body = sides["request"]
        assert first == f"POST {path} HTTP/1.1".encode() and headers == request["headers"]
        assert body == proxy.body(request["body"])
        assert sides["response"][2] == JSON
        assert stream["sni"] == HOST and stream["peer"] == ["127.0.0.1", proxy.port] and not stream["server"]


def test_an_engine_is_a_stream_too(tmp_path: Path, certificates: Path, proxy: Mitmdump) -> None:
    """The JDK's own client works with an SSLEngine and buffers: the same request and answer, and the host asked for."""
    prompt = "through an engine " * 500
    with http_client(tmp_path, certificates, "HTTP_1_1", proxy) as running:
        with Hooked(running, "java-tls-plaintext") as hooked:
            assert ask(running, proxy, "/engine", prompt) == READ
            (stream,), pieces = hooked.records("stream"), hooked.records("plaintext")
        assert ask(running, proxy, "/engine", prompt) == READ
    sides = {
        side: http(b"".join(p["data"] for p in pieces if p["direction"] == side))
        for side in ("request", "response")
    }
    assert sides["request"][0] == b"POST /engine HTTP/1.1" and sides["request"][2] == prompt.encode()
    assert sides["response"][2] == JSON and stream["sni"] == HOST and hooked.ended["faults"] == 0


def test_http_2_of_an_engine(tmp_path: Path, certificates: Path, server: TlsServer) -> None:
    """Negotiated by ALPN, told with the stream; the connection begins with HTTP/2's own words."""
    lazy = [
        "--set",
        "connection_strategy=lazy",
        "--set",
        "upstream_cert=false",
    ]  # else the server's HTTP/1.1 decides
    with (
        Mitmdump(tmp_path / "lazy", *routed(server.port, certificates), *lazy) as proxy,
        http_client(tmp_path, certificates, "HTTP_2", proxy) as running,
        Hooked(running, "java-tls-plaintext") as hooked,
    ):
        assert ask(running, proxy, "/engine-2", "prompt of the second kind") == READ
        (stream,), pieces = hooked.records("stream"), hooked.records("plaintext")
    sent = b"".join(p["data"] for p in pieces if p["direction"] == "request")
    assert (
        stream["alpn"] == "h2" and sent.startswith(b"PRI * HTTP/2.0") and b"prompt of the second kind" in sent
    )


def test_after_dispose_nothing_is_told(tmp_path: Path, certificates: Path, proxy: Mitmdump) -> None:
    """A request behind the end is made, and not told."""
    with app(tmp_path, certificates, "plain", "none", proxy) as running:
        with Hooked(running, "java-tls-plaintext") as hooked:
            assert ask(running, proxy) == READ
        count = len(hooked.messages)
        assert ask(running, proxy) == READ and len(hooked.messages) == count
    assert hooked.ended["streams"] == 1


def test_the_platforms_own_crypto_is_counted_and_not_told(
    tmp_path: Path, certificates: Path, proxy: Mitmdump
) -> None:
    """What TLS encrypts, hashes and signs for itself is not the app's: the crypto agent counts it and tells none."""
    with (
        app(tmp_path, certificates, "plain", "none", proxy) as running,
        Hooked(running, "java-crypto") as hooked,
    ):
        assert ask(running, proxy) == READ
        told = hooked.records("crypto")
    assert told == [] and hooked.ended["platform"] > 10
