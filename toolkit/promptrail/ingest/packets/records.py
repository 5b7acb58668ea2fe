"""The records of a classic pcap file (draft-ietf-opsawg-pcap): packets, and a gap where none can stand.

A record has no mark of its own: behind damage the walk goes on where records of about the same time fit on each other.
"""

import re
import struct
from collections.abc import Generator, Iterator

from promptrail.ingest.packets.found import HEADS, LARGEST, Data, Found, Gap, Packet, begins, next_begin


def records(data: Data, start: int) -> Generator[Found, None, int]:
    """Everything from a file header on; returns where the file ends or another begins."""
    order, unit = HEADS[bytes(data[start : start + 4])]
    if len(data) < start + 24:
        yield Gap(start, len(data), "a file header that is cut short")
        return len(data)
    link = struct.unpack_from(order + "I", data, start + 20)[0] & 0xFFFF
    reading = Records(data, order, 1_000_000_000 // unit)
    at = start + 24
    while at < len(data):
        if begins(data, at):
            return at
        end = reading.end(at)
        follows = end if end is not None and reading.fits(end) else None
        if follows is None:
            back = reading.resume(at + 1)
            if end is not None and back >= end:  # the record itself is whole, and the damage is behind it
                follows = end
        if follows is None:
            yield Gap(
                at, back, "a record that is cut short" if back == len(data) else "bytes that are no record"
            )
            at = back
            continue
        seconds, part, size, length = reading.head(at)
        reading.seconds = seconds
        ns = seconds * 1_000_000_000 + part * unit
        yield Packet(at, at + 16, link, ns, max(length, size), bytes(data[at + 16 : at + 16 + size]))
        at = follows
    return at


class Records:
    """Record headers of a pcap file: whether one can stand at a place, and where the next one stands."""

    CHAIN = 3
    """So many records must fit on each other before a place behind damage is believed."""
    FAR = 4_194_304
    """Bytes that are searched where no time is known yet."""

    def __init__(self, data: Data, order: str, parts: int) -> None:
        self.data, self.order, self.parts = data, order, parts
        self._head = struct.Struct(order + "IIII")
        self.seconds: int | None = None

    def head(self, at: int) -> tuple[int, int, int, int]:
        seconds, part, size, length = self._head.unpack_from(self.data, at)
        return seconds, part, size, length

    def end(self, at: int) -> int | None:
        """Where the record at this place ends; None if there can be none."""
        if at + 16 > len(self.data):
            return None
        _, part, size, _ = self.head(at)
        if part >= self.parts or size > LARGEST or at + 16 + size > len(self.data):
            return None
        return at + 16 + size

    def fits(self, at: int) -> bool:
        """Whether the file can go on here: at its end, with another file, or with a record, even one that is cut."""
        if at >= len(self.data) - 15 or begins(self.data, at):
            return True
        _, part, size, length = self.head(at)
        return part < self.parts and size <= LARGEST and size <= max(length, 1)

    def resume(self, at: int) -> int:
        """The next place where records fit on each other, or another file begins; the end if there is none."""
        other = next_begin(self.data, at)
        return next((place for place in self._places(at, other) if self._chain(place)), other)

    def _chain(self, at: int) -> bool:
        for _ in range(self.CHAIN):
            end = self.end(at)
            if end is None or not self.fits(at) or self.head(at)[2] == 0:
                return False
            if end == len(self.data):
                return True
            at = end
        return True

    def _places(self, at: int, stop: int) -> Iterator[int]:
        """Where a record of about the same time may begin: the upper half of its seconds is the same."""
        if self.seconds is None:
            yield from range(at, min(stop, at + self.FAR))
            return
        packed = [struct.pack(self.order + "I", min(self.seconds + n, 0xFFFFFFFF)) for n in (0, 65_536)]
        part, shift = (slice(2, 4), 2) if self.order == "<" else (slice(0, 2), 0)
        upper = re.compile(b"(?=" + b"|".join(re.escape(one[part]) for one in packed) + b")")
        for met in upper.finditer(self.data, at + shift, stop):
            yield met.start() - shift
