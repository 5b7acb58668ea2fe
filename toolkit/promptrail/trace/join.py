"""Text that was cut into pieces, put together: values under one path, in the order in which they were sent.

A path is made general by its numbers: events, lines, array elements and numbered fields of one kind belong together.
Only what spans two pieces and more is told here; what lies in one was found there.
"""

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import Any, NamedTuple

from promptrail.decode import STRUCTURES, expand
from promptrail.decode.layer import Layer, Span
from promptrail.decode.parts import Part, url_layers
from promptrail.decode.walked import SHORTEST
from promptrail.trace.look import merged
from promptrail.trace.makes import MEDIA
from promptrail.trace.scout import Scout
from promptrail.trace.search import Search
from promptrail.trace.walk import Hit, Walk, touches

NUMBER = re.compile(r"\d+")
SIGN = re.compile(rb"[\[{<=:]|[^\x20-\x7e]")
"""Without one of these a value holds no structure."""
BINARY = frozenset(MEDIA)
STRUCTURAL = {decoder.id for decoder in STRUCTURES} | {"", "percent"}
PIECES, BYTES, DEPTH = 50_000, 32 * 1024 * 1024, 8


class Piece(NamedTuple):
    """One value: whose it is, where it stands in the message as sent, its bytes."""

    flow: Any
    part: Part
    path: str
    raw: Span
    data: bytes
    chain: tuple[str, ...]


class Joined(NamedTuple):
    """A hit in joined pieces; `pieces` are those that it touches."""

    hit: Hit
    path: str
    pieces: list[Piece]


def reassemble(
    parts: Iterable[tuple[Any, Part]],
    search: Search,
    scout: Scout | None = None,
    within: Sequence[Span] | None = None,
) -> list[Joined]:
    """Hits that appear only when the values of these parts are joined.

    `within`: stretches (start, end) of the message in which alone pieces are taken, its content codings undone.
    """
    within = None if within is None else merged(within)
    groups: dict[tuple[tuple[str, ...], str], list[Piece]] = {}
    count = size = 0
    for flow, part in parts:
        for layer, raw in _values(part.layer, (0, len(part.layer.data)), part.part == "url", within):
            count, size = count + 1, size + len(layer.data)
            if count > PIECES or size > BYTES:
                break
            path = " > ".join(layer.path)
            chain = tuple(
                step for step in layer.chain if step != "percent"
            )  # only where something was escaped
            piece = Piece(flow, part, path, raw, layer.data, layer.chain)
            name = f"{part.part} {path}"  # numbers may be names of fields, or places in a list
            for way in dict.fromkeys((name, NUMBER.sub("*", name))):
                groups.setdefault((chain, way), []).append(piece)
    found: list[Joined] = []
    for (_, path), pieces in groups.items():
        if len(pieces) > 1:
            hits = list(_hits(path, pieces, search, scout))
            found += [*hits, *_without_marks(path, pieces, search, scout, hits)]
    return _distinct(found)


def _without_marks(
    path: str, pieces: list[Piece], search: Search, scout: Scout | None, told: list[Joined]
) -> Iterator[Joined]:
    """What values of binary messages hold without the shortest of them, which may be marks between the others; where
    they are tokens themselves, it was told with them, and what stops before one of them does not stop there."""
    long = [p for p in pieces if len(p.data) >= SHORTEST]
    if BINARY.isdisjoint(pieces[0].chain) or not 1 < len(long) < len(pieces):
        return
    seen = {(one.hit.needle.probe, id(one.pieces[0])) for one in told}
    for one in _hits(path, long, search, scout):
        if one.hit.needle.tier != "partial" and (one.hit.needle.probe, id(one.pieces[0])) not in seen:
            yield one


def _values(
    layer: Layer, raw: Span, url: bool = False, within: Sequence[Span] | None = None
) -> Iterator[tuple[Layer, Span]]:
    """The layer and every value in it that a structure holds, each with its span in the message as sent."""
    if within is None:
        yield layer, raw
    if layer.depth >= DEPTH or not (layer.encodings or url or SIGN.search(layer.data)):
        return
    for child in url_layers(layer) if url else expand(layer, []):
        if layer.encodings:
            yield from _values(child, _outermost(child), within=within)
            continue
        step = child.chain[-1] if len(child.chain) > len(layer.chain) else ""
        if step in STRUCTURAL and (within is None or touches(child, within)):
            yield from _values(child, _outermost(child))


def _outermost(layer: Layer) -> Span:
    """Where a layer stands in the message as sent."""
    span = (0, len(layer.data))
    while layer.parent is not None:
        span, layer = layer.outwards(span), layer.parent
    return span


def _hits(path: str, pieces: list[Piece], search: Search, scout: Scout | None) -> Iterator[Joined]:
    joined = Layer(
        b"".join(p.data for p in pieces),
        (path,),
        (*max((p.chain for p in pieces), key=len, default=()), "join"),
    )
    ends, total = [], 0
    for piece in pieces:
        total += len(piece.data)
        ends.append(total)
    for hit in Walk(search, scout).part(Part("request", "body", joined)):
        start, length = hit.here
        first, last = bisect_right(ends, start), bisect_left(ends, start + length)
        touched = [p for p in pieces[first : last + 1] if p.data]
        if len(touched) > 1:
            if hit.layer is joined:  # told from the first piece on, whatever was sent before it
                before = ends[first] - len(touched[0].data)
                hit = replace(hit, span=(hit.span[0] - before, hit.span[1]))
            yield Joined(hit, path.partition(" ")[2], touched)


def _distinct(found: list[Joined]) -> list[Joined]:
    """A value that comes apart in several ways (line, JSON, field) is told by the way with the longest chain."""
    best: dict[tuple[Any, ...], Joined] = {}
    for one in sorted(found, key=lambda j: -len(j.hit.layer.chain)):
        first, last = one.pieces[0], one.pieces[-1]
        key = (
            one.hit.needle.probe,
            first.flow.flow,
            first.part.seq,
            last.flow.flow,
            last.part.seq,
            first.raw[0] // 64,
        )
        best.setdefault(key, one)
    return list(best.values())
