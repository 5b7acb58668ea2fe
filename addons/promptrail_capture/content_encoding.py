"""What undoing a Content-Encoding gives: pieces of a body in, SHA-256 and length of the decoded bytes out.

It answers None for an encoding that it does not know, a body that is damaged or cut short, and one that swells beyond
`LIMIT`: captured bytes may be a decompression bomb. Decoded bytes are hashed as they come and never held.
brotli and zstandard come with mitmproxy.
"""

import hashlib
import zlib
from collections.abc import Callable, Iterable, Iterator
from typing import Any

LIMIT = 64 << 20
"""Decoded bytes after which a body is not worth the recorder's time: 64 MiB."""
OUTPUT = 1 << 20
"""Bytes that one call of a decoder may give, where it takes a limit: 400 bytes of brotli can hold 256 MiB."""

Decoder = Callable[[Iterable[bytes]], Iterator[bytes]]


def decoded_digest(pieces: Iterable[bytes], encoding: str) -> dict[str, Any] | None:
    """{"sha256", "length"} of the body without its Content-Encoding (RFC 9110 section 8.4), or None."""
    layers = [layer.strip().lower() for layer in encoding.split(",")]
    stream = iter(pieces)
    for layer in reversed(layers):  # listed in the order in which they were applied
        if layer not in DECODERS:
            return None
        stream = DECODERS[layer](stream)
    digest, length = hashlib.sha256(), 0
    try:
        for piece in stream:
            digest.update(piece)
            length += len(piece)
            if length > LIMIT:
                return None
    except Exception:  # each library has errors of its own; the recorder outlives them all
        return None
    return {"sha256": digest.hexdigest(), "length": length}


def _gzip(pieces: Iterable[bytes]) -> Iterator[bytes]:
    return _zlib(pieces, zlib.MAX_WBITS | 16)


def _deflate(pieces: Iterable[bytes]) -> Iterator[bytes]:
    """`deflate` is zlib's format (RFC 1950), but some servers send the bare one (RFC 1951)."""
    stream = _slices(pieces)
    head = next(stream, b"")
    if len(head) == 1:
        head += next(stream, b"")
    zlib_header = len(head) > 1 and head[0] & 15 == 8 and int.from_bytes(head[:2], "big") % 31 == 0
    return _zlib(_joined(head, stream), zlib.MAX_WBITS if zlib_header else -zlib.MAX_WBITS)


def _joined(head: bytes, rest: Iterator[bytes]) -> Iterator[bytes]:
    yield head
    yield from rest


def _zlib(pieces: Iterable[bytes], wbits: int) -> Iterator[bytes]:
    undo = None
    for data in _slices(pieces):
        while data:
            if undo is None or undo.eof:  # gzip allows several members one after the other
                undo = zlib.decompressobj(wbits)
            yield undo.decompress(data, OUTPUT)
            data = undo.unused_data if undo.eof else undo.unconsumed_tail
    if undo is not None and not undo.eof:
        yield undo.flush()
        _whole(undo.eof)


def _brotli(pieces: Iterable[bytes]) -> Iterator[bytes]:
    import brotli

    undo = brotli.Decompressor()
    for data in _slices(pieces):
        yield undo.process(data, output_buffer_limit=OUTPUT)
        while not undo.can_accept_more_data():
            yield undo.process(b"", output_buffer_limit=OUTPUT)
    _whole(undo.is_finished())


def _zstd(pieces: Iterable[bytes]) -> Iterator[bytes]:
    import zstandard

    undo = None
    for data in _slices(pieces, 256):  # its calls have no limit on output, so the input is kept small
        while data:
            if undo is None or undo.eof:
                undo = zstandard.ZstdDecompressor(max_window_size=1 << 27).decompressobj()
            yield undo.decompress(data)
            data = undo.unused_data if undo.eof else b""
    _whole(undo is None or undo.eof)


def _whole(finished: bool) -> None:
    if not finished:
        raise ValueError("the body was cut short")


def _slices(pieces: Iterable[bytes], size: int = 16 << 10) -> Iterator[bytes]:
    for piece in pieces:
        for start in range(0, len(piece), size):
            yield piece[start : start + size]


DECODERS: dict[str, Decoder] = {
    "identity": lambda pieces: iter(pieces),
    "gzip": _gzip,
    "x-gzip": _gzip,
    "deflate": _deflate,
    "br": _brotli,
    "zstd": _zstd,
}
