"""Could these bytes hold a needle, however wrapped? One pass for needles and for places where something could hide;
only those are opened, and what comes out is looked at in the same way.

The answer is a superset: yes may be wrong and costs time, no is what the tests hold against the full walk. Beside the
answer stands what could not be opened: the ledger of the unseen needs it even where nothing was found.
"""

from collections.abc import Iterable, Sequence

from promptrail.decode.compressed import undone
from promptrail.decode.large import blocks, opened
from promptrail.decode.layer import Layer, Span, Undecodable
from promptrail.decode.limits import LIMITS, Budget
from promptrail.decode.readable import DIGEST, is_decodable, is_plain, is_text, picture
from promptrail.trace import blind, openings, pieces, seams, xor
from promptrail.trace.engine import Literal, engine
from promptrail.trace.look import (
    NOTHING,
    OPENED,
    WHOLE,
    Look,
    Unread,
    merged,
    outwards,
    places,
    together,
    worth,
)
from promptrail.trace.needles import SHORTEST, Needle
from promptrail.trace.runs import (
    DIGESTS,
    SHORTEST_RUN,
    decoded,
    digests_of,
    is_run,
    is_words,
    readable,
    runs_of,
)
from promptrail.trace.sieve import Sieve
from promptrail.trace.signs import BINARY, CONTROL, ESCAPE, PERCENT, RUN

GROUP, SMALLEST_GROUP = 64, 8
"""Short texts that are looked at together first, and so few that each is looked at by itself."""
ENCODED_BACKSLASH = (b"%5C", b"%5c", b"\\%")
PLAIN_SIGNS, DEPTH = {RUN, ESCAPE}, 4
"""What is opened in many texts together as well as in each."""


class Scout:
    """Compiled once for all needles; remembers what it has seen, so that a repeated blob costs nothing."""

    def __init__(self, needles: Sequence[Needle]) -> None:
        plain = [
            n.data
            for n in needles
            if n.tier == "exact" and n.steps in ((), ("json",)) and len(n.data) >= xor.SHORTEST
        ]
        self._ciphered = engine([Literal(xor.differences(data)) for data in plain], [])
        self._backslash = any(b"\\" in n.data for n in needles if not n.steps)
        self._sieve = Sieve(needles)
        self._budget = Budget(0)
        self._seen: dict[tuple[int, int], Look] = {}
        self._runs: dict[bytes, Look] = {}
        self._last: tuple[bytes, bool, Look] = (b"", True, NOTHING)

    def look(self, data: bytes, depth: int = 0, joins: bool = False) -> Look:
        """The answer for some bytes; `joins`: try what is cut into pieces, too."""
        if not depth:
            return self._sent(data, joins)
        key = (len(data), hash(data))
        if (known := self._seen.get(key)) is not None:
            return known
        self._seen[key] = NOTHING  # a blob that holds itself
        self._seen[key] = look = self._look(data, depth, joins)
        return look

    def _sent(self, data: bytes, joins: bool) -> Look:
        """The answer for what was sent: nearly all of it is asked for once, so that only the last is remembered, for
        the walk that follows."""
        if data == self._last[0] and self._last[1] >= joins:
            return self._last[2]
        self._budget = Budget(len(data))
        if len(data) > LIMITS.opened:
            look = self._long(data, joins)
        elif data.startswith(pieces.EVENT) and self._quiet_stream(data, joins):
            look = NOTHING
        else:
            look = self._look(data, 0, joins)
        self._last = data, joins, look
        return look

    def _long(self, data: bytes, joins: bool) -> Look:
        """A body of which only the beginning is opened; the rest is searched as it stands."""
        begin, cut = opened(data)
        look = self._look(begin, 0, joins)
        holds, spans = look.holds, list(look.spans or ())
        for place, block in blocks(memoryview(data)[len(begin) - self._sieve.longest :], self._sieve.longest):
            found, _, _, there = self._sieve.told(block)
            holds |= found
            first = len(begin) - self._sieve.longest + place
            spans += [(first + start, first + end) for start, end in there]
        unread = (
            (*look.unread, Unread(cut.reason, cut.detail, len(data) - len(begin))) if cut else look.unread
        )
        return Look(holds, look.joined, unread, None if look.spans is None else tuple(merged(spans)))

    def quiet(self, texts: Iterable[bytes], arrays: bool = False) -> set[bytes]:
        """Of some short texts those in which nothing is, as far as looking at many of them together shows; `arrays`:
        nor anything cut into strings in a row.

        Together they are asked for needles, ids and escapes: any other sign calls for a look at each.
        """
        distinct = [text for text in dict.fromkeys(texts) if text.isascii()]
        quiet: set[bytes] = set()
        groups = [distinct[start : start + GROUP] for start in range(0, len(distinct), GROUP)]
        while groups:
            group = groups.pop()
            joined = b"\n".join(group)
            if self._silent(joined) and not (arrays and self._sieve.array(joined)):
                quiet.update(group)
            elif len(group) > SMALLEST_GROUP:
                middle = len(group) // 2
                groups += [group[:middle], group[middle:]]
        return quiet

    def _silent(self, data: bytes, depth: int = 0) -> bool:
        holds, kinds, starts, _ = self._sieve.told(data)
        if holds or starts or kinds - PLAIN_SIGNS or depth > DEPTH:
            return False
        if ESCAPE in kinds:
            within, _, coded = blind.unescaped(data)
            if coded or not is_text(within) or not self._silent(within, depth + 1):
                return False
        self._budget = Budget(len(data))
        return RUN not in kinds or not self._all_runs(data, 0)

    def _quiet_stream(self, data: bytes, joins: bool) -> bool:
        """Whether a stream of events made short shows that nothing is in it."""
        short = seams.shortened(data, self._sieve.seeks)
        if short is None:
            return False
        if short.values is None:
            return self._look(short.text, 0, joins) == NOTHING
        held = joins and (self._joins(short.rest) or self._cut(short.values)[0])
        return not held and self._look(short.text, 0) == NOTHING

    def _look(self, data: bytes, depth: int, joins: bool = False, runs: bool = True) -> Look:
        """The same, not remembered; without `runs`: those of base64 and hex were looked at already."""
        holds, kinds, starts, spans = self._sieve.told(data)
        text = is_text(data) if CONTROL in kinds else data.isascii() or is_decodable(data)
        kinds.discard(CONTROL)
        if not runs:
            kinds.discard(RUN)
        if text and not kinds and not starts:
            return Look(
                holds, self._joins(data) if joins and not holds & WHOLE else (), (), tuple(merged(spans))
            )
        if not self._budget.spend(len(data), depth):
            words = self._budget.over or "nested beyond the limits of decoding"
            return Look(holds, (), (Unread("limit", words, len(data)),), tuple(merged(spans)))
        found: list[Look] = []
        if text and ESCAPE in kinds:
            found += self._unescaped(data, kinds, depth)
        if text and PERCENT in kinds:
            for plain, whole in blind.percent(data):
                if plain != data:
                    look = self.look(plain, depth + 1)
                    there = outwards(look.spans, len(data) - len(plain)) if whole else None
                    found.append(look._replace(spans=there))
        for part in openings.of(data, kinds if text else kinds & BINARY, starts):
            if isinstance(part, Undecodable):
                found.append(Look(0, (), (Unread(part.reason, part.detail, len(data)),)))
            else:
                found.append(self.look(part, depth + 1)._replace(spans=None))
        named = holds & OPENED or (found and any(start == 0 for _, start in starts))
        if not text and len(data) > SHORTEST_RUN and not named:
            found.append(self._binary(data, depth, bool(kinds)))
        if RUN in kinds:
            found += self._all_runs(data, depth)
        holds |= worth(found)
        joined = self._joins(data) if joins and not holds & WHOLE and not (not text and picture(data)) else ()
        unread = tuple(dict.fromkeys(u for look in found for u in look.unread))
        return Look(holds, joined, unread, together(spans, found))

    def _unescaped(self, data: bytes, kinds: set[int], depth: int) -> list[Look]:
        """A text without its escapes. `kinds`: without ESCAPE then, and where percent signs can be undone behind it as
        well, without PERCENT: whichever is undone first, what comes out is the same unless a backslash is meant."""
        kinds.discard(ESCAPE)
        within, touched, coded = blind.unescaped(data)
        found = (
            [self.look(plain, depth + 1)._replace(spans=None) for plain in openings.coded(data)]
            if coded
            else []
        )
        if within == data:
            return found
        if PERCENT in kinds and not self._backslash and not any(code in data for code in ENCODED_BACKSLASH):
            kinds.discard(PERCENT)
        look = self.look(within, depth + 1) if touched else self._look(within, depth + 1, runs=False)
        # an escape that is broken becomes a replacement character: one byte more
        grown = data.count(b"\\u") if touched else 0
        return [*found, look._replace(spans=outwards(look.spans, len(data) - len(within), grown))]

    def _all_runs(self, data: bytes, depth: int) -> list[Look]:
        """Every run of base64 or hex: most are ids and noise, so that all are scanned joined, and few looked at."""
        seen, new = self._runs, dict.fromkeys(runs_of(data))
        looks = [(run, look) for run in new if (look := seen.get(run)) is not None and look is not NOTHING]
        for run in new.keys() & seen.keys() if seen else ():
            del new[run]
        seen.update(dict.fromkeys(new, NOTHING))
        digests, joined = digests_of(new)
        if digests and not readable(joined) and not self._sieve.loud([joined]):
            for run in digests:
                del new[run]
        fresh = [(run, values) for run in new if (values := decoded(run))]
        loud = self._sieve.loud([value for _, values in fresh for value in values])
        for run, values in fresh:
            first = values[0]
            if len(values) == 1 and first not in loud and (first.isascii() or len(first) in DIGESTS):
                continue  # the most: a text in which nothing is, or a hash
            look = self._values(run, values, loud, depth)
            if look is not NOTHING:
                self._runs[run] = look
                looks.append((run, look))
        return [look._replace(spans=places(data, run) if look.holds else ()) for run, look in looks]

    def _values(self, run: bytes, values: list[bytes], loud: set[bytes], depth: int) -> Look:
        """What a run may stand for: what is loud, and what could be compressed without saying so."""
        holds = 0
        unread: tuple[Unread, ...] = ()
        for place, value in enumerate(values):
            wanted = value in loud
            if not wanted:
                if value.isascii():
                    continue  # a text in which nothing is
                wanted = (len(values) > 1 or len(value) not in DIGESTS) and is_text(value)
                if not wanted and (len(value) <= SHORTEST_RUN or len(value) in DIGESTS or is_words(run)):
                    continue
            if not place:
                look = self.look(value, depth + 1)
                unread = look.unread
            elif wanted:  # other alignments are guesses: noise is no content that was missed
                look = self.look(value, depth + 1)
            elif b"/" in run:  # a segment of a path is a value by itself; no decoder begins behind a dash
                look = next((self.look(part, depth + 1) for part in openings.unnamed(value)), NOTHING)
            else:
                continue
            holds |= look.holds
        return Look(holds, (), unread) if holds or unread else NOTHING

    def _binary(self, data: bytes, depth: int, signs: bool) -> Look:
        """Bytes that are no text. Of the fields of a format, only those are looked at that its scan could not judge:
        bytes, and texts where there were signs."""
        if name := picture(data):
            return Look(0, (), (Unread("binary", name, len(data)),))
        if self._ciphered.scan(xor.differences(data)):
            return Look(WHOLE, (), (), None)
        layer = Layer(data)
        for decoder in openings.FORMATS:
            try:
                held = list(decoder.decode(layer))
            except Undecodable:
                continue
            if held:
                one = len(held) == 1
                fields = [
                    undone(p.data, p.encodings)[0]
                    for p in held
                    if one or not p.exact or (len(p.data) >= SHORTEST and (signs or not is_plain(p.data)))
                ]
                looks = [self.look(field, depth + 1) for field in fields]
                return Look(worth(looks), (), tuple(u for look in looks for u in look.unread), None)
        shut = Unread("binary", "no format known", len(data))
        return Look(0, (), (shut,)) if len(data) > DIGEST else NOTHING

    def crosses(self, values: Sequence[bytes]) -> list[tuple[int, int]]:
        """Needles that stand over seams when these values are joined: the places of their first and last value."""
        return self._sieve.crosses(values)

    def joins(self, data: bytes) -> tuple[Span, ...]:
        """Where the values of several records or of a form make a needle when joined."""
        self._budget = Budget(len(data))
        return self._joins(data, row=True)

    def _joins(self, data: bytes, row: bool = False) -> tuple[Span, ...]:
        found: list[Span] = []
        for text, mark in pieces.joined(data, not row and self._sieve.array(data), row):
            holds, run, spans = self._cut(text)
            if holds:
                found += pieces.about(data, b"" if run else mark, spans, self._sieve.longest)
        return tuple(dict.fromkeys(found))

    def _cut(self, text: bytes) -> tuple[bool, bool, list[Span]]:
        """Whether something is in what pieces make; whether it may be wrapped; where it stands if it is not."""
        holds, kinds, _, spans = self._sieve.told(text, codes=False)
        if holds & WHOLE:
            return True, RUN in kinds, spans
        run = RUN in kinds and is_run(text) and not is_words(text)
        return run and bool(self.look(text, 1).holds & WHOLE), True, []
