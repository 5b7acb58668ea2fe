"""Whole-text transformations that need no parsing, so they also work on what is broken or cut: fast, rough, a superset.

Used only to learn whether something could be hidden; what was hidden, and where, is then told by the decoders.
"""

import html
import json
import quopri
import re
import unicodedata
from collections.abc import Iterator
from urllib.parse import unquote_to_bytes

UNICODE_ESCAPE = re.compile(rb"\\u([0-9a-fA-F]{4})")
KEY = re.compile(rb'"([A-Za-z_][\w.-]{0,40})":( ?)"((?:[^"\\]|\\.)*)"')
EVENT_DATA = re.compile(rb"^data: ?([^\r\n]*)", re.M)
GLUE = re.compile(rb'"\s*,\s*"')
VALUE = re.compile(rb"[=/,;\"\s]([^=&/?#,;\"\s]*%[0-9A-Fa-f]{2}[^=&/?#,;\"\s]*)")
FIELD = re.compile(rb"(?:\A|&)[^&=\s]{1,200}=")
ZERO_WIDTH = re.compile("[\u00ad\u200b-\u200f\u2060-\u2064\ufeff]")
UTF16 = (
    (re.compile(rb"(?:[\x20-\x7e]\x00){4}"), "utf-16-le"),
    (re.compile(rb"(?:\x00[\x20-\x7e]){4}"), "utf-16-be"),
)
SAMPLE = 1200


def unescape(data: bytes) -> bytes:
    """One level of JSON escapes, over the whole text."""
    data = data.replace(b"\\\\", b"\0")  # first, so that what follows an escaped backslash is left alone
    if b"\\u" in data:
        data = UNICODE_ESCAPE.sub(_character, data)
    data = data.replace(b'\\"', b'"').replace(b"\\/", b"/").replace(b"\\n", b"\n").replace(b"\\t", b"\t")
    return data.replace(b"\0", b"\\")


def _character(found: "re.Match[bytes]") -> bytes:
    code = int(found[1], 16)
    if 0xD800 <= code < 0xE000:
        return found[0]  # halves of a pair: the decoder joins them, and the escaped needle finds them
    return b"\0" if code == 0x5C else chr(code).encode()


def percent(data: bytes) -> Iterator[bytes]:
    """Percent-encoding undone, and `+` as a space as in forms; and each value by itself, for it may be binary."""
    yield unquote_to_bytes(data)
    for value in VALUE.findall(data):
        yield unquote_to_bytes(value)
        if b"+" in value:
            yield unquote_to_bytes(value.replace(b"+", b" "))
    if b"+" in data and len(data) < 1 << 20:
        yield unquote_to_bytes(data.replace(b"+", b" "))


def entities(data: bytes) -> bytes:
    return html.unescape(data.decode("utf-8", "replace")).encode("utf-8", "replace")


def quoted_printable(data: bytes) -> bytes:
    return quopri.decodestring(data)


def plain_characters(data: bytes) -> bytes:
    """Without zero-width characters, with one kind of space, and letters in their usual width (NFKC)."""
    text = ZERO_WIDTH.sub("", data.decode("utf-8", "surrogateescape"))
    return " ".join(unicodedata.normalize("NFKC", text).split()).encode("utf-8", "surrogateescape")


def event_data(data: bytes) -> bytes:
    """The data of all events of a stream, joined as it stands."""
    return b"".join(EVENT_DATA.findall(data))


def utf16(data: bytes) -> Iterator[bytes]:
    """Every stretch that looks like UTF-16, as UTF-8."""
    for pattern, name in UTF16:
        if found := pattern.search(data):
            yield data[found.start() :].decode(name, "replace").encode("utf-8", "replace")


def glued(data: bytes) -> bytes:
    """The strings of JSON arrays without what stands between them."""
    return GLUE.sub(b"", data)


def fields(data: bytes) -> bytes:
    """The values of a form without their names."""
    return unquote_to_bytes(FIELD.sub(b"", data).replace(b"+", b" "))


def repeats(data: bytes) -> bool:
    """Whether a text is a row of records, in which one name comes again: events, lines, or elements of an array."""
    if data.startswith((b"data:", b"event:", b"id:")):
        return True
    return any(data.count(seam, 0, 4096) > 1 for seam in (b"\n{", b'},{"', b'}, {"'))


def deltas(data: bytes) -> Iterator[bytes]:
    """Text that is cut into JSON strings under one name (token streams, keystrokes): for each name, its strings joined.

    Names are learnt from samples of a long stream, so one that appears only between them is missed.
    """
    size = len(data)
    sample = data
    if size > 5 * SAMPLE:
        sample = data[:SAMPLE]
        for place in (size // 4, size // 2, 3 * size // 4, size - SAMPLE):
            start = data.find(b"\n", place, size) + 1 or place
            sample += b"\n" + data[start : start + SAMPLE]
    values: dict[tuple[bytes, bytes], set[bytes]] = {}
    for name, space, value in KEY.findall(sample):
        values.setdefault((name, space), set()).add(value)
    for (name, space), seen in values.items():
        if len(seen) > 1:
            joined = b"".join(_strings(data, b'"%s":%s"' % (name, space)))
            if b"\\" in joined:
                try:
                    joined = json.loads(b'"' + joined + b'"', strict=False).encode("utf-8", "surrogatepass")
                except ValueError:
                    pass
            yield joined


def _strings(data: bytes, mark: bytes) -> Iterator[bytes]:
    """What follows each mark up to the closing quotation mark."""
    for part in data.split(mark)[1:]:
        end = part.find(b'"')
        while end > 0 and part[end - 1] == 0x5C and (end - len(part[:end].rstrip(b"\\"))) % 2:
            end = part.find(b'"', end + 1)
        yield part[:end] if end >= 0 else part
