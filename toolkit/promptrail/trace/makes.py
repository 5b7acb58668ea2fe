"""Messages of one make (a socket's, or requests to one endpoint) in, the binary format that each is in out.

A stream writes all its messages in one format, and a short one does not show which: the last letters of a text in two
bytes of protobuf could be anything. It is read in the format of the others.
"""

from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple

from promptrail.decode import STRUCTURES
from promptrail.decode.layer import Decoder, Layer, Piece, Undecodable
from promptrail.decode.parts import Part
from promptrail.decode.readable import is_text

FORMATS = [d for d in STRUCTURES if d.id in ("grpc", "protobuf", "msgpack", "cbor")]
MEDIA = {"protobuf": "application/x-protobuf", "msgpack": "application/msgpack", "cbor": "application/cbor"}
"""Content types under which a decoder believes what does not show its format by itself."""


class Opened(NamedTuple):
    """One message, taken apart as far as that goes."""

    pieces: list[Piece]
    media: str = ""
    """The content type under which it is to be read; empty where it shows its format, or is in none."""


def opened(messages: Sequence[bytes]) -> list[Opened]:
    """Each message's values; those of texts are none of ours."""
    binary = [not is_text(data) for data in messages]
    out = [Opened([])] * len(messages)
    met: Counter[str] = Counter()
    for number, data in enumerate(messages):
        for decoder in FORMATS if binary[number] else ():
            if pieces := _pieces(decoder, Layer(data)):
                out[number] = Opened(pieces)
                met[decoder.id] += 1
                break
    named = (decoder for decoder in FORMATS if decoder.id in MEDIA and met[decoder.id])
    usual = max(named, key=lambda d: met[d.id], default=None)
    if usual is None:
        return out
    media = MEDIA[usual.id]
    paths = {piece.path for one in out for piece in one.pieces}
    for number, data in enumerate(messages):
        if out[number].pieces:
            continue
        pieces = _pieces(usual, Layer(data, media=media))
        if binary[number] or (pieces and all(piece.path in paths for piece in pieces)):
            out[number] = Opened(pieces, media)
    return out


def under(part: Part, media: str) -> Part:
    """The same part, read under a content type; one that says its own keeps it."""
    layer = part.layer
    if not media or layer.media.partition(";")[0].strip() in MEDIA.values():
        return part
    return part._replace(layer=Layer(layer.data, layer.path, layer.chain, media, layer.encodings))


def _pieces(decoder: Decoder, layer: Layer) -> list[Piece]:
    try:
        return list(decoder.decode(layer))
    except Undecodable:
        return []
