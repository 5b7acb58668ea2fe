"""Runs of base64, base32 or hex in a text, each once, and what they may stand for."""

import binascii
import re
from collections.abc import Iterable

from promptrail.decode.readable import is_plain
from promptrail.decode.text_codes import unbase32

SHORTEST_RUN = 20
"""Characters: base64 of the shortest probe that has no needle of its own has 22."""
MARKS = bytes.maketrans(
    bytes(range(256)),
    bytes(65 if re.match(rb"[A-Za-z0-9+/_]", bytes([c])) else 66 if c == 0x2D else 32 for c in range(256)),
)
"""The alphabets as A; the dash as B, for it belongs to base64url but does not make a run of words joined by dashes."""
LONG = b"A" * SHORTEST_RUN
AGAIN = 4
"""Times that runs come again before one of them is taken out of a text."""
DIGESTS = {16, 20, 28, 32, 48, 64}
"""Sizes of hashes and keys, which are not opened."""
HEX_DIGESTS = {2 * size for size in DIGESTS}
ASCII = bytes.maketrans(bytes(range(256)), b"A" * 128 + b" " * 128)
LINE = (56, 78)
WRAPPED = re.compile(rb"(?:[A-Za-z0-9+/]{56,78}(?:\r?\n|\\r\\n|\\n))+[A-Za-z0-9+/]*")
LINE_END = re.compile(rb"\r?\n|\\r\\n|\\n")
TO_STANDARD = bytes.maketrans(b"-_", b"+/")
HEX = re.compile(rb"(?:[0-9a-fA-F]{2})+\Z")
BASE32 = re.compile(rb"(?:[A-Z2-7]+|[a-z2-7]+)\Z")
WORDS = re.compile(
    rb"(?:[a-z]+|[A-Z][a-z]*|[A-Z]+)(?:[-_/+](?:[a-z]+|[A-Z][a-z]*|[A-Z]+|[0-9.]{1,6}))*\Z|[0-9]+\Z"
)
TEXT = frozenset((*range(0x20, 0x7F), *b"\t\r\n"))
PADDING = (b"", b"", b"==", b"=")
GLUE = re.compile(rb"[/_-]")
GLUED_WITHIN, FARTHEST = 24, 128
"""A path or word that is glued to a run shows among its first characters, and ends within so many."""
HEX_SEGMENT = re.compile(rb"(?:\A|[/_-])((?:[0-9a-fA-F]{2}){10,})(?=\Z|[/_-])")
"""An id with a word before it, or in a path."""


def runs_of(data: bytes) -> Iterable[bytes]:
    """The runs of a text, each once, in order; lines of wrapped base64 (RFC 2045) joined."""
    runs: dict[bytes, None] = {}
    lines = False
    rest: bytes | None = data
    while rest is not None:
        rest, found = _gather(rest, runs)
        lines |= found
    if lines:
        runs |= {LINE_END.sub(b"", found[0]): None for found in WRAPPED.finditer(data)}
    return runs


def _gather(data: bytes, runs: dict[bytes, None]) -> tuple[bytes | None, bool]:
    """Adds runs; gives the rest where one comes again and again (an id in every event), without that one, and whether
    a run was as long as a line."""
    marks = data.translate(MARKS)
    find, rfind = marks.find, marks.rfind
    end, again, lines = 0, 0, False
    place = find(LONG)
    while place >= 0:
        start = rfind(b" ", end, place) + 1 or end
        end = find(b" ", place + SHORTEST_RUN)
        if end < 0:
            end = len(data)
        run = data[start:end]
        if run not in runs:
            runs[run] = None
            if (
                start and data[start - 1] not in TEXT
            ):  # in a binary format the byte before a value may look like one of it
                runs |= {run[shift:]: None for shift in (1, 2, 3)}
            lines |= LINE[0] <= end - start <= LINE[1]
        elif (again := again + 1) >= AGAIN and start:
            return data[end:].replace(data[start - 1 : end + 1], b" "), lines
        place = find(LONG, end)
    return None, lines


def decoded(run: bytes) -> list[bytes]:
    """What a run may stand for: hex, or base64 at its start, or later where a path or word is glued to it."""
    if not len(run) & 1 and HEX.match(run):
        return [binascii.unhexlify(run)]
    begin = run[:GLUED_WITHIN]
    glued = b"/" in begin or b"-" in begin or b"_" in begin
    out = []
    if glued and (segments := HEX_SEGMENT.findall(run)):
        out = [binascii.unhexlify(segment) for segment in segments]
        if len(run) - sum(map(len, segments)) < SHORTEST_RUN:
            return out
    if (run.islower() or run.isupper() or run.isdigit()) and BASE32.match(run) and (value := unbase32(run)):
        out.append(value)
    text = run.translate(TO_STANDARD)
    if not glued:
        return _base64(text, out)
    for shift in _alignments(run):
        _base64(text[shift:], out)
        if out and is_plain(out[-1]):
            break
    return out


def _base64(text: bytes, out: list[bytes]) -> list[bytes]:
    """Adds what a text stands for; a character too many is left out."""
    left = len(text) & 3
    try:
        out.append(binascii.a2b_base64(text[:-1] if left == 1 else text + PADDING[left]))
    except ValueError:
        pass
    return out


def digests_of(runs: Iterable[bytes]) -> tuple[list[bytes], bytes]:
    """Of some runs those that are as long as a digest in hex, and what they stand for, one behind another."""
    sized = [run for run in runs if len(run) in HEX_DIGESTS]
    try:
        return sized, binascii.unhexlify(b"".join(sized))
    except binascii.Error:
        sized = [run for run in sized if HEX.match(run)]
        return sized, binascii.unhexlify(b"".join(sized))


def readable(digests: bytes) -> bool:
    """Whether one of them may be a text: as many ASCII characters stand in a row as the shortest has bytes."""
    return b"A" * min(DIGESTS) in digests.translate(ASCII)


def _alignments(run: bytes) -> list[int]:
    """Where groups of four characters may begin: at the run's start, and behind what may be glue before another run."""
    last = min(FARTHEST, len(run) - SHORTEST_RUN)
    return sorted({0, *[found.end() % 4 for found in GLUE.finditer(run, 0, last)]})


def is_words(run: bytes) -> bool:
    """Whether a run reads like a path, a name or a number: what it decodes to is noise."""
    return bool(WORDS.match(run))


def is_run(data: bytes) -> bool:
    """Whether a text is one run from end to end, but for its padding."""
    return b" " not in data.rstrip(b"=").translate(MARKS)
