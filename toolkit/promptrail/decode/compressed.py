"""A coding's name and bytes in, the bytes without it out; and compressed bytes that no header names, by their magic.

Codings are those of Content-Encoding and Transfer-Encoding, of mail's Content-Transfer-Encoding and of gRPC. gzip,
zlib, zstd, LZ4 and snappy frames have a magic; raw deflate, brotli and raw blocks have none: see `guessed`.
"""

import re
import zlib
from collections.abc import Iterator, Sequence

from promptrail.decode import inflating
from promptrail.decode.inflating import FAULTS, inflate
from promptrail.decode.layer import Layer, Piece, Undecodable
from promptrail.decode.limits import LIMITS
from promptrail.decode.transfer import chunked, from_base64, from_quoted_printable

LIMIT = LIMITS.inflated
ZLIB = re.compile(rb"\x78[\x01\x5e\x9c\xda]")
"""CMF and FLG of RFC 1950 with a 32 KiB window, as every common writer makes them."""

UNDO = {
    "gzip": inflating.gzip,
    "x-gzip": inflating.gzip,
    "deflate": inflating.deflate,
    "br": inflating.br,
    "zstd": inflating.zstd,
    "lz4": inflating.lz4_frames,
    "snappy": inflating.snappy,
    "x-snappy-framed": inflating.snappy,
    "chunked": chunked,
    "base64": from_base64,
    "quoted-printable": from_quoted_printable,
}
WORDS = {"x-gzip": "gzip", "x-snappy-framed": "snappy"}
"""Names of the same coding."""
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
    """Undo one coding: the bytes, and whether the stream was whole; Undecodable names the coding and the fault."""
    try:
        return UNDO[name](data)
    except KeyError:
        raise Undecodable("encoding", f"the content coding {name[:40]!r} is not known") from None
    except FAULTS as fault:
        raise Undecodable("encoding", f"is not {name}: {fault}") from fault


def undone(data: bytes, encodings: Sequence[str]) -> tuple[bytes, list[Undecodable]]:
    """Bytes without their codings (outermost last) as far as these can be undone, and what went wrong on the way."""
    faults: list[Undecodable] = []
    for name in reversed(encodings):
        try:
            data, whole = undo(name, data)
        except Undecodable as fault:
            faults.append(fault)
            if not fault.data:
                break
            data = fault.data
        else:
            if not whole:
                faults.append(Undecodable("incomplete", f"the {name} stream ends early"))
    return data, faults


def _whole(name: str, layer: Layer) -> Iterator[Piece]:
    data, whole = undo(name, layer.data)
    yield Piece(data, 0, len(layer.data))
    if not whole:
        raise Undecodable("incomplete", f"the {name} stream ends early")


def gzip(layer: Layer) -> Iterator[Piece]:
    """gzip that no header names (RFC 1952)."""
    if layer.data[:3] == b"\x1f\x8b\x08":
        yield from _whole("gzip", layer)


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
        yield from _whole("zstd", layer)


def lz4_(layer: Layer) -> Iterator[Piece]:
    """LZ4 frames that no header names."""
    if layer.data[:4] == b"\x04\x22\x4d\x18":
        yield from _whole("lz4", layer)


def snappy(layer: Layer) -> Iterator[Piece]:
    """Framed snappy that no header names."""
    if layer.data[:10] == b"\xff\x06\x00\x00sNaPpY":
        yield from _whole("snappy", layer)
