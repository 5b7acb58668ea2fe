"""Needles in parts of messages: found once, at the deepest layer, with offsets that lead back; decoys never."""

import base64
import hashlib
import json

import pytest

from promptrail.decode.limits import LIMITS
from promptrail.decode.parts import Part, body_part, header_parts, url_part
from promptrail.model import Probe
from promptrail.trace.search import Search
from promptrail.trace.walk import Hit, Walk

PROMPT = Probe("p1", "prompt", 'May I record "Min-jun" / 회의? plover-6612')
DEVICE = Probe("i1", "identifier", "3f0c9d8e-1111-4222-8333-abcdefabcdef")


def hits(part: Part, *probes: Probe) -> list[Hit]:
    return Walk(Search(probes or [PROMPT, DEVICE])).part(part)


def body(data: bytes, coding: str | None = None) -> Part:
    return body_part(data, "body", "request", None, coding)


def test_a_hit_is_told_once_from_the_deepest_layer() -> None:
    """Plain JSON shows the text in the body and in its leaf: one sighting, the leaf's."""
    data = json.dumps({"q": PROMPT.text}, ensure_ascii=False).encode()
    (hit,) = hits(body(data), PROMPT)
    assert (hit.layer.chain, hit.layer.path) == (("json",), ("/q",))
    assert hit.layer.data[hit.span[0] :][: hit.span[1]].decode() == PROMPT.text


def test_raw_offset_names_the_bytes_as_sent() -> None:
    """For text that stands in the message as it is, raw offset and length are exactly its own."""
    data = json.dumps({"a": 1, "i": f"id={DEVICE.text};"}).encode()
    (hit,) = hits(body(data), DEVICE)
    assert data[hit.here[0] :][: hit.here[1]].decode() == DEVICE.text


def test_raw_span_of_wrapped_text_covers_its_wrapping() -> None:
    """For base64 in JSON the raw span is the whole base64 run."""
    wrapped = base64.b64encode(json.dumps({"t": PROMPT.text}).encode())
    data = b'{"x":"' + wrapped + b'"}'
    (hit,) = hits(body(data), PROMPT)
    assert data[hit.here[0] :][: hit.here[1]] == wrapped


def test_two_places_are_two_hits() -> None:
    """The same text twice in one message is two sightings."""
    data = json.dumps([PROMPT.text, PROMPT.text]).encode()
    assert [h.layer.path for h in hits(body(data), PROMPT)] == [("/0",), ("/1",)]


@pytest.mark.parametrize(
    ("wrap", "steps"),
    [
        (lambda b: b.decode().encode("utf-16-le"), ("utf-16-le",)),
        (lambda b: base64.b64encode(b"ab" + b), ("base64",)),
        (lambda b: b"\0\1" + b + b"\xff" * 9, ()),
    ],
)
def test_needles_find_what_no_decoder_opens(wrap: object, steps: tuple[str, ...]) -> None:
    """Bytes in an unknown envelope still show a known encoding of the text."""
    data = b"\xf7\xf8\0\0" * 20 + wrap(PROMPT.text.encode()) + b"\0\xfa" * 30  # type: ignore[operator]
    (hit,) = hits(body(data), PROMPT)
    assert (*hit.layer.chain, *hit.needle.steps) == steps and hit.needle.tier == "exact"


@pytest.mark.parametrize("name", ["md5", "sha1", "sha256"])
def test_a_digest_is_its_own_tier(name: str) -> None:
    """A hash shows that the value was known, so it is never exact."""
    digest = hashlib.new(name, DEVICE.text.encode()).hexdigest()
    (hit,) = hits(body(json.dumps({"h": digest}).encode()), DEVICE)
    assert hit.needle.tier == "digest"


def test_url_header_and_cookie() -> None:
    """A value is found in a query, a header and a cookie, each part under its own name."""
    value = base64.b64encode(DEVICE.text.encode())
    parts = [
        url_part(f"https://a.test/p?x=1&d={DEVICE.text}"),
        *header_parts([(b"X-Device", value), (b"Cookie", b"a=1234; did=" + DEVICE.text.encode())], "request"),
    ]
    found = [(p.part, h.layer.path, h.layer.chain) for p in parts for h in hits(p, DEVICE)]
    assert found == [("url", ("?d",), ()), ("header", ("x-device",), ("base64",)), ("cookie", ("did",), ())]


def test_a_near_miss_is_no_hit() -> None:
    """The same text with its last digit changed is another text."""
    near = PROMPT.text[:-1] + "3"
    data = json.dumps(
        {"q": near, "b": base64.b64encode(near.encode()).decode(), "h": near.encode().hex()}
    ).encode()
    assert hits(body(data), PROMPT) == []


def test_depth_is_bounded_and_counted() -> None:
    """What is wrapped deeper than the limit is counted as unread, not silently passed over."""
    data = PROMPT.text.encode() + b" " * 80
    for _ in range(LIMITS.depth + 2):
        data = json.dumps({"x": base64.b64encode(data).decode()}).encode()
    walk = Walk(Search([PROMPT]))
    assert walk.part(body(data)) == []
    assert [u.reason for u in walk.unread] == ["limit"]


@pytest.mark.parametrize(
    ("data", "coding", "reason"),
    [
        (bytes(range(128, 256)) * 4, None, "binary"),
        (b"not gzip at all, but said to be", "gzip", "encoding"),
        (json.dumps({"x": base64.b64encode(bytes(range(128, 256))).decode()}).encode(), None, "binary"),
    ],
)
def test_what_cannot_be_read_is_counted(data: bytes, coding: str | None, reason: str) -> None:
    """Unknown bytes, a coding that cannot be undone, an opaque blob inside JSON."""
    walk = Walk(Search([]))
    walk.part(body(data, coding))
    assert reason in [u.reason for u in walk.unread]


def test_readable_traffic_counts_as_read() -> None:
    """JSON, forms and text leave nothing in the ledger; neither do ids, hashes and numbers in them."""
    for data in (
        b'{"a":"b","id":"3f0c9d8e11114222"}',
        b"a=1&b=2",
        "안녕하세요".encode(),
        hashlib.sha256(b"x").hexdigest().encode(),
    ):
        walk = Walk(Search([]))
        walk.part(body(data))
        assert walk.unread == []
