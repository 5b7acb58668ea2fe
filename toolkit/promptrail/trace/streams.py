"""Messages that belong together: a WebSocket's or raw stream's in one direction, a run's requests to one endpoint.

Each group is looked at joined; only where that holds what no single message does are its pieces put together.
"""

import re
from collections.abc import Callable, Iterable, Iterator
from typing import Any, NamedTuple
from urllib.parse import unquote_to_bytes

from promptrail.decode import STRUCTURES
from promptrail.decode.layer import Layer, Undecodable
from promptrail.decode.parts import Part
from promptrail.decode.readable import is_text
from promptrail.model import Direction
from promptrail.trace.rows import FlowRow
from promptrail.trace.scout import WHOLE, Scout

NUMBER = re.compile(r"[0-9a-f]{8,}|\d+")
LARGEST, GROUP, ALL = 1 << 20, 8 << 20, 96 << 20
"""Bytes of one message, of one group, of all: larger messages are whole files, not pieces of a sentence."""
BINARY = [d for d in STRUCTURES if d.id in ("grpc", "protobuf", "msgpack", "cbor")]
Key = tuple[Any, ...]


class Member(NamedTuple):
    """One message of a group: its bytes with their content codings undone, and where decoding of it starts."""

    flow: FlowRow
    seq: int
    data: bytes
    part: Callable[[], Part]


class Streams:
    """Collects messages by what they belong to; `suspicious` gives groups that hold something only when joined."""

    def __init__(self) -> None:
        self._groups: dict[Key, list[Member]] = {}
        self._sizes: dict[Key, int] = {}
        self._total = 0

    def add(
        self,
        flow: FlowRow,
        direction: Direction,
        part: str,
        seq: int | None,
        data: bytes,
        start: Callable[[], Part],
    ) -> None:
        """One message, in the order of the capture; `start` gives the part at which decoding of it begins."""
        key = _key(flow, direction, part)
        size = len(data)
        if key is None or size > LARGEST or self._total + size > ALL:
            return
        held = self._sizes.get(key, 0)
        if held + size > GROUP:
            return
        self._sizes[key] = held + size
        self._total += size
        self._groups.setdefault(key, []).append(Member(flow, seq or 0, data, start))

    def suspicious(self, scout: Scout) -> Iterator[list[tuple[FlowRow, Part]]]:
        """Groups whose joined bytes, or joined values, may hold a needle."""
        for members in self._groups.values():
            if len(members) < 2:
                continue
            members.sort(key=lambda m: (m.flow.started or 0.0, m.seq))
            quiet = [m for m in members if not scout.look(m.data).holds & WHOLE]
            parts = [m.data for m in quiet]
            together = b"".join(parts)
            seams = [len(p) for p in parts]
            if len(quiet) > 1 and (
                scout.crosses(together, seams)
                or scout.joins(b"\n".join(parts))
                or _values(scout, parts)
                or _fields(scout, parts)
            ):
                yield [(m.flow, m.part()) for m in quiet]


def _values(scout: Scout, parts: Iterable[bytes]) -> bool:
    """Forms and queries: the last value of each, joined."""
    tails = [unquote_to_bytes(p.rpartition(b"=")[2].replace(b"+", b" ")) for p in parts if b"=" in p]
    return len(tails) > 1 and scout.crosses(b"".join(tails), [len(t) for t in tails])


def _fields(scout: Scout, parts: Iterable[bytes]) -> bool:
    """Binary messages of one make (protobuf, MessagePack): the values of each field, joined."""
    values: dict[str, list[bytes]] = {}
    for data in parts:
        if is_text(data):
            return False
        for decoder in BINARY:
            try:
                found = list(decoder.decode(Layer(data)))
            except Undecodable:
                continue
            for piece in found:
                values.setdefault(piece.path, []).append(piece.data)
            if found:
                break
    return any(
        len(held) > 1 and scout.crosses(b"".join(held), [len(v) for v in held]) for held in values.values()
    )


def _key(flow: FlowRow, direction: Direction, part: str) -> Key | None:
    if part in ("ws", "raw"):
        return (flow.flow, part, direction)
    if direction == "request" and part in ("body", "url"):
        address = (flow.url or "").partition("?")[0]
        return (flow.run, flow.host, flow.method, NUMBER.sub("*", address), part)
    return None
