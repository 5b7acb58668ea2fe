"""Messages that belong together: a WebSocket's or raw stream's in one direction, a run's requests to one endpoint.

Each group is looked at joined; only where that holds what no single message does are its pieces put together.
"""

import re
from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import accumulate
from typing import Any, NamedTuple, Protocol
from urllib.parse import unquote_to_bytes

from promptrail.decode.parts import Part
from promptrail.decode.walked import SHORTEST
from promptrail.model import Direction
from promptrail.trace.makes import Opened, opened, under
from promptrail.trace.rows import FlowRow
from promptrail.trace.scout import Scout

NUMBER = re.compile(r"[0-9a-f]{8,}|\d+")
LARGEST = 1 << 20
"""Bytes of a message: longer ones are files, not pieces of a sentence, and are told."""
GROUP, ALL, OVERLAP = 8 << 20, 96 << 20, 1 << 18
"""Bytes of one group and of all that are held at once, and of those with which a group begins anew."""
Key = tuple[Any, ...]
Place = tuple[int, int]
"""The first and the last of some messages in a row."""


class Sent(Protocol):
    """What of a message says where it belongs."""

    @property
    def direction(self) -> Direction: ...
    @property
    def part(self) -> str: ...
    @property
    def seq(self) -> int | None: ...


class Member(NamedTuple):
    """One message of a group: its bytes with their content codings undone, and where decoding of it starts."""

    flow: FlowRow
    seq: int
    data: bytes
    start: Callable[[], Part]
    whole: bool = False
    """It holds a probe by itself: it stands between the others, and what it holds is told already."""
    media: str = ""
    """The content type under which it is read; empty: as it says itself."""


class Left(NamedTuple):
    """A message that was searched by itself alone, and its size."""

    flow: FlowRow
    message: Sent
    size: int


class Streams:
    """Collects messages by what they belong to, and judges each group: does it hold something only when joined?

    A group that grows long is judged and begun anew with its last messages. `left`: messages that are joined with none.
    """

    def __init__(self, scout: Scout) -> None:
        self._scout = scout
        self._groups: dict[Key, list[Member]] = {}
        self._sizes: dict[Key, int] = {}
        self._total = 0
        self._count: Counter[Key] = Counter()
        self._long: dict[Key, list[Left]] = {}
        self._found: list[list[Member]] = []

    def add(self, flow: FlowRow, message: Sent, data: bytes, whole: bool, start: Callable[[], Part]) -> None:
        """One message, in the order of the capture; `start` gives the part at which decoding of it begins."""
        key = _key(flow, message.direction, message.part)
        if key is None:
            return
        self._count[key] += 1
        if len(data) > LARGEST:
            self._long.setdefault(key, []).append(Left(flow, message, len(data)))
        else:
            self._groups.setdefault(key, []).append(Member(flow, message.seq or 0, data, start, whole))
            self._sizes[key] = self._sizes.get(key, 0) + len(data)
            self._total += len(data)
            if self._sizes[key] > GROUP:
                self._begin_anew(key)
            elif self._total > ALL:
                self._begin_anew(max(self._sizes, key=lambda k: self._sizes[k]))

    def _begin_anew(self, key: Key) -> None:
        members = self._groups[key]
        self._judge(members)
        kept = size = 0
        while kept < len(members) // 2 and size + len(members[-1 - kept].data) <= OVERLAP:
            kept, size = kept + 1, size + len(members[-1 - kept].data)
        self._total += size - self._sizes[key]
        self._groups[key], self._sizes[key] = members[len(members) - kept :], size

    def _judge(self, members: list[Member]) -> None:
        members = sorted(members, key=lambda m: (m.flow.started or 0.0, m.seq))
        parts = [m.data for m in members]
        if sum(not m.whole for m in members) < 2:
            return
        places = self._scout.crosses(parts)
        apart = [b"" if m.whole else m.data for m in members]  # joined, each of the others would say yes
        ends = list(accumulate(len(p) + 1 for p in apart))
        for start, end in self._scout.joins(b"\n".join(apart)):
            places.append((bisect_right(ends, start), bisect_left(ends, end)))
        places += _values(self._scout, parts)
        told = opened(parts)
        places += _fields(self._scout, told)
        read = [m._replace(media=one.media) for m, one in zip(members, told, strict=True)]
        self._found += [read[first : last + 1] for first, last in _apart(places)]

    def suspicious(self) -> Iterator[list[tuple[FlowRow, Part]]]:
        """Messages in a row whose bytes, or whose values, may hold a needle when they are joined."""
        for members in self._groups.values():
            self._judge(members)
        for members in self._found:
            yield [(m.flow, under(m.start(), m.media)) for m in members]

    def left(self) -> Iterator[Left]:
        """Long messages that belong to others and were not joined with them."""
        for key, messages in self._long.items():
            if self._count[key] > 1:
                yield from messages


def _apart(places: Iterable[Place]) -> Iterator[Place]:
    """Stretches of messages, in order, with those that overlap made one."""
    held: Place | None = None
    for first, last in sorted(places):
        if held and first <= held[1]:
            held = held[0], max(held[1], last)
            continue
        if held:
            yield held
        held = first, last
    if held:
        yield held


def _values(scout: Scout, parts: Sequence[bytes]) -> list[Place]:
    """Forms and queries: the last value of each, joined."""
    tails = [
        (n, unquote_to_bytes(p.rpartition(b"=")[2].replace(b"+", b" ")))
        for n, p in enumerate(parts)
        if b"=" in p
    ]
    return _crossed(scout, tails)


def _crossed(scout: Scout, values: Sequence[tuple[int, bytes]]) -> list[Place]:
    """Needles over seams of values, each with the number of its message."""
    if len(values) < 2:
        return []
    return [(values[a][0], values[b][0]) for a, b in scout.crosses([value for _, value in values])]


def _fields(scout: Scout, told: Sequence[Opened]) -> list[Place]:
    """Binary messages of one make (protobuf, MessagePack): the values of each field, joined."""
    values: dict[str, list[tuple[int, bytes]]] = {}
    for number, one in enumerate(told):
        for piece in one.pieces:
            values.setdefault(piece.path, []).append((number, piece.data))
    places = []
    for held in values.values():
        long = [(number, value) for number, value in held if len(value) >= SHORTEST]
        places += _crossed(scout, held)
        places += _crossed(scout, long) if len(long) < len(held) else []
    return places


def _key(flow: FlowRow, direction: Direction, part: str) -> Key | None:
    if part in ("ws", "raw"):
        return (flow.flow, part, direction)
    if direction == "request" and part in ("body", "url"):
        address = (flow.url or "").partition("?")[0]
        return (flow.run, flow.host, flow.method, NUMBER.sub("*", address), part)
    return None
