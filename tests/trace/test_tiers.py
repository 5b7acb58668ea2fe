"""What is not the text itself: other spellings, parts, digests, simple ciphers; and near misses of each."""

import base64
import hashlib
import json
import random
import unicodedata

import pytest

from promptrail.decode.parts import Part, body_part
from promptrail.model import Probe
from promptrail.trace.partial import alike, alike_behind
from promptrail.trace.scout import Scout
from promptrail.trace.search import Search
from promptrail.trace.walk import Hit, Walk

PROMPT = Probe("p1", "prompt", "Please draft a résumé for the 회의 on Tuesday morning, kestrel-4417")
MAC = Probe("i1", "identifier", "a4:5e:60:c1:0f:9b")
PHONE = Probe("t1", "phone", "+82 10-1234-5678")
MAIL = Probe("e1", "email", "Min.Jun+news@mail.example")
SEARCH = Search([PROMPT, MAC, PHONE, MAIL])


def hits(value: object) -> list[Hit]:
    """Hits in a JSON body, found by a walk that a scout leads, and the same without one."""
    data = json.dumps({"v": value}, ensure_ascii=False).encode("utf-8", "surrogatepass")
    return both(body_part(data, "body", "request"))


def both(part: Part) -> list[Hit]:
    led = Walk(SEARCH, Scout(SEARCH.needles)).part(part)
    assert [told(h) for h in led] == [told(h) for h in Walk(SEARCH).part(part)], (
        "a scout leads past something"
    )
    return led


def told(hit: Hit) -> tuple[object, ...]:
    """What a sighting would say of a hit."""
    return (
        hit.needle.probe,
        hit.needle.tier,
        hit.needle.steps,
        hit.layer.path,
        hit.layer.chain,
        hit.span,
        hit.here,
        hit.share,
    )


@pytest.mark.parametrize(
    ("text", "probe"),
    [
        (PROMPT.text.upper(), "p1"),
        (unicodedata.normalize("NFD", PROMPT.text), "p1"),
        (PROMPT.text.replace("draft", "dr\u200baft"), "p1"),
        ("a4-5e-60-c1-0f-9b", "i1"),
        ("A45E60C10F9B", "i1"),
        ("821012345678", "t1"),
        ("MIN.JUN+NEWS@MAIL.EXAMPLE", "e1"),
    ],
)
def test_another_spelling_is_normalised(text: str, probe: str) -> None:
    """Case, Unicode form, zero-width characters, separators: tier normalised."""
    (hit,) = hits(text)
    assert (SEARCH.probes[hit.needle.probe].probe, hit.needle.tier) == (probe, "normalised")


@pytest.mark.parametrize(
    "text", [PROMPT.text[:40], PROMPT.text[:40] + "…", PROMPT.text[-36:], PROMPT.text[10:60]]
)
def test_a_cut_text_is_partial(text: str) -> None:
    """A value that is a part of the probe and nothing else, with the share that was found."""
    (hit,) = hits(text)
    assert hit.needle.tier == "partial" and hit.share is not None and 0.3 < hit.share < 1


@pytest.mark.parametrize(
    "text",
    [PROMPT.text[:40] + " goes on in other words", "Others say: " + PROMPT.text[20:50], PROMPT.text[:20]],
)
def test_another_text_that_begins_alike_is_no_part(text: str) -> None:
    """The same first half and other words after it is another text; a few words are too little."""
    assert hits(text) == []


def test_a_whole_text_is_no_part_of_another() -> None:
    """A draft that the prompt goes on from: the draft's bytes are told as the draft; cut, they are a part of both."""
    draft = Probe("d1", "draft", PROMPT.text[:44])
    search = Search([PROMPT, draft])

    def tiers(text: str) -> set[tuple[str, str]]:
        part = body_part(json.dumps({"v": text}, ensure_ascii=False).encode(), "body", "request")
        found = Walk(search, Scout(search.needles)).part(part)
        assert [told(h) for h in found] == [told(h) for h in Walk(search).part(part)]
        return {(search.probes[h.needle.probe].probe, h.needle.tier) for h in found}

    assert tiers(draft.text) == {("d1", "exact")}
    assert tiers(PROMPT.text[:60]) == {("d1", "exact"), ("p1", "partial")}, "it goes on beyond the draft"
    assert tiers(draft.text[:40]) == {("d1", "partial"), ("p1", "partial")}
    assert tiers(PROMPT.text) == {("p1", "exact"), ("d1", "exact")}


@pytest.mark.parametrize("size", [1, 7, 127, 128, 129, 500])
def test_how_far_two_texts_agree(size: int) -> None:
    """Wherever they differ, counted from either end."""
    one = random.Random(size).randbytes(size)
    for place in range(size):
        other = bytes([*one[:place], one[place] ^ 0x40, *one[place + 1 :]])
        assert (alike(one, other), alike_behind(one, other)) == (place, size - 1 - place)
    assert alike(one, one) == alike_behind(one, one) == size


@pytest.mark.parametrize("name", ["md5", "sha1", "sha256", "sha512", "sha3_256", "blake2b"])
@pytest.mark.parametrize(
    "write", [lambda d: d.hex(), lambda d: d.hex().upper(), lambda d: base64.b64encode(d).decode()]
)
def test_digests_of_every_kind(name: str, write: object) -> None:
    """Hex and base64 of the usual hashes, of a prompt too: tier digest, the algorithm in the chain."""
    digest = hashlib.new(name, PROMPT.text.encode()).digest()
    (hit,) = hits(write(digest))  # type: ignore[operator]
    assert (hit.needle.tier, hit.needle.steps[-1]) == ("digest", name)


@pytest.mark.parametrize("form", ["min.jun@mail.example", "minjun@mail.example", "min.jun+news@mail.example"])
def test_digests_of_the_usual_forms_of_an_address(form: str) -> None:
    """Advertisers hash addresses in small letters, without tags, without dots."""
    (hit,) = hits(hashlib.sha256(form.encode()).hexdigest())
    assert hit.needle.tier == "digest"


def test_a_hash_of_something_else_is_no_digest() -> None:
    """The text with another last character has another hash."""
    assert hits(hashlib.sha256(PROMPT.text[:-1].encode()).hexdigest()) == []


@pytest.mark.parametrize("key", [1, 0x5A, 0xFF])
def test_a_one_byte_key_is_obfuscated(key: int) -> None:
    """XOR with a constant: tier obfuscated, the key in the chain."""
    data = bytes(b ^ key for b in b"\x00\x01head" + PROMPT.text.encode() + b"\x00tail" * 20)
    found = both(body_part(data, "body", "request"))
    assert [(h.needle.tier, h.needle.steps) for h in found] == [("obfuscated", (f"xor 0x{key:02x}",))]
