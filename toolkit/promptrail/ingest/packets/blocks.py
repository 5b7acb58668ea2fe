"""The blocks of a pcapng file (draft-ietf-opsawg-pcapng): packets, interfaces, TLS secrets, counts of the recorder.

In: bytes and where a section begins. Out: what `found` names, one a block; a block whose two lengths differ, or
that names an interface nobody described, is a gap, and the walk goes on at the next block that holds together.
"""

import re
import struct
from collections.abc import Generator, Iterator
from typing import NamedTuple

from promptrail.ingest.packets.found import (
    LARGEST,
    ORDERS,
    SECTION,
    Data,
    Dropped,
    Found,
    Gap,
    Packet,
    Recorder,
    Secrets,
    begins,
    next_begin,
)

INTERFACE, PACKET, SIMPLE, STATISTICS, SECRETS, ENHANCED = 1, 2, 3, 5, 10, 6
TLS_KEY_LOG = 0x544C534B
APPLICATION, RESOLUTION, OFFSET, DROPPED = 4, 9, 14, 5
"""Numbers of options: shb_userappl, if_tsresol, if_tsoffset, isb_ifdrop."""
LONGEST = 16_777_216
"""No block is longer, but for secrets there is nothing that could need it."""
LATEST = 1 << 62


class Interface(NamedTuple):
    link: int
    resolution: int
    """As if_tsresol says it: a power of ten, or with the upper bit of two."""
    offset: int


class Section:
    """What a section has described so far."""

    def __init__(self, order: str) -> None:
        self.order = order
        self.interfaces: list[Interface] = []
        self.last = 0
        """Time of the last packet, in nanoseconds: a simple packet has none of its own."""


def blocks(data: Data, at: int) -> Generator[Found, None, int]:
    """Everything from a section header on; returns where the file ends or another kind of file begins."""
    section = Section("<")
    while at < len(data):
        head = bytes(data[at : at + 4])
        if begins(data, at):
            if head != SECTION:
                return at
            section = Section(ORDERS[bytes(data[at + 8 : at + 12])])
        end = block_end(data, at, section.order)
        if end is None:
            back = _resume(data, at + 1, section.order)
            what = "a block that is cut short" if back == len(data) else "bytes that are no block"
            yield Gap(at, back, what)
            at = back
            continue
        kind = SECTION if head == SECTION else struct.unpack_from(section.order + "I", data, at)[0]
        read = READERS.get(kind)
        if read is not None:
            try:
                yield from read(section, at, bytes(data[at + 8 : end - 4]))
            except (struct.error, ValueError) as fault:
                yield Gap(at, end, f"a damaged block: {fault}")
        at = end
    return at


def block_end(data: Data, at: int, order: str) -> int | None:
    """Where the block ends whose lengths before and behind it agree; None if they do not."""
    if at + 12 > len(data):
        return None
    (length,) = struct.unpack_from(order + "I", data, at + 4)
    if length < 12 or length % 4 or length > LONGEST or at + length > len(data):
        return None
    return at + length if struct.unpack_from(order + "I", data, at + length - 4)[0] == length else None


def _resume(data: Data, at: int, order: str) -> int:
    """The next block of a kind we know, or the beginning of another file."""
    other = next_begin(data, at)
    kinds = b"|".join(
        re.escape(struct.pack(order + "I", one)) for one in (ENHANCED, INTERFACE, SIMPLE, STATISTICS, SECRETS)
    )
    for met in re.compile(kinds).finditer(data, at, other):
        if block_end(data, met.start(), order) is not None:
            return met.start()
    return other


def _options(section: Section, body: bytes, at: int) -> Iterator[tuple[int, bytes]]:
    while at + 4 <= len(body):
        number, length = struct.unpack_from(section.order + "HH", body, at)
        if not number:
            return
        yield number, body[at + 4 : at + 4 + length]
        at += 4 + length + -length % 4


def _section(section: Section, at: int, body: bytes) -> Iterator[Found]:
    for number, value in _options(section, body, 16):
        if number == APPLICATION:
            yield Recorder(value.decode("utf-8", "replace"))


def _interface(section: Section, at: int, body: bytes) -> Iterator[Found]:
    (link,) = struct.unpack_from(section.order + "H", body)
    resolution, offset = 6, 0
    for number, value in _options(section, body, 8):
        if number == RESOLUTION and value:
            resolution = value[0]
        elif number == OFFSET and len(value) >= 8:
            (offset,) = struct.unpack_from(section.order + "q", value)
    section.interfaces.append(Interface(link, resolution, offset))
    yield from ()


def _enhanced(section: Section, at: int, body: bytes) -> Iterator[Found]:
    interface, high, low, size, length = struct.unpack_from(section.order + "IIIII", body)
    yield _packet(section, at, body, 20, interface, (high << 32) | low, size, length)


def _obsolete(section: Section, at: int, body: bytes) -> Iterator[Found]:
    interface, _, high, low, size, length = struct.unpack_from(section.order + "HHIIII", body)
    yield _packet(section, at, body, 20, interface, (high << 32) | low, size, length)


def _simple(section: Section, at: int, body: bytes) -> Iterator[Found]:
    (length,) = struct.unpack_from(section.order + "I", body)
    size = min(length, len(body) - 4)
    yield _packet(section, at, body, 4, 0, None, size, length)


def _packet(
    section: Section,
    at: int,
    body: bytes,
    start: int,
    interface: int,
    time: int | None,
    size: int,
    length: int,
) -> Packet:
    if interface >= len(section.interfaces):
        raise ValueError(f"its interface {interface} is not described")
    if size > LARGEST or start + size > len(body):
        raise ValueError(f"its packet of {size} bytes does not fit")
    link = section.interfaces[interface]
    ns = section.last if time is None else _nanoseconds(time, link)
    section.last = ns
    return Packet(at, at + 8 + start, link.link, ns, max(length, size), body[start : start + size])


def _nanoseconds(time: int, interface: Interface) -> int:
    power = interface.resolution & 0x7F
    if interface.resolution & 0x80:
        ns = time * 1_000_000_000 >> power
    elif power <= 9:
        ns = time * 10 ** (9 - power)
    else:
        ns = time // 10 ** (power - 9)
    return min(max(ns + interface.offset * 1_000_000_000, 0), LATEST)


def _secrets(section: Section, at: int, body: bytes) -> Iterator[Found]:
    kind, length = struct.unpack_from(section.order + "II", body)
    if kind == TLS_KEY_LOG:
        yield Secrets(body[8 : 8 + length])


def _statistics(section: Section, at: int, body: bytes) -> Iterator[Found]:
    for number, value in _options(section, body, 12):
        if number == DROPPED and len(value) == 8 and (count := struct.unpack(section.order + "Q", value)[0]):
            yield Dropped(count)


READERS = {
    SECTION: _section,
    INTERFACE: _interface,
    PACKET: _obsolete,
    SIMPLE: _simple,
    STATISTICS: _statistics,
    SECRETS: _secrets,
    ENHANCED: _enhanced,
}
"""Blocks that are read; others (names, journals, vendors' own) are passed over."""
