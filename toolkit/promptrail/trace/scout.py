"""Could these bytes hold a needle, however wrapped? One pass for needles and for places where something could hide;
only those are opened, and what comes out is looked at in the same way.

The answer is a superset: yes may be wrong and costs time, no is what the tests hold against the full walk. Beside the
answer stands what could not be opened: the ledger of the unseen needs it even where nothing was found.
"""

import zlib
from collections.abc import Iterator, Sequence
from typing import NamedTuple

import zstandard

from promptrail.decode import expand
from promptrail.decode.compressed import LIMIT, inflate
from promptrail.decode.guessed import brotli_, raw_deflate
from promptrail.decode.layer import Layer, Undecodable
from promptrail.decode.readable import DIGEST, is_text, picture
from promptrail.trace import blind, xor
from promptrail.trace.engine import Literal, engine
from promptrail.trace.needles import Needle
from promptrail.trace.runs import DIGESTS, SHORTEST_RUN, decoded, runs_of
from promptrail.trace.signs import (
    BINARY,
    ENTITY,
    ESCAPE,
    GLUE,
    GZIP,
    OTHER,
    PATTERNS,
    PERCENT,
    QUOTED,
    RUN,
    WIDE,
    ZERO,
    ZLIB,
    ZSTD,
)

DEPTH = 10


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


NOTHING = Look(0, False, ())


class Scout:
    """Compiled once for all needles; remembers what it has seen, so that a repeated blob costs nothing."""

    def __init__(self, needles: Sequence[Needle]) -> None:
        self._needles = [n for n in needles if not n.net]
        literals = [Literal(n.data) for n in self._needles]
        self._count = len(literals)
        self._worth = [PART if n.tier == "fragment" else WHOLE for n in self._needles]
        plain = [
            n.data
            for n in needles
            if n.tier == "exact" and n.steps in ((), ("json",)) and len(n.data) >= xor.SHORTEST
        ]
        self._ciphered = engine([Literal(xor.differences(data)) for data in plain], [])
        self._kinds = [kind for kind, _ in PATTERNS]
        self._engine = engine(literals, [p for _, p in PATTERNS])
        self._seen: dict[tuple[int, int], Look] = {}
        self._runs: dict[bytes, Look] = {}

    def look(self, data: bytes, depth: int = 0, joins: bool = False) -> Look:
        """The answer for some bytes; `joins`: try what is cut into pieces, too."""
        key = (len(data), hash(data))
        if (known := self._seen.get(key)) is not None:
            return known
        self._seen[key] = NOTHING  # a blob that holds itself
        look = self._look(data, depth, joins)
        self._seen[key] = look
        return look

    def crosses(self, data: bytes, sizes: Sequence[int]) -> bool:
        """Whether a needle stands over a seam of joined pieces, whose sizes are given in order."""
        seams, total = set(), 0
        for size in sizes[:-1]:
            total += size
            seams.add(total)
        for number, end in self._engine.scan(data):
            if number < self._count:
                start = end - len(self._needles[number].data)
                if any(start < seam < end for seam in seams):
                    return True
        return False

    def _look(self, data: bytes, depth: int, joins: bool) -> Look:
        holds, kinds, starts = 0, set(), []
        for number, end in self._engine.scan(data):
            if number < self._count:
                holds |= self._worth[number]
                continue
            kind = self._kinds[number - self._count]
            if kind in (GZIP, ZSTD, ZLIB):
                starts.append((kind, end - {GZIP: 3, ZSTD: 4, ZLIB: 2}[kind]))
            else:
                kinds.add(kind)
        if depth >= DEPTH:
            shut = (
                (Unread("limit", "nested beyond the limits of decoding", len(data)),)
                if kinds or starts
                else ()
            )
            return Look(holds, False, shut)
        unread: list[Unread] = []
        opened = False
        text = is_text(data)
        if not text:
            kinds &= BINARY
        for part in self._derived(data, kinds, starts):
            if isinstance(part, Unread):
                unread.append(part)
                opened = True
                continue
            look = self.look(part, depth + 1)
            holds |= look.holds
            opened = True
            unread += look.unread
        if RUN in kinds:
            look = self._all_runs(data, depth)
            holds |= look.holds
            unread += look.unread
        if not opened and not text and len(data) > SHORTEST_RUN:
            look = self._binary(data, depth)
            holds |= look.holds
            unread += look.unread
        joined = joins and not holds & WHOLE and self.joins(data, GLUE in kinds)
        return Look(holds, joined, tuple(dict.fromkeys(unread)))

    def _derived(
        self, data: bytes, kinds: set[int], starts: list[tuple[int, int]]
    ) -> Iterator[bytes | Unread]:
        for kind, start in starts:
            if (part := _unpacked(kind, data[start:] if start else data)) is not None:
                yield part
        if ESCAPE in kinds and (new := blind.unescape(data)) != data:
            yield new
        if PERCENT in kinds:
            yield from (new for new in blind.percent(data) if new != data)
        if QUOTED in kinds:
            yield blind.quoted_printable(data)
        if WIDE in kinds:
            yield from blind.utf16(data)
        if ENTITY in kinds:
            yield blind.entities(data)
        if ZERO in kinds and (new := blind.plain_characters(data)) != data:
            yield new
        if OTHER in kinds:
            yield from (child.data for child in expand(Layer(data), []))

    def _all_runs(self, data: bytes, depth: int) -> Look:
        """Every run of base64 or hex. Most are noise: what they decode to is looked at joined, singly if that fires."""
        fresh: list[tuple[bytes, list[bytes]]] = []
        holds = 0
        unread: list[Unread] = []
        for run in runs_of(data):
            known = self._runs.get(run)
            if known is None:
                self._runs[run] = NOTHING
                if values := decoded(run):
                    fresh.append((run, values))
            else:
                holds |= known.holds
                unread += known.unread
        if not fresh:
            return Look(holds, False, tuple(unread))
        quiet = len(fresh) > 3 and not self._engine.scan(
            b"\n\0\n".join(x for _, values in fresh for x in values)
        )
        for run, values in fresh:
            look = self._blobs(values, depth, quiet)
            self._runs[run] = look
            holds |= look.holds
            unread += look.unread
        return Look(holds, False, tuple(unread))

    def _blobs(self, values: list[bytes], depth: int, quiet: bool) -> Look:
        holds = 0
        unread: list[Unread] = []
        for place, value in enumerate(values):
            binary = len(value) > SHORTEST_RUN and len(value) not in DIGESTS and not is_text(value)
            if quiet and not binary:
                continue
            look = self.look(value, depth + 1)
            holds |= look.holds
            if not place:  # other alignments are guesses: noise is no content that was missed
                unread += look.unread
        return Look(holds, False, tuple(unread))

    def _binary(self, data: bytes, depth: int) -> Look:
        """Bytes that are no text: raw deflate and brotli have no magic, other formats are asked."""
        if name := picture(data):
            return Look(0, False, (Unread("binary", name, len(data)),))
        if self._ciphered.scan(xor.differences(data)):
            return Look(WHOLE, False, ())
        for part in _guessed(data):
            return self.look(part, depth + 1)
        faults: list[Undecodable] = []
        children = list(expand(Layer(data), faults))
        if not children:
            return Look(
                False, False, (Unread("binary", "no format known", len(data)),) if len(data) > DIGEST else ()
            )
        holds = 0
        unread: list[Unread] = []
        for child in children:
            look = self.look(child.data, depth + 1)
            holds |= look.holds
            unread += look.unread
        return Look(holds, False, tuple(unread))

    def joins(self, data: bytes, array: bool = False) -> bool:
        """Whether the values of a row of records, an `array` of strings or a form make a needle when joined."""
        pieces = [*blind.deltas(data)] if blind.repeats(data) else []
        if array:
            pieces.append(blind.glued(data))
        if data.startswith((b"data:", b"event:", b"id:")):
            pieces.append(blind.event_data(data))
        if data.count(b"=") > 1 and blind.FIELD.match(data):
            pieces.append(blind.fields(data))
        return any(self.look(piece, 1).holds & WHOLE for piece in pieces)


def _unpacked(kind: int, data: bytes) -> bytes | Unread | None:
    """What a magic promises, if it keeps its promise; a whole body is opened by `expand`, with its limits."""
    if kind in (ZLIB, GZIP):
        try:
            return inflate(data, 31 if kind == GZIP else 15)[0] or None
        except zlib.error:
            return None
        except Undecodable as fault:
            return Unread(fault.reason, fault.detail, len(data))
    try:
        return zstandard.ZstdDecompressor().stream_reader(data).read(LIMIT) or None
    except zstandard.ZstdError:
        return None


def _guessed(data: bytes) -> Iterator[bytes]:
    """What has no magic: raw deflate and brotli, as the decoders believe them."""
    for decoder in (raw_deflate, brotli_):
        try:
            yield from (piece.data for piece in decoder(Layer(data)))
        except Undecodable:
            pass
