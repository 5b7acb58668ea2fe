"""Rows of tshark's fields as frames."""

import pytest

from promptrail.ingest.packets.frames import Frame, frame_of
from promptrail.ingest.packets.tshark import FIELDS


def row(**fields: str) -> list[bytes]:
    """A row with these fields, dots written as two underscores."""
    named = {name.replace("__", "."): value for name, value in fields.items()}
    return [named.get(name, "").encode() for name in FIELDS]


def tcp(**more: str) -> list[bytes]:
    start = {
        "frame__number": "7",
        "frame__time_epoch": "1790000000.25",
        "frame__protocols": "eth:ethertype:ip:tcp",
        "ip__src": "10.0.0.1",
        "ip__dst": "10.0.0.2",
        "tcp__stream": "3",
        "tcp__srcport": "40000",
        "tcp__dstport": "443",
        "tcp__flags": "0x0018",
        "tcp__seq_raw": "4294967295",
        "tcp__ack_raw": "12",
        "tcp__len": "3",
        "tcp__payload": "616263",
    }
    return row(**(start | more))


def read(fields: list[bytes]) -> Frame:
    found = frame_of(fields, lambda n: n + 100)
    assert found
    return found


def test_a_segment() -> None:
    """Its number is the one in the whole capture."""
    frame = read(tcp())
    assert (frame.number, frame.at, frame.udp, frame.stream) == (107, 1_790_000_000.25, False, 3)
    assert (frame.src, frame.dst) == (("10.0.0.1", 40_000), ("10.0.0.2", 443))
    assert (frame.flags, frame.seq, frame.ack, frame.length, frame.data) == (
        0x18,
        4_294_967_295,
        12,
        3,
        b"abc",
    )


def test_the_innermost_packet_of_a_tunnel_counts() -> None:
    """IPv4 in IPv4, and IPv6 in IPv4."""
    assert read(tcp(ip__src="192.0.2.1,10.0.0.1", ip__dst="192.0.2.2,10.0.0.2")).src[0] == "10.0.0.1"
    six = tcp(frame__protocols="eth:ethertype:ip:ipv6:tcp", ipv6__src="fd00::1", ipv6__dst="fd00::2")
    assert read(six).dst[0] == "fd00::2"


def test_a_packet_without_tcp_or_udp_is_none() -> None:
    """ARP, ICMP, what cannot be opened."""
    assert frame_of(row(frame__number="1", frame__protocols="eth:ethertype:arp"), int) is None


def test_lists_keep_their_empty_ones() -> None:
    """tshark writes <MISSING> for an empty value."""
    frame = read(tcp(quic__stream_data="6162,<MISSING>,63", tls__handshake__type="2,8,11"))
    assert frame.contents("quic.stream_data") == [b"ab", b"", b"c"]
    assert frame.numbers("tls.handshake.type") == [2, 8, 11]
    assert frame.contents("data.data") == frame.numbers("quic.version") == []


@pytest.mark.parametrize(
    "field", ["tcp__srcport", "tcp__flags", "tcp__seq_raw", "tcp__payload", "frame__number"]
)
def test_a_field_that_is_not_what_its_name_says_is_a_value_error(field: str) -> None:
    """The reader counts such a frame and goes on."""
    with pytest.raises(ValueError):
        frame_of(tcp(**{field: "odd"}), int)
