"""What a capture of packets holds, as nouns, and how the files begin that hold it (pcap, pcapng)."""

import mmap
from typing import NamedTuple

Data = bytes | mmap.mmap
LARGEST = 262_144
"""No larger packet is read: tshark ends at one (WTAP_MAX_PACKET_SIZE_STANDARD)."""
HEADS = {
    b"\xd4\xc3\xb2\xa1": ("<", 1000),
    b"\xa1\xb2\xc3\xd4": (">", 1000),
    b"\x4d\x3c\xb2\xa1": ("<", 1),
    b"\xa1\xb2\x3c\x4d": (">", 1),
}
"""The first bytes of a pcap file: its byte order, and nanoseconds in one unit of its times."""
VERSIONS = {"<": b"\x02\x00", ">": b"\x00\x02"}
SECTION = b"\x0a\x0d\x0d\x0a"
"""The first bytes of a pcapng section, and at its eighth byte the order of the others."""
ORDERS = {b"\x4d\x3c\x2b\x1a": "<", b"\x1a\x2b\x3c\x4d": ">"}


class Packet(NamedTuple):
    at: int
    """Where its block begins in the file."""
    start: int
    """Where its data does."""
    link: int
    ns: int
    """Nanoseconds since the epoch."""
    length: int
    """As it was on the wire; `data` may be cut shorter."""
    data: bytes


class Gap(NamedTuple):
    at: int
    end: int
    what: str


class Secrets(NamedTuple):
    """Lines of a TLS key log that stood in the file."""

    lines: bytes


class Recorder(NamedTuple):
    """The program that recorded, by its own word."""

    name: str


class Dropped(NamedTuple):
    """So many packets the recorder did not get, by its own count."""

    packets: int


Found = Packet | Gap | Secrets | Recorder | Dropped


def begins(data: Data, at: int = 0) -> bool:
    """Whether a pcap file or a pcapng section begins here."""
    head = bytes(data[at : at + 12])
    if head[:4] == SECTION:
        return head[8:] in ORDERS
    return head[:4] in HEADS and head[4:6] == VERSIONS[HEADS[head[:4]][0]]


def next_begin(data: Data, at: int) -> int:
    """Where a file begins again; its end if nowhere."""
    found = [len(data)]
    for magic in (*HEADS, SECTION):
        place = data.find(magic, at)
        while place >= 0 and not begins(data, place):
            place = data.find(magic, place + 1)
        found += [place] if place >= 0 else []
    return min(found)
