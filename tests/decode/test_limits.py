"""Hostile bytes end within limits, as counted faults; whatever stands in a capture, decoding does not raise."""

# ruff: noqa: E501 (tables: one way a line)

import base64
import gzip
import json
import plistlib
import tracemalloc
import zlib

import brotli
import cbor2
import lz4.frame
import msgpack
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from decode.unwrapping import KOREAN, below
from promptrail.decode import DECODERS, expand
from promptrail.decode.layer import Layer, Undecodable
from promptrail.decode.limits import LIMITS
from promptrail.decode.parts import body_part, header_parts, url_part
from promptrail.model import Probe
from promptrail.trace.search import Search
from promptrail.trace.walk import Walk

SEARCH = Search([Probe("p1", "prompt", KOREAN)])


def nested(levels: int) -> bytes:
    """A protobuf message in a message in a message."""
    data = b"\x0a\x04text"
    for _ in range(levels):
        head, size = b"\x0a", len(data)
        while size > 127:
            head, size = head + bytes([size & 127 | 128]), size >> 7
        data = head + bytes([size]) + data
    return data


def self_naming_list() -> bytes:
    """A binary property list whose one array holds itself two hundred times."""
    table = b"bplist00" + b"\xaf\x10\xc8" + b"\x00" * 200
    return (
        table
        + b"\x08"
        + bytes(6)
        + b"\x01\x01"
        + (1).to_bytes(8, "big")
        + bytes(8)
        + (len(table)).to_bytes(8, "big")
    )


def doubling_list() -> bytes:
    """A binary property list of 40 arrays, each holding the next one twice: 2^40 values from 200 bytes."""
    table, offsets = b"bplist00", []
    for n in range(40):
        offsets.append(len(table))
        table += b"\xa2" + bytes([n + 1, n + 1])
    offsets.append(len(table))
    table += b"\x54text"
    return (
        table
        + bytes(offsets)
        + bytes(6)
        + b"\x01\x01"
        + (41).to_bytes(8, "big")
        + bytes(8)
        + len(table).to_bytes(8, "big")
    )


HOSTILE = {
    "JSON, 100,000 deep": b"[" * 100_000,
    "JSON, 20,000 deep, with values": b'{"name-of-it":["value",' * 10_000,
    "JSON in JSON strings": json.dumps(json.dumps(json.dumps(json.dumps("\\\"" * 5000)))).encode(),
    "protobuf, 20,000 deep": nested(20_000),
    "a property list that holds itself": self_naming_list(),
    "a property list that doubles": doubling_list(),
    "MessagePack, 100,000 deep": b"\x91" * 100_000 + b"\xa4text",
    "MessagePack, 131,072 values": b"\xdd\x00\x02\x00\x00" + b"\x01" * 0x20000,
    "CBOR, 100,000 deep": b"\x81" * 100_000 + b"\x64text",
    "CBOR, 100,000 tags": b"\xc2" * 100_000 + b"\x64text",
    "protobuf, 150,000 fields": b"\x08\x81\x01" * 150_000 + b"\x0a\x04text",
    "XML, 50,000 deep": b"<abc>" * 50_000 + b"text",
    "tags that never end": b"<a b='" * 50_000,
    "scripts that never end": b"<html>" + b"<script>" * 50_000,
    "a gzip stream of 20,000 members": gzip.compress(b"ab", mtime=0) * 20_000,
    "20,000 LZ4 frames": lz4.frame.compress(b"ab") * 20_000,
    "a body of base64": base64.b64encode(bytes(range(256)) * 4_000),
    "a body of hex": (bytes(range(256)) * 2_000).hex().encode(),
    "percent signs": b"%41" * 200_000,
    "equals signs": b"=41=\n" * 100_000,
    "ampersands": b"&amp;" * 50_000,
    "a form without an equals sign": b"a" * 1_000_000,
    "zero-width characters": "\u200ba".encode() * 100_000,
    "one long host": b"https://" + b"abcdefghijkl." * 20_000 + b"test/",
    "encoded words": b"=?utf-8?q?a?= " * 20_000,
}  # fmt: skip


@pytest.mark.parametrize("data", HOSTILE.values(), ids=HOSTILE)
@pytest.mark.parametrize("media", ["", "application/x-www-form-urlencoded"])
def test_hostile_bytes_end(data: bytes, media: str) -> None:
    """Each ends, with bounded layers; the test run's own time limit is what a hang would meet."""
    faults: list[Undecodable] = []
    layers = list(expand(Layer(data, media=media), faults))
    assert (
        len(layers) <= LIMITS.values
        and sum(len(layer.data) for layer in layers) <= 10 * len(data) + 1_000_000
    )
    assert all(f.reason in ("encoding", "incomplete", "limit") for f in faults)


BOMBS = {
    "gzip": gzip.compress(bytes(LIMITS.inflated + 1)),
    "zlib": zlib.compress(b"a" * (LIMITS.inflated + 1)),
    "lz4": lz4.frame.compress(bytes(LIMITS.inflated + 1)),
    "deflate": zlib.compress(b"text and more " * (LIMITS.inflated // 14 + 1), wbits=-15),
    "br": brotli.compress(b"text and more " * (LIMITS.inflated // 14 + 1), quality=3),
}


@pytest.mark.parametrize("data", BOMBS.values(), ids=BOMBS)
def test_a_bomb_without_a_header_is_counted(data: bytes) -> None:
    """What inflates beyond the limit is a fault of the kind `limit`, and gives no layer of that size."""
    faults: list[Undecodable] = []
    layers = list(expand(Layer(data), faults))
    assert "limit" in [f.reason for f in faults] and sum(len(x.data) for x in layers) < 1 << 20


def test_lists_of_too_many_values_are_counted() -> None:
    """A property list that doubles is a fault, not an hour."""
    faults: list[Undecodable] = []
    list(expand(Layer(doubling_list()), faults))
    assert [f.reason for f in faults] == ["limit"]


@pytest.mark.long
def test_ten_gigabytes_of_zeros() -> None:
    """10 MB of gzip that stand for 10 GB of zeros: cut, counted, in less memory than half a gigabyte."""
    packer = zlib.compressobj(9, zlib.DEFLATED, 31)
    block = bytes(1 << 24)
    head, body = (packer.compress(block) + packer.flush(zlib.Z_FULL_FLUSH) for _ in range(2))
    data = head + body * 639  # after a full flush each block stands for itself
    tracemalloc.start()
    walk = Walk(SEARCH)
    walk.part(body_part(data, "body", "request", coding="gzip"))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert "limit" in [u.reason for u in walk.unread] and peak < 1 << 29


SEEDS = [
    json.dumps({"q": KOREAN, "b": base64.b64encode(KOREAN.encode()).decode()}).encode(),
    gzip.compress(KOREAN.encode()),
    msgpack.packb({"q": [KOREAN, 1, None]}),
    cbor2.dumps({"q": [KOREAN, 1.5]}),
    plistlib.dumps({"q": KOREAN}, fmt=plistlib.FMT_BINARY),
    plistlib.dumps({"q": KOREAN}),
    nested(3),
    b"\0\0\0\0\x0d" + nested(2)[:13],
    lz4.frame.compress(KOREAN.encode()),
    brotli.compress(KOREAN.encode()),
    KOREAN.encode("utf-16"),
    KOREAN.encode("euc-kr"),
    b"<a b='1'><![CDATA[" + KOREAN.encode() + b"]]></a>",
    b"=?utf-8?B?" + base64.b64encode(KOREAN.encode()) + b"?=",
    b"data: {}\n\ndata: " + KOREAN.encode() + b"\n\n",
    b'--a\r\nContent-Disposition: form-data; name="x"\r\n\r\n' + KOREAN.encode() + b"\r\n--a--\r\n",
    base64.b85encode(KOREAN.encode()),
    b"https://" + base64.b32encode(KOREAN.encode()).rstrip(b"=").lower()[:60] + b".exfil.test/?q=%EC%95",
    b"\x12\x39\x20\x20\x02\x03" + bytes(range(128)),
]
MEDIA = [
    "", "application/json", "text/html; charset=euc-kr", "text/event-stream", "multipart/form-data; boundary=a",
    "application/grpc", "application/grpc-web-text", "application/x-protobuf", "application/msgpack", "application/cbor",
    "application/x-www-form-urlencoded", "text/xml; charset=utf-16", "text/plain; charset=x-none",
]  # fmt: skip


@st.composite
def mutated(draw: st.DrawFn) -> bytes:
    """A real message with some bytes changed, cut out, doubled or put in."""
    data = draw(st.sampled_from(SEEDS))
    for _ in range(draw(st.integers(0, 4))):
        at = draw(st.integers(0, len(data)))
        to = draw(st.integers(at, min(len(data), at + 12)))
        data = data[:at] + draw(st.sampled_from([data[at:to] * 2, b""]) | st.binary(max_size=6)) + data[to:]
    return bytes(data)


def fuzzed(data: bytes, media: str, coding: str | None) -> None:
    """Nothing raises; what is exact stands where it says; layers are bounded."""
    faults: list[Undecodable] = []
    for layer in below(Layer(data, media=media), faults):
        assert layer.parent is not None
        assert layer.start >= 0 and layer.start + layer.length <= len(layer.parent.data)
        assert not layer.exact or layer.parent.data[layer.start :][: layer.length] == layer.data
    for part in (
        body_part(data, "body", "request", media, coding),
        *header_parts([(b"x-any", data), (b"cookie", data)], "request"),
        *url_part("https://a.test/" + data.decode("latin-1")),
    ):
        Walk(SEARCH).part(part)


ANY = (
    st.binary(max_size=200) | mutated(),
    st.sampled_from(MEDIA),
    st.sampled_from([None, "gzip", "br", "lz4"]),
)


@settings(max_examples=200, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(*ANY)
def test_mutated_messages_never_raise(data: bytes, media: str, coding: str | None) -> None:
    """Decoding and tracing of two hundred broken messages."""
    fuzzed(data, media, coding)


@pytest.mark.long
@settings(max_examples=20_000, deadline=None, suppress_health_check=list(HealthCheck))
@given(*ANY)
def test_many_mutated_messages_never_raise(data: bytes, media: str, coding: str | None) -> None:
    """The same, a hundred times as many, others each time."""
    fuzzed(data, media, coding)


@settings(max_examples=100, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(st.binary(max_size=300) | mutated(), st.sampled_from(MEDIA))
def test_each_decoder_alone_never_raises(data: bytes, media: str) -> None:
    """Also where another one would have come first; Undecodable is the only way out."""
    for decoder in DECODERS:
        try:
            list(decoder.decode(Layer(data, media=media)))
        except Undecodable:
            pass
