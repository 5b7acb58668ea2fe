"""Raw deflate (RFC 1951) and brotli (RFC 7932) in, plain bytes out. Neither has a magic: the result must speak.

Tried on binary values of plausible size only, and believed when the stream ends where the value does and what comes
out is text or says what it is.
"""

import zlib
from collections.abc import Iterator

import brotli

from promptrail.decode.layer import Layer, Piece, Undecodable
from promptrail.decode.limits import LIMITS
from promptrail.decode.readable import is_plain
from promptrail.decode.text_codes import MAGICS

SMALLEST, LARGEST = 10, 16 * 1024 * 1024
FIRST = 1 << 16
"""Bytes that must come out as text before the whole is inflated."""
CERTAIN = 32
"""From this length on a stream that ends exactly where the value does is no chance, whatever comes out."""


def raw_deflate(layer: Layer) -> Iterator[Piece]:
    """Deflate without zlib's two bytes, as some clients send it."""
    data = layer.data
    if not SMALLEST <= len(data) <= LARGEST or data[0] & 6 == 6:  # block type 3 is reserved
        return
    stream = zlib.decompressobj(-15)
    try:
        value = stream.decompress(data, FIRST)
        if not (_believed(value) or CERTAIN <= len(data) <= FIRST):
            return
        if stream.unconsumed_tail:
            value += stream.decompress(stream.unconsumed_tail, LIMITS.inflated - len(value) + 1)
    except zlib.error:
        return
    if len(value) > LIMITS.inflated:
        raise Undecodable("limit", f"inflates to more than {LIMITS.inflated >> 20} MiB")
    if stream.eof and not stream.unused_data:
        yield Piece(value, 0, len(data))


def brotli_(layer: Layer) -> Iterator[Piece]:
    """Brotli without a header that names it."""
    data = layer.data
    if not SMALLEST <= len(data) <= LARGEST:
        return
    stream = brotli.Decompressor()
    try:
        value = stream.process(data, output_buffer_limit=FIRST)
        if not (_believed(value) or CERTAIN <= len(data) <= FIRST):
            return
        while not stream.is_finished() and not stream.can_accept_more_data():
            value += stream.process(b"", output_buffer_limit=LIMITS.inflated)
            if len(value) > LIMITS.inflated:
                raise Undecodable("limit", f"inflates to more than {LIMITS.inflated >> 20} MiB")
    except brotli.error:
        return
    if stream.is_finished():
        yield Piece(value, 0, len(data))


def _believed(value: bytes) -> bool:
    return len(value) >= 8 and (is_plain(value) or value.startswith(MAGICS))
