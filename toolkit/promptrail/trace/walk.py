"""One part of a message in, its hits out: every layer is searched, then taken apart, down to the limits.

A hit seen again inside a deeper layer is told once, from the deepest: that is the one whose path and chain explain it.
"""

from bisect import insort
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import batched, chain

from promptrail.decode import expand
from promptrail.decode.large import blocks, opened
from promptrail.decode.layer import Layer, Span, Undecodable, touch
from promptrail.decode.limits import Budget
from promptrail.decode.parts import Part, url_layers
from promptrail.decode.readable import DIGEST, is_text
from promptrail.trace.look import Unread, merged
from promptrail.trace.needles import SHORTEST, Needle
from promptrail.trace.scout import Scout
from promptrail.trace.search import Search

FOLDED_MOST = 8192
"""Bytes of a text that is folded although it was taken apart: its values are folded one by one."""
TOGETHER, SHORT, FEW = 256, 1024, 4
"""Layers that are looked at together first, the bytes of one, and so few that each is looked at by itself."""
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


class Walk:
    """One walk over one part. With a scout it enters only layers in which the scout sees that something may be."""

    def __init__(self, search: Search, scout: Scout | None = None) -> None:
        self.search = search
        self.scout = scout
        self.unread: list[Unread] = []

    def part(self, part: Part) -> list[Hit]:
        """Every hit of the part, in order of place."""
        self._url = part.part == "url"
        root = part.layer
        self._budget = Budget(len(root.data))
        begin, cut = opened(root.data)
        hits = self._visit(replace(root, data=begin) if cut else root)
        if cut:
            self.unread.append(Unread(cut.reason, cut.detail, len(root.data) - len(begin)))
            hits += self._beyond(root, len(begin))
        while root.parent is not None:  # a cookie starts inside its header
            hits = [replace(h, here=root.outwards(h.here)) for h in hits]
            root = root.parent
        return sorted(hits, key=lambda h: (h.here, h.layer.path, h.span, h.needle.probe, h.needle.steps))

    def _visit(self, layer: Layer) -> list[Hit]:
        near: Sequence[Span] | None = None
        if self.scout and not layer.encodings:
            look = self.scout.look(layer.data)
            if not look.holds:
                return []
            near = layer.near = look.spans
        inner: list[Hit] = []
        taken_apart = False
        if not self._budget.spend(len(layer.data), layer.depth):
            if len(layer.data) > DIGEST:
                words = self._budget.over or "nested beyond the limits of decoding"
                self.unread.append(Unread("limit", words, len(layer.data)))
        else:
            faults: list[Undecodable] = []
            apart = url_layers(layer) if self._url and layer.parent is None else expand(layer, faults)
            children = chain(self.search.ciphertexts.opened(layer), apart)
            for batch in batched(children, TOGETHER):
                taken_apart = True
                wanted = [c for c in batch if len(c.data) >= SHORTEST and (near is None or touches(c, near))]
                for child in self._loud(wanted):
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
        told = Told(inner)
        better = [h for h in own if not told.has(h)]
        told = Told(better)
        return [h for h in inner if not told.has(h)] + better

    def _loud(self, layers: list[Layer]) -> list[Layer]:
        """Without those short ones in which, looked at together, the scout sees nothing."""
        if self.scout is None or len(layers) <= FEW:
            return layers
        quiet = self.scout.quiet(x.data for x in layers if len(x.data) <= SHORT and not x.encodings)
        return [x for x in layers if x.encodings or x.data not in quiet]

    def _beyond(self, layer: Layer, begin: int) -> list[Hit]:
        """Hits in that part of a long body which is not opened; where blocks overlap, each once."""
        first = max(begin - self.search.longest, 0)
        hits: dict[tuple[Needle, Span], Hit] = {}
        for place, block in blocks(memoryview(layer.data)[first:], self.search.longest):
            for needle, start, end in self.search.find(block):
                span = (first + place + start, end - start)
                if span[0] + span[1] > begin:
                    hits.setdefault((needle, span), Hit(needle, layer, span, span))
        return _best(list(hits.values()))

    def _own(self, layer: Layer, text: bool, taken_apart: bool) -> list[Hit]:
        """Hits in the bytes of this layer itself."""
        told = self.search.find(layer.data)
        found = [Hit(_tiered(n, layer), layer, (a, z - a), (a, z - a)) for n, a, z in told]
        if text and (len(layer.data) <= FOLDED_MOST or not taken_apart):
            found += [
                Hit(n, layer, (a, z - a), (a, z - a)) for n, a, z in self.search.normalised(layer.data, told)
            ]
        elif not text and len(layer.data) > SHORTEST:
            found += [Hit(n, layer, (a, z - a), (a, z - a)) for n, a, z in self.search.ciphered(layer.data)]
        for needle, part in self.search.parts(layer.data, told):
            span = (part.start, part.length)
            found.append(Hit(needle, layer, span, span, part.share))
        return found


def touches(layer: Layer, spans: Sequence[Span]) -> bool:
    """Whether a layer was made of bytes of which some are in one of these stretches (start, end) of its parent."""
    return touch(spans, layer.start, layer.start + layer.length)


def _tiered(needle: Needle, layer: Layer) -> Needle:
    """A text from which a decoder took characters away is not the text as it was sent."""
    changed = needle.tier == "exact" and "zero-width" in layer.chain
    return needle._replace(tier="normalised") if changed else needle


class Told:
    """Where which probes are told, to be asked whether another hit says anything new."""

    def __init__(self, hits: Iterable[Hit]) -> None:
        spans: dict[tuple[int, int], list[Span]] = {}
        for hit in hits:
            start, length = hit.here
            spans.setdefault((hit.needle.probe, RANK[hit.needle.tier]), []).append((start, start + length))
        self._spans = {key: merged(found) for key, found in spans.items()}

    def has(self, hit: Hit) -> bool:
        """Whether this probe is told at this place already, at least as well."""
        start, length = hit.here
        ranks = range(RANK[hit.needle.tier] + 1)
        return any(touch(self._spans.get((hit.needle.probe, r), ()), start, start + length) for r in ranks)


def _best(own: list[Hit]) -> list[Hit]:
    """Of the hits of one probe that overlap in one layer the best, then the longest: it holds the others."""
    kept: list[Hit] = []
    taken: dict[int, list[Span]] = {}
    for hit in sorted(
        own, key=lambda h: (RANK[h.needle.tier], -h.span[1], h.span[0], len(h.needle.steps), h.needle.steps)
    ):
        span = hit.here[0], hit.here[0] + hit.here[1]
        spans = taken.setdefault(hit.needle.probe, [])
        if not touch(spans, *span):
            insort(spans, span)
            kept.append(hit)
    return kept
