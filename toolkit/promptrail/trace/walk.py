"""One part of a message in, its hits out: every layer is searched, then taken apart, down to the limits.

A hit seen again inside a deeper layer is told once, from the deepest: that is the one whose path and chain explain it.
"""

from dataclasses import dataclass, replace
from typing import NamedTuple

from promptrail.decode import expand
from promptrail.decode.layer import Layer, Span, Undecodable
from promptrail.decode.limits import LIMITS
from promptrail.decode.parts import Part, url_layers
from promptrail.decode.readable import DIGEST, is_text
from promptrail.trace.needles import SHORTEST, Needle
from promptrail.trace.scout import Scout
from promptrail.trace.search import Search

FOLDED_MOST = 8192
"""Bytes of a text that is folded although it was taken apart: its values are folded one by one."""
RANK = {"exact": 0, "normalised": 1, "digest": 2, "obfuscated": 3, "partial": 4}


@dataclass(frozen=True, slots=True)
class Hit:
    """A needle in a layer; `here` is its span in the layer from which one looks, at last in the message as sent."""

    needle: Needle
    layer: Layer
    span: Span
    here: Span
    share: float | None = None
    """Of a part: how much of the probe it is."""


class Unread(NamedTuple):
    """What a part held and nobody could read."""

    reason: str
    detail: str
    length: int | None


class Walk:
    """One walk over one part. With a scout it enters only layers in which the scout sees that something may be."""

    def __init__(self, search: Search, scout: Scout | None = None) -> None:
        self.search = search
        self.scout = scout
        self.unread: list[Unread] = []
        self._layers = self._bytes = 0

    def part(self, part: Part) -> list[Hit]:
        """Every hit of the part, in order of place."""
        self._url = part.part == "url"
        hits = self._visit(part.layer)
        root = part.layer
        while root.parent is not None:  # a cookie starts inside its header
            hits = [replace(h, here=root.outwards(h.here)) for h in hits]
            root = root.parent
        return sorted(hits, key=lambda h: (h.here, h.layer.path, h.span, h.needle.probe, h.needle.steps))

    def _visit(self, layer: Layer) -> list[Hit]:
        if self.scout and not layer.encodings and not self.scout.look(layer.data).holds:
            return []
        self._layers += 1
        self._bytes += len(layer.data)
        inner: list[Hit] = []
        taken_apart = False
        if layer.depth >= LIMITS.depth or self._layers > LIMITS.layers or self._bytes > LIMITS.bytes:
            if len(layer.data) > DIGEST:
                self.unread.append(
                    Unread("limit", "nested or inflated beyond the limits of decoding", len(layer.data))
                )
        else:
            faults: list[Undecodable] = []
            children = url_layers(layer) if self._url and layer.parent is None else expand(layer, faults)
            for child in children:
                taken_apart = True
                if len(child.data) >= SHORTEST:
                    inner += [replace(h, here=child.outwards(h.here)) for h in self._visit(child)]
            self.unread += [Unread(f.reason, f.detail, len(layer.data)) for f in faults]
        text = is_text(layer.data)
        if not taken_apart and not text and len(layer.data) > DIGEST:
            way = " > ".join((*layer.chain, *layer.path)) or "the message"
            shut = Unread(
                "binary", f"{way}: {layer.media or 'no format known'}", layer.length or len(layer.data)
            )
            self.unread.append(shut)
        own = _best(self._own(layer, text, taken_apart))
        better = [h for h in own if not _told(h, inner)]
        return [h for h in inner if not _told(h, better)] + better

    def _own(self, layer: Layer, text: bool, taken_apart: bool) -> list[Hit]:
        """Hits in the bytes of this layer itself."""
        found = [
            Hit(_tiered(n, layer), layer, (a, z - a), (a, z - a)) for n, a, z in self.search.find(layer.data)
        ]
        if text and (len(layer.data) <= FOLDED_MOST or not taken_apart):
            found += [Hit(n, layer, (a, z - a), (a, z - a)) for n, a, z in self.search.normalised(layer.data)]
        elif not text and len(layer.data) > SHORTEST:
            found += [Hit(n, layer, (a, z - a), (a, z - a)) for n, a, z in self.search.ciphered(layer.data)]
        for needle, part in self.search.parts(layer.data):
            span = (part.start, part.length)
            found.append(Hit(needle, layer, span, span, part.share))
        return found


def _tiered(needle: Needle, layer: Layer) -> Needle:
    """A text from which a decoder took characters away is not the text as it was sent."""
    changed = needle.tier == "exact" and "zero-width" in layer.chain
    return needle._replace(tier="normalised") if changed else needle


def _told(hit: Hit, others: list[Hit]) -> bool:
    """Whether others, at least as good, have this probe at this place already."""
    start, length = hit.here
    rank = RANK[hit.needle.tier]
    return any(
        h.needle.probe == hit.needle.probe
        and RANK[h.needle.tier] <= rank
        and h.here[0] < start + length
        and start < h.here[0] + h.here[1]
        for h in others
    )


def _best(own: list[Hit]) -> list[Hit]:
    """Of the hits of one probe that overlap in one layer the best, then the longest: it holds the others."""
    kept: list[Hit] = []
    for hit in sorted(
        own, key=lambda h: (RANK[h.needle.tier], -h.span[1], h.span[0], len(h.needle.steps), h.needle.steps)
    ):
        if not _told(hit, kept):
            kept.append(hit)
    return kept
