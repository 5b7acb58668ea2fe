"""Bytes and the signs that were seen in them in, what may be hidden there out: each sign has one way of opening.

Blind and rough where that is quicker than parsing; a superset. What should have opened and did not is told.
"""

import re
from collections.abc import Callable, Iterable, Iterator

from promptrail.decode import STRUCTURES
from promptrail.decode.base85 import base85_text, believed
from promptrail.decode.compressed import lz4_, snappy, undone
from promptrail.decode.embedded import embedded
from promptrail.decode.escapes import backslashes
from promptrail.decode.guessed import brotli_, raw_deflate
from promptrail.decode.http_message import chunked_alone, http
from promptrail.decode.json_text import json_text
from promptrail.decode.layer import Layer, Piece, Undecodable
from promptrail.decode.mail_words import encoded_words
from promptrail.decode.multipart import multipart
from promptrail.trace import blind, signs

TEXTUAL = {"http", "chunked", "quoted-printable", "sse", "json", "jsonp", "markup", "base85", "url", "form"}
FORMATS = [decoder for decoder in STRUCTURES if decoder.id not in TEXTUAL]
"""Those that bytes can be in which are no text."""
VALUE_85 = re.compile(rb"(?:\A|[\"'\s>=])([%s]{20,})(?=\Z|[\"'\s<])" % signs.BASE85)
Opened = bytes | Undecodable
MAGIC = {signs.GZIP: "gzip", signs.ZLIB: "zlib", signs.ZSTD: "zstd"}


def of(data: bytes, kinds: set[int], starts: Iterable[tuple[int, int]]) -> Iterator[Opened]:
    """What these signs promise, where they keep the promise; `starts`: (sign, place) of magics."""
    try:
        yield from embedded(data, ((MAGIC[kind], start) for kind, start in starts))
    except Undecodable as fault:
        yield fault
    for kind in sorted(kinds):
        if kind in OPEN:
            try:
                yield from (part for part in OPEN[kind](data) if part != data)
            except Undecodable as fault:
                yield fault
                if fault.data:
                    yield fault.data


def unnamed(data: bytes) -> Iterator[bytes]:
    """Compressed formats that have no magic."""
    return _by(raw_deflate, brotli_)(data)


def coded(data: bytes) -> Iterator[bytes]:
    """A text without the escapes of programming languages."""
    return _by(backslashes)(data)


def _by(*decoders: Callable[[Layer], Iterable[Piece]]) -> Callable[[bytes], Iterator[bytes]]:
    def opened(data: bytes) -> Iterator[bytes]:
        for decoder in decoders:
            yield from (undone(piece.data, piece.encodings)[0] for piece in decoder(Layer(data)))

    return opened


def _base85(data: bytes) -> Iterator[bytes]:
    yield from _by(base85_text)(data)
    for found in VALUE_85.finditer(data):
        yield from _by(base85_text)(found[1])
    for piece in json_text(Layer(data)):  # Ascii85 and Z85: characters that JSON escapes, or that end a value
        if value := believed(piece.data):
            yield value


def _one(opening: Callable[[bytes], bytes]) -> Callable[[bytes], Iterator[bytes]]:
    def opened(data: bytes) -> Iterator[bytes]:
        yield opening(data)

    return opened


OPEN: dict[int, Callable[[bytes], Iterator[bytes]]] = {
    signs.QUOTED: _one(blind.quoted_printable),
    signs.WIDE: blind.utf16,
    signs.ENTITY: _one(blind.entities),
    signs.ZERO: _one(blind.plain_characters),
    signs.FRAME: _by(lz4_, snappy),
    signs.WORD: _by(encoded_words),
    signs.PARTS: _by(multipart),
    signs.BASE_85: _base85,
    signs.LATIN: blind.latin,
    signs.LINES: _one(blind.data_lines),
    signs.HTTP: _by(http),
    signs.CHUNKS: _by(chunked_alone),
}
