"""All needles in one pass over some bytes, overlaps included (Aho-Corasick, the package ahocorasick_rs)."""

from collections.abc import Sequence

from promptrail.trace.needles import Needle


class Search:
    """Compiled needles; `find` gives (needle, start, end) in order of place."""

    def __init__(self, needles: Sequence[Needle]) -> None:
        from ahocorasick_rs import BytesAhoCorasick

        self.needles = list(needles)
        self._machine = BytesAhoCorasick([n.data for n in self.needles]) if self.needles else None

    def find(self, data: bytes) -> list[tuple[Needle, int, int]]:
        if self._machine is None or not data:
            return []
        found = self._machine.find_matches_as_indexes(data, overlapping=True)
        hits = [(self.needles[n], start, end) for n, start, end in found]
        return [h for h in hits if h[0].confirm is None or h[0].confirm(data, h[1], h[2])]
