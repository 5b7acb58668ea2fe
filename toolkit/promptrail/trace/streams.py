"""Messages that belong together: a WebSocket's or raw stream's in one direction, a run's requests to one endpoint.

Each group is looked at joined; only where that holds what no single message does are its pieces put together.
"""

import re
from collections.abc import Iterable, Iterator
from typing import Any
from urllib.parse import unquote_to_bytes

from promptrail.decode.compressed import undo
from promptrail.decode.layer import Undecodable
from promptrail.decode.parts import Part
from promptrail.trace.scout import WHOLE, Scout

NUMBER = re.compile(r"[0-9a-f]{8,}|\d+")
LARGEST, GROUP = 1 << 20, 8 << 20
"""Bytes of one message, and of one group: larger ones are whole files, not pieces of a sentence."""
Key = tuple[Any, ...]


class Streams:
    """Collects parts by what they belong to; `suspicious` gives the groups that hold something only when joined."""

    def __init__(self) -> None:
        self._groups: dict[Key, list[tuple[Any, Part, bytes]]] = {}
        self._sizes: dict[Key, int] = {}

    def add(self, flow: Any, part: Part) -> None:
        """One part of a message, in the order of the capture."""
        key = _key(flow, part)
        size = len(part.layer.data)
        if key is None or size > LARGEST or self._sizes.get(key, 0) + size > GROUP:
            return
        self._sizes[key] = self._sizes.get(key, 0) + size
        self._groups.setdefault(key, []).append((flow, part, _plain(part)))

    def suspicious(self, scout: Scout) -> Iterator[list[tuple[Any, Part]]]:
        """Groups whose joined bytes, or joined values, may hold a needle."""
        for members in self._groups.values():
            if len(members) < 2:
                continue
            members.sort(key=_order)
            quiet = [m for m in members if not scout.look(m[2]).holds & WHOLE]
            parts = [data for _, _, data in quiet]
            together = b"".join(parts)
            seams = [len(p) for p in parts]
            if len(quiet) > 1 and (
                scout.crosses(together, seams) or scout.joins(b"\n".join(parts)) or _values(scout, parts)
            ):
                yield [(flow, part) for flow, part, _ in quiet]


def _values(scout: Scout, parts: Iterable[bytes]) -> bool:
    """Forms and queries: the last value of each, joined."""
    tails = [unquote_to_bytes(p.rpartition(b"=")[2].replace(b"+", b" ")) for p in parts if b"=" in p]
    return len(tails) > 1 and scout.crosses(b"".join(tails), [len(t) for t in tails])


def _key(flow: Any, part: Part) -> Key | None:
    if part.part in ("ws", "raw"):
        return (flow.flow, part.part, part.direction)
    if part.direction == "request" and part.part in ("body", "url"):
        address = (flow.url or "").partition("?")[0]
        return (flow.run, flow.host, flow.method, NUMBER.sub("*", address), part.part)
    return None


def _order(member: tuple[Any, Part, bytes]) -> tuple[float, int]:
    flow, part, _ = member
    return (flow.started or 0.0, part.seq or 0)


def _plain(part: Part) -> bytes:
    """The bytes with their content codings undone, as far as that goes."""
    data = part.layer.data
    for name in reversed(part.layer.encodings):
        try:
            data = undo(name, data)[0]
        except Undecodable:
            break
    return data
