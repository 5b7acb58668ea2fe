"""Many literals and a few patterns in one pass: hyperscan where its wheel installs, else Aho-Corasick and `re`.

Both give the same matches as (number, end): literals by their number, patterns numbered behind them. A pattern is a
yes-or-no question and is told at most once a pass; which of its places is told is not defined.
"""

import re
from collections.abc import Sequence
from typing import NamedTuple, Protocol


class Literal(NamedTuple):
    data: bytes
    caseless: bool = False
    """ASCII letters in either case."""


class Pattern(NamedTuple):
    """One question in both dialects (they are the same but for hyperscan's lack of look-around)."""

    expression: bytes
    every: bool = False
    """Tell every end, not just that there is one."""


class Engine(Protocol):
    def scan(self, data: bytes) -> list[tuple[int, int]]: ...


class Hyperscan:
    """Intel's matcher through the package hyperscan (MIT; the library BSD-3-Clause)."""

    def __init__(self, literals: Sequence[Literal], patterns: Sequence[Pattern]) -> None:
        import hyperscan as hs

        expressions = [_escaped(x.data) for x in literals] + [p.expression for p in patterns]
        flags = [hs.HS_FLAG_CASELESS if x.caseless else 0 for x in literals]
        flags += [hs.HS_FLAG_DOTALL | (0 if p.every else hs.HS_FLAG_SINGLEMATCH) for p in patterns]
        self._database = hs.Database(mode=hs.HS_MODE_BLOCK)
        numbers = list(range(len(expressions)))
        self._database.compile(expressions=expressions, ids=numbers, elements=len(numbers), flags=flags)
        self._found: list[tuple[int, int]] = []
        append = self._found.append
        self._tell = lambda number, _start, end, _flags, _context: append((number, end))

    def scan(self, data: bytes) -> list[tuple[int, int]]:
        self._found.clear()
        if data:
            self._database.scan(data, match_event_handler=self._tell)
        return list(self._found)


class AhoCorasick:
    """ahocorasick_rs (Apache-2.0) for the literals, the standard library for the patterns."""

    def __init__(self, literals: Sequence[Literal], patterns: Sequence[Pattern]) -> None:
        from ahocorasick_rs import BytesAhoCorasick

        self._exact = [n for n, x in enumerate(literals) if not x.caseless]
        self._folded = [n for n, x in enumerate(literals) if x.caseless]
        exact = [literals[n].data for n in self._exact]
        folded = [literals[n].data.lower() for n in self._folded]
        self._machines = [
            (BytesAhoCorasick(data) if data else None, numbers)
            for data, numbers in ((exact, self._exact), (folded, self._folded))
        ]
        self._patterns = [
            (len(literals) + n, re.compile(p.expression, re.S), p.every) for n, p in enumerate(patterns)
        ]

    def scan(self, data: bytes) -> list[tuple[int, int]]:
        found: list[tuple[int, int]] = []
        for (machine, numbers), view in zip(self._machines, (data, data.lower()), strict=True):
            if machine is not None and data:
                hits = machine.find_matches_as_indexes(view, overlapping=True)
                found += [(numbers[n], end) for n, _, end in hits]
        for number, pattern, every in self._patterns:
            if every:
                found += [(number, m.end()) for m in pattern.finditer(data)]
            elif m := pattern.search(data):
                found.append((number, m.end()))
        return found


def _escaped(data: bytes) -> bytes:
    """A literal as an expression: hyperscan's own literal call refuses what its binding hands over (0.9.1)."""
    return ("\\x" + data.hex(" ").replace(" ", "\\x")).encode()


def engine(literals: Sequence[Literal], patterns: Sequence[Pattern]) -> Engine:
    """The faster of the two that is installed."""
    if not literals and not patterns:
        return AhoCorasick([], [])
    try:
        return Hyperscan(literals, patterns)
    except ImportError:
        return AhoCorasick(literals, patterns)
