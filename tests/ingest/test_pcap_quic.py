"""QUIC on loopback, captured: with its keys HTTP/3 is read, without them nothing is, and the contact is told."""

import asyncio
from pathlib import Path
from typing import NamedTuple

import pytest

from promptrail.lab import authority
from rigs.packets import HOST, Read, Wire, datagram, may_capture, may_read, pcap_of, read_run
from rigs.quic import ANSWER, talk

pytestmark = pytest.mark.rig
PROMPT = b'{"prompt":"kestrel-4417"}' * 200


class Talked(NamedTuple):
    capture: bytes
    keys: bytes


@pytest.fixture(scope="module")
def talked(tmp_path_factory: pytest.TempPathFactory) -> Talked:
    """HTTP/3 with its keys kept, HTTP/3 without, another protocol with its keys kept."""
    may_capture()
    folder = tmp_path_factory.mktemp("wire")
    ca = authority.make(tmp_path_factory.mktemp("certificates"))
    certificate = ca.parent / f"{HOST}.pem"
    with Wire(folder, ca) as wire, open(wire.keys, "w") as keys:
        asyncio.run(talk(certificate, ca, wire.address, keys, PROMPT))
        asyncio.run(talk(certificate, ca, wire.address, None, PROMPT))
        asyncio.run(talk(certificate, ca, wire.address, keys, PROMPT, http=False))
    return Talked(wire.capture.read_bytes(), wire.keys.read_bytes())


@pytest.fixture(scope="module")
def read(talked: Talked, tmp_path_factory: pytest.TempPathFactory) -> Read:
    return read_run(tmp_path_factory.mktemp("read"), talked.capture, talked.keys)


def test_http3_is_read_with_its_keys(read: Read) -> None:
    """Headers out of QPACK, bodies over many packets, trailers; a flow a request stream."""
    flows = [flow for flow in read.flows if flow["http_version"] == "HTTP/3"]
    assert [(f["method"], f["url"], f["status"]) for f in flows] == [
        ("POST", f"https://{HOST}/v1/chat", 200),
        ("POST", f"https://{HOST}/v1/more", 200),
    ]
    for flow, body in zip(flows, (PROMPT, PROMPT[::-1]), strict=True):
        assert {"name": b"x-device", "value": b"kestrel-4417"} in flow["request_headers"]
        assert {"name": b"x-mark", "value": b"odd value"} in flow["response_headers"]
        assert (read.body(flow["request_body"]), read.body(flow["response_body"])) == (body, ANSWER)
        assert flow["response_complete"] and flow["error"] is None and flow["simulated"]
        (trailer,) = (m for m in read.messages(flow) if m["part"] == "trailer")
        assert read.body(trailer["body"]) == b"x-trailer: t\r\n"


def test_another_protocol_is_kept_as_bytes(read: Read) -> None:
    """A raw flow a stream."""
    (flow,) = [flow for flow in read.flows if flow["http_version"] is None]
    said = dict.fromkeys(("request", "response"), b"")
    for message in read.messages(flow):
        said[message["direction"]] += read.body(message["body"])
    assert flow["kind"] == "udp" and flow["sni"] == HOST
    assert said["request"] == PROMPT and sorted(said["response"]) == sorted(PROMPT)


def test_a_connection_tells_what_its_hello_shows(read: Read) -> None:
    """SNI and fingerprint from the Initial packets, certificate from the decrypted handshake, bytes of each way."""
    first, sealed, other = read.connections
    for row in (first, sealed, other):
        assert (row["sni"], row["transport"], row["tls_version"]) == (HOST, "udp", "QUICv1")
        assert row["ja4"].startswith("q13d") and row["bytes_out"] > len(PROMPT)
    assert (first["outcome"], sealed["outcome"], other["outcome"]) == ("read", "quic", "read")
    assert first["cert_names"] == [HOST] and (first["alpn"], other["alpn"]) == ("h3", "parley/1")
    assert sealed["cert_names"] == [] and "no keys for it" in sealed["reason"]


def test_without_keys_there_is_no_flow(talked: Talked, tmp_path: Path) -> None:
    """Host, bytes and the reason are all that encrypted QUIC gives."""
    sealed = read_run(tmp_path, talked.capture)
    assert sealed.flows == [] and sealed.problems == []
    assert {(row["outcome"], row["host"]) for row in sealed.connections} == {("quic", HOST)}
    assert all("no key log" in row["reason"] for row in sealed.connections)


def test_how_much_was_sent_needs_no_keys(talked: Talked, read: Read, tmp_path: Path) -> None:
    """Bursts of the client hold its bodies and little more, by the name in its hello, decrypted or not."""
    bursts = read_run(tmp_path, talked.capture).frames["bursts"]
    assert bursts == read.frames["bursts"] and {row["host"] for row in bursts} == {HOST}
    for row, bodies in zip(read.connections, (2, 2, 1), strict=True):
        mine = [b for b in bursts if b["connection"] == row["connection"] and b["direction"] == "request"]
        content = bodies * len(PROMPT)
        assert content < sum(b["size"] for b in mine) < 1.15 * content
        assert sum(b["size"] for b in mine) < row["bytes_out"] - 1200  # padded Initials are a handshake's


def test_quic_that_began_before_the_capture_gives_no_flow(tmp_path: Path) -> None:
    """Short headers on port 443: no protocol can be told, and nothing is taken for content."""
    may_read()
    here, there = ("10.0.0.1", 50_000), ("10.0.0.2", 443)
    packets = [datagram(here, there, b"\x41" + bytes([n]) * 60) for n in range(5)]
    read = read_run(tmp_path, pcap_of([*packets, datagram(there, here, b"\x55" * 80)]))
    (row,) = read.connections
    assert (row["outcome"], read.flows, row["bytes_out"]) == ("quic", [], 305)


def test_quic_that_nobody_answered_was_not_reached(talked: Talked, tmp_path: Path) -> None:
    """The first packet alone: its hello is in it."""
    size = int.from_bytes(talked.capture[32:36], "little")
    (row,) = read_run(tmp_path, talked.capture[: 40 + size]).connections
    assert (row["outcome"], row["sni"], row["bytes_in"]) == ("not-reached", HOST, 0)
