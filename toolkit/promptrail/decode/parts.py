"""A flow's request and response as layers to start from: URL, headers, cookies, body, WebSocket and raw messages."""

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from promptrail.decode.compressed import UNDO
from promptrail.decode.form import url_parts
from promptrail.decode.layer import Layer, Piece
from promptrail.model import Direction, Headers

GRPC = ("application/grpc", "application/connect+")
MESSAGE_CODING = (b"grpc-encoding", b"connect-content-encoding")
"""Headers that name the coding of single messages (gRPC over HTTP/2; the Connect protocol)."""
COOKIE = re.compile(rb"([^=;\s]+)=([^;]*)")


class Part(NamedTuple):
    """Where decoding starts: a part of a message, as sent."""

    direction: Direction
    part: str
    """url, header, cookie, body, ws, sse, trailer, raw."""
    layer: Layer
    body: str | None = None
    seq: int | None = None


def url_part(url: str) -> Part:
    """The request URL: itself, and each value in it with percent-encoding undone."""
    root = Layer(url.encode("utf-8", "surrogateescape"))
    return Part("request", "url", root)


def url_layers(root: Layer) -> Iterator[Layer]:
    """Path segments and query values of a URL; `percent` stands in the chain where something was undone."""
    for piece in url_parts(root):
        yield root.child("" if piece.exact else "percent", piece)  # a piece that names its own step keeps it


def header_parts(headers: Headers, direction: Direction, part: str = "header") -> Iterator[Part]:
    """Each value of headers or trailers (`part`); cookies one by one, in requests and where a response sets them."""
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
            yield Part(direction, part, Layer(value, (label,)))


def encodings_of(coding: str | None) -> tuple[str, ...]:
    """The content codings of a message, in the order in which they were applied; `identity` is none."""
    names = (n.strip().lower() for n in (coding or "").split(","))
    return tuple(n for n in names if n and n != "identity")


def body_part(
    data: bytes,
    part: str,
    direction: Direction,
    media: str | None = None,
    coding: str | None = None,
    sha256: str = "",
    seq: int = 0,
    headers: Sequence[tuple[bytes, bytes]] = (),
) -> Part:
    """A body or message with the Content-Type and the Content-Encoding that are stated for it.

    `headers` are those of its message: gRPC names in one of them how its messages are compressed.
    """
    encodings = encodings_of(coding)
    if encodings and all(e in UNDO for e in encodings) and _plain(data):
        encodings = ()  # a tool that undid the coding and kept the header
    kind = (media or "").strip().lower()
    if kind.startswith(GRPC):
        kind += "".join(
            f"; grpc-encoding={value.decode('latin-1').strip().lower()}"
            for header, value in headers
            if header.lower() in MESSAGE_CODING
        )
    name = "sse" if part == "body" and kind.startswith("text/event-stream") else part
    return Part(direction, name, Layer(data, media=kind, encodings=encodings), sha256, seq)


def _plain(data: bytes) -> bool:
    """Whether bytes that should be compressed are text after all."""
    return data[:1] in (b"{", b"[", b"<") and data[:64].isascii()
