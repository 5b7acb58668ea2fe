"""One compressed stream in, its bytes out and whether it was whole: zlib, gzip, deflate, brotli, zstd, LZ4, snappy.

Output grows step by step and never beyond `LIMITS.room`: a bomb raises Undecodable with what came out so far. A stream
that ends early gives what could be inflated. Bytes of another format raise the library's own error (FAULTS).
"""

import zlib
from typing import NoReturn

import brotli
import cramjam
import lz4.frame
import zstandard

from promptrail.decode.layer import Undecodable
from promptrail.decode.limits import LIMITS

FAULTS = (zlib.error, brotli.error, zstandard.ZstdError, RuntimeError)
MEMBERS = 10_000
"""Streams one after another in one body."""
FRAMES = 1000
"""The same for LZ4 and zstd, whose libraries hand back a copy of the rest after each."""
BLOCK = 65536
STEP = 1 << 20
SNAPPY_MAGIC = b"\xff\x06\x00\x00sNaPpY"
CHUNK = 65536
"""Snappy's framing format, section 4.2: no chunk holds more."""
WINDOW = LIMITS.inflated
"""Bytes that a zstd frame may ask for before it gives any; RFC 9659 allows 8 MiB in HTTP."""
SNAPPY_MOST = 22
"""Bytes that one byte of a snappy block can stand for: three say `copy 64 bytes`."""
VARINT = 5
"""Bytes of the length that a snappy block begins with, at most (format description, section 1)."""

Inflated = tuple[bytes, bool]


def _too_much(out: bytearray, size: int) -> NoReturn:
    most = LIMITS.room(size)
    words = f"{size:,} bytes inflate to more than {most / (1 << 20):.0f} MiB; the rest was not inflated"
    raise Undecodable("limit", words, bytes(out[:most]))


def inflate(data: bytes, wbits: int) -> Inflated:
    """zlib (15), gzip (31) or raw deflate (-15)."""
    view, out, at, most = memoryview(data), bytearray(), 0, LIMITS.room(len(data))
    for _ in range(MEMBERS):
        size, whole = _member(view[at:], wbits, out, most)
        if len(out) > most:
            _too_much(out, len(data))
        at += size
        if not whole or wbits != 31 or data[at : at + 2] != b"\x1f\x8b":
            return bytes(out), whole
    raise Undecodable("limit", f"more than {MEMBERS:,} gzip members", bytes(out))


def _member(view: memoryview, wbits: int, out: bytearray, most: int) -> tuple[int, bool]:
    """Add one stream to `out`, one byte beyond `most` at the most; how long it is, and whether it was whole."""
    stream, at = zlib.decompressobj(wbits), 0
    while at < len(view) and not stream.eof and len(out) <= most:
        out += stream.decompress(view[at : at + BLOCK], most - len(out) + 1)
        at = min(at + BLOCK, len(view))
    return at - len(stream.unused_data), stream.eof


def first_stream(view: memoryview, wbits: int, most: int) -> bytes:
    """What one stream at the beginning of these bytes gives, up to `most`; the library's error if there is none."""
    out = bytearray()
    _member(view, wbits, out, most)
    return bytes(out)


def gzip(data: bytes) -> Inflated:
    """RFC 1952, several members after another."""
    return inflate(data, 31)


def deflate(data: bytes) -> Inflated:
    """RFC 9110 means zlib by this name; some servers send raw deflate."""
    try:
        return inflate(data, 15)
    except zlib.error:
        return inflate(data, -15)


def br(data: bytes) -> Inflated:
    """RFC 7932."""
    stream, out, most = brotli.Decompressor(), bytearray(), LIMITS.room(len(data))
    out += stream.process(data, output_buffer_limit=STEP)
    while not stream.is_finished() and not stream.can_accept_more_data():
        out += stream.process(b"", output_buffer_limit=STEP)
        if len(out) > most:
            _too_much(out, len(data))
    return bytes(out), bool(stream.is_finished())


def zstd(data: bytes) -> Inflated:
    """RFC 8878, several frames after another."""
    reader = _zstd().stream_reader(data, read_across_frames=True)
    out, most = bytearray(), LIMITS.room(len(data))
    try:
        while block := reader.read(min(STEP, most - len(out) + 1)):
            out += block
            if len(out) > most:
                _too_much(out, len(data))
    except zstandard.ZstdError:
        if not out:
            raise
        return bytes(out), False
    return bytes(out), _zstd_whole(data)


def _zstd() -> zstandard.ZstdDecompressor:
    return zstandard.ZstdDecompressor(max_window_size=WINDOW)


def _zstd_whole(data: bytes) -> bool:
    """Whether the last frame ends; what comes out is known to fit, and is thrown away."""
    for _ in range(FRAMES):
        if not data:
            break
        frame = _zstd().decompressobj()
        frame.decompress(data)
        if not frame.eof:
            return False
        data = frame.unused_data
    return True


def lz4_frames(data: bytes) -> Inflated:
    """LZ4 frames, one after another (LZ4 frame format 1.6)."""
    out, most, rest = bytearray(), LIMITS.room(len(data)), data
    for _ in range(FRAMES):
        if not rest:
            break
        stream = lz4.frame.LZ4FrameDecompressor()
        out += stream.decompress(rest, max_length=min(STEP, most - len(out) + 1))
        while not stream.eof and not stream.needs_input and len(out) <= most:
            out += stream.decompress(b"", max_length=min(STEP, most - len(out) + 1))
        if len(out) > most:
            _too_much(out, len(data))
        if not stream.eof:
            return bytes(out), False
        rest = stream.unused_data or b""
    return bytes(out), True


def snappy(data: bytes) -> Inflated:
    """Snappy's framing format where its first chunk says so; else one block, as gRPC and databases send it."""
    return _snappy_frames(data) if data.startswith(SNAPPY_MAGIC) else (snappy_block(data), True)


def snappy_block(data: bytes) -> bytes:
    """One raw block (snappy's format description, 2011): its length, then literals and copies."""
    size = shift = 0
    for byte in data[:VARINT]:
        size |= (byte & 0x7F) << shift
        shift += 7
        if byte < 0x80:
            break
    if size > SNAPPY_MOST * len(data):
        raise Undecodable("encoding", f"is not snappy: {len(data):,} bytes cannot stand for {size:,}")
    if size > LIMITS.room(len(data)):
        raise Undecodable("limit", f"a snappy block of {len(data):,} bytes stands for {size:,}")
    room = bytearray(size)
    try:
        written = cramjam.snappy.decompress_raw_into(data, room)
    except cramjam.DecompressionError as fault:
        raise Undecodable("encoding", f"is not snappy: {fault}") from fault
    return bytes(room[:written])


def _snappy_frames(data: bytes) -> Inflated:
    out, at, most = bytearray(), 0, LIMITS.room(len(data))
    room = bytearray(CHUNK)
    while at + 4 <= len(data):
        kind, length = data[at], int.from_bytes(data[at + 1 : at + 4], "little")
        body = data[at + 8 : at + 4 + length]
        if at + 4 + length > len(data):
            return bytes(out), False
        if kind == 0x00:
            try:
                out += room[: cramjam.snappy.decompress_raw_into(body, room)]
            except cramjam.DecompressionError as fault:
                raise Undecodable("encoding", f"is not snappy: {fault}") from fault
        elif kind == 0x01:
            out += body
        elif 0x02 <= kind <= 0x7F:
            raise Undecodable("encoding", f"snappy chunk of the unknown kind {kind:#04x}")
        if len(out) > most:
            _too_much(out, len(data))
        at += 4 + length
    return bytes(out), at == len(data)
