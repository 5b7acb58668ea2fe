"""Bytes into values, one decoder a file, listed here. `expand` runs those that apply to one layer.

STRUCTURES take a layer apart, and the first that can does. Where none can, one of REWRITES undoes the writing of a
whole text; where none does, all RUNS decode what stands inside it. What comes out is a layer again.
"""

import re
from collections.abc import Iterator

from promptrail.decode.archive import bzip2, xz, zip_
from promptrail.decode.base85 import base85_text
from promptrail.decode.cbor import cbor
from promptrail.decode.charset import declared, recognised, wide
from promptrail.decode.compressed import UNDO, WORDS, gzip, lz4_, said_by_magic, snappy, undo, zlib_, zstd
from promptrail.decode.envelopes import tt
from promptrail.decode.escapes import backslashes, entities, zero_width
from promptrail.decode.form import form, percent, url
from promptrail.decode.grpc import grpc
from promptrail.decode.guessed import brotli_, lz4_blocks, raw_deflate, snappy_blocks
from promptrail.decode.http_message import chunked_alone, http
from promptrail.decode.json_text import json_text
from promptrail.decode.jsonp import jsonp
from promptrail.decode.latin import latin
from promptrail.decode.layer import Decoder, Layer, Piece, Undecodable
from promptrail.decode.mail_words import encoded_words, extended_parameters, quoted_printable, wrapped_lines
from promptrail.decode.markup import markup
from promptrail.decode.msgpack import msgpack
from promptrail.decode.multipart import multipart
from promptrail.decode.plist import plist
from promptrail.decode.protobuf import protobuf
from promptrail.decode.readable import is_plain, is_text, picture
from promptrail.decode.sse import sse
from promptrail.decode.text_codes import base32_runs, base64_runs, hex_runs
from promptrail.decode.websocket import websocket

SIGNED = [
    Decoder("gzip", 2, "RFC 1952", gzip),
    Decoder("zlib", 2, "RFC 1950", zlib_),
    Decoder("zstd", 2, "RFC 8878", zstd),
    Decoder("lz4", 2, "LZ4 frame format 1.6.4", lz4_),
    Decoder("snappy", 2, "Snappy framing format, 2013", snappy),
    Decoder("zip", 1, "PKWARE APPNOTE 6.3.10; ISO/IEC 21320-1", zip_),
    Decoder("bzip2", 1, "bzip2 1.0", bzip2),
    Decoder("xz", 1, "The .xz File Format 1.2.1", xz),
    Decoder("tt", 1, "ByteDance AppLog: see ENVELOPES", tt),
    Decoder("latin-1", 1, "ISO 8859-1; WHATWG Infra, isomorphic decode", latin),
]
"""Formats whose first bytes name them."""
FIRST = frozenset(b"\x1f\x78\x28\x04\xff\x12\x74\x50\x42\xfd")
"""The first bytes of all of SIGNED: most values begin otherwise and cost one look."""
WRITTEN = [
    Decoder("grpc", 2, "gRPC over HTTP/2, length-prefixed messages; gRPC-Web; Connect", grpc),
    Decoder("http", 1, "RFC 9112", http),
    Decoder("chunked", 1, "RFC 9112 section 7.1", chunked_alone),
    Decoder("multipart", 2, "RFC 2046, RFC 7578", multipart),
    Decoder("charset", 1, "WHATWG Encoding; RFC 2781 section 3.2; RFC 9110 section 8.3.2", declared),
    Decoder("msgpack", 2, "MessagePack specification, 2013", msgpack),
    Decoder("cbor", 2, "RFC 8949, RFC 8742", cbor),
    Decoder("charset recognised", 1, "frequent characters of a language, see FREQUENT", recognised),
    Decoder("quoted-printable", 1, "RFC 2045 section 6.7", wrapped_lines),
    Decoder("plist", 1, "Apple property list, as plistlib reads it", plist),
    Decoder("sse", 1, "WHATWG HTML, server-sent events", sse),
    Decoder("json", 1, "RFC 8259", json_text),
    Decoder("jsonp", 1, "JSON in a call or behind a guard, as cross-site APIs send it", jsonp),
    Decoder("markup", 1, "XML 1.0, fifth edition; WHATWG HTML section 13", markup),
    Decoder(
        "base85",
        2,
        "Adobe's Ascii85; RFC 1924 alphabet, as base64.b85encode; Z85, ZeroMQ RFC 32",
        base85_text,
    ),
    Decoder("url", 2, "RFC 3986", url),
    Decoder("form", 1, "WHATWG URL, application/x-www-form-urlencoded", form),
]
OPAQUE = [
    Decoder("ws frames", 1, "RFC 6455 section 5; RFC 7692 section 7.2", websocket),
    Decoder("snappy block", 1, "Snappy format description, 2011", snappy_blocks),
    Decoder("protobuf", 3, "Protocol Buffers, Encoding", protobuf),
    Decoder("utf-16", 1, "RFC 2781, Unicode 15 section 3.10", wide),
    Decoder("deflate", 2, "RFC 1951", raw_deflate),
    Decoder("br", 2, "RFC 7932", brotli_),
    Decoder("lz4 block", 1, "LZ4 block format, 2022", lz4_blocks),
]
"""Formats that nothing announces; asked for bytes that are not plain text, or whose type names them."""
NAMED = ("protobuf", "x-proto", "msgpack", "cbor")
REWRITES = [
    Decoder("zero-width", 1, "Unicode 15 section 23.2, default ignorable code points", zero_width),
    Decoder("quoted-printable in a text", 1, "RFC 2045 section 6.7", quoted_printable),
    Decoder("rfc2047", 1, "RFC 2047", encoded_words),
    Decoder("percent", 1, "RFC 3986 section 2.1", percent),
    Decoder("entities", 1, "WHATWG HTML section 13.5", entities),
    Decoder("escapes", 1, "ECMAScript and Python string literals", backslashes),
]
"""They give the whole text anew; the next one, and RUNS, then work on what came out."""
RUNS = [
    Decoder("rfc8187", 1, "RFC 8187 (before: RFC 5987)", extended_parameters),
    Decoder("base64", 2, "RFC 4648 sections 4 and 5, RFC 2045 section 6.8, RFC 7519", base64_runs),
    Decoder("base32", 1, "RFC 4648 section 6", base32_runs),
    Decoder("hex", 1, "RFC 4648 section 8", hex_runs),
]
STRUCTURES = SIGNED + WRITTEN + OPAQUE
CODES = REWRITES + RUNS
DECODERS = STRUCTURES + CODES
TELLTALE = re.compile(rb"[^ -~\s]|[=%&\\<{\[\"(:]|[A-Za-z0-9+/_-]{12}|[!-~]{20}")
"""What any of the formats above has, and a word, a name or a short sentence has not."""
ORDINARY = 256
"""Bytes of a value that is looked through for it; most values are shorter."""
SHORTEST = 4
"""Nothing that a probe could be is shorter."""


def expand(layer: Layer, faults: list[Undecodable]) -> Iterator[Layer]:
    """The layers that one layer holds; what should have been decodable and was not is added to `faults`."""
    if layer.encodings:
        yield from _content_coding(layer, faults)
        return
    data = layer.data
    named = any(name in layer.media for name in NAMED)
    if len(data) < (1 if named else SHORTEST):
        return
    if len(data) < ORDINARY and not layer.media and not TELLTALE.search(data):
        return
    for decoders in (SIGNED if data[0] in FIRST else (), WRITTEN, OPAQUE, REWRITES):
        if decoders is OPAQUE and not named and (is_plain(data) or picture(data)):
            continue
        if decoders is REWRITES and not is_text(data):  # a percent sign in noise is noise
            continue
        for decoder in decoders:
            found = False
            for child in _run(decoder, layer, faults):
                found = True
                yield child
            if found:
                return
    for decoder in RUNS:
        yield from _run(decoder, layer, faults)


def _run(decoder: Decoder, layer: Layer, faults: list[Undecodable]) -> Iterator[Layer]:
    try:
        for piece in decoder.decode(layer):
            yield layer.child(decoder.id, piece)
    except Undecodable as fault:
        faults.append(fault)
        if fault.data:
            yield layer.child(decoder.id, Piece(fault.data, 0, len(layer.data)))


def _content_coding(layer: Layer, faults: list[Undecodable]) -> Iterator[Layer]:
    *rest, name = layer.encodings
    word = WORDS.get(name, name)
    try:
        data, whole = undo(name, layer.data)
    except Undecodable as fault:
        if fault.data:
            faults.append(fault)
            yield layer.child(
                word, Piece(fault.data, 0, len(layer.data), "", False, layer.media, None, tuple(rest))
            )
            return
        if name not in UNDO or said_by_magic(layer.data) in (None, name):
            faults.append(fault)
        # A header may be wrong: without it the body is a layer like any other, and its magic is believed.
        yield layer.child("", Piece(layer.data, 0, len(layer.data), exact=True, media=layer.media))
        return
    if not whole:
        faults.append(Undecodable("incomplete", f"the {name} stream ends early"))
    yield layer.child(word, Piece(data, 0, len(layer.data), "", False, layer.media, None, tuple(rest)))
