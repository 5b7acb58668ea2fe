"""gRPC, gRPC-Web and Connect bodies in, their messages out (length-prefixed messages of the gRPC HTTP/2 protocol).

Each frame is a flag, four bytes of length and the message. A compressed message goes on under the coding that the
media type names (`grpc-encoding`, put there from the header of this name), else it is opened by its own magic, or by
what it holds. grpc-web-text is the same in base64, where each flush may end in padding of its own.
"""

import base64
import binascii
import re
from collections.abc import Iterator

from promptrail.decode.layer import Layer, Piece, Undecodable

HEAD = 5
COMPRESSED, CONNECT_END, TRAILERS = 0x01, 0x02, 0x80
FLAGS = (0, COMPRESSED, CONNECT_END, TRAILERS, TRAILERS | COMPRESSED)
CODING = re.compile(r"grpc-encoding=([a-z0-9_-]{1,40})")
CHUNK = re.compile(rb"[A-Za-z0-9+/]+={0,2}")


def grpc(layer: Layer) -> Iterator[Piece]:
    """The messages of a body that says that it is gRPC, or that frames of this kind fill exactly."""
    data = layer.data
    said = layer.media.startswith(("application/grpc", "application/connect+"))
    if layer.media.startswith("application/grpc-web-text"):
        yield from _from_text(layer)
        return
    if not said and (len(data) <= HEAD or data[0] > 1 or not _fills(data)):
        return
    coding = CODING.search(layer.media)
    content = "application/json" if "json" in layer.media else "application/protobuf"
    at = number = 0
    while at + HEAD <= len(data):
        flag, length = data[at], int.from_bytes(data[at + 1 : at + HEAD], "big")
        if flag not in FLAGS:
            raise Undecodable("encoding", f"frame {number} of the gRPC body has the unknown flag {flag}")
        body = data[at + HEAD : at + HEAD + length]
        if body:
            path = "trailers" if flag & TRAILERS else f"message {number}"
            codings = (coding[1],) if coding and flag & COMPRESSED and coding[1] != "identity" else ()
            media = "" if flag and not codings else content
            yield Piece(body, at + HEAD, len(body), path, True, media, None, codings)
        if len(body) < length:
            raise Undecodable("incomplete", f"frame {number} of the gRPC body is cut short")
        at, number = at + HEAD + length, number + 1
    if at < len(data):
        raise Undecodable("incomplete", "the gRPC body ends inside a frame's head")


def _fills(data: bytes) -> bool:
    at = 0
    while at + HEAD <= len(data):
        length = int.from_bytes(data[at + 1 : at + HEAD], "big")
        if data[at] not in FLAGS or (length == 0 and not data[at] & TRAILERS):
            return False
        at += HEAD + length
    return at == len(data)


def _from_text(layer: Layer) -> Iterator[Piece]:
    out = []
    for chunk in CHUNK.findall(layer.data):
        try:
            out.append(base64.b64decode(chunk + b"=" * (-len(chunk) % 4)))
        except binascii.Error:
            break
    if out:
        media = layer.media.replace("-text", "")
        yield Piece(b"".join(out), 0, len(layer.data), media=media, step="base64")
