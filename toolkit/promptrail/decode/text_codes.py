"""Bytes written as text: base64 and base64url with or without padding, and hex, as a whole value or inside one.

A run is decoded where it can be; what comes out is searched and taken apart further, so a wrong guess costs time and
finds nothing.
"""

import base64
import binascii
import re
from collections.abc import Iterator

from promptrail.decode.layer import Layer, Piece

RUN = re.compile(rb"(?<![A-Za-z0-9+/_-])[A-Za-z0-9+/_-]{12,}(?:={1,2})?(?![A-Za-z0-9+/_=-])")
HEX = re.compile(rb"(?<![0-9A-Za-z])[0-9a-fA-F]{16,}(?![0-9A-Za-z])")
UUID = re.compile(rb"[0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}")
WORD = re.compile(rb"[a-z]+|[A-Z][a-z]+|[A-Za-z]+(?:[-_/][A-Za-z]+)+|[0-9]+")
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


def base64_runs(layer: Layer) -> Iterator[Piece]:
    """base64 in a value. Plain words, numbers, UUIDs and hex are not tried: they decode to noise."""
    for found in RUN.finditer(layer.data):
        run = found[0]
        if WORD.fullmatch(run) or UUID.fullmatch(run) or HEX.fullmatch(run):
            continue
        value = unbase64(run)
        if value:
            yield Piece(value, found.start(), len(run))


def hex_runs(layer: Layer) -> Iterator[Piece]:
    """Hexadecimal of 8 bytes and more (RFC 4648 section 8)."""
    for found in HEX.finditer(layer.data):
        if len(found[0]) % 2 or (found[0].lower() != found[0] and found[0].upper() != found[0]):
            continue
        yield Piece(bytes.fromhex(found[0].decode()), found.start(), len(found[0]))
