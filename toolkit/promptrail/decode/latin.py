"""Compressed bytes that were written as text in, the bytes out: each byte became the character of its number.

What JavaScript's "binary strings" are, and what Latin-1 (ISO 8859-1) makes of bytes. Only the magic of a compressed
format is believed: other text of this kind is text.
"""

from collections.abc import Iterator

from promptrail.decode.layer import Layer, Piece

MAGICS = (b"\x1f\xc2\x8b\x08", b"\x28\xc2\xb5/\xc3\xbd", b"x\xc2\x9c", b"x\xc3\x9a", b"x\x01", b"x^")
"""gzip, zstd, zlib as its usual writers begin it; in UTF-8."""


def latin(layer: Layer) -> Iterator[Piece]:
    """Bytes whose UTF-8 reads as characters below U+0100, and that begin as a compressed format does."""
    if layer.data.startswith(MAGICS):
        try:
            value = layer.data.decode("utf-8").encode("latin-1")
        except UnicodeError:
            return
        if value != layer.data:
            yield Piece(value, 0, len(layer.data))
