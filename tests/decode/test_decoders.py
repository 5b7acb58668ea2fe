"""Every decoder on what it is for, on what only looks like it, and on what is broken."""

# ruff: noqa: E501 (tables: one way a line)

import base64
import gzip
import json
import zlib
from collections.abc import Callable
from urllib.parse import quote, quote_plus

import brotli
import pytest
import zstandard

from promptrail.decode import CODES, DECODERS, STRUCTURES, expand
from promptrail.decode.layer import Layer, Undecodable

TEXT = 'Grüße aus 서울, "zitiert" \\ kestrel-4417'
RAW = TEXT.encode()


def leaves(layer: Layer) -> list[Layer]:
    """All innermost layers."""
    children = list(expand(layer, []))
    return [leaf for child in children for leaf in leaves(child)] or [layer]


def below(layer: Layer) -> list[Layer]:
    """Every layer under one."""
    return [inner for child in expand(layer, []) for inner in (child, *below(child))]


def found(data: bytes, media: str = "", encodings: tuple[str, ...] = ()) -> list[tuple[tuple[str, ...], str]]:
    """(chain, path) of every layer that is the text."""
    every = below(Layer(data, media=media, encodings=encodings))
    return [(layer.chain, " > ".join(layer.path)) for layer in every if layer.data == RAW]


WAYS: list[tuple[str, bytes, str, tuple[str, ...], tuple[tuple[str, ...], str]]] = [
    ("gzip by header", gzip.compress(RAW), "", ("gzip",), (("gzip",), "")),
    ("zlib deflate by header", zlib.compress(RAW), "", ("deflate",), (("deflate",), "")),
    ("raw deflate by header", zlib.compress(RAW, wbits=-15), "", ("deflate",), (("deflate",), "")),
    ("brotli by header", brotli.compress(RAW), "", ("br",), (("br",), "")),
    ("zstd by header", zstandard.compress(RAW), "", ("zstd",), (("zstd",), "")),
    ("stacked codings", brotli.compress(gzip.compress(RAW)), "", ("gzip", "br"), (("br", "gzip"), "")),
    ("gzip without header", gzip.compress(RAW), "", (), (("gzip",), "")),
    ("zlib without header", zlib.compress(RAW), "", (), (("zlib",), "")),
    ("zstd without header", zstandard.compress(RAW), "", (), (("zstd",), "")),
    ("JSON", json.dumps({"a": [0, {"b/c": TEXT}]}, ensure_ascii=False).encode(), "", (), (("json",), "/a/1/b~1c")),
    ("JSON with escapes", json.dumps([TEXT]).encode(), "", (), (("json",), "/0")),
    ("JSON in JSON", json.dumps({"p": json.dumps({"t": TEXT})}).encode(), "", (), (("json", "json"), "/p > /t")),
    ("JSON lines", b'{"n":1}\n' + json.dumps({"t": TEXT}).encode(), "", (), (("json",), "/t")),
    ("JSON cut short", json.dumps({"t": TEXT, "u": [1, 2]}).encode()[:-3], "", (), (("json",), "/t")),
    ("a name in JSON", json.dumps({TEXT: 1}).encode(), "", (), (("json",), "/" + TEXT + " (name)")),
    ("a repeated name", b'{"t":1,"t":' + json.dumps(TEXT).encode() + b"}", "", (), (("json",), "/t")),
    ("form", b"a=1&q=" + quote_plus(TEXT).encode(), "", (), (("form",), "q")),
    ("percent twice", b"a=1&q=" + quote(quote(TEXT)).encode(), "", (), (("form", "percent"), "q")),
    ("URL in JSON", json.dumps({"u": "https://a.test/x?q=" + quote(TEXT)}).encode(), "", (), (("json", "url"), "/u > ?q")),
    ("base64", json.dumps({"b": base64.b64encode(RAW).decode()}).encode(), "", (), (("json", "base64"), "/b")),
    ("base64url, no padding", json.dumps({"b": base64.urlsafe_b64encode(RAW).decode().rstrip("=")}).encode(), "", (), (("json", "base64"), "/b")),
    ("hex", json.dumps({"h": RAW.hex()}).encode(), "", (), (("json", "hex"), "/h")),
    ("hex, upper case", json.dumps({"h": RAW.hex().upper()}).encode(), "", (), (("json", "hex"), "/h")),
    (
        "hex of zlib of JSON",
        b"ctx=" + zlib.compress(json.dumps({"t": TEXT}).encode()).hex().encode(),
        "application/x-www-form-urlencoded",
        (),
        (("form", "hex", "zlib", "json"), "ctx > /t"),
    ),
    ("SSE", b"event: m\ndata: " + json.dumps({"t": TEXT}).encode() + b"\n\n", "text/event-stream", (), (("sse", "json"), "event 0 > /t")),
    ("SSE, two data lines", b"data: {\"t\":\ndata: " + json.dumps(TEXT).encode() + b"}\n\n", "text/event-stream", (), (("sse", "json"), "event 0 > /t")),
    (
        "multipart file name",
        b'--Ab1\r\nContent-Disposition: form-data; name="f"; filename="' + TEXT.replace("\\", "\\\\").replace('"', '\\"').encode() + b'"\r\n\r\nx\r\n--Ab1--\r\n',
        "multipart/form-data; boundary=ab1",
        (),
        (("multipart",), "part f, filename"),
    ),
    (
        "multipart without its type",
        b'--Ab1\r\nContent-Disposition: form-data; name="f"\r\n\r\n' + RAW + b"\r\n--Ab1--\r\n",
        "",
        (),
        (("multipart",), "part f"),
    ),
]  # fmt: skip


@pytest.mark.parametrize(
    ("data", "media", "encodings", "expected"), [w[1:] for w in WAYS], ids=[w[0] for w in WAYS]
)
def test_a_text_is_unwrapped(
    data: bytes, media: str, encodings: tuple[str, ...], expected: tuple[tuple[str, ...], str]
) -> None:
    """Chain and path name what was undone and where the value stood."""
    assert found(data, media, encodings) == [expected]


@pytest.mark.parametrize(
    "data",
    [b"", b"{", b"[", b'"', b"{{{{{{", b"[INFO] not JSON", b"\x1f\x8b\x08", b"\x78\x9c\xff\xff", b"--\r\n", b"%", b"%zz=", b"data:", b"=" * 50,
     b"\x28\xb5\x2f\xfd\x00", bytes(range(256)), b'{"a":"\\ud800"}', b'{"a":"\\x"}', b"\xff" * 300],
)  # fmt: skip
def test_broken_bytes_never_raise(data: bytes) -> None:
    """Whatever stands in a capture, decoding ends, and a fault is a value."""
    faults: list[Undecodable] = []
    for decoder_type in ("", "application/json", "text/event-stream", "multipart/form-data; boundary=x"):
        list(expand(Layer(data, media=decoder_type), faults))
    for name in ("gzip", "deflate", "br", "zstd", "martian"):
        list(expand(Layer(data, encodings=(name,)), faults))
    assert any("martian" in f.detail for f in faults)


@pytest.mark.parametrize("name", ["gzip", "br", "zstd"])
def test_a_whole_stream_is_no_fault(name: str) -> None:
    """A compressed body that is whole leaves nothing in the ledger, of two frames or members too."""
    pack: dict[str, Callable[[bytes], bytes]] = {
        "gzip": gzip.compress,
        "br": brotli.compress,
        "zstd": zstandard.compress,
    }
    faults: list[Undecodable] = []
    twice = pack[name](RAW) if name == "br" else pack[name](RAW[:10]) + pack[name](RAW[10:])
    assert [x.data for x in expand(Layer(twice, encodings=(name,)), faults)] == [RAW]
    assert faults == []


@pytest.mark.parametrize("name", ["gzip", "br", "zstd"])
def test_a_stream_that_ends_early_gives_what_it_held(name: str) -> None:
    """Half a compressed body is read as far as it goes, and said to be incomplete."""
    pack: dict[str, Callable[[bytes], bytes]] = {
        "gzip": gzip.compress,
        "br": brotli.compress,
        "zstd": zstandard.compress,
    }
    text = "".join(f"{n * 7919} " for n in range(40_000)).encode()
    faults: list[Undecodable] = []
    whole = pack[name](text)
    layers = list(expand(Layer(whole[: len(whole) * 3 // 4], encodings=(name,)), faults))
    assert [f.reason for f in faults] == ["incomplete"]
    assert text.startswith(layers[0].data) and len(layers[0].data) > 1000


def test_offsets_lead_back_to_the_bytes() -> None:
    """An exact layer stands in its parent at the place it names."""
    body = json.dumps({"a": [{"b": "plain-text-here"}]}).encode()
    for leaf in leaves(Layer(body)):
        assert leaf.exact and leaf.parent is not None
        assert leaf.parent.data[leaf.start : leaf.start + leaf.length] == leaf.data


def test_every_decoder_says_what_it_follows() -> None:
    """Each has an id of its own, a version and a source."""
    assert len({d.id for d in DECODERS}) == len(DECODERS) == len(STRUCTURES) + len(CODES)
    assert all(d.version >= 1 and len(d.reasoning) > 5 for d in DECODERS)
