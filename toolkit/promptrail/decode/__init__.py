"""Bytes into values, one decoder a file, listed here. `expand` runs those that apply to one layer.

STRUCTURES take a layer apart; CODES unwrap a value, and are tried where no structure was found: inside a structure
each value is a layer of its own.
"""

from collections.abc import Iterator

from promptrail.decode.compressed import gzip, undo, zlib_, zstd
from promptrail.decode.form import form, percent, url
from promptrail.decode.json_text import json_text
from promptrail.decode.layer import Decoder, Layer, Piece, Undecodable
from promptrail.decode.multipart import multipart
from promptrail.decode.sse import sse
from promptrail.decode.text_codes import base64_runs, hex_runs

STRUCTURES = [
    Decoder("gzip", 1, "RFC 1952", gzip),
    Decoder("zlib", 1, "RFC 1950", zlib_),
    Decoder("zstd", 1, "RFC 8878", zstd),
    Decoder("multipart", 1, "RFC 2046, RFC 7578", multipart),
    Decoder("sse", 1, "WHATWG HTML, server-sent events", sse),
    Decoder("json", 1, "RFC 8259", json_text),
    Decoder("form", 1, "WHATWG URL, application/x-www-form-urlencoded", form),
    Decoder("url", 1, "RFC 3986", url),
]
CODES = [
    Decoder("percent", 1, "RFC 3986 section 2.1", percent),
    Decoder("base64", 1, "RFC 4648 sections 4 and 5", base64_runs),
    Decoder("hex", 1, "RFC 4648 section 8", hex_runs),
]
DECODERS = STRUCTURES + CODES


def expand(layer: Layer, faults: list[Undecodable]) -> Iterator[Layer]:
    """The layers that one layer holds; what should have been decodable and was not is added to `faults`."""
    if layer.encodings:
        yield from _content_coding(layer, faults)
        return
    for decoders in (STRUCTURES, CODES):
        found = False
        for decoder in decoders:
            try:
                for piece in decoder.decode(layer):
                    found = True
                    yield layer.child(decoder.id, piece)
            except Undecodable as fault:
                faults.append(fault)
            if found and decoders is STRUCTURES:
                break
        if found:
            return


def _content_coding(layer: Layer, faults: list[Undecodable]) -> Iterator[Layer]:
    *rest, name = layer.encodings
    try:
        data, whole = undo(name, layer.data)
    except Undecodable as fault:
        faults.append(fault)
        yield layer.child("", Piece(layer.data, 0, len(layer.data), exact=True, media=layer.media))
        return
    if not whole:
        faults.append(Undecodable("incomplete", f"the {name} stream ends early"))
    word = "gzip" if name == "x-gzip" else name
    yield layer.child(word, Piece(data, 0, len(layer.data), media=layer.media), tuple(rest))
