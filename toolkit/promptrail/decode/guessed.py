"""Compressed bytes without a magic in, plain bytes out: raw deflate, brotli, raw blocks of snappy and LZ4.

Tried on binary values of plausible size only. Deflate and brotli are believed when the stream ends where the value does
and what comes out is text or says what it is. Blocks prove less by themselves, so that what comes out must explain
itself to the last byte: as text, as a format with a magic, or as a message of texts.
"""

import zlib
from collections.abc import Iterator

import brotli
import lz4.block

from promptrail.decode.cbor import cbor
from promptrail.decode.inflating import STEP, snappy_block
from promptrail.decode.layer import Layer, Piece, Undecodable
from promptrail.decode.limits import LIMITS
from promptrail.decode.msgpack import msgpack
from promptrail.decode.protobuf import protobuf
from promptrail.decode.readable import readable

SMALLEST, LARGEST = 10, 16 * 1024 * 1024
FIRST = 1 << 16
"""Bytes that must come out as text before the whole is inflated."""
CERTAIN = 32
"""From this length on a stream that ends exactly where the value does is no chance, whatever comes out."""
SHORTEST_BLOCK = 16
"""Bytes of a block, and of what it holds: shorter ones are met by chance."""
EXPANDS = 2
"""A block is at most so many times as long as what it holds; one that says more is none."""
LZ4_MOST = 255
"""Bytes that one byte of an LZ4 block can stand for."""


def raw_deflate(layer: Layer) -> Iterator[Piece]:
    """Deflate without zlib's two bytes, as some clients send it."""
    data = layer.data
    if not SMALLEST <= len(data) <= LARGEST or data[0] & 6 == 6:  # block type 3 is reserved
        return
    stream, most = zlib.decompressobj(-15), LIMITS.room(len(data))
    try:
        value = stream.decompress(data, FIRST)
        if not (readable(value) or CERTAIN <= len(data) <= FIRST):
            return
        if stream.unconsumed_tail:
            value += stream.decompress(stream.unconsumed_tail, most - len(value) + 1)
    except zlib.error:
        return
    if len(value) > most:
        raise Undecodable("limit", f"deflate inflates to more than {most / STEP:.0f} MiB", value[:most])
    if stream.eof and not stream.unused_data:
        yield Piece(value, 0, len(data))


def brotli_(layer: Layer) -> Iterator[Piece]:
    """Brotli without a header that names it."""
    data = layer.data
    if not SMALLEST <= len(data) <= LARGEST:
        return
    stream, most = brotli.Decompressor(), LIMITS.room(len(data))
    try:
        value = bytearray(stream.process(data, output_buffer_limit=FIRST))
        if not (readable(bytes(value)) or CERTAIN <= len(data) <= FIRST):
            return
        while not stream.is_finished() and not stream.can_accept_more_data():
            value += stream.process(b"", output_buffer_limit=STEP)
            if len(value) > most:
                words = f"brotli inflates to more than {most / STEP:.0f} MiB"
                raise Undecodable("limit", words, bytes(value[:most]))
    except brotli.error:
        return
    if stream.is_finished():
        yield Piece(bytes(value), 0, len(data))


def snappy_blocks(layer: Layer) -> Iterator[Piece]:
    """One raw snappy block: the length that it begins with is what comes out of it."""
    data = layer.data
    if not SHORTEST_BLOCK <= len(data) <= LARGEST:
        return
    try:
        value = snappy_block(data)
    except Undecodable:
        return
    if _explained(value, len(data)):
        yield Piece(value, 0, len(data))


def lz4_blocks(layer: Layer) -> Iterator[Piece]:
    """One raw LZ4 block (LZ4 block format, 2022), bare or behind four bytes of length, as many bindings write it."""
    data = layer.data
    if not SHORTEST_BLOCK <= len(data) <= LARGEST:
        return
    said = int.from_bytes(data[:4], "little")
    ways = [(data[4:], said)] if SHORTEST_BLOCK <= said <= LZ4_MOST * len(data) else []
    for block, size in (*ways, (data, 0)):
        most = min(size or LZ4_MOST * len(data), LIMITS.room(len(data)))
        try:
            value = bytes(lz4.block.decompress(block, uncompressed_size=most))
        except lz4.block.LZ4BlockError:
            continue
        if (not size or len(value) == size) and _explained(value, len(block)):
            yield Piece(value, 0, len(data))
            return


def _explained(value: bytes, size: int) -> bool:
    """Whether what came out of a block of that size can be nothing but content."""
    if not max(SHORTEST_BLOCK, size // EXPANDS) <= len(value):
        return False
    if readable(value):
        return True
    layer = Layer(value)
    return any(next(iter(decode(layer)), None) is not None for decode in (msgpack, cbor, protobuf))
