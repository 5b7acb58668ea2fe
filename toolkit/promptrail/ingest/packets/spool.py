"""What each connection of a capture sent, kept until it can be read as a whole: on disk, a bounded part in memory.

In: entries of many connections, mixed as they were captured. Out: those of one connection in their order.
"""

import struct
import tempfile
from collections import defaultdict
from collections.abc import Hashable, Iterator
from pathlib import Path
from typing import NamedTuple

HELD = 33_554_432
"""Bytes in memory, over all connections."""
HEAD = struct.Struct("<dQBqI")


class Entry(NamedTuple):
    at: float
    frame: int
    side: int
    """0 or 1: which end sent it."""
    data: bytes
    missing: int | None = None
    """Of a hole: so many bytes; -1: not known. `data` then says in words what is missing."""


class Spool:
    """`folder`: where the file lies; it has no name there and is gone when the spool is."""

    def __init__(self, folder: Path) -> None:
        self._file = tempfile.TemporaryFile(dir=folder)  # noqa: SIM115
        self._near: defaultdict[Hashable, bytearray] = defaultdict(bytearray)
        self._far: defaultdict[Hashable, list[tuple[int, int]]] = defaultdict(list)
        self._held = self._end = 0

    def add(self, key: Hashable, entry: Entry) -> None:
        near = self._near[key]
        missing = -2 if entry.missing is None else entry.missing
        near += HEAD.pack(entry.at, entry.frame, entry.side, missing, len(entry.data))
        near += entry.data
        self._held += HEAD.size + len(entry.data)
        if self._held > HELD:
            self._flush()

    def entries(self, key: Hashable) -> Iterator[Entry]:
        for place, length in self._far.get(key, ()):
            self._file.seek(place)
            yield from _split(self._file.read(length))
        yield from _split(bytes(self._near.get(key, b"")))

    def holds(self, key: Hashable) -> bool:
        """Whether anything was put there."""
        return key in self._far or key in self._near

    def close(self) -> None:
        self._near.clear()
        self._file.close()

    def _flush(self) -> None:
        self._file.seek(self._end)
        for key, near in self._near.items():
            self._file.write(near)
            self._far[key].append((self._end, len(near)))
            self._end += len(near)
        self._near.clear()
        self._held = 0


def _split(data: bytes) -> Iterator[Entry]:
    at = 0
    while at < len(data):
        when, frame, side, missing, length = HEAD.unpack_from(data, at)
        at += HEAD.size
        yield Entry(when, frame, side, data[at : at + length], None if missing == -2 else missing)
        at += length
