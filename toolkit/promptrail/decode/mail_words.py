"""Ways in which mail and HTTP headers write what is not ASCII: quoted-printable, encoded words, extended parameters."""

import base64
import binascii
import quopri
import re
from collections.abc import Iterator
from urllib.parse import unquote_to_bytes

from promptrail.decode.layer import Layer, Piece
from promptrail.decode.readable import is_plain

QUOTED = re.compile(rb"=(?:[0-9A-Fa-f]{2}|\r?\n)")
SOFT = re.compile(rb"=\r?\n(?=[^\r\n])(?!data:)")
LINE = range(56, 76)
"""Characters before a soft line break: quoted-printable breaks where 76 are reached (RFC 2045 section 6.7, rule 5)."""
BYTES = re.compile(rb"(?:=[0-9A-Fa-f]{2}){2}")
"""Two bytes side by side: text in any encoding but ASCII."""
WORD = re.compile(rb"=\?([A-Za-z0-9_.:-]{1,40})(?:\*[A-Za-z-]*)?\?([BbQq])\?([^?\s]*)\?=")
BETWEEN = re.compile(rb"\s+")
EXTENDED = re.compile(
    rb"([A-Za-z-]{1,40})\*(?:0\*)?=([A-Za-z0-9_-]{2,20})'[A-Za-z-]*'([A-Za-z0-9!#$&+.^_`|~%-]+)"
)


def as_utf8(data: bytes, name: bytes) -> bytes:
    """Bytes in a named charset as UTF-8; as they are if it is no name of one (Python has codecs such as zlib, too)."""
    try:
        return data.decode(name.decode(), "replace").encode("utf-8", "replace")
    except (LookupError, ValueError):
        return data


def wrapped_lines(layer: Layer) -> Iterator[Piece]:
    """quoted-printable (RFC 2045 section 6.7) that shows by its soft line breaks, or by its equals signs.

    It comes before other structures: they would see lines where there are none.
    """
    data = layer.data
    if b"=" in data and data.isascii() and is_plain(data) and (_soft_breaks(data) or data.count(b"=3D") > 2):
        yield from quoted_printable(layer)


def _soft_breaks(data: bytes) -> bool:
    if b"=\n" not in data and b"=\r\n" not in data:
        return False
    return any(m.start() - data.rfind(b"\n", 0, m.start()) - 1 in LINE for m in SOFT.finditer(data))


def quoted_printable(layer: Layer) -> Iterator[Piece]:
    """quoted-printable where it is sure: one quoted byte alone is `a=10`."""
    data = layer.data
    if b"=" not in data or b"=?" in data:
        return
    quoted = len(QUOTED.findall(data))
    # every equals sign is part of a quotation; one alone counts if it breaks a line or quotes the sign itself
    inner = data.rstrip()  # base64 may end in an equals sign and a line feed
    sure = quoted > 1 or b"=\n" in inner or b"=\r\n" in inner or b"=3D" in data
    if not sure or data.count(b"=") > quoted:
        return
    value = quopri.decodestring(data)
    if value != data and (is_plain(value) or BYTES.search(data)):
        yield Piece(value, 0, len(data), step="quoted-printable")


def encoded_words(layer: Layer) -> Iterator[Piece]:
    """Encoded words (RFC 2047); neighbours are joined, as section 6.2 says."""
    data = layer.data
    if b"=?" not in data:
        return
    out: list[bytes] = []
    at, before = 0, False
    for found in WORD.finditer(data):
        gap = data[at : found.start()]
        if not (before and BETWEEN.fullmatch(gap)):
            out.append(gap)
        raw = found[3]
        if found[2] in b"Bb":
            try:
                raw = base64.b64decode(raw + b"=" * (-len(raw) % 4))
            except binascii.Error:
                pass
        else:
            raw = quopri.decodestring(raw.replace(b"_", b" "))
        out.append(as_utf8(raw, found[1]))
        at, before = found.end(), True
    if before:
        yield Piece(b"".join(out) + data[at:], 0, len(data))


def extended_parameters(layer: Layer) -> Iterator[Piece]:
    """Values such as filename*=UTF-8''%e2%82%ac.txt (RFC 8187)."""
    if b"*=" in layer.data:
        for found in EXTENDED.finditer(layer.data):
            value = as_utf8(unquote_to_bytes(found[3]), found[2])
            yield Piece(value, found.start(3), len(found[3]), f"{found[1].decode()}*")
