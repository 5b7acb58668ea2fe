"""What is no readable exchange: connections that were refused, passed through or failed; raw TCP; DNS."""

import socket
import ssl
import struct
import threading
from pathlib import Path

import pytest

from rigs.client import HOST, client, get
from rigs.mitmdump import Mitmdump, routed, tunnel, until
from rigs.tls_server import JSON, TlsServer

pytestmark = pytest.mark.rig


def test_a_client_that_refuses_the_proxy_is_seen(proxy: Mitmdump, certificates: Path) -> None:
    """A pinned app: the host it meant, the alert in mitmproxy's words, the server's certificate, and no exchange."""
    with pytest.raises(ssl.SSLCertVerificationError):
        client(proxy, certificates / f"{HOST}.crt").request("GET", "/")
    until(
        lambda: any(r.get("outcome") == "tls-failed-client" for r in proxy.records("connection")), proxy.words
    )
    seen = proxy.connection(outcome="tls-failed-client")
    assert (seen["sni"], seen["dest_host"], seen["dest_port"]) == (HOST, HOST, 443)
    assert "does not trust the proxy's certificate" in seen["reason"] and "alert" in seen["reason"]
    assert seen["cert_names"] == [HOST] and proxy.records("request") == []


def test_a_host_that_is_passed_through_is_seen(
    tmp_path: Path, server: TlsServer, certificates: Path, confdir: Path
) -> None:
    """With ignore_hosts the app speaks to the real server, and the evidence says that it was not read."""
    options = [*routed(server.port, certificates), "--ignore-hosts", HOST]
    with Mitmdump(tmp_path, *options, confdir=confdir) as proxy:
        connection = client(proxy, certificates / "ca.pem")
        connection.request("GET", "/")
        assert connection.getresponse().read() == JSON
    seen = proxy.connection(outcome="passed-through")
    assert (seen["sni"], seen["dest_host"], seen["dest_ip"]) == (HOST, HOST, ["127.0.0.1", server.port])
    assert "ignore_hosts" in seen["reason"] and proxy.records("request") == []


def test_a_server_that_cannot_be_verified_is_seen(tmp_path: Path, server: TlsServer, confdir: Path) -> None:
    """Where the proxy does not trust the server, the connection says so, and what the app sent is kept."""
    other_ca = f"ssl_verify_upstream_trusted_ca={confdir}/mitmproxy-ca-cert.pem"
    options = [*routed(server.port, confdir)[:-1], other_ca]
    with Mitmdump(tmp_path, *options, confdir=confdir) as proxy:
        assert get(proxy, "/").status == 502
    seen = proxy.connection(outcome="tls-failed-server")
    assert "verify failed" in seen["reason"] and proxy.records("error")[0]["complete"] is False
    assert server.received == []


def test_a_host_that_is_not_reached_is_seen(proxy: Mitmdump) -> None:
    """Contact that failed is contact: the name that was asked for and why it failed."""
    with pytest.raises(AssertionError, match="502"), tunnel(proxy.port, "elsewhere.example"):
        pass
    seen = proxy.connection(outcome="connect-failed")
    assert seen["dest_host"] == "elsewhere.example" and "not a host of the lab" in seen["reason"]


def test_raw_tcp_is_kept_message_by_message(tmp_path: Path, confdir: Path) -> None:
    """A protocol that is no HTTP: both directions, in order, with the stream's start and end."""
    with socket.create_server(("127.0.0.1", 0)) as echo:
        threading.Thread(target=_echo_once, args=(echo,), daemon=True).start()
        mode = f"reverse:tcp://127.0.0.1:{echo.getsockname()[1]}"
        with Mitmdump(tmp_path, mode=mode, confdir=confdir) as proxy:
            with socket.create_connection(("127.0.0.1", proxy.port), 60) as plain:
                plain.sendall(b"\x00ping")
                assert plain.recv(99) == b"\x00ping"
            until(lambda: proxy.records("streamend"), proxy.words)
    (stream,) = proxy.records("stream")
    messages = proxy.records("message")
    assert [(m["seq"], m["from_client"], proxy.body(m["body"])) for m in messages] == [
        (0, True, b"\x00ping"),
        (1, False, b"\x00ping"),
    ]
    assert stream["kind"] == "tcp" and {m["flow"] for m in messages} == {stream["flow"]}


def _echo_once(server: socket.socket) -> None:
    peer, _ = server.accept()
    with peer:
        while data := peer.recv(99):
            peer.sendall(data)


def test_dns_is_kept_as_question_and_answer(tmp_path: Path, confdir: Path) -> None:
    """A query through the proxy: the name, its type and the address that came back."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as resolver:
        resolver.bind(("127.0.0.1", 0))
        threading.Thread(target=_answer_once, args=(resolver,), daemon=True).start()
        mode = f"reverse:dns://127.0.0.1:{resolver.getsockname()[1]}"
        with Mitmdump(tmp_path, mode=mode, confdir=confdir) as proxy:
            with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asker:
                asker.settimeout(60)
                asker.sendto(_question(), ("127.0.0.1", proxy.port))
                asker.recv(999)
            until(lambda: proxy.records("dns"), proxy.words)
    (query,) = proxy.records("dns")
    assert query["question"] == [[HOST, "A"]] and query["answers"] == [[HOST, "A", "192.0.2.7"]]
    assert query["code"] == "NOERROR"


def _question() -> bytes:
    name = b"".join(bytes([len(part)]) + part.encode() for part in HOST.split(".")) + b"\0"
    return struct.pack("!6H", 7, 0x0100, 1, 0, 0, 0) + name + struct.pack("!2H", 1, 1)


def _answer_once(resolver: socket.socket) -> None:
    query, peer = resolver.recvfrom(999)
    record = struct.pack("!3HIH", 0xC00C, 1, 1, 60, 4) + bytes([192, 0, 2, 7])
    resolver.sendto(query[:2] + struct.pack("!5H", 0x8180, 1, 1, 0, 0) + _question()[12:] + record, peer)
