"""Mutated messages, single and nested: nothing raises, places hold, what comes out is bounded, the same comes out again."""

# ruff: noqa: E501 (tables: one way a line)

import base64
import gzip
import json
import plistlib
import random
from dataclasses import replace

import brotli
import cbor2
import cramjam
import lz4.frame
import msgpack
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from chains import chain
from decode.test_limits import nested
from decode.test_streams import KEY, frame, in_chunks, request
from decode.unwrapping import KOREAN, TEXTS, below
from promptrail.decode import DECODERS, expand
from promptrail.decode.compressed import UNDO, undo
from promptrail.decode.layer import Layer, Undecodable
from promptrail.decode.limits import LIMITS, Budget
from promptrail.decode.parts import body_part, header_parts, url_part
from promptrail.model import Probe
from promptrail.trace.search import Search
from promptrail.trace.walk import Walk

SEARCH = Search([Probe("p1", "prompt", KOREAN)])
SEEDS = [
    json.dumps({"q": KOREAN, "b": base64.b64encode(KOREAN.encode()).decode()}).encode(),
    gzip.compress(KOREAN.encode()),
    msgpack.packb({"q": [KOREAN, 1, None]}),
    cbor2.dumps({"q": [KOREAN, 1.5]}),
    plistlib.dumps({"q": KOREAN}, fmt=plistlib.FMT_BINARY),
    plistlib.dumps({"q": KOREAN}),
    nested(3),
    b"\x08\x07\x23\x2b" + nested(1) + b"\x2c\x24",
    b"\0\0\0\0\x0d" + nested(2)[:13],
    lz4.frame.compress(KOREAN.encode()),
    bytes(cramjam.lz4.compress_block(KOREAN.encode() * 2)),
    bytes(cramjam.snappy.compress(KOREAN.encode())),
    bytes(cramjam.snappy.compress_raw(KOREAN.encode() * 2)),
    brotli.compress(KOREAN.encode()),
    KOREAN.encode("utf-16"),
    KOREAN.encode("euc-kr"),
    b"<a b='1'><![CDATA[" + KOREAN.encode() + b"]]></a>",
    b"=?utf-8?B?" + base64.b64encode(KOREAN.encode()) + b"?=",
    b"data: {}\n\ndata: " + KOREAN.encode() + b"\n\n",
    b'--a\r\nContent-Disposition: form-data; name="x"\r\n\r\n' + KOREAN.encode() + b"\r\n--a--\r\n",
    b"--a\r\nContent-Type: text/plain; charset=euc-kr\r\nContent-Transfer-Encoding: base64\r\n\r\n" + base64.b64encode(KOREAN.encode("euc-kr")) + b"\r\n--a--\r\n",
    base64.b85encode(KOREAN.encode()),
    base64.a85encode(KOREAN.encode()),
    b"https://" + base64.b32encode(KOREAN.encode()).rstrip(b"=").lower()[:60] + b".exfil.test/?q=%EC%95",
    b"\x12\x39\x20\x20\x02\x03" + bytes(range(128)),
    frame(KOREAN.encode()[:9], 0x01, KEY) + frame(KOREAN.encode()[9:], 0x80, KEY) + frame(b"\x03\xe8bye!", 0x88, KEY),
    request(in_chunks(gzip.compress(KOREAN.encode())), "Transfer-Encoding: chunked", "Content-Encoding: gzip"),
    in_chunks(KOREAN.encode()),
]  # fmt: skip
MEDIA = [
    "", "application/json", "text/html; charset=euc-kr", "text/event-stream", "multipart/form-data; boundary=a",
    "application/grpc", "application/grpc; grpc-encoding=snappy", "application/grpc-web-text", "application/x-protobuf",
    "application/msgpack", "application/cbor", "application/x-www-form-urlencoded", "text/xml; charset=utf-16",
    "text/plain; charset=x-none",
]  # fmt: skip
CODINGS = st.sampled_from([None, *sorted(UNDO), "gzip, chunked", "martian"])


def nestings() -> st.SearchStrategy[bytes]:
    """Random wrappings about a text, as tests/chains.py composes them."""

    def made(text: str, seed: int, depth: int) -> bytes:
        return chain(text, random.Random(seed), depth)[1]

    return st.builds(made, st.sampled_from(list(TEXTS.values())), st.integers(0, 5000), st.integers(1, 4))


@st.composite
def mutated(draw: st.DrawFn) -> bytes:
    """A real message with some bytes changed, cut out, doubled or put in."""
    data = draw(st.sampled_from(SEEDS) | nestings())
    for _ in range(draw(st.integers(0, 4))):
        at = draw(st.integers(0, len(data)))
        to = draw(st.integers(at, min(len(data), at + 12)))
        data = data[:at] + draw(st.sampled_from([data[at:to] * 2, b""]) | st.binary(max_size=6)) + data[to:]
    return bytes(data)


def fuzzed(data: bytes, media: str, coding: str | None) -> None:
    """Nothing raises; what is exact stands where it says; each layer has room in its parent; parts are walked."""
    start = body_part(data, "body", "request", media, coding).layer
    faults: list[Undecodable] = []
    for layer in below(start, faults):
        assert layer.parent is not None
        assert layer.start >= 0 and layer.start + layer.length <= len(layer.parent.data)
        assert not layer.exact or layer.parent.data[layer.start :][: layer.length] == layer.data
        assert len(layer.data) <= LIMITS.room(len(layer.parent.data))
    assert {f.reason for f in faults} <= {"encoding", "incomplete", "limit"}
    for part in (
        body_part(data, "body", "request", media, coding),
        *header_parts([(b"x-any", data), (b"cookie", data)], "request"),
        url_part("https://a.test/" + data.decode("latin-1")),
    ):
        Walk(SEARCH).part(part)


ANY = (st.binary(max_size=200) | mutated(), st.sampled_from(MEDIA), CODINGS)
QUIET = list(HealthCheck)


@settings(max_examples=200, deadline=None, derandomize=True, suppress_health_check=QUIET)
@given(*ANY)
def test_mutated_messages_never_raise(data: bytes, media: str, coding: str | None) -> None:
    """Decoding and tracing of two hundred broken messages."""
    fuzzed(data, media, coding)


@pytest.mark.long
@settings(max_examples=20_000, deadline=None, suppress_health_check=QUIET)
@given(*ANY)
def test_many_mutated_messages_never_raise(data: bytes, media: str, coding: str | None) -> None:
    """The same, a hundred times as many, others each time."""
    fuzzed(data, media, coding)


@settings(max_examples=150, deadline=None, derandomize=True, suppress_health_check=QUIET)
@given(st.binary(max_size=300) | mutated(), st.sampled_from(MEDIA))
def test_each_decoder_alone_never_raises(data: bytes, media: str) -> None:
    """Also where another one would have come first; Undecodable is the only way out."""
    for decoder in DECODERS:
        try:
            list(decoder.decode(Layer(data, media=media)))
        except Undecodable:
            pass


@settings(max_examples=150, deadline=None, derandomize=True, suppress_health_check=QUIET)
@given(st.binary(max_size=300) | mutated(), st.sampled_from(sorted(UNDO)))
def test_each_coding_alone_never_raises(data: bytes, name: str) -> None:
    """Whatever stands under its name: bytes within their room, or Undecodable with no more than that."""
    try:
        out = undo(name, data)[0]
    except Undecodable as fault:
        out = fault.data
    assert len(out) <= LIMITS.room(len(data))


SMALL = replace(LIMITS, layers=60, bytes=20_000, free=4_000, ratio=4, depth=5)


def spent(layer: Layer, budget: Budget) -> list[tuple[tuple[str, ...], bytes]]:
    """Every layer that a budget lets one reach, as a walk would go."""
    if not budget.spend(len(layer.data), layer.depth):
        return []
    inner = [one for child in expand(layer, []) for one in spent(child, budget)]
    return [(layer.chain, layer.data), *inner]


@settings(max_examples=150, deadline=None, derandomize=True, suppress_health_check=QUIET)
@given(mutated())
def test_a_budget_bounds_a_walk_and_cuts_at_the_same_place_each_time(data: bytes) -> None:
    """No more layers and bytes than it allows, the same ones again; where nothing was cut, those that are there anyway."""
    budget, again, free = Budget(len(data), SMALL), Budget(len(data), SMALL), Budget(len(data))
    reached = spent(Layer(data), budget)
    assert len(reached) <= SMALL.layers
    assert sum(len(one) for _, one in reached) <= SMALL.total(len(data))
    assert reached == spent(Layer(data), again) and budget.over == again.over
    if budget.over is None:
        assert [x for x in spent(Layer(data), free) if x in reached] == reached
