"""Bytes written as text in, the bytes out: base64, base64url, base32 and hex, as a whole value or inside one.

A run is decoded where it can be; what comes out is searched and taken apart further, so a wrong guess costs time and
finds nothing. Codes whose alphabets take in ordinary words ask that what comes out can be read.
"""

import base64
import binascii
import re
from collections.abc import Iterator

from promptrail.decode.layer import Layer, Piece
from promptrail.decode.readable import readable

# A run begins with a character of its alphabet before it looks back: so the engine skips all others in one go.
RUN = re.compile(
    rb"[A-Za-z0-9+/_-](?<![A-Za-z0-9+/_-].)[A-Za-z0-9+/_-]{11,}+(?:={1,2})?(?![A-Za-z0-9+/_=-])", re.S
)
WRAPPED = re.compile(
    rb"(?<![A-Za-z0-9+/_=-])(?:[A-Za-z0-9+/_-]{60,76}\r?\n[ \t]?)+[A-Za-z0-9+/_-]{1,76}={0,2}(?![A-Za-z0-9+/_=-])"
)
"""Lines of base64 as PEM (RFC 7468, 64) and MIME (RFC 2045, 76) cut them."""
JWT = re.compile(rb"(?<![\w-])(eyJ[\w-]{8,})\.(eyJ[\w-]{2,})\.([\w-]*)")
HEX = re.compile(rb"[0-9a-fA-F](?<![0-9A-Za-z].)[0-9a-fA-F]{15,}+(?![0-9A-Za-z])", re.S)
UUID = re.compile(rb"[0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}")
WORD = re.compile(rb"[a-z]+|[A-Z][a-z]+|[A-Za-z]+(?:[-_/][A-Za-z]+)+|[0-9]+")
BASE32 = re.compile(
    rb"[A-Za-z2-7](?<![0-9A-Za-z+/_=-].)(?:(?<=[A-Z2-7])[A-Z2-7]{15,}+|(?<=[a-z2-7])[a-z2-7]{15,}+)"
    rb"(?:={1,6}+)?(?![0-9A-Za-z+/_=-])",
    re.S,
)
SURE32 = 40
"""Of identifiers in all letters and digits, one in a hundred of this length avoids 0, 1, 8 and 9."""
BASE32_LENGTHS = (0, 2, 4, 5, 7)
"""What is left over of groups of eight characters (RFC 4648 section 6)."""
TO_STANDARD = bytes.maketrans(b"-_", b"+/")


def unbase64(run: bytes) -> bytes | None:
    """The bytes of a base64 or base64url run (RFC 4648), padding optional; None where it cannot be one."""
    bare = run.rstrip(b"=")
    if len(bare) % 4 == 1:
        return None
    try:
        return base64.b64decode(bare.translate(TO_STANDARD) + b"=" * (-len(bare) % 4), validate=True)
    except (binascii.Error, ValueError):
        return None


def unbase32(run: bytes) -> bytes | None:
    """The bytes of a base32 run in either case, padding optional; None where it cannot be one."""
    bare = run.rstrip(b"=").upper()
    if len(bare) % 8 not in BASE32_LENGTHS:
        return None
    try:
        return base64.b32decode(bare + b"=" * (-len(bare) % 8))
    except (binascii.Error, ValueError):
        return None


def base64_runs(layer: Layer) -> Iterator[Piece]:
    """base64 in a value. Plain words, numbers, UUIDs and hex are not tried: they decode to noise."""
    data = layer.data
    if len(data) < 12:
        return
    tokens = _tokens(data) if b"eyJ" in data else {}
    wrapped = list(_wrapped(data)) if b"\n" in data else []
    yield from wrapped
    for found in RUN.finditer(data):
        run = found[0]
        if WORD.fullmatch(run) or UUID.fullmatch(run) or HEX.fullmatch(run):
            continue
        if any(w.start <= found.start() < w.start + w.length for w in wrapped) or _base32(run) is not None:
            continue
        value = unbase64(run)
        if value:
            yield Piece(value, found.start(), len(run), tokens.get(found.start(), ""))


def _tokens(data: bytes) -> dict[int, str]:
    """Where the segments of JSON Web Tokens (RFC 7519) begin, and what they are."""
    segments = ((1, "header"), (2, "payload"), (3, "signature"))
    return {found.start(n): f"JWT {name}" for found in JWT.finditer(data) for n, name in segments}


def _wrapped(data: bytes) -> Iterator[Piece]:
    for found in WRAPPED.finditer(data):
        value = unbase64(b"".join(found[0].split()))
        if value:
            yield Piece(value, found.start(), len(found[0]))


def _base32(run: bytes) -> bytes | None:
    """What a run holds if it is base32: its bytes can be read, or it is too long for a word or an id."""
    value = unbase32(run) if BASE32.fullmatch(run) else None
    if value is None or not (readable(value) or (len(run) >= SURE32 and not WORD.fullmatch(run))):
        return None
    return value


def hex_runs(layer: Layer) -> Iterator[Piece]:
    """Hexadecimal of 8 bytes and more (RFC 4648 section 8)."""
    if len(layer.data) < 16:
        return
    for found in HEX.finditer(layer.data):
        if len(found[0]) % 2 or (found[0].lower() != found[0] and found[0].upper() != found[0]):
            continue
        yield Piece(bytes.fromhex(found[0].decode()), found.start(), len(found[0]))


def base32_runs(layer: Layer) -> Iterator[Piece]:
    """base32 of 16 characters and more whose bytes can be read, or that is far too long for a word or an id."""
    if len(layer.data) < 16:
        return
    for found in BASE32.finditer(layer.data):
        value = _base32(found[0])
        if value:
            yield Piece(value, found.start(), len(found[0]))
