"""URLs and forms in, their values out, percent-encoding undone (RFC 3986; WHATWG URL for `+` in forms).

Of a host and a path, labels and segments of twelve characters and more are values too: data hides there in base32,
hex or base64.
"""

import re
from collections.abc import Iterator
from urllib.parse import unquote_to_bytes

from promptrail.decode.host_labels import host_labels
from promptrail.decode.layer import Layer, Piece
from promptrail.decode.mail_words import EXTENDED
from promptrail.decode.readable import is_plain

PAIR = re.compile(rb"(?<![^&=;\s])([^&=;\s]++)=([^&]*)")
LONGEST_NAME = 200
"""Bytes of a name that a path shows."""
FORM = re.compile(rb"[^\s&=?{}<>\",;/]{1,200}=[^&\s]*(?:&[^\s&=]{1,200}=[^&\s]*)*&?\Z")
PERCENT = re.compile(rb"%[0-9A-Fa-f]{2}")
SEGMENT = re.compile(rb"[^/]{4,}")
LONG = 12
"""Shorter segments hold no encoded probe."""
AUTHORITY = re.compile(rb"[A-Za-z][A-Za-z0-9+.-]*://(?:[^/?#@]*@)?([^/?#:]*)[^/?#]*")
TARGET = "text/uri-list"
"""Media type (RFC 2483) under which the target of a request goes on: it may lack scheme and host."""
ADDRESS = re.compile(rb"(?:https?|wss?)://[^\s\"'<>]+")


def _pairs(data: bytes, base: int) -> Iterator[Piece]:
    for found in PAIR.finditer(data):
        raw = found[2]
        value = unquote_to_bytes(raw.replace(b"+", b" "))
        yield Piece(
            value,
            base + found.start(2),
            len(raw),
            unquote_to_bytes(found[1][:LONGEST_NAME]).decode("utf-8", "replace"),
            value == raw,
        )


def form(layer: Layer) -> Iterator[Piece]:
    """application/x-www-form-urlencoded, by its type or by its looks."""
    data = layer.data
    if layer.media.startswith("application/x-www-form-urlencoded") or (
        b"=" in data.rstrip(b"=")  # base64 ends in equals signs
        and FORM.match(data)
        and is_plain(data)
    ):
        yield from _pairs(layer.data, 0)


def url_parts(layer: Layer) -> Iterator[Piece]:
    """Host labels, path segments, query values and fragment of one URL."""
    data = layer.data
    authority = AUTHORITY.match(data)
    begin = authority.end() if authority else 0
    if authority and 20 < len(authority[1]) < 256:  # a name of the DNS is no longer (RFC 1035)
        yield from host_labels(authority[1], authority.start(1))
    head, _, _ = data[begin:].partition(b"#")
    path, _, query = head.partition(b"?")
    for found in SEGMENT.finditer(path):
        value = unquote_to_bytes(found[0])
        if value != found[0] or len(value) >= LONG:
            yield Piece(value, begin + found.start(), len(found[0]), "path", value == found[0])
    base = begin + len(path) + 1
    yield from ((p._replace(path=f"?{p.path}")) for p in _pairs(query, base))
    rest = base + len(query) + 1
    if len(data) > rest:
        value = unquote_to_bytes(data[rest:])
        yield Piece(value, rest, len(data) - rest, "#", value == data[rest:])


def url(layer: Layer) -> Iterator[Piece]:
    """A URL as a value: the page that a telemetry event names, and the like; or what its surroundings call one."""
    if layer.media == TARGET or ADDRESS.fullmatch(layer.data):
        yield from url_parts(layer)


def percent(layer: Layer) -> Iterator[Piece]:
    """A value that is percent-encoded as a whole, once more than its surroundings."""
    if (
        len(layer.data) < 100_000
        and PERCENT.search(layer.data)
        and not layer.data.lstrip().startswith((b"{", b"[", b"<"))
        and not EXTENDED.search(layer.data)  # it says in which charset the bytes are
    ):
        value = unquote_to_bytes(layer.data)
        if value != layer.data:
            yield Piece(value, 0, len(layer.data))
