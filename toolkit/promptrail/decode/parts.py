"""A flow's request and response as layers to start from: URL, headers, cookies, body, WebSocket and raw messages."""

import re
from collections.abc import Iterator
from typing import NamedTuple

from promptrail.decode.compressed import UNDO
from promptrail.decode.form import url_parts
from promptrail.decode.layer import Layer, Piece
from promptrail.model import Direction, Headers

COOKIE = re.compile(rb"([^=;\s]+)=([^;]*)")


class Part(NamedTuple):
    """Where decoding starts: a part of a message, as sent."""

    direction: Direction
    part: str
    """url, header, cookie, body, ws, sse, trailer, raw."""
    layer: Layer
    body: str | None = None
    seq: int | None = None


def header(headers: Headers, name: bytes) -> str:
    """The value of the first header of that name, lower case; empty if there is none."""
    return next((v.decode("latin-1").strip().lower() for n, v in headers if n.lower() == name), "")


def url_part(url: str) -> Iterator[Part]:
    """The request URL: itself, and each value in it with percent-encoding undone."""
    root = Layer(url.encode("utf-8", "surrogateescape"))
    yield Part("request", "url", root)


def url_layers(root: Layer) -> Iterator[Layer]:
    """Path segments and query values of a URL; `percent` stands in the chain where something was undone."""
    for piece in url_parts(root):
        yield root.child("" if piece.exact else "percent", piece)


def header_parts(headers: Headers, direction: Direction) -> Iterator[Part]:
    """Each header value; cookies one by one, in requests and where a response sets them."""
    for name, value in headers:
        label = name.decode("latin-1").lower()
        if label in ("cookie", "set-cookie"):
            root = Layer(value)
            for found in COOKIE.finditer(value):
                if len(found[2]) >= 4:
                    piece = Piece(found[2], found.start(2), len(found[2]), found[1].decode("latin-1"), True)
                    yield Part(direction, "cookie", root.child("", piece))
                if label == "set-cookie":
                    break
        elif len(value) >= 4:
            yield Part(direction, "header", Layer(value, (label,)))


def encodings_of(headers: Headers) -> tuple[str, ...]:
    """The content codings of a message, in the order in which they were applied; `identity` is none."""
    names = (n.strip() for n in header(headers, b"content-encoding").split(","))
    return tuple(n for n in names if n and n != "identity")


def body_part(
    data: bytes, part: str, direction: Direction, headers: Headers, decoded: bool, sha256: str, seq: int
) -> Part:
    """A body or message; `decoded`: the capture keeps it with Content-Encoding undone."""
    media = header(headers, b"content-type") if part == "body" else ""
    encodings = encodings_of(headers) if part == "body" and not decoded else ()
    if encodings and all(e in UNDO for e in encodings) and _plain(data):
        encodings = ()  # a tool that undid the coding and kept the header
    name = "sse" if part == "body" and media.startswith("text/event-stream") else part
    return Part(direction, name, Layer(data, media=media, encodings=encodings), sha256, seq)


def _plain(data: bytes) -> bool:
    """Whether bytes that should be compressed are text after all."""
    return data[:1] in (b"{", b"[", b"<") and data[:64].isascii()
