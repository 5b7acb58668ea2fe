"""What a device sent past the proxy, counted from a packet capture of the way that it goes: a pcap in, numbers out.

With the settings proxy over adb nothing of what the proxy reads crosses the gateway, so whatever a capture there has
from the device went past it. Counted per protocol, destination and port; what cannot be told is counted too. Refuses a
file that is no pcap (tcpdump -w, emulator -tcpdump), and one that breaks off inside a packet counts as far as it goes.
"""

import ipaddress
import struct
from collections import Counter
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import NamedTuple

from promptrail.errors import InputError

LINKS = {1: (14, 12), 101: (0, None), 113: (16, 14), 276: (20, 0)}
"""Link type (tcpdump.org/linktypes.html) -> length of its header, offset of the EtherType in it."""
MAGICS = {0xA1B2C3D4, 0xA1B23C4D}
VLAN, IPV4, IPV6 = 0x8100, 0x0800, 0x86DD
NEITHER = {0x0806, 0x88CC, 0x888E}
"""ARP, LLDP and 802.1X never leave the wire."""
TCP, UDP = 6, 17
EXTENSIONS = {0, 43, 60}
"""IPv6 headers before the payload that have a length of their own (RFC 8200); after a fragment's no ports follow."""
LARGEST = 1 << 20


class Row(NamedTuple):
    protocol: str
    """tcp, udp, icmp, icmp6, or the protocol's number."""
    address: str
    port: int
    """Of the destination; 0 where there is none."""
    packets: int
    bytes: int
    """With the IP headers."""
    connections: int
    """TCP: attempts to open one."""


class Passed(NamedTuple):
    rows: tuple[Row, ...]
    packets: int
    undecodable: int
    """Packets that are no IP, or cut off before their addresses."""
    cut: bool
    """The file ends inside a packet."""

    def figures(self) -> dict[str, int]:
        """For the run's record."""
        tcp = [row for row in self.rows if row.protocol == "tcp"]
        udp = [row for row in self.rows if row.protocol == "udp"]
        return {
            "past_tcp_connections": sum(row.connections for row in tcp),
            "past_tcp_bytes": sum(row.bytes for row in tcp),
            "past_quic_packets": sum(row.packets for row in udp if row.port == 443),
            "past_dns_packets": sum(row.packets for row in self.rows if row.port in (53, 853)),
            "past_udp_packets": sum(row.packets for row in udp if row.port not in (53, 443, 853)),
            "past_undecodable_packets": self.undecodable,
        }


def passed(pcap: Path, device: Collection[str], besides: Collection[tuple[str, int]] = ()) -> Passed:
    """What these addresses of a device sent. `besides`: (address, port) of the proxy, or of whoever is known.

    Left out is what stays on the wire (multicast, link-local), and answers to connections from outside, as adb's.
    """
    ours = {ipaddress.ip_address(one) for one in device}
    known = {(ipaddress.ip_address(address), port) for address, port in besides}
    packets: Counter[tuple[str, str, int]] = Counter()
    sizes: Counter[tuple[str, str, int]] = Counter()
    opened: Counter[tuple[str, str, int]] = Counter()
    from_outside: set[tuple[object, ...]] = set()
    total = undecodable = 0
    cut = False
    for packet in _frames(pcap):
        if packet is None:
            cut = True
            continue
        total += 1
        if packet == b"":
            continue
        ip = _ip(packet)
        if ip is None:
            undecodable += 1
            continue
        source, to, protocol, ports, flags, size = ip
        syn = protocol == "tcp" and flags & 0x12 == 0x02
        if source not in ours:
            if syn:
                from_outside.add((to, source, ports[::-1]))
            continue
        if (
            to.is_multicast
            or to.is_link_local
            or (to, ports[1]) in known
            or (source, to, ports) in from_outside
        ):
            continue
        key = (protocol, str(to), ports[1])
        packets[key] += 1
        sizes[key] += size
        opened[key] += syn
    rows = (Row(*key, packets[key], sizes[key], opened[key]) for key in sorted(packets))
    return Passed(tuple(rows), total, undecodable, cut)


def _frames(pcap: Path) -> Iterator[bytes | None]:
    """The IP packet of each frame; b"" for what is none by its kind, b"?" for what is unknown, None at a broken end."""
    with pcap.open("rb") as file:
        head = file.read(24)
        order = next(
            (o for o in "<>" if len(head) == 24 and struct.unpack(f"{o}I", head[:4])[0] in MAGICS), None
        )
        link = order and struct.unpack(f"{order}I", head[20:])[0] & 0xFFFF
        if order is None or link not in LINKS:
            raise InputError(
                f"{pcap} is no pcap of Ethernet, Linux cooked or raw IP packets; make it with tcpdump -w."
            )
        length, kind_at = LINKS[int(link)]
        while record := file.read(16):
            if len(record) < 16:
                yield None
                return
            size = struct.unpack(f"{order}I", record[8:12])[0]
            frame = file.read(size) if size <= LARGEST else b""
            if size > LARGEST or len(frame) < size:
                yield None
                return
            kind, start = None if kind_at is None else frame[kind_at : kind_at + 2], length
            if kind == VLAN.to_bytes(2) and link == 1:
                kind, start = frame[16:18], 18
            told = int.from_bytes(kind) if kind else 0
            if kind is None or told in (IPV4, IPV6):
                yield frame[start:] or b"?"
            else:
                yield b"" if told in NEITHER else b"?"


def _ip(packet: bytes) -> "tuple[_Address, _Address, str, tuple[int, int], int, int] | None":
    """(source, destination, protocol, ports, TCP flags, size) of an IP packet; None if it cannot be told."""
    version = packet[0] >> 4
    if version == 4 and len(packet) >= 20:
        start, number = (packet[0] & 15) * 4, packet[9]
        source: _Address = ipaddress.IPv4Address(packet[12:16])
        to: _Address = ipaddress.IPv4Address(packet[16:20])
        size, later = int.from_bytes(packet[2:4]), int.from_bytes(packet[6:8]) & 0x1FFF
    elif version == 6 and len(packet) >= 40:
        start, number, later = 40, packet[6], 0
        source, to = ipaddress.IPv6Address(packet[8:24]), ipaddress.IPv6Address(packet[24:40])
        size = int.from_bytes(packet[4:6]) + 40
        while number in EXTENSIONS and len(packet) >= start + 8:
            number, start = packet[start], start + 8 + packet[start + 1] * 8
    else:
        return None
    name = {TCP: "tcp", UDP: "udp", 1: "icmp", 58: "icmp6"}.get(number, str(number))
    ports, flags = (0, 0), 0
    if number in (TCP, UDP) and not later and len(packet) >= start + 4:
        ports = (int.from_bytes(packet[start : start + 2]), int.from_bytes(packet[start + 2 : start + 4]))
        flags = packet[start + 13] if number == TCP and len(packet) > start + 13 else 0
    return source, to, name, ports, flags, size


_Address = ipaddress.IPv4Address | ipaddress.IPv6Address
