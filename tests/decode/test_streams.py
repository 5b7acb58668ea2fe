"""Streams that nobody took apart: HTTP messages, chunks and WebSocket frames as raw bytes; and what only looks so."""

# ruff: noqa: E501 (tables: one way a line)

import gzip
import json
import random
import zlib
from collections.abc import Callable
from typing import Any
from urllib.parse import quote_plus

import pytest

from decode.unwrapping import ASCII, KOREAN, TEXTS, below, found
from promptrail.decode.layer import Layer
from promptrail.decode.transfer import chunks

Write = Callable[[str], bytes]
Expected = tuple[tuple[str, ...], str]


def frame(payload: bytes, head: int = 0x81, key: bytes = b"") -> bytes:
    """One WebSocket frame (RFC 6455 section 5.2), under a key where one is given."""
    size, bit = len(payload), 0x80 * bool(key)
    length = bytes([bit | size]) if size < 126 else bytes([bit | 126]) + size.to_bytes(2)
    masked = bytes(b ^ key[n % 4] for n, b in enumerate(payload)) if key else payload
    return bytes([head]) + length + key + masked


def in_chunks(data: bytes, size: int = 11) -> bytes:
    """HTTP's chunked coding, with an extension in every chunk's line."""
    parts = [data[at : at + size] for at in range(0, len(data), size)]
    return b"".join(b"%x;n=1\r\n%s\r\n" % (len(p), p) for p in parts) + b"0\r\n\r\n"


def request(body: bytes, *headers: str) -> bytes:
    head = "".join(f"{h}\r\n" for h in ("Host: a.test", *headers))
    return f"POST /v1/chat?n=1 HTTP/1.1\r\n{head}\r\n".encode() + body


def sized(body: bytes, *headers: str) -> bytes:
    return request(body, f"Content-Length: {len(body)}", *headers)


def deflated(*payloads: bytes) -> list[bytes]:
    """Messages under permessage-deflate with one window for all (RFC 7692 section 7.2.1)."""
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    return [(packer.compress(p) + packer.flush(zlib.Z_SYNC_FLUSH))[:-4] for p in payloads]


def document(text: str) -> bytes:
    return json.dumps({"q": text}, ensure_ascii=False).encode()


KEY = bytes.fromhex("37fa213d")
WAYS: list[tuple[str, Write, Expected]] = [
    ("request", lambda t: sized(document(t)), (("http", "json"), "request 0, body > /q")),
    ("a header", lambda t: request(b"", f"X-Q: {t}"), (("http",), "request 0, x-q")),
    ("the target, + for space", lambda t: f"GET /v1?n=1&q={quote_plus(t)} HTTP/1.1\r\nHost: a.test\r\n\r\n".encode(), (("http", "url"), "request 0, target > ?q")),
    ("the second of two", lambda t: sized(b"{}") + sized(document(t)), (("http", "json"), "request 1, body > /q")),
    ("gzip", lambda t: sized(gzip.compress(document(t)), "Content-Encoding: gzip"), (("http", "gzip", "json"), "request 0, body > /q")),
    ("chunks", lambda t: request(in_chunks(document(t)), "Transfer-Encoding: chunked"), (("http", "chunked", "json"), "request 0, body > /q")),
    ("chunks of gzip", lambda t: request(in_chunks(gzip.compress(document(t))), "Content-Encoding: gzip", "Transfer-Encoding: chunked"), (("http", "chunked", "gzip", "json"), "request 0, body > /q")),
    ("a trailer", lambda t: request(b"2\r\n{}\r\n0\r\n" + f"X-Sum: {t}\r\n\r\n".encode(), "Transfer-Encoding: chunked"), (("http",), "request 0, trailer x-sum")),
    ("behind chunks", lambda t: request(in_chunks(b"{}"), "Transfer-Encoding: chunked") + sized(document(t)), (("http", "json"), "request 1, body > /q")),
    ("answer until the end", lambda t: b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n" + document(t), (("http", "json"), "answer 0, body > /q")),
    ("upgraded", lambda t: request(b"", "Upgrade: websocket") + frame(document(t), key=KEY), (("http", "ws frames", "json"), "behind the last message > message 0 (text) > /q")),
    ("a body in chunks alone", lambda t: in_chunks(document(t)), (("chunked", "json"), "/q")),
    ("WebSocket, masked", lambda t: frame(document(t), key=KEY), (("ws frames", "json"), "message 0 (text) > /q")),
    ("WebSocket, as servers send it", lambda t: frame(t.encode()), (("ws frames",), "message 0 (text)")),
    ("in fragments, a ping between", lambda t: frame(t.encode()[:7], 0x01, KEY) + frame(b"", 0x89, KEY) + frame(t.encode()[7:], 0x80, KEY), (("ws frames",), "message 0 (text)")),
    ("long", lambda t: frame(b"x" * 300, key=KEY) + frame(t.encode(), key=KEY), (("ws frames",), "message 1 (text)")),
    ("gzip in a binary message", lambda t: frame(gzip.compress(t.encode()), 0x82, KEY), (("ws frames", "gzip"), "message 0")),
    ("permessage-deflate, the window kept", lambda t: b"".join(frame(p, 0xC1, KEY) for p in deflated(t.encode() * 2, t.encode())), (("ws deflate",), "message 1 (text)")),
    ("a close with a reason", lambda t: frame(b"{}", key=KEY) * 2 + frame(b"\x03\xe8" + t.encode(), 0x88, KEY), (("ws frames",), "control after message 2")),
    ("cut in the next frame", lambda t: frame(t.encode(), key=KEY) + frame(b"x" * 90, key=KEY)[:40], (("ws frames",), "message 0 (text)")),
]  # fmt: skip


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS)
@pytest.mark.parametrize(("write", "expected"), [w[1:] for w in WAYS], ids=[w[0] for w in WAYS])
def test_a_text_is_unwrapped(write: Write, expected: Expected, text: str) -> None:
    """Chain and path name what was undone and where the value stood."""
    assert found(text, write(text)) == [expected]


VECTORS = [
    ("RFC 6455 section 5.7, masked", "8185 37fa213d 7f9f4d5158", b"Hello"),
    ("RFC 6455 section 5.7, unmasked", "8105 48656c6c6f", b"Hello"),
    ("RFC 6455 section 5.7, fragments", "0103 48656c 8002 6c6f", b"Hello"),
    ("RFC 6455 section 5.7, a pong", "8105 48656c6c6f 8a85 37fa213d 7f9f4d5158", None),
    ("RFC 7692 section 7.2.3.1", "c107 f248cdc9c90700", b"Hello"),
    ("RFC 7692 section 7.2.3.1, fragments", "4103 f248cd 8004 c9c90700", b"Hello"),
    ("RFC 7692 section 7.2.3.2", "c107 f248cdc9c90700 c105 f200110000", b"Hello"),
    ("RFC 7692 section 7.2.3.3, not compressed", "c10b 000500faff48656c6c6f00", b"Hello"),
    ("RFC 7692 section 7.2.3.4, a last block", "c108 f348cdc9c9070000", b"Hello"),
    ("a message behind a last block, by its window", "c108 f348cdc9c9070000 c105 f200110000", b"Hello"),
]


@pytest.mark.parametrize(("written", "text"), [v[1:] for v in VECTORS], ids=[v[0] for v in VECTORS])
def test_the_standards_own_frames(written: str, text: bytes | None) -> None:
    """What the documents give as example; a frame of a server may not stand beside one of a client."""
    layers = below(Layer(bytes.fromhex(written)))
    told = {layer.data for layer in layers if layer.chain[0].startswith("ws ")}
    assert told == ({text} if text else set())


NEAR_MISSES: list[tuple[str, bytes, str]] = [
    ("frames of nothing", b"\x02" + bytes(7), "ws frames"),
    ("a reserved bit", frame(ASCII.encode(), 0xA1, KEY), "ws frames"),
    ("an opcode that is none", frame(ASCII.encode(), 0x83, KEY), "ws frames"),
    ("a length that could be shorter", b"\x81\xfe\x00\x05" + KEY + b"abcde", "ws frames"),
    ("a text that is none", frame(b"\xff\xfe\xfd" * 9, 0x81, KEY), "ws frames"),
    ("a continuation of nothing", frame(ASCII.encode(), 0x80, KEY), "ws frames"),
    ("a ping that is cut in two", frame(b"abcd", 0x09, KEY), "ws frames"),
    ("one byte behind", frame(bytes(range(200, 240)), 0x82, KEY) + b"\x00", "ws frames"),
    ("chunks without the last", in_chunks(document(KOREAN))[:-5], "chunked"),
    ("a number in a line", b"10\r\nten people\r\n\r\n", "chunked"),
    ("a list of numbers", b"1\r\n2\r\n3\r\n\r\n", "chunked"),
    ("a length that is wrong", b"5\r\nabcdef\r\n0\r\n\r\n", "chunked"),
    ("words about HTTP", b"GET the text of HTTP/1.1\r\nfrom the shelf\r\n\r\n", "http"),
    ("a log line", b"POST /v1/chat HTTP/1.1 200 31", "http"),
    ("another protocol", b"M-SEARCH * HTTP/1.1\r\nMAN: discover\r\n\r\n", "http"),
]  # fmt: skip


@pytest.mark.parametrize(("data", "word"), [n[1:] for n in NEAR_MISSES], ids=[n[0] for n in NEAR_MISSES])
def test_a_near_miss_is_left_alone(data: bytes, word: str) -> None:
    """Bytes that do not fit to the last one are no stream of that kind, however close."""
    assert word not in {step for layer in below(Layer(data)) for step in layer.chain}


def test_noise_is_no_websocket() -> None:
    """Of 10,000 random values that begin like a frame hardly one is taken for it."""
    chance = random.Random(6455)
    taken = 0
    for _ in range(10_000):
        data = bytes([chance.choice((0x81, 0x82, 0xC1, 0x88))]) + chance.randbytes(
            chance.choice((7, 15, 40, 200))
        )
        taken += any(layer.chain[0].startswith("ws ") for layer in below(Layer(data), depth=1))
    assert taken <= 10, taken


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (frame(ASCII.encode(), key=KEY) + frame(b"x" * 90, key=KEY)[:40], "frame 1 is cut short"),
        (request(in_chunks(document(ASCII))[:-9], "Transfer-Encoding: chunked"), "ends early"),
        (request(in_chunks(document(ASCII))[:30] + b"no chunk at all, but a text", "Transfer-Encoding: chunked"), "no length of a chunk"),
    ],
)  # fmt: skip
def test_what_is_cut_or_broken_is_told_and_read_as_far_as_it_goes(data: bytes, words: str) -> None:
    """A fault with its words, and a layer with the beginning."""
    faults: list[Any] = []
    layers = below(Layer(data), faults)
    assert [words in f.detail for f in faults] == [True]
    assert any(layer.chain and (ASCII.encode()[:5] in layer.data) for layer in layers)


def test_offsets_lead_back_to_the_bytes() -> None:
    """What stands in the stream as it is, is found there; what was joined or unmasked covers all that it is made of."""
    data = sized(document(KOREAN)) + request(in_chunks(b'{"a":1}'), "Transfer-Encoding: chunked")
    for layer in below(Layer(data)):
        assert layer.parent is not None
        assert not layer.exact or layer.parent.data[layer.start :][: layer.length] == layer.data
    stream = (
        frame(b"{}", key=KEY) + frame(KOREAN.encode()[:9], 0x01, KEY) + frame(KOREAN.encode()[9:], 0x80, KEY)
    )
    (layer,) = [x for x in below(Layer(stream)) if x.data == KOREAN.encode()]
    head = 2 + len(KEY)
    assert (layer.start, layer.start + layer.length) == (head + 2 + head, len(stream)) and not layer.exact


def test_chunks_in_one_piece_stay_where_they_stand() -> None:
    """A body of one chunk is exact; the places of chunks are those of their content."""
    data = in_chunks(document(KOREAN), 4096)
    (layer,) = [x for x in below(Layer(data)) if x.data == document(KOREAN)]
    assert layer.exact and data[layer.start :][: layer.length] == layer.data
    assert chunks(b"3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n") == ([(3, 3), (11, 2)], 18)
