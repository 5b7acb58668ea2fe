"""A first walk through a capture: what it holds, what it lacks, and its packets in parts that tshark takes one by one.

In: the bytes of the file. Out: gaps, secrets, counts, and where each packet lies (27 bytes each). tshark keeps what it
decrypted until it ends, some four times what it read, so a large capture is given to it in parts of whole connections.
One connection is never divided: a single one that is larger than a part costs the memory that it costs.
"""

import mmap
import struct
import zlib
from array import array
from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np

from promptrail.ingest.packets.file import walk
from promptrail.ingest.packets.found import Data, Dropped, Gap, Packet, Recorder, Secrets

RELEASE = 33_554_432
"""Bytes of a mapped file after which its pages are let go."""
TAGS = (b"\x81\x00", b"\x88\xa8", b"\x91\x00")
"""VLAN tags (IEEE 802.1Q) before the type of an Ethernet frame."""
PORTED = (6, 17)
"""TCP and UDP."""
HEADS = {
    **dict.fromkeys((12, 14, 101, 228, 229), 0),
    **{0: 4, 108: 4, 113: 16, 276: 20},
}
"""Bytes before the IP header, by link type (tcpdump.org/linktypes.html); Ethernet (1) may have tags."""


@dataclass
class Index:
    gaps: list[Gap] = field(default_factory=list)
    secrets: list[bytes] = field(default_factory=list)
    recorder: str | None = None
    dropped: int = 0
    bytes: int = 0
    fragments: bool = False
    """IP fragments occur: those behind the first know no ports."""
    places: "array[int]" = field(default_factory=lambda: array("Q"))
    times: "array[int]" = field(default_factory=lambda: array("Q"))
    sizes: "array[int]" = field(default_factory=lambda: array("I"))
    lengths: "array[int]" = field(default_factory=lambda: array("I"))
    links: "array[int]" = field(default_factory=lambda: array("H"))
    pairs: "array[int]" = field(default_factory=lambda: array("I"))
    """The same number for both directions of a connection."""

    @property
    def started(self) -> float | None:
        return min(self.times) / 1e9 if self.times else None

    @property
    def ended(self) -> float | None:
        return max(self.times) / 1e9 if self.times else None

    def parts(self, size: int) -> Iterator["Part"]:
        """The packets, in as few parts of about this size as hold them."""
        count = max(1, -(-self.bytes // size))
        pairs = np.frombuffer(self.pairs, np.uint32) % count
        for number in range(count):
            if len(mine := np.flatnonzero(pairs == number)):
                yield Part(self, mine)


@dataclass
class Part:
    """`numbers`: of its packets in the whole capture, from 0."""

    index: Index
    numbers: "np.ndarray[tuple[int], np.dtype[np.int64]]"

    def frame(self, number: int) -> int:
        """The number in the whole capture, from 1, of a frame of this part."""
        return int(self.numbers[number - 1]) + 1

    def packets(self, data: Data) -> Iterator[Packet]:
        index, passed = self.index, 0
        for n in self.numbers:
            at, size = index.places[n], index.sizes[n]
            passed = _passed(data, passed + size)
            yield Packet(at, at, index.links[n], index.times[n], index.lengths[n], data[at : at + size])


def index_of(data: Data) -> Index:
    """Walk the file once; twice where fragments make ports useless for telling connections apart."""
    found = _indexed(data, True)
    return _indexed(data, False) if found.fragments else found


def _indexed(data: Data, ported: bool) -> Index:
    found, passed = Index(), 0
    for one in walk(data):
        if isinstance(one, Packet):
            passed = _passed(data, passed + len(one.data))
            found.places.append(one.start)
            found.times.append(one.ns)
            found.sizes.append(len(one.data))
            found.lengths.append(min(one.length, 0xFFFFFFFF))
            found.links.append(one.link)
            found.bytes += len(one.data)
            pair, fragment = pair_of(one.link, one.data, ported)
            found.pairs.append(pair)
            found.fragments |= fragment
        elif isinstance(one, Gap):
            found.gaps.append(one)
        elif isinstance(one, Secrets):
            found.secrets.append(one.lines)
        elif isinstance(one, Recorder):
            found.recorder = one.name
        elif isinstance(one, Dropped):
            found.dropped += one.packets
    return found


def _passed(data: Data, count: int) -> int:
    """Let go of pages that were read, after so many bytes; those that are still to be."""
    if count < RELEASE:
        return count
    if isinstance(data, mmap.mmap) and hasattr(mmap, "MADV_DONTNEED"):
        data.madvise(mmap.MADV_DONTNEED)
    return 0


def pair_of(link: int, data: bytes, ported: bool) -> tuple[int, bool]:
    """A number for the two ends of a packet, whichever sent it; and whether it is an IP fragment."""
    at = HEADS.get(link, 14)
    if link == 1:
        while data[at - 2 : at] in TAGS:
            at += 4
    version = data[at] >> 4 if at < len(data) else 0
    if version == 4 and len(data) >= at + 20:
        inner, protocol = at + 4 * (data[at] & 15), data[at + 9]
        fragment = bool(struct.unpack_from("!H", data, at + 6)[0] & 0x3FFF)
        ends = data[at + 12 : at + 16], data[at + 16 : at + 20]
    elif version == 6 and len(data) >= at + 40:
        inner, protocol = at + 40, data[at + 6]
        fragment = protocol == 44
        ends = data[at + 8 : at + 24], data[at + 24 : at + 40]
    else:
        return 0, False
    if ported and protocol in PORTED:
        ends = ends[0] + data[inner : inner + 2], ends[1] + data[inner + 2 : inner + 4]
    return zlib.crc32(min(ends) + max(ends)), fragment
