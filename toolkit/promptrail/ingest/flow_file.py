"""A flow file as places: where each flow lies, and which bytes are no whole flow. Nothing is read but lengths.

In: the file, mapped. Out: `Record` and `Gap` in the order of the file; ranges for several processes. After damage
reading goes on where the next flow surely begins:
  1. behind the damaged flow's own last field, where its fields follow each other without a break; else
  2. at the first whole flow from which whole flows lead beyond the place where the damaged one says it ends, or to the
     end of the file. Flows inside a body (an upload of a flow file) pass for captured ones only where the capture was
     cut exactly between two of them.
"""

import mmap
import re
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import NamedTuple, Self

from promptrail.ingest.tnetstring import DICT, DIGITS, TEXT, Damage, Data, span

RELEASE = 32_000_000
"""So many bytes may be resident before they are let go: else the whole file counts as this process's memory."""
FIELDS, TYPES = 64, b",;#^!~]}"
FIRST = rb":(?:9:websocket|8:messages|8:response);"
"""The field with which mitmproxy begins a flow (the state is written last to first), by kind."""
BEGINS, SEEMS = re.compile(rb"\d{1,12}" + FIRST), re.compile(rb"\d" + FIRST)
LAST = re.compile(rb"7:version;\d{1,2}:\d{1,9}#\Z")
"""And the one with which it ends."""


class Record(NamedTuple):
    """A flow: where it begins, and where its content does and ends."""

    at: int
    start: int
    stop: int


class Gap(NamedTuple):
    """Bytes that are no whole flow, and why."""

    at: int
    end: int
    what: str


class FlowFile:
    """A flow file, opened for reading; a context manager."""

    def __init__(self, file: Path) -> None:
        self._map: mmap.mmap | None = None
        self.data: Data = b""
        if file.stat().st_size:
            with open(file, "rb") as stream:
                self.data = self._map = mmap.mmap(stream.fileno(), 0, access=mmap.ACCESS_READ)
        self.size = len(self.data)
        self._touched = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, fault: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._map is not None:
            self._map.close()

    def walk(self, at: int = 0, end: int | None = None) -> Iterator[Record | Gap]:
        """Every flow that begins in a range, and what lies between; the range begins where a flow does."""
        end = self.size if end is None else end
        while at < end:
            record = self._frame(at)
            if record is None:
                stop, what = self._resume(at)
                yield Gap(at, stop, what)
                at = stop
            else:
                yield record
                at = record.stop + 1

    def within(self, broken: Record) -> Record | None:
        """A whole flow at the very end of a broken one, which then was cut short and only seems to reach so far."""
        for start in self._seem(broken.start, broken.stop):
            record = self._frame(start)
            if record is not None and record.stop == broken.stop:
                return record
        return None

    def shards(self, count: int) -> list[tuple[int, int]]:
        """The file as ranges of about equal size, each of which begins where a flow does."""
        cuts = [0]
        for one in self.walk():
            if one.at >= self.size * len(cuts) // count and one.at > cuts[-1] and isinstance(one, Record):
                cuts.append(one.at)
                if len(cuts) == count:
                    break
        return list(zip(cuts, [*cuts[1:], self.size], strict=True))

    def _frame(self, at: int) -> Record | None:
        """The flow that begins here, if its length leads to its end and the next one, or its fields do."""
        data = self.data
        colon = data.find(b":", at, at + DIGITS)
        digits = data[at:colon] if colon > 0 else b""
        if not digits.isdigit():
            return None
        stop = colon + 1 + int(digits)
        if stop >= self.size or data[stop] != DICT:
            return None
        self._release(stop - at)
        if self._begins(stop + 1) or self._end_of_fields(colon + 1) == stop:
            return Record(at, colon + 1, stop)
        return None

    def _begins(self, at: int) -> bool:
        """Whether a flow seems to begin here, or the file is at its end."""
        return at == self.size or BEGINS.match(self.data, at) is not None

    def _end_of_fields(self, at: int) -> int | None:
        """Where the fields that begin here come to the end of their dictionary, None if they break off."""
        try:
            for _ in range(FIELDS):
                if self.data[at] == DICT:
                    return at
                _, key = span(self.data, at, self.size)
                _, stop = span(self.data, key + 1, self.size)
                if self.data[key] != TEXT or self.data[stop] not in TYPES:
                    return None
                at = stop + 1
        except (Damage, IndexError):
            pass
        return None

    def _resume(self, at: int) -> tuple[int, str]:
        """Behind the damage that begins here: where the next flow does, or the end; and what is the matter."""
        colon = self.data.find(b":", at, at + DIGITS)
        digits = self.data[at:colon] if colon > 0 else b""
        says = colon + 1 + int(digits) if digits.isdigit() else self.size
        own = self._end_of_fields(colon + 1) if colon > 0 else None
        if own is not None and self._begins(own + 1):
            last = self.within(Record(at, at + 1, own))
            if last is not None:
                return last.at, "a flow cut short"
            return own + 1, "a flow whose length is damaged"
        short = says >= self.size and digits.isdigit()
        what = f"a flow cut short: it says {int(digits)} bytes" if short else "a damaged flow"
        visited: set[int] = set()
        for start in self._seem(at + 1, self.size):
            if self._whole(start) and self._leads(start, min(says, self.size), visited):
                return start, what
        return self.size, what

    def _seem(self, at: int, end: int) -> Iterator[int]:
        """Where flows may begin in a range: each digit before what begins one, since more may stand before its own."""
        before = at
        for found in SEEMS.finditer(self.data, at, end):
            self._release(found.end() - before)
            before = found.end()
            yield from range(max(at, found.start() - DIGITS + 2), found.start() + 1)

    def _whole(self, at: int) -> bool:
        """Whether a flow stands here, from its length to its version."""
        record = self._frame(at)
        if record is None:
            return False
        return LAST.search(self.data[max(record.start, record.stop - 40) : record.stop]) is not None

    def _leads(self, at: int, beyond: int, visited: set[int]) -> bool:
        """Whether whole flows follow each other from here to beyond a place."""
        while at < beyond:
            record = None if at in visited else self._frame(at)
            visited.add(at)
            if record is None:
                return False
            at = record.stop + 1
        return True

    def _release(self, touched: int) -> None:
        self._touched += touched
        if self._map is not None and self._touched > RELEASE and hasattr(mmap, "MADV_DONTNEED"):
            self._touched = 0
            self._map.madvise(mmap.MADV_DONTNEED)
