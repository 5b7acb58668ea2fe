"""Needles and signs in one pass over some bytes: what is told there, what over seams, and in which of many values.

Of digests only the first bytes are looked for. Percent-encoded needles are left out: decoding finds what they say.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Container, Sequence
from itertools import accumulate
from typing import NamedTuple

from promptrail.decode.layer import Span
from promptrail.decode.readable import MAGIC
from promptrail.trace import ciphertexts
from promptrail.trace.engine import Literal, engine
from promptrail.trace.look import OPENED, PART, WHOLE
from promptrail.trace.needles import Needle
from promptrail.trace.signs import ARRAY, BASE_85, BINARY, CODE_85, LINES, MARKED, PATTERNS, STARTS

PREFIX = 8
"""Bytes of a digest: no eight of them are met by chance."""
WORTH = {"fragment": PART, ciphertexts.TIER: OPENED}
BETWEEN = b"\n\0\n"
Confirm = Callable[[bytes, int, int], bool]
ALL = range(LINES + 1)
"""Signs that matter in a text."""


class Told(NamedTuple):
    """What one pass tells."""

    holds: int
    kinds: set[int]
    """Signs that are there."""
    starts: list[tuple[int, int]]
    """(sign, place) of magics."""
    spans: list[Span]
    """Where needles stand."""


def marked(data: bytes) -> list[int]:
    """Signs that begin with a character of their own."""
    return [kind for kind, mark, pattern in MARKED if mark in data and pattern.search(data)]


def _literals(needles: Sequence[Needle]) -> tuple[list[tuple[bytes, int, bool]], dict[int, Confirm]]:
    """Each stretch of bytes that is looked for, what it is worth, and whether in letters of either case; by its number,
    what confirms one.

    Probes of one pattern share fragments: they stand once, and the first probe that has more there is enough.
    """
    literals: dict[tuple[bytes, int, bool], list[Confirm]] = {}
    for n in needles:
        data = n.data[:PREFIX] if n.tier == "digest" else n.data
        folds = not n.steps and n.tier in ("exact", "normalised") and data.isascii()
        asked = literals.setdefault((data.lower() if folds else data, WORTH.get(n.tier, WHOLE), folds), [])
        if n.tier == "fragment" and n.confirm:
            asked.append(n.confirm)
    confirm = {number: _any(asked) for number, asked in enumerate(literals.values()) if asked}
    return list(literals), confirm


def _any(asked: list[Confirm]) -> Confirm:
    """Whether any of these says yes."""
    if len(asked) == 1:
        return asked[0]
    return lambda data, start, end: any(one(data, start, end) for one in asked)


class Sieve:
    """Compiled once for all needles."""

    def __init__(self, needles: Sequence[Needle]) -> None:
        literals, self._confirm = _literals([n for n in needles if not n.net])
        self._literals = [data for data, _, _ in literals]
        self._worth = [worth for _, worth, _ in literals]
        self._count = len(literals)
        self._within: dict[bytes, bool] = {}
        self.longest = max(map(len, self._literals), default=1)
        self._kinds = [kind for kind, _ in PATTERNS]
        self._engine = engine([Literal(data, folds) for data, _, folds in literals], [p for _, p in PATTERNS])
        self._codes = engine([], [CODE_85])
        self._arrays = engine([], [ARRAY])

    def seeks(self, data: bytes) -> bool:
        """Whether these bytes stand in a needle."""
        if (known := self._within.get(data)) is None:
            folded = data.lower()  # some literals are looked for in letters of either case
            known = self._within[data] = any(folded in literal.lower() for literal in self._literals)
        return known

    def array(self, data: bytes) -> bool:
        """Whether strings stand in a row there."""
        return b'"' in data and bool(self._arrays.scan(data))

    def told(self, data: bytes, codes: bool = True) -> Told:
        """One pass over some bytes; `codes`: asking for base85, too."""
        holds = 0
        kinds: set[int] = set()
        starts: list[tuple[int, int]] = []
        spans: list[Span] = []
        for number, end in self._engine.scan(data):
            if number < self._count:
                start = end - len(self._literals[number])
                confirm = self._confirm.get(number)
                if confirm is None or confirm(data, start, end):
                    holds |= self._worth[number]
                    spans.append((start, end))
                continue
            kind = self._kinds[number - self._count]
            if kind in STARTS:
                starts.append((kind, end - STARTS[kind]))
            else:
                kinds.add(kind)
        kinds.update(marked(data))
        if codes and not data.startswith(MAGIC) and self._codes.scan(data):
            kinds.add(BASE_85)
        return Told(holds, kinds, starts, spans)

    def crosses(self, values: Sequence[bytes]) -> list[tuple[int, int]]:
        """Needles that stand over seams when these values are joined: the places of their first and last value, with
        as much about them as the longest needle has."""
        seams = list(accumulate(map(len, values)))
        found = []
        for number, end in self._engine.scan(b"".join(values)):
            if number < self._count:
                start = end - len(self._literals[number])
                if bisect_right(seams, start) < bisect_left(seams, end):
                    first = bisect_right(seams, max(start - self.longest, 0))
                    found.append((first, min(bisect_left(seams, end + self.longest), len(seams) - 1)))
        return found

    def loud(self, values: list[bytes]) -> set[bytes]:
        """Of some values those in which a scan tells anything that matters there."""
        texts = [value for value in values if value.isascii()]
        blobs = [value for value in values if not value.isascii()]
        return self._loud_of(texts, b"\n", ALL) | self._loud_of(blobs, BETWEEN, BINARY)

    def _loud_of(self, values: list[bytes], between: bytes, matter: Container[int]) -> set[bytes]:
        """The same of values of one sort. Signs are told once a scan: where one is, each value is asked."""
        if not values:
            return set()
        joined = between.join(values)
        ends: list[int] = []
        told: set[bytes] = set()
        signed = matter is ALL and bool(marked(joined) or self._codes.scan(joined))
        for number, end in self._engine.scan(joined):
            kind = None if number < self._count else self._kinds[number - self._count]
            if kind is None or kind in STARTS:
                ends = ends or list(accumulate(len(value) + len(between) for value in values))
                told.add(values[bisect_left(ends, end)])
            elif kind in matter:
                signed = True
        if not signed:
            return told
        return (
            set(values)
            if len(values) == 1
            else told.union(*(self._loud_of([value], between, matter) for value in values))
        )
