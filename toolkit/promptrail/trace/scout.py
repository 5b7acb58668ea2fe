"""Could these bytes hold a needle, however wrapped? One pass for needles and for places where something could hide;
only those are opened, and what comes out is looked at in the same way.

The answer is a superset: yes may be wrong and costs time, no is what the tests hold against the full walk. Beside the
answer stands what could not be opened: the ledger of the unseen needs it even where nothing was found.
"""

from bisect import bisect_left
from collections.abc import Iterable, Sequence
from itertools import accumulate
from typing import NamedTuple

from promptrail.decode import STRUCTURES
from promptrail.decode.compressed import undone
from promptrail.decode.large import blocks, opened
from promptrail.decode.layer import Layer, Span, Undecodable
from promptrail.decode.limits import LIMITS, Budget
from promptrail.decode.readable import DIGEST, is_text, picture
from promptrail.trace import openings, pieces, xor
from promptrail.trace.engine import Literal, engine
from promptrail.trace.needles import SHORTEST, Needle
from promptrail.trace.runs import DIGESTS, SHORTEST_RUN, decoded, is_run, is_words, runs_of
from promptrail.trace.signs import BINARY, CONTROL, GLUE, PATTERNS, RUN, STARTS

PREFIX = 8
"""Bytes of a digest that a scout looks for: no eight of them are met by chance."""
FEW = 3
"""So many values are looked at one by one; more are looked at joined first."""
TEXTUAL = {"http", "chunked", "quoted-printable", "sse", "json", "jsonp", "markup", "base85", "url", "form"}
FORMATS = [decoder for decoder in STRUCTURES if decoder.id not in TEXTUAL]
"""Those that bytes can be in which are no text."""
BETWEEN = b"\n\0\n"


class Unread(NamedTuple):
    """What could not be opened."""

    reason: str
    detail: str
    length: int


PART, WHOLE = 1, 2


class Look(NamedTuple):
    """`holds`: 0 nothing, PART a fragment, WHOLE a needle; `joined`: a needle only where its pieces are joined."""

    holds: int
    joined: bool
    unread: tuple[Unread, ...]
    spans: tuple[Span, ...] | None = ()
    """Where needles stand in the bytes as they are; None: one is hidden, nobody knows where."""


NOTHING = Look(0, False, ())


class Scout:
    """Compiled once for all needles; remembers what it has seen, so that a repeated blob costs nothing."""

    def __init__(self, needles: Sequence[Needle]) -> None:
        sought = [n for n in needles if not n.net]
        self._literals = [n.data[:PREFIX] if n.tier == "digest" else n.data for n in sought]
        self._count = len(sought)
        self._worth = [PART if n.tier == "fragment" else WHOLE for n in sought]
        self._longest = max(map(len, self._literals), default=1)
        self._budget = Budget(0)
        self._confirm = {
            number: n.confirm for number, n in enumerate(sought) if n.tier == "fragment" and n.confirm
        }
        plain = [
            n.data
            for n in needles
            if n.tier == "exact" and n.steps in ((), ("json",)) and len(n.data) >= xor.SHORTEST
        ]
        self._ciphered = engine([Literal(xor.differences(data)) for data in plain], [])
        self._kinds = [kind for kind, _ in PATTERNS]
        self._engine = engine([Literal(data) for data in self._literals], [p for _, p in PATTERNS])
        self._seen: dict[tuple[int, int], Look] = {}
        self._runs: dict[bytes, Look] = {}

    def look(self, data: bytes, depth: int = 0, joins: bool = False) -> Look:
        """The answer for some bytes; `joins`: try what is cut into pieces, too."""
        key = (len(data), hash(data))
        if (known := self._seen.get(key)) is not None:
            return known
        self._seen[key] = NOTHING  # a blob that holds itself
        if not depth:
            self._budget = Budget(len(data))
        look = self._look(data, depth, joins) if len(data) <= LIMITS.opened else self._long(data, joins)
        self._seen[key] = look
        return look

    def _long(self, data: bytes, joins: bool) -> Look:
        """A body of which only the beginning is opened; the rest is searched as it stands."""
        begin, cut = opened(data)
        look = self._look(begin, 0, joins)
        holds, spans = look.holds, list(look.spans or ())
        for place, block in blocks(memoryview(data)[len(begin) - self._longest :], self._longest):
            found, _, _, there = self._told(block)
            holds |= found
            first = len(begin) - self._longest + place
            spans += [(first + start, first + end) for start, end in there]
        unread = (
            (*look.unread, Unread(cut.reason, cut.detail, len(data) - len(begin))) if cut else look.unread
        )
        return Look(holds, look.joined, unread, None if look.spans is None else tuple(spans))

    def crosses(self, data: bytes, sizes: Sequence[int]) -> bool:
        """Whether a needle stands over a seam of joined pieces, whose sizes are given in order."""
        seams = list(accumulate(sizes[:-1]))
        for number, end in self._engine.scan(data):
            if number < self._count:
                seam = bisect_left(seams, end - len(self._literals[number]) + 1)
                if seam < len(seams) and seams[seam] < end:
                    return True
        return False

    def _told(self, data: bytes) -> tuple[int, set[int], list[tuple[int, int]], list[Span]]:
        """One scan: what it holds, which signs, which of those at which place, and where needles stand."""
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
        return holds, kinds, starts, spans

    def _look(self, data: bytes, depth: int, joins: bool) -> Look:
        holds, kinds, starts, spans = self._told(data)
        text = (CONTROL not in kinds and data.isascii()) or is_text(data)
        kinds.discard(CONTROL)
        if text and not kinds and not starts:
            return Look(holds, joins and not holds & WHOLE and self._joins(data), (), tuple(spans))
        if not self._budget.spend(len(data), depth):
            words = self._budget.over or "nested beyond the limits of decoding"
            return Look(holds, False, (Unread("limit", words, len(data)),), tuple(spans))
        found: list[Look] = []
        for part in openings.of(data, kinds if text else kinds & BINARY, starts):
            if isinstance(part, Undecodable):
                found.append(Look(0, False, (Unread(part.reason, part.detail, len(data)),)))
            else:
                found.append(self.look(part, depth + 1))
        if not text and len(data) > SHORTEST_RUN and not (found and any(start == 0 for _, start in starts)):
            found.append(self._binary(data, depth, bool(kinds)))
        if RUN in kinds:
            found += self._all_runs(data, depth)
        hidden = _held(found)
        holds |= hidden
        joined = joins and not holds & WHOLE and self._joins(data, GLUE in kinds)
        unread = tuple(dict.fromkeys(u for look in found for u in look.unread))
        return Look(holds, joined, unread, None if hidden else tuple(spans))

    def _all_runs(self, data: bytes, depth: int) -> list[Look]:
        """Every run of base64 or hex: text is looked at; of bytes most are noise, so they are scanned joined first."""
        looks: list[Look] = []
        fresh: list[tuple[bytes, list[bytes]]] = []
        for run in runs_of(data):
            known = self._runs.get(run)
            if known is None:
                self._runs[run] = NOTHING
                if values := decoded(run):
                    fresh.append((run, values))
            elif known is not NOTHING:
                looks.append(known)
        loud = self._loud([value for _, values in fresh for value in values if not value.isascii()])
        for run, values in fresh:
            if (
                len(values) == 1
                and len(values[0]) in DIGESTS
                and values[0] not in loud
                and not values[0].isascii()
            ):
                continue
            look = self._values(run, values, loud, depth)
            if look is not NOTHING:
                self._runs[run] = look
                looks.append(look)
        return looks

    def _loud(self, values: list[bytes]) -> set[bytes]:
        """Of some blobs, those in which a scan tells anything. Signs are told once a scan, so they ask for a second."""
        if len(values) <= FEW:
            return self._loud_each(values)
        ends = list(accumulate(len(v) + len(BETWEEN) for v in values))
        told, again = set(), False
        for number, end in self._engine.scan(BETWEEN.join(values)):
            kind = None if number < self._count else self._kinds[number - self._count]
            if kind is None or kind in STARTS:
                told.add(values[bisect_left(ends, end)])
            else:
                again |= kind in BINARY
        return told | self._loud_each(values) if again else told

    def _loud_each(self, values: list[bytes]) -> set[bytes]:
        return {v for v in values if self._engine.scan(v)}

    def _values(self, run: bytes, values: list[bytes], loud: set[bytes], depth: int) -> Look:
        """What a run may stand for: text, what is loud, and what could be compressed without saying so."""
        holds = 0
        unread: tuple[Unread, ...] = ()
        for place, value in enumerate(values):
            wanted = value in loud or is_text(value)
            if not wanted and (len(value) <= SHORTEST_RUN or len(value) in DIGESTS or is_words(run)):
                continue
            if not place:
                look = self.look(value, depth + 1)
                unread = look.unread
            elif wanted:  # other alignments are guesses: noise is no content that was missed
                look = self.look(value, depth + 1)
            else:
                look = next((self.look(part, depth + 1) for part in openings.unnamed(value)), NOTHING)
            holds |= look.holds
        return Look(holds, False, unread) if holds or unread else NOTHING

    def _binary(self, data: bytes, depth: int, signs: bool) -> Look:
        """Bytes that are no text. Of the fields of a format, only those are looked at that its scan could not judge:
        bytes, and texts where there were signs."""
        if name := picture(data):
            return Look(0, False, (Unread("binary", name, len(data)),))
        if self._ciphered.scan(xor.differences(data)):
            return Look(WHOLE, False, (), None)
        layer = Layer(data)
        for decoder in FORMATS:
            try:
                held = list(decoder.decode(layer))
            except Undecodable:
                continue
            if held:
                one = len(held) == 1
                fields = [
                    undone(p.data, p.encodings)[0]
                    for p in held
                    if one or not p.exact or (len(p.data) >= SHORTEST and (signs or not p.data.isascii()))
                ]
                looks = [self.look(field, depth + 1) for field in fields]
                return Look(_held(looks), False, tuple(u for look in looks for u in look.unread), None)
        shut = Unread("binary", "no format known", len(data))
        return Look(0, False, (shut,)) if len(data) > DIGEST else NOTHING

    def joins(self, data: bytes) -> bool:
        """Whether the values of a row of records or of a form make a needle when joined."""
        self._budget = Budget(len(data))
        return self._joins(data)

    def _joins(self, data: bytes, array: bool = False) -> bool:
        for piece in pieces.joined(data, array):
            holds, kinds, _, _ = self._told(piece)
            if holds & WHOLE or (RUN in kinds and is_run(piece) and self.look(piece, 1).holds & WHOLE):
                return True
        return False


def _held(looks: Iterable[Look]) -> int:
    """What some looks hold together."""
    holds = 0
    for look in looks:
        holds |= look.holds
    return holds
