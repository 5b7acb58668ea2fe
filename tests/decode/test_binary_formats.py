"""Binary formats, written by other implementations: what they hold is found under its path, and near misses are not."""

# ruff: noqa: E501 (tables: one way a line)

import base64
import gzip
import plistlib
import random
import zlib
from collections.abc import Callable
from typing import Any

import brotli
import cbor2
import cramjam
import lz4.frame
import msgpack
import pytest

from decode.unwrapping import ASCII, KOREAN, TEXTS, below, found
from promptrail.decode.layer import Layer


def varint(number: int) -> bytes:
    """A base-128 varint, as protobuf.dev describes it."""
    out = b""
    while number > 0x7F:
        out, number = out + bytes([number & 0x7F | 0x80]), number >> 7
    return out + bytes([number])


def field(number: int, value: bytes | int) -> bytes:
    """One protobuf field: a varint, or length-delimited bytes."""
    if isinstance(value, int):
        return varint(number << 3) + varint(value)
    return varint(number << 3 | 2) + varint(len(value)) + value


def message(text: str) -> bytes:
    """A protobuf message with the text in field 3 of the message in field 1."""
    return field(1, field(3, text.encode()) + field(4, 5)) + field(2, 150) + field(16, b"abcd-efgh")


def frame(body: bytes, flag: int = 0) -> bytes:
    """One length-prefixed message of gRPC."""
    return bytes([flag]) + len(body).to_bytes(4, "big") + body


def doubled(text: str) -> bytes:
    """JSON whose first value is a part of the second: every compressor refers back to it."""
    return b'{"t":"%s","q":"%s"}' % (text[:12].encode(), text.encode())


Write = Callable[[str], bytes]
Expected = tuple[tuple[str, ...], str]
WAYS: list[tuple[str, Write, str, Expected]] = [
    ("MessagePack", lambda t: msgpack.packb({"a": [1, {"b/c": t}], "n": None}), "", (("msgpack",), "/a/1/b~1c")),
    ("MessagePack, two values", lambda t: msgpack.packb([1.5, True]) + msgpack.packb([t]), "", (("msgpack",), "/0")),
    ("MessagePack, bin", lambda t: msgpack.packb({"b": t.encode(), "c": "plain"}), "", (("msgpack",), "/b")),
    ("CBOR", lambda t: cbor2.dumps({"a": [1, {"b": t}], "n": None}), "", (("cbor",), "/a/1/b")),
    ("CBOR, self-described", lambda t: cbor2.dumps(cbor2.CBORTag(55799, [t])), "", (("cbor",), "/0")),
    ("CBOR, text in chunks", lambda t: b"\xa1\x61k\x7f" + b"".join(cbor2.dumps(c) for c in t) + b"\xff", "", (("cbor",), "/k")),
    ("CBOR, indefinite map", lambda t: b"\xbf\x61k" + cbor2.dumps(t) + b"\xff", "", (("cbor",), "/k")),
    ("protobuf", message, "", (("protobuf",), "/1/3")),
    ("protobuf by its type", lambda t: field(1, t.encode()), "application/x-protobuf", (("protobuf",), "/1")),
    ("protobuf with gzip in it", lambda t: field(7, gzip.compress(t.encode())) + field(1, b"batch"), "", (("protobuf", "gzip"), "/7")),
    ("protobuf, a group", lambda t: field(1, 7) + b"\x23" + field(17, t.encode()) + b"\x24", "", (("protobuf",), "/4/17")),
    ("protobuf, a group in a group", lambda t: field(2, 7) + b"\x23\x2b" + field(6, t.encode()) + b"\x2c\x24" + field(1, b"text here"), "", (("protobuf",), "/4/5/6")),
    ("gRPC", lambda t: frame(message(t)), "application/grpc", (("grpc", "protobuf"), "message 0 > /1/3")),
    ("gRPC without its type", lambda t: frame(b"\x08\x01") + frame(message(t)), "", (("grpc", "protobuf"), "message 1 > /1/3")),
    ("gRPC, gzip", lambda t: frame(gzip.compress(message(t)), 1), "application/grpc+proto", (("grpc", "gzip", "protobuf"), "message 0 > /1/3")),
    ("gRPC, deflate", lambda t: frame(zlib.compress(message(t)), 1), "application/grpc", (("grpc", "zlib", "protobuf"), "message 0 > /1/3")),
    ("gRPC-Web", lambda t: frame(message(t)) + frame(b"grpc-status:0\r\n", 0x80), "application/grpc-web+proto", (("grpc", "protobuf"), "message 0 > /1/3")),
    ("gRPC-Web trailers", lambda t: frame(b"\x08\x01") + frame(t.encode(), 0x80), "application/grpc-web", (("grpc",), "trailers")),
    (
        "gRPC-Web text, two flushes",
        lambda t: base64.b64encode(frame(b"\x08\x01")) + base64.b64encode(frame(message(t))),
        "application/grpc-web-text",
        (("base64", "grpc", "protobuf"), "message 1 > /1/3"),
    ),
    ("Connect, JSON", lambda t: frame(b'{"t":"%s"}' % t.encode()) + frame(b"{}", 2), "application/connect+json", (("grpc", "json"), "message 0 > /t")),
    ("binary property list", lambda t: plistlib.dumps({"k": [t]}, fmt=plistlib.FMT_BINARY), "", (("plist",), "/k/0")),
    ("XML property list", lambda t: plistlib.dumps({"k": {"l": t}}), "", (("plist",), "/k/l")),
    ("property list data", lambda t: plistlib.dumps({"k": gzip.compress(t.encode())}), "", (("plist", "gzip"), "/k")),
    ("LZ4 frame", lambda t: lz4.frame.compress(t.encode()), "", (("lz4",), "")),
    ("two LZ4 frames", lambda t: lz4.frame.compress(t.encode()[:7]) + lz4.frame.compress(t.encode()[7:]), "", (("lz4",), "")),
    ("framed snappy", lambda t: bytes(cramjam.snappy.compress(t.encode())), "", (("snappy",), "")),
    ("framed snappy that shrinks", lambda t: bytes(cramjam.snappy.compress(b'["' + t.encode() + b'",[' + b"1," * 400 + b"1]]")), "", (("snappy", "json"), "/0")),
    ("snappy block", lambda t: bytes(cramjam.snappy.compress_raw(t.encode())), "", (("snappy block",), "")),
    ("snappy block of JSON", lambda t: bytes(cramjam.snappy.compress_raw(doubled(t))), "", (("snappy block", "json"), "/q")),
    ("snappy block of protobuf", lambda t: bytes(cramjam.snappy.compress_raw(message(t))), "", (("snappy block", "protobuf"), "/1/3")),
    ("LZ4 block", lambda t: bytes(cramjam.lz4.compress_block(doubled(t), store_size=False)), "", (("lz4 block", "json"), "/q")),
    ("LZ4 block behind its length", lambda t: bytes(cramjam.lz4.compress_block(doubled(t))), "", (("lz4 block", "json"), "/q")),
    ("LZ4 block of MessagePack", lambda t: bytes(cramjam.lz4.compress_block(msgpack.packb({"k": t, "l": [t[:9]]}))), "", (("lz4 block", "msgpack"), "/k")),
    ("raw deflate without header", lambda t: zlib.compress(t.encode(), wbits=-15), "", (("deflate",), "")),
    ("brotli without header", lambda t: brotli.compress(b'{"k":"%s"}' % t.encode()), "", (("br", "json"), "/k")),
]  # fmt: skip


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS)
@pytest.mark.parametrize(("write", "media", "expected"), [w[1:] for w in WAYS], ids=[w[0] for w in WAYS])
def test_a_text_is_unwrapped(write: Write, media: str, expected: Expected, text: str) -> None:
    """Chain and path name what was undone and where the value stood."""
    assert found(text, write(text), media) == [expected]


NOISE = random.Random(20261122).randbytes(500)
NEAR_MISSES: list[tuple[str, Any, str]] = [
    ("MessagePack, a byte short", msgpack.packb({"a": KOREAN})[:-1], "msgpack"),
    ("MessagePack, a byte too many", msgpack.packb({"a": KOREAN}) + b"\x01", "msgpack"),
    ("MessagePack, the unused byte", b"\x92\xc1" + msgpack.packb(KOREAN), "msgpack"),
    ("MessagePack, a string that is no text", b"\x92\x01\xa8\xff\xfe\xfd\xfc\x80\x81\x82\x83", "msgpack"),
    ("MessagePack, billions promised", b"\xdd\xff\xff\xff\xff" + msgpack.packb(KOREAN), "msgpack"),
    ("CBOR, a byte short", cbor2.dumps({"a": KOREAN})[:-1], "cbor"),
    ("CBOR, a break too many", cbor2.dumps([KOREAN]) + b"\xff", "cbor"),
    ("CBOR, a reserved length", b"\x82\x1c" + cbor2.dumps(KOREAN), "cbor"),
    ("CBOR, chunks of another kind", b"\x9f\x7f\x41a\xff\xff" + cbor2.dumps([KOREAN]), "cbor"),
    ("protobuf, a byte short", message(KOREAN)[:-1], "protobuf"),
    ("protobuf, field number 0", b"\x02\x04abcd" + message(KOREAN), "protobuf"),
    ("protobuf, wire type 6", b"\x0e\x04abcd" + message(KOREAN), "protobuf"),
    ("protobuf, numbers alone", field(1, 150) * 20, "protobuf"),
    ("protobuf, a varint of eleven bytes", b"\x08" + b"\xff" * 10 + b"\x01" + field(2, b"text here"), "protobuf"),
    ("protobuf, a group that does not end", b"\x23" + message(KOREAN), "protobuf"),
    ("protobuf, an end of another group", b"\x23" + message(KOREAN) + b"\x2c", "protobuf"),
    ("protobuf, an end of no group", message(KOREAN) + b"\x24", "protobuf"),
    ("snappy block, a byte short", bytes(cramjam.snappy.compress_raw(KOREAN.encode() * 2))[:-1], "snappy block"),
    ("snappy block, a byte too many", bytes(cramjam.snappy.compress_raw(KOREAN.encode() * 2)) + b"a", "snappy block"),
    ("snappy block of noise", bytes(cramjam.snappy.compress_raw(NOISE)), "snappy block"),
    ("LZ4 block, a byte short", bytes(cramjam.lz4.compress_block(KOREAN.encode() * 2))[:-1], "lz4 block"),
    ("LZ4 block of noise", bytes(cramjam.lz4.compress_block(NOISE)), "lz4 block"),
    ("LZ4 block of a word", bytes(cramjam.lz4.compress_block(b"word", store_size=False)), "lz4 block"),
    ("gRPC, a byte short", frame(message(KOREAN))[:-1], "grpc"),
    ("gRPC, an unknown flag", frame(message(KOREAN), 7), "grpc"),
    ("deflate, something behind it", zlib.compress(KOREAN.encode(), wbits=-15) + b"\0", "deflate"),
    ("deflate of little noise", zlib.compress(bytes(range(16)), wbits=-15), "deflate"),
    ("brotli, cut", brotli.compress(KOREAN.encode() * 9)[:-9], "br"),
]  # fmt: skip


@pytest.mark.parametrize(("data", "word"), [n[1:] for n in NEAR_MISSES], ids=[n[0] for n in NEAR_MISSES])
def test_a_near_miss_is_left_alone(data: bytes, word: str) -> None:
    """Bytes that do not fit to the last one are not of that format, however close."""
    assert word not in [layer.chain[-1] for layer in below(Layer(data)) if len(layer.chain) == 1]


@pytest.mark.parametrize(
    ("data", "media"),
    [
        (frame(message(KOREAN)) + frame(message(ASCII))[:-3], "application/grpc"),
        (lz4.frame.compress(ASCII.encode() * 9)[:-9], ""),
        (bytes(cramjam.snappy.compress(ASCII.encode() * 9))[:-9], ""),
    ],
)
def test_what_is_cut_short_is_said_to_be(data: bytes, media: str) -> None:
    """A stream that says what it is and ends early is a fault of the kind `incomplete`."""
    faults: list[Any] = []
    below(Layer(data, media=media), faults)
    assert "incomplete" in [f.reason for f in faults]


@pytest.mark.parametrize(
    "write", [lambda t: msgpack.packb({"k": t}), lambda t: cbor2.dumps({"k": t}), message]
)
def test_offsets_lead_back_to_the_bytes(write: Write) -> None:
    """A text stands in its message at the offset that its layer names."""
    for text in TEXTS.values():
        (leaf,) = [layer for layer in below(Layer(write(text))) if layer.data == text.encode()]
        assert leaf.exact and leaf.parent is not None
        assert leaf.parent.data[leaf.start :][: leaf.length] == leaf.data


@pytest.mark.parametrize("write", [msgpack.packb, cbor2.dumps, plistlib.dumps])
def test_long_numbers_are_values(write: Callable[[object], bytes]) -> None:
    """An IMEI or a phone number that is sent as a number is found by its digits."""
    layers = below(Layer(write({"imei": 490154203237518, "kind": "a text"})))
    assert (b"490154203237518", ("/imei",)) in [(layer.data, layer.path) for layer in layers]


def test_a_long_number_in_protobuf_is_a_value() -> None:
    """As above, as a varint."""
    layers = below(Layer(field(2, 490154203237518) + field(1, b"a text")))
    assert (b"490154203237518", ("/2",)) in [(layer.data, layer.path) for layer in layers]


def test_a_wrong_header_is_overruled_by_magic() -> None:
    """A body that says br and is gzip is read, and is no fault."""
    faults: list[Any] = []
    layers = below(Layer(gzip.compress(KOREAN.encode()), encodings=("br",)), faults)
    assert [layer.chain for layer in layers if layer.data == KOREAN.encode()] == [("gzip",)] and faults == []
