"""Whole-text transformations that need no parsing, so they also work on what is broken or cut: fast, rough, a superset.

Used only to learn whether something could be hidden; what was hidden, and where, is then told by the decoders.
"""

import html
import quopri
import re
import unicodedata
from collections.abc import Iterator
from typing import NamedTuple
from urllib.parse import unquote_to_bytes

from promptrail.decode.readable import is_text

UNICODE_ESCAPE = re.compile(rb"(?<!\\)((?:\\\\)*)\\u([0-9a-fA-F]{4})")
VALUE = re.compile(rb"[=/,;\"\s]([^=&/?#,;\"\s]*%[0-9A-Fa-f]{2}[^=&/?#,;\"\s]*)")
ZERO_WIDTH = re.compile("[\u00ad\u200b-\u200f\u2060-\u2064\ufeff]")
UTF16 = (
    (re.compile(rb"(?:[\x20-\x7e]\x00){4}"), "utf-16-le"),
    (re.compile(rb"(?:\x00[\x20-\x7e]){4}"), "utf-16-be"),
)
SHORT = (
    (b"\\/", b"/"),
    (b"\\n", b"\n"),
    (b"\\t", b"\t"),
    (b"\\r", b"\r"),
    (b"\\b", b"\b"),
    (b"\\f", b"\f"),
)
"""The escapes of RFC 8259 section 7 but for the quotation mark and the backslash itself."""
ESCAPED = re.compile(rb"\\([^\"])", re.S)
"""Quotation marks left out: a text with any has hundreds."""
RUN_ESCAPES = frozenset((b"u", b"/", b"n", b"t", b"r", b"b", b"f"))
OF_PROGRAMS = frozenset((b"x", b"U"))
CODE_POINT = re.compile(rb"\\u\{[0-9a-fA-F]{1,6}\}")
BACKSLASH = b"\xff\xfe\xff"
"""Stands for an escaped backslash meanwhile: no UTF-8 has it."""
DATA_LINE = re.compile(rb"^data: ?", re.M)
LATIN = re.compile(rb"\x1f\xc2\x8b\x08|\x28\xc2\xb5/\xc3\xbd|x(?:\xc2\x9c|\xc3\x9a)")


class Unescaped(NamedTuple):
    """A text without one level of JSON escapes."""

    text: bytes
    touched: bool
    """An escape was undone that a run of base64 or hex can hold or touch."""
    coded: bool
    """There are escapes of programming languages, which are left alone."""


def unescaped(data: bytes) -> Unescaped:
    """One level of JSON escapes undone, over the whole text."""
    met = set(ESCAPED.findall(data))
    coded = not met.isdisjoint(OF_PROGRAMS) or (b"u" in met and bool(CODE_POINT.search(data)))
    touched = not met.isdisjoint(RUN_ESCAPES)
    if b"u" in met or (b"\\" in met and b"\\u" in data):
        data = _characters(data.replace(b"\\u005c", b"\\\\").replace(b"\\u005C", b"\\\\"))
        met, touched = set(ESCAPED.findall(data)), True
    if b"\\" in met:
        data = data.replace(
            b"\\\\", BACKSLASH
        )  # first, so that what follows an escaped backslash is left alone
    data = data.replace(b'\\"', b'"')
    for escape, character in SHORT:
        if escape[1:] in met:
            data = data.replace(escape, character)
    return Unescaped(data.replace(BACKSLASH, b"\\") if b"\\" in met else data, touched, coded)


def _characters(data: bytes) -> bytes:
    r"""Each \\uXXXX as UTF-8: in C where the text around is ASCII (Python's codec reads other bytes as Latin-1)."""
    if not data.isascii():
        return UNICODE_ESCAPE.sub(_character, data)
    text = data.decode("raw_unicode_escape", "replace")
    if b"\\ud8" in data or b"\\uD8" in data:  # halves of a pair
        text = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return text.encode("utf-8", "replace")


def _character(found: "re.Match[bytes]") -> bytes:
    code = int(found[2], 16)
    if 0xD800 <= code < 0xE000:
        return found[0]  # halves of a pair: the decoder joins them, and the escaped needle finds them
    return found[1] + chr(code).encode()


def percent(data: bytes) -> Iterator[tuple[bytes, bool]]:
    """Percent-encoding undone, and `+` as a space as in forms; and each value by itself where one is binary. With each:
    whether it is all of the text."""
    whole = unquote_to_bytes(data)
    yield whole, True
    if not is_text(whole):
        for value in VALUE.findall(data):
            yield unquote_to_bytes(value), False
            if b"+" in value:
                yield unquote_to_bytes(value.replace(b"+", b" ")), False
    if b"+" in data and len(data) < 1 << 20:
        yield unquote_to_bytes(data.replace(b"+", b" ")), True


def entities(data: bytes) -> bytes:
    return html.unescape(data.decode("utf-8", "replace")).encode("utf-8", "replace")


def quoted_printable(data: bytes) -> bytes:
    return quopri.decodestring(data)


def plain_characters(data: bytes) -> bytes:
    """Without zero-width characters, with one kind of space, and letters in their usual width (NFKC)."""
    text = ZERO_WIDTH.sub("", data.decode("utf-8", "surrogateescape"))
    return " ".join(unicodedata.normalize("NFKC", text).split()).encode("utf-8", "surrogateescape")


def utf16(data: bytes) -> Iterator[bytes]:
    """Every stretch that looks like UTF-16, as UTF-8."""
    for pattern, name in UTF16:
        if found := pattern.search(data):
            yield data[found.start() :].decode(name, "replace").encode("utf-8", "replace")


def data_lines(data: bytes) -> bytes:
    """An event stream without the names of its data lines: values of several lines become whole (WHATWG HTML)."""
    return DATA_LINE.sub(b"", data)


def latin(data: bytes) -> Iterator[bytes]:
    """Bytes that were written as characters below U+0100, from the magic of a compressed format on."""
    for found in LATIN.finditer(data):
        yield data[found.start() :].decode("utf-8", "replace").encode("latin-1", "replace")
