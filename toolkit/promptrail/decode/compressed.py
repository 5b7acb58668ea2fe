"""Compressed bytes in, plain bytes out: by Content-Encoding where a header says so, by magic where none does.

Which coding has which decoder: gzip, zlib, zstd, LZ4 and snappy have a magic; raw deflate and brotli are in `guessed`.

Output is bounded (a bomb is cut and said to be cut). A stream that ends early gives what could be inflated.
"""

import re
import zlib
from collections.abc import Iterator

import brotli
import cramjam
import lz4.frame
import zstandard

from promptrail.decode.layer import Layer, Piece, Undecodable
from promptrail.decode.limits import LIMITS

LIMIT = LIMITS.inflated
MEMBERS = 10_000
"""Streams one after another in one body."""
FRAMES = 1000
"""The same for LZ4 and zstd, whose libraries hand back a copy of the rest after each."""
BLOCK = 65536
CHUNK = 65536
"""Snappy's framing format, section 4.2: no chunk holds more."""
ZLIB = re.compile(rb"\x78[\x01\x5e\x9c\xda]")
"""CMF and FLG of RFC 1950 with a 32 KiB window, as every common writer makes them."""


def inflate(data: bytes, wbits: int) -> tuple[bytes, bool]:
    """zlib (15), gzip (31) or raw deflate (-15); gives the bytes and whether the stream was whole."""
    view, out, at = memoryview(data), bytearray(), 0
    for _ in range(MEMBERS):
        stream = zlib.decompressobj(wbits)
        while at < len(data) and not stream.eof:
            out += stream.decompress(view[at : at + BLOCK], LIMIT - len(out) + 1)
            at = min(at + BLOCK, len(data))
            if len(out) > LIMIT:
                raise Undecodable("limit", f"inflates to more than {LIMIT >> 20} MiB")
        if not stream.eof:
            return bytes(out), False
        at -= len(stream.unused_data)
        if wbits != 31 or data[at : at + 2] != b"\x1f\x8b":
            return bytes(out), True
    raise Undecodable("limit", f"more than {MEMBERS:,} gzip members")


def _deflate(data: bytes) -> tuple[bytes, bool]:
    """RFC 9110 means zlib; some servers send raw deflate."""
    try:
        return inflate(data, 15)
    except zlib.error:
        return inflate(data, -15)


def _brotli(data: bytes) -> tuple[bytes, bool]:
    stream = brotli.Decompressor()
    out: bytes = stream.process(data, output_buffer_limit=LIMIT)
    if len(out) >= LIMIT:
        raise Undecodable("limit", f"inflates to more than {LIMIT >> 20} MiB")
    return out, bool(stream.is_finished())


def _zstd(data: bytes) -> tuple[bytes, bool]:
    reader = zstandard.ZstdDecompressor().stream_reader(data, read_across_frames=True)
    out = b""
    try:
        while block := reader.read(1 << 20):
            out += block
            if len(out) > LIMIT:
                raise Undecodable("limit", f"inflates to more than {LIMIT >> 20} MiB")
    except zstandard.ZstdError:
        if not out:
            raise
        return out, False
    return out, _zstd_whole(data)


def _zstd_whole(data: bytes) -> bool:
    """Whether the last frame ends; what comes out is known to fit, and is thrown away."""
    for _ in range(FRAMES):
        if not data:
            break
        frame = zstandard.ZstdDecompressor().decompressobj()
        frame.decompress(data)
        if not frame.eof:
            return False
        data = frame.unused_data
    return True


def _gzip(data: bytes) -> tuple[bytes, bool]:
    return inflate(data, 31)


def _lz4(data: bytes) -> tuple[bytes, bool]:
    """LZ4 frames, one after another (LZ4 frame format 1.6)."""
    out = b""
    for _ in range(FRAMES):
        if not data:
            break
        stream = lz4.frame.LZ4FrameDecompressor()
        out += stream.decompress(data, max_length=LIMIT - len(out) + 1)
        if len(out) > LIMIT:
            raise Undecodable("limit", f"inflates to more than {LIMIT >> 20} MiB")
        if not stream.eof:
            return out, False
        data = stream.unused_data or b""
    return out, True


def _snappy(data: bytes) -> tuple[bytes, bool]:
    """Snappy's framing format: chunks of at most 64 KiB, so that no chunk can explode."""
    out, at = bytearray(), 0
    while at + 4 <= len(data):
        kind, length = data[at], int.from_bytes(data[at + 1 : at + 4], "little")
        body = data[at + 8 : at + 4 + length]
        if at + 4 + length > len(data):
            return bytes(out), False
        if kind == 0x00:
            room = bytearray(CHUNK)
            try:
                out += room[: cramjam.snappy.decompress_raw_into(body, room)]
            except cramjam.DecompressionError as fault:
                raise Undecodable("encoding", f"is not snappy: {fault}") from fault
        elif kind == 0x01:
            out += body
        elif 0x02 <= kind <= 0x7F:
            raise Undecodable("encoding", f"snappy chunk of the unknown kind {kind:#04x}")
        if len(out) > LIMIT:
            raise Undecodable("limit", f"inflates to more than {LIMIT >> 20} MiB")
        at += 4 + length
    return bytes(out), at == len(data)


UNDO = {
    "gzip": _gzip,
    "x-gzip": _gzip,
    "deflate": _deflate,
    "br": _brotli,
    "zstd": _zstd,
    "lz4": _lz4,
    "snappy": _snappy,
    "x-snappy-framed": _snappy,
}
FAULTS = (zlib.error, brotli.error, zstandard.ZstdError, RuntimeError)
MAGICS = {
    b"\x1f\x8b\x08": "gzip",
    b"\x28\xb5\x2f\xfd": "zstd",
    b"\x04\x22\x4d\x18": "lz4",
    b"\xff\x06\x00\x00sNaPpY": "snappy",
}


def said_by_magic(data: bytes) -> str | None:
    """The content coding that the first bytes name."""
    return next((name for magic, name in MAGICS.items() if data.startswith(magic)), None)


def undo(name: str, data: bytes) -> tuple[bytes, bool]:
    """Undo one content coding; Undecodable names the coding and the fault."""
    try:
        return UNDO[name](data)
    except KeyError:
        raise Undecodable("encoding", f"the content coding {name[:40]!r} is not known") from None
    except FAULTS as fault:
        raise Undecodable("encoding", f"is not {name}: {fault}") from fault


def gzip(layer: Layer) -> Iterator[Piece]:
    """gzip that no header names (RFC 1952)."""
    if layer.data[:3] == b"\x1f\x8b\x08":
        data, whole = undo("gzip", layer.data)
        yield Piece(data, 0, len(layer.data))
        if not whole:
            raise Undecodable("incomplete", "the gzip stream ends early")


def zlib_(layer: Layer) -> Iterator[Piece]:
    """zlib that no header names (RFC 1950): two bytes of magic are met by chance, so it must inflate."""
    if ZLIB.match(layer.data):
        try:
            data, _ = inflate(layer.data, 15)
        except zlib.error:
            return
        if data:
            yield Piece(data, 0, len(layer.data))


def zstd(layer: Layer) -> Iterator[Piece]:
    """zstd that no header names (RFC 8878)."""
    if layer.data[:4] == b"\x28\xb5\x2f\xfd":
        data, _ = undo("zstd", layer.data)
        yield Piece(data, 0, len(layer.data))


def lz4_(layer: Layer) -> Iterator[Piece]:
    """LZ4 frames that no header names."""
    if layer.data[:4] == b"\x04\x22\x4d\x18":
        data, whole = undo("lz4", layer.data)
        yield Piece(data, 0, len(layer.data))
        if not whole:
            raise Undecodable("incomplete", "the LZ4 stream ends early")


def snappy(layer: Layer) -> Iterator[Piece]:
    """Framed snappy that no header names."""
    if layer.data[:10] == b"\xff\x06\x00\x00sNaPpY":
        data, whole = undo("snappy", layer.data)
        yield Piece(data, 0, len(layer.data))
        if not whole:
            raise Undecodable("incomplete", "the snappy stream ends early")
