"""One pass over what the app sent: opaque bytes, vendors' envelopes, IVs, and what hooks saw it encrypt or sign.

In: a case, its runs, the operations that hooks saw. Out: where each stands, by flow. Requests alone; at most `HEAD`
bytes of an opaque message are kept, so that a long stream costs its reading and no memory.
"""

import base64
import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

import pyarrow.parquet as pq

from promptrail.case import Case
from promptrail.decode import expand
from promptrail.decode.layer import Layer, Undecodable
from promptrail.decode.limits import MIB, Budget
from promptrail.decode.parts import Part, url_layers
from promptrail.decode.readable import is_plain, is_text, picture
from promptrail.findings.weak.checks.keys_in_sight import in_sight
from promptrail.findings.weak.checks.operations import Operation
from promptrail.findings.weak.checks.repeats import Repeats, repeats
from promptrail.language import mark, say
from promptrail.trace.ciphertexts import Ciphertexts, Known
from promptrail.trace.parts import parts_of

BODIES = frozenset({"body", "ws", "raw"})
ENVELOPES = frozenset({"tt"})
"""Decoders of `decode` that undo an encryption with what stands in the message or was published."""
IV_NAMES = frozenset({"iv", "nonce"})
PACKED = re.compile(rb"[A-Za-z0-9+/_=%-]{16}")
"""An IV of 12 bytes in base64, or one of 8 in hex: nothing shorter is looked for."""
WHOLE = mark("the message")
"""The place of what is no part of another."""
SHORTEST, HEAD, OPENED = 16, 1024, 4 * MIB
"""Bytes of an opaque value, of its beginning that is kept, and of a message that is taken apart."""
READABLE = 16
"""Bytes of text in a raw stream below which it may be text by chance."""
VALUES, VALUE = 2000, 512
"""Values of one message of which a key may be made, and bytes of each."""
SEALING = frozenset({"encrypt"})
SIGNING = frozenset({"digest", "sign"})


class Opaque(NamedTuple):
    """Bytes that nothing opens, as the whole of a message or a value in it."""

    place: str
    length: int
    head: bytes
    digest: str
    repeats: Repeats | None


@dataclass
class Seen:
    """What one message holds."""

    opaque: list[Opaque] = field(default_factory=list)
    envelopes: list[tuple[str, str]] = field(default_factory=list)
    """(decoder, place)"""
    ivs: list[tuple[str, str]] = field(default_factory=list)
    """(place, value)"""
    sealed: set[str] = field(default_factory=set)
    """SHA-256 of ciphertexts that hooks saw and that stand there whole."""
    signed: list[tuple[str, str]] = field(default_factory=list)
    """(SHA-256, place) of a digest or signature that a hook saw."""
    keys: dict[str, str] = field(default_factory=dict)
    """By ciphertext, how its key follows from the same message."""
    text: bool = False
    """The message as sent can be read as it is."""


class Met(NamedTuple):
    """What one message of one flow holds."""

    run: str
    flow: str
    host: str | None
    url: str
    """Without its query."""
    part: str
    body: str | None
    seen: Seen


@dataclass
class Carried:
    """Messages in which something was met, in the order of the frames."""

    met: list[Met]
    made: dict[tuple[str, str], list[int]]
    """By run and output, the numbers of the operations that made it there: the same twice is no rarity in ECB."""
    messages: int = 0
    """Bodies and socket messages that were looked at."""
    cut: int = 0
    """Of these, how many were longer than is taken apart, or beyond the limits of decoding."""

    def sealed(self) -> dict[int, list[Met]]:
        """By number of the operation, the messages that carried its ciphertext."""
        found: dict[int, list[Met]] = {}
        for one in self.met:
            for output in sorted(one.seen.sealed):
                for number in self.made.get((one.run, output), []):
                    found.setdefault(number, []).append(one)
        return found


def carried(case: Case, flows: set[str], operations: list[Operation]) -> Carried:
    """What the requests of these flows hold."""
    look = _Look(case, operations)
    found = Carried([], {})
    for number, operation in enumerate(operations):
        if operation.output:
            found.made.setdefault((operation.run, operation.output), []).append(number)
    last: tuple[object, Seen] | None = None
    for flow, part, _ in parts_of(case):
        if part.direction != "request" or flow.flow not in flows:
            continue
        body = part.part in BODIES
        if not body and not look.signatures:
            continue
        key = (part.body, part.layer.media, part.layer.encodings, part.part)
        if part.body is not None and last is not None and last[0] == key:
            seen = last[1]  # the same bytes follow each other, whoever sent them
        else:
            seen, whole = look.at(part)
            found.cut += body and not whole
            last = (key, seen)
        found.messages += body
        if seen != Seen():
            url = str(flow.url or "").partition("?")[0]
            found.met.append(Met(flow.run, flow.flow, flow.host, url, part.part, part.body, seen))
    return found


class _Look:
    """What is looked for in each message."""

    def __init__(self, case: Case, operations: list[Operation]) -> None:
        made = {o.output: o for o in reversed(operations) if o.output and o.mode in SEALING | SIGNING}
        bodies = dict(_small(case, set(made)))
        sealed = {sha: data for sha, data in sorted(bodies.items()) if made[sha].mode in SEALING}
        self.keys = {sha: made[sha].key for sha in sealed}
        self.ciphertexts = Ciphertexts(Known(data, b"", "", sha) for sha, data in sealed.items())
        self.signatures = {
            data: sha for sha, data in bodies.items() if sha not in sealed and len(data) >= SHORTEST
        }

    def at(self, part: Part) -> tuple[Seen, bool]:
        """What a message holds, and whether all of it was looked at."""
        seen, values = Seen(), list[bytes]()
        root = part.layer
        whole = len(root.data) <= OPENED
        if not whole:
            root = Layer(root.data[:OPENED], root.path, root.chain, root.media, root.encodings)
        budget = Budget(len(root.data))
        if part.part == "url":
            for child in url_layers(root):
                self._visit(child, budget, seen, values)
        else:
            seen.text = part.part == "raw" and len(root.data) >= READABLE and is_text(root.data)
            self._visit(root, budget, seen, values, len(part.layer.data))
        for sha in seen.sealed:
            key = self.keys[sha]
            if key and (how := in_sight(key, values)):
                seen.keys[sha] = how
        return seen, whole and budget.over is None

    def _visit(
        self, layer: Layer, budget: Budget, seen: Seen, values: list[bytes], length: int | None = None
    ) -> None:
        place = " > ".join(layer.path) or WHOLE
        if len(layer.data) <= VALUE and len(values) < VALUES:
            values.append(layer.data)
        if layer.data in self.signatures:
            seen.signed.append((self.signatures[layer.data], place))
        if self.keys:
            seen.sealed |= {found.path[-1] for found in self.ciphertexts.opened(layer)}
        name = place.rpartition(" > ")[2].rpartition("/")[2].lower()
        known = any(place == told for told, _ in seen.ivs)
        if name in IV_NAMES and len(layer.data) <= 64 and is_text(layer.data) and not known:
            seen.ivs.append((place, layer.data.decode("utf-8", "replace")))
        if not budget.spend(len(layer.data), layer.depth) or not _may_hold(layer):
            return
        faults: list[Undecodable] = []
        opened = False
        for child in expand(layer, faults):
            opened = True
            if child.chain[-1:] and child.chain[-1] in ENVELOPES and child.chain != layer.chain:
                seen.envelopes.append((child.chain[-1], place))
            self._visit(child, budget, seen, values)
        if not opened and len(layer.data) >= SHORTEST and not is_text(layer.data) and not _media(layer):
            size = len(layer.data) if length is None else length
            digest = hashlib.sha256(layer.data).hexdigest()
            seen.opaque.append(Opaque(place, size, layer.data[:HEAD], digest, repeats(layer.data, size)))


def _may_hold(layer: Layer) -> bool:
    """Whether bytes can stand inside: a plain text without a long run of letters and digits holds none."""
    if layer.encodings or not is_plain(layer.data):
        return True
    return PACKED.search(layer.data) is not None


def _media(layer: Layer) -> bool:
    """A picture, sound, film or font."""
    return bool(picture(layer.data)) or layer.media.startswith(("image/", "audio/", "video/", "font/"))


def _small(case: Case, wanted: set[str]) -> Iterator[tuple[str, bytes]]:
    """Bodies of one row each: what a hook hands over is at most a mebibyte."""
    if not wanted:
        return
    with pq.ParquetFile(case.frames_folder / "bodies.parquet") as file:
        for group in range(file.num_row_groups):
            names = file.read_row_group(group, columns=["sha256"])["sha256"].to_pylist()
            if wanted.isdisjoint(names):
                continue
            part = file.read_row_group(group, columns=["sha256", "length", "data"])
            for sha, length, data in zip(*(column.to_pylist() for column in part.columns), strict=True):
                if sha in wanted and len(data) == length:
                    yield sha, data


def place_said(place: str) -> str:
    """A place as it is read."""
    return say(place) if place == WHOLE else place


def unwritten(value: str) -> bytes | None:
    """The bytes of a short value written in hex or base64; None where it is neither."""
    try:
        return bytes.fromhex(value)
    except ValueError:
        pass
    try:
        return base64.b64decode(
            value.translate(str.maketrans("-_", "+/")) + "=" * (-len(value) % 4), validate=True
        )
    except ValueError:
        return None
