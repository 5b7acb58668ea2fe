"""Compressed bytes in, plain bytes out: by Content-Encoding where a header says so, by magic where none does.

Output is bounded (a bomb is cut and said to be cut). A stream that ends early gives what could be inflated.
"""

import re
import zlib
from collections.abc import Iterator

import brotli
import zstandard

from promptrail.decode.layer import Layer, Piece, Undecodable
from promptrail.decode.limits import LIMITS

LIMIT = LIMITS.inflated
ZLIB = re.compile(rb"\x78[\x01\x5e\x9c\xda]")
"""CMF and FLG of RFC 1950 with a 32 KiB window, as every common writer makes them."""


def inflate(data: bytes, wbits: int) -> tuple[bytes, bool]:
    """zlib (15), gzip (31) or raw deflate (-15); gives the bytes and whether the stream was whole."""
    out = b""
    while data:
        stream = zlib.decompressobj(wbits)
        out += stream.decompress(data, LIMIT - len(out) + 1)
        if len(out) > LIMIT:
            raise Undecodable("limit", f"inflates to more than {LIMIT >> 20} MiB")
        if not stream.eof:
            return out, False
        data = stream.unused_data if wbits == 31 and stream.unused_data[:2] == b"\x1f\x8b" else b""
    return out, True


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
    while data:
        frame = zstandard.ZstdDecompressor().decompressobj()
        frame.decompress(data)
        if not frame.eof:
            return False
        data = frame.unused_data
    return True


def _gzip(data: bytes) -> tuple[bytes, bool]:
    return inflate(data, 31)


UNDO = {"gzip": _gzip, "x-gzip": _gzip, "deflate": _deflate, "br": _brotli, "zstd": _zstd}
FAULTS = (zlib.error, brotli.error, zstandard.ZstdError)


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
