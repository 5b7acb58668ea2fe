"""Hostile bytes end within limits, as counted faults; whatever stands in a capture, decoding does not raise."""

import base64
import gzip
import json

import lz4.frame
import pytest

from decode.unwrapping import KOREAN
from promptrail.decode import expand
from promptrail.decode.layer import Layer, Undecodable
from promptrail.decode.limits import LIMITS
from promptrail.model import Probe
from promptrail.trace.search import Search

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


def test_lists_of_too_many_values_are_counted() -> None:
    """A property list that doubles is a fault, not an hour."""
    faults: list[Undecodable] = []
    list(expand(Layer(doubling_list()), faults))
    assert [f.reason for f in faults] == ["limit"]
