"""Streams inside a body that nobody took apart: HTTP messages, chunks, WebSocket frames as clients send them."""

from promptrail.lab.encoders.compression import gzip
from promptrail.lab.encoders.streams import chunked, messages, request
from promptrail.lab.encodings.shape import Encoding, body, document

KEY = bytes.fromhex("5ac3917e")


def _frames(text: str) -> bytes:
    """One message in fragments that end inside characters."""
    return messages([document(text).decode()], KEY, cut=29)


def _packed(text: str) -> bytes:
    return messages([document(text).decode()], KEY, packed=True)


def _request(text: str) -> bytes:
    """A request inside a body, its own body compressed and in chunks."""
    headers = (
        ("Content-Type", "application/json"),
        ("Content-Encoding", "gzip"),
        ("Transfer-Encoding", "chunked"),
    )
    return request("/v1/tunnelled", headers, chunked(gzip(document(text))))


ENCODINGS = (
    Encoding("HTTP in chunks", ("http", "chunked", "gzip", "json"), body(_request), pointer="/prompt"),
    Encoding("chunks alone", ("chunked", "json"), body(lambda x: chunked(document(x))), pointer="/prompt"),
    Encoding("WebSocket frames", ("ws frames", "json"), body(_frames), pointer="/prompt"),
    Encoding("WebSocket frames, deflated", ("ws deflate", "json"), body(_packed), pointer="/prompt"),
)
