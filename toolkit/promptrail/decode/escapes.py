"""Text with entities, backslash escapes or characters of no width in, the plain text out."""

import html
import re
from collections.abc import Iterator

from promptrail.decode.layer import Layer, Piece

ENTITY = re.compile(rb"&(?:#[0-9]{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,31});")
ESCAPE = re.compile(
    rb"\\(?:x([0-9a-fA-F]{2})|u\{([0-9a-fA-F]{1,6})\}|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|([nrt\"'/\\]))"
)
NUMERIC = re.compile(rb"\\(?:x[0-9a-fA-F]{2}|u\{?[0-9a-fA-F]{4}|U[0-9a-fA-F]{8})|\\[\"/]")
CONTROLS = {b"n": b"\n", b"r": b"\r", b"t": b"\t"}
ZERO_WIDTH = re.compile(rb"\xe2\x80[\x8b-\x8f\xaa-\xae]|\xe2\x81[\xa0-\xa4]|\xef\xbb\xbf|\xc2\xad")
CODE = re.compile(rb"[A-Za-z0-9+/_=%&;-]{12,}")
LARGEST = 4 * 1024 * 1024
"""Values beyond this are files, not texts that somebody escaped."""


def entities(layer: Layer) -> Iterator[Piece]:
    """HTML and XML character references (WHATWG HTML section 13.5) in a value that is not markup itself."""
    data = layer.data
    if b"&" not in data or b";" not in data or len(data) > LARGEST or not ENTITY.search(data):
        return
    value = ENTITY.sub(lambda m: html.unescape(m[0].decode()).encode("utf-8", "surrogatepass"), data)
    if value != data:
        yield Piece(value, 0, len(data))


def backslashes(layer: Layer) -> Iterator[Piece]:
    r"""Escapes of programming languages: \xNN, \uNNNN, \u{N}, \UNNNNNNNN, and with them \n, \" and \/."""
    data = layer.data
    if b"\\" not in data or len(data) > LARGEST or not NUMERIC.search(data):
        return
    value = ESCAPE.sub(_character, data)
    if b"\xed" in value:  # surrogate pairs, written as two escapes
        value = _paired(value)
    if value != data:
        yield Piece(value, 0, len(data))


def _paired(value: bytes) -> bytes:
    try:
        wide = value.decode("utf-8", "surrogatepass").encode("utf-16-le", "surrogatepass")
    except UnicodeDecodeError:
        return value
    return wide.decode("utf-16-le", "replace").encode()


def _character(found: "re.Match[bytes]") -> bytes:
    if found[1]:
        return bytes([int(found[1], 16)])
    if found[5]:
        return CONTROLS.get(found[5], found[5])
    number = int(found[2] or found[3] or found[4], 16)
    return chr(number).encode("utf-8", "surrogatepass") if number < 0x110000 else found[0]


def zero_width(layer: Layer) -> Iterator[Piece]:
    """The text without its characters of no width (U+200B-F, U+202A-E, U+2060-4, U+FEFF, U+00AD).

    Only where they cut a code into pieces: in prose they are part of what was sent, and the search folds them.
    """
    data = layer.data
    if data.isascii() or len(data) > LARGEST:
        return
    head = 3 if data.startswith(b"\xef\xbb\xbf") else 0  # a byte order mark hides nothing
    value = data[:head] + ZERO_WIDTH.sub(b"", data[head:])
    if set(CODE.findall(value)) - set(CODE.findall(data)):
        yield Piece(value, 0, len(data))
