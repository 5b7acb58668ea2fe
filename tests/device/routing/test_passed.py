"""What a capture says went past the proxy: packets of the test's own making, whole, odd and broken."""

import ipaddress
import struct
from pathlib import Path

import pytest

from promptrail.device.routing.passed import Row, passed
from promptrail.errors import InputError

PHONE, SERVER, PHONE6, SERVER6 = "10.66.1.2", "203.0.113.5", "fd66::2", "2001:db8::5"
SYN, ACK = 2, 16


def segment(source: int, to: int, flags: int = SYN) -> bytes:
    return struct.pack(">HHIIBBHHH", source, to, 0, 0, 0x50, flags, 0, 0, 0)


def datagram(source: int, to: int) -> bytes:
    return struct.pack(">HHHH", source, to, 8, 0)


def ip(
    source: str, to: str, protocol: int, payload: bytes, *, fragment: int = 0, options: bytes = b""
) -> bytes:
    a, b = ipaddress.ip_address(source), ipaddress.ip_address(to)
    if a.version == 6:
        return struct.pack(">IHBB", 6 << 28, len(payload), protocol, 64) + a.packed + b.packed + payload
    words = 5 + len(options) // 4
    head = struct.pack(">BBHHHBBH", 0x40 | words, 0, words * 4 + len(payload), 0, fragment, 64, protocol, 0)
    return head + a.packed + b.packed + options + payload


def ethernet(packet: bytes, kind: int | None = None, tag: bytes = b"") -> bytes:
    kind = kind or (0x86DD if packet[:1] and packet[0] >> 4 == 6 else 0x0800)
    return bytes(12) + tag + kind.to_bytes(2) + packet


def pcap(file: Path, frames: list[bytes], link: int = 1, order: str = "<", cut: int = 0) -> Path:
    head = struct.pack(f"{order}IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 65535, link)
    body = b"".join(struct.pack(f"{order}IIII", 0, 0, len(f), len(f)) + f for f in frames)
    file.write_bytes((head + body)[: -cut or None])
    return file


OPEN = ip(PHONE, SERVER, 6, segment(4000, 443))
QUIC = ip(PHONE, SERVER, 17, datagram(5000, 443))


@pytest.mark.parametrize(
    ("packets", "rows"),
    [
        ([OPEN, ip(PHONE, SERVER, 6, segment(4000, 443, ACK))], [Row("tcp", SERVER, 443, 2, 80, 1)]),
        ([QUIC, QUIC], [Row("udp", SERVER, 443, 2, 56, 0)]),
        ([ip(PHONE6, SERVER6, 17, datagram(1, 53))], [Row("udp", SERVER6, 53, 1, 48, 0)]),
        (
            [ip(PHONE6, SERVER6, 0, bytes([6, 0]) + bytes(6) + segment(1, 80))],
            [Row("tcp", SERVER6, 80, 1, 68, 1)],
        ),
        ([ip(PHONE, SERVER, 6, segment(1, 80), options=bytes(8))], [Row("tcp", SERVER, 80, 1, 48, 1)]),
        ([ip(PHONE, SERVER, 17, bytes(8), fragment=3)], [Row("udp", SERVER, 0, 1, 28, 0)]),
        ([ip(PHONE, SERVER, 1, bytes(8))], [Row("icmp", SERVER, 0, 1, 28, 0)]),
        ([ip(PHONE, SERVER, 132, bytes(8))], [Row("132", SERVER, 0, 1, 28, 0)]),
        ([ip(PHONE, SERVER, 6, b"\x01")], [Row("tcp", SERVER, 0, 1, 21, 0)]),
        ([ip(SERVER, PHONE, 6, segment(443, 4000, SYN | ACK))], []),
        ([ip(PHONE, "224.0.0.251", 17, datagram(5353, 5353))], []),
        ([ip(PHONE6, "ff02::2", 58, bytes(8)), ip(PHONE6, "fe80::1", 58, bytes(8))], []),
        ([ip(SERVER, PHONE, 6, segment(9, 5555)), ip(PHONE, SERVER, 6, segment(5555, 9, SYN | ACK))], []),
        ([ip(PHONE, "10.66.1.1", 6, segment(1, 8080))], []),
        ([ip("10.66.1.77", SERVER, 6, segment(1, 443))], []),
    ],
    ids=[
        *("tcp", "quic", "dns over IPv6", "IPv6 extension", "IP options", "a later fragment", "icmp"),
        *("another protocol", "cut ports", "an answer", "multicast", "IPv6 on the link"),
        *("adb from outside", "to the proxy", "another device"),
    ],
)
def test_what_counts(tmp_path: Path, packets: list[bytes], rows: list[Row]) -> None:
    """What the device began, by protocol, destination and port; not what it answers or what stays on the wire."""
    file = pcap(tmp_path / "c.pcap", [ethernet(packet) for packet in packets])
    found = passed(file, [PHONE, PHONE6], besides=[("10.66.1.1", 8080)])
    assert (list(found.rows), found.packets, found.undecodable, found.cut) == (rows, len(packets), 0, False)


@pytest.mark.parametrize(
    ("link", "order", "frame"),
    [
        (1, ">", ethernet(OPEN)),
        (1, "<", ethernet(OPEN, tag=bytes.fromhex("81000005"))),
        (101, "<", OPEN),
        (113, "<", bytes(14) + b"\x08\x00" + OPEN),
        (276, ">", b"\x08\x00" + bytes(18) + OPEN),
    ],
    ids=["big-endian", "VLAN", "raw IP", "Linux cooked", "Linux cooked 2"],
)
def test_kinds_of_captures(tmp_path: Path, link: int, order: str, frame: bytes) -> None:
    """tcpdump's link types, in both byte orders."""
    found = passed(pcap(tmp_path / "c.pcap", [frame], link, order), [PHONE])
    assert found.rows == (Row("tcp", SERVER, 443, 1, 40, 1),)


@pytest.mark.parametrize(
    "frame",
    [
        ethernet(b"\x45\x00"),
        ethernet(b""),
        ethernet(b"\x95" * 40),
        ethernet(b"x" * 40, 0x9999),
        bytes(5),
        b"",
    ],
    ids=["cut IP", "no IP", "IP version 9", "another EtherType", "cut Ethernet", "empty"],
)
def test_what_cannot_be_told_is_counted(tmp_path: Path, frame: bytes) -> None:
    """Never an error, and never nothing: the figure is in the record. ARP is known, and is not counted."""
    arp = ethernet(bytes(28), 0x0806)
    found = passed(pcap(tmp_path / "c.pcap", [frame, arp, ethernet(QUIC)]), [PHONE])
    assert found.undecodable == found.figures()["past_undecodable_packets"] == 1
    assert found.figures()["past_quic_packets"] == 1 and found.packets == 3


@pytest.mark.parametrize("cut", [1, 41, 43, 57])
def test_a_capture_that_breaks_off(tmp_path: Path, cut: int) -> None:
    """It counts up to there, and says so."""
    found = passed(pcap(tmp_path / "c.pcap", [ethernet(OPEN), ethernet(QUIC)], cut=cut), [PHONE])
    assert found.cut and [row.protocol for row in found.rows] == ["tcp"]


def test_a_length_that_lies(tmp_path: Path) -> None:
    """A packet that claims gigabytes is the end of what can be told, and takes no memory."""
    file = pcap(tmp_path / "c.pcap", [ethernet(OPEN)])
    with file.open("ab") as f:
        f.write(struct.pack("<IIII", 0, 0, 0xFFFFFFFF, 0xFFFFFFFF))
    found = passed(file, [PHONE])
    assert found.cut and len(found.rows) == 1


@pytest.mark.parametrize(
    "data", [b"", b"\x0a\x0d\x0d\x0a" + bytes(40), struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 9, 147)]
)
def test_what_is_no_such_capture_is_refused(tmp_path: Path, data: bytes) -> None:
    """An empty file, a pcapng and an unknown link type are refused with what to do."""
    (tmp_path / "c.pcap").write_bytes(data)
    with pytest.raises(InputError, match="tcpdump -w"):
        passed(tmp_path / "c.pcap", [PHONE])
