"""A scout says no only where the full walk finds nothing."""

import base64
import gzip
import json
import random
import re
import zlib
from collections.abc import Callable
from urllib.parse import quote

import pytest

from chains import chain
from promptrail.decode.parts import body_part
from promptrail.model import Probe
from promptrail.trace.look import PART, WHOLE
from promptrail.trace.scout import Scout
from promptrail.trace.search import Search
from promptrail.trace.walk import Walk

TEXTS = [
    "My daughter is 8 and has a fever of 39.4, how much ibuprofen? kestrel-4417",
    "우리 팀의 3분기 구조조정 계획을 요약해 줘. 너울가지 8850",
]
SEARCH = Search([Probe(f"p{n}", "prompt", text) for n, text in enumerate(TEXTS)])
SCOUT = Scout(SEARCH.needles)


def test_no_means_no() -> None:
    """Over random nestings, whatever a walk finds without a scout a walk with one finds too."""
    chance = random.Random(77)
    for n in range(150):
        names, data = chain(TEXTS[n % 2], chance, chance.randint(1, 5))
        alone = {(h.needle.probe, h.here) for h in Walk(SEARCH).part(body_part(data, "body", "request"))}
        led = {(h.needle.probe, h.here) for h in Walk(SEARCH, SCOUT).part(body_part(data, "body", "request"))}
        assert alone <= led, names


WRAPPED: dict[str, Callable[[bytes], bytes]] = {
    "JSON in JSON": lambda d: json.dumps({"a": json.dumps({"b": d.decode()})}).encode(),
    "upper-case escapes": lambda d: re.sub(
        rb"(?<=\\u)[0-9a-f]{4}", lambda m: m[0].upper(), json.dumps({"a": d.decode()}).encode()
    ),
    "gzip as Latin-1": lambda d: json.dumps({"z": gzip.compress(d).decode("latin-1")}).encode(),
    "zlib as Latin-1": lambda d: json.dumps({"z": zlib.compress(d).decode("latin-1")}).encode(),
    "base64 behind a path": lambda d: b"/v1/upload/" + base64.b64encode(d),
    "Ascii85 in JSON": lambda d: json.dumps({"d": base64.a85encode(d, adobe=True).decode()}).encode(),
    "hex behind 0x": lambda d: json.dumps({"d": "0x" + d.hex()}).encode(),
    "hex of a database": lambda d: json.dumps({"d": "\\x" + d.hex()}).encode(),
    "hex and a digit": lambda d: json.dumps({"d": d.hex() + "f"}).encode(),
    "base64 behind a version": lambda d: json.dumps({"d": "v1" + base64.b64encode(d).decode()}).encode(),
    "base64 behind two letters": lambda d: b"b4" + base64.b64encode(d),
    "escapes of a script": lambda d: b'var q="' + d.replace(b" ", b"\\x20") + b'";',
    "escapes of Python": lambda d: b"q = '" + "".join(f"\\U{ord(c):08x}" for c in d.decode()).encode() + b"'",
    "backwards": lambda d: json.dumps({"r": d.decode()[::-1]}, ensure_ascii=False).encode(),
}


@pytest.mark.parametrize("written", ["Min.Jun@Mail.Example", "MIN.jun@mail.EXAMPLE", "mIN.jUN@mail.example"])
def test_letters_of_either_case(written: str) -> None:
    """As somebody else writes an address: no variant lists it."""
    search = Search([Probe("e", "email", "min.jun@mail.example")])
    body = body_part(json.dumps({"to": written}).encode(), "body", "request")
    (hit,) = Walk(search, Scout(search.needles)).part(body)
    assert hit.needle.tier == "normalised"


@pytest.mark.parametrize("name", WRAPPED)
@pytest.mark.parametrize("text", TEXTS)
def test_wrappings_that_were_missed_once(name: str, text: str) -> None:
    """Each is found by a walk that a scout leads."""
    data = WRAPPED[name](text.encode())
    hits = Walk(SEARCH, SCOUT).part(body_part(data, "body", "request"))
    assert any(SEARCH.probes[h.needle.probe].text == text for h in hits)


def test_a_fragment_must_be_long_enough() -> None:
    """Words that a probe shares with other texts are no part; a third of it at the end of a value is one."""
    third = TEXTS[0][:30].encode()
    assert SCOUT.look(b'{"q": "' + third + b'"}').holds == PART
    assert SCOUT.look(b'{"q": "whoever has a fever of 40 stays"}').holds == 0
    assert SCOUT.look(TEXTS[0].encode()).holds & WHOLE


def test_a_part_among_other_words_is_none() -> None:
    """Where a plain text goes on in words before or behind it, nobody would tell of a part; a mark may end a value."""
    middle = TEXTS[0][12:50].encode()
    for about in ([b"he said that ", b""], [b"", b" and then some more"]):
        assert SCOUT.look(b'{"q": "%s%s%s"}' % (about[0], middle, about[1])).holds == 0
    for before in (b"", b"\\n", b"he said that\\n", b"words of mine\\u2026", b"q=words+of+mine&q="):
        assert SCOUT.look(b'{"q": "%s%s"}' % (before, middle)).holds == PART
    assert SCOUT.look(b"\x0a\x10he said that ok" + b"B " + middle).holds & PART


SLASHES = r"please open C:\new\table\user 7781 and tell me"
BOTH: dict[str, Callable[[str], str]] = {
    "percent in JSON": lambda t: json.dumps({"a": quote(t), "b": 'an "odd" one'}),
    "percent in JSON in JSON": lambda t: json.dumps({"a": json.dumps({"b": quote(t), "c": '"'})}),
    "JSON in percent": lambda t: "n=1&a=" + quote(json.dumps({"b": t, "c": '"'})),
    "spaces alone as percent": lambda t: json.dumps({"a": t.replace(" ", "%20"), "c": '"'}),
    "spaces alone, no JSON": lambda t: 'say "\\"": ' + t.replace(" ", "%20"),
}


@pytest.mark.parametrize("name", BOTH)
@pytest.mark.parametrize("text", [SLASHES, TEXTS[0]])
def test_escapes_and_percent_signs_in_one_text(name: str, text: str) -> None:
    """Whichever has to be undone first, and whatever backslashes the prompt itself has, the scout sees it."""
    scout = Scout(Search([Probe("p0", "prompt", text)]).needles)
    assert scout.look(BOTH[name](text).encode()).holds & WHOLE


def test_where_a_needle_stands_is_told() -> None:
    """The spans let a walk skip what does not touch them; a wrapped needle has none where nobody knows its place."""
    plain = b'[{"n": 1}, {"q": "' + TEXTS[0].encode() + b'"}]'
    start = plain.index(b"My daughter")
    spans = SCOUT.look(plain).spans
    assert spans is not None
    assert any(a <= start and start + len(TEXTS[0]) <= z for a, z in spans)
    assert all(start <= a and z <= start + len(TEXTS[0]) for a, z in spans)
    packed = gzip.compress(TEXTS[0].encode()).decode("latin-1")
    assert SCOUT.look(json.dumps({"z": packed}, ensure_ascii=False).encode()).spans is None


HIDDEN: dict[str, Callable[[str], str]] = {
    "base64": lambda t: base64.b64encode(t.encode()).decode(),
    "hex": lambda t: t.encode().hex(),
    "JSON in JSON": lambda t: json.dumps(json.dumps({"b": t}))[1:-1],
    "percent": quote,
    "percent in JSON in JSON": lambda t: json.dumps(json.dumps({"b": quote(t), "c": "a\tb"}))[1:-1],
    "broken escapes about it": lambda t: r"\u12 \ud83d \u" + json.dumps(json.dumps({"b": t}))[1:-1] + r"\u1",
}


@pytest.mark.parametrize("name", HIDDEN)
@pytest.mark.parametrize("text", TEXTS)
def test_where_a_hidden_needle_stands(name: str, text: str) -> None:
    """What holds it lies in the spans; of hundreds of rows about it, escaped and coded as well, most do not."""
    rows = [json.dumps({"n": n, "s": 'an "odd" one', "u": "50%25", "é": "é"}) for n in range(300)]
    written = HIDDEN[name](text)
    data = "\n".join((*rows, '{"q": "' + written + '"}', *rows)).encode()
    start = data.index(written.encode())
    spans = SCOUT.look(data).spans
    assert spans is not None
    assert any(a < start + len(written) and start < z for a, z in spans)
    assert sum(z - a for a, z in spans) < len(data) / 2


def test_unreadable_bytes_are_told_in_one_order() -> None:
    """What stays shut is listed in the order in which it stands, each once."""
    blobs = [random.Random(n).randbytes(90 + n) for n in range(6)]
    rows = json.dumps([base64.b64encode(b).decode() for b in [*blobs, blobs[0]]]).encode()
    assert [u.length for u in SCOUT.look(rows).unread] == [90, 91, 92, 93, 94, 95]


@pytest.mark.parametrize("size", [24, 32, 48, 64])
def test_texts_of_the_size_of_a_digest_are_opened(size: int) -> None:
    """A text in UTF-16 may be as long as a digest, and is none."""
    text = "number 351659806107304 end of it"[: size // 2]
    scout = Scout(Search([Probe("i0", "identifier", text)]).needles)
    assert scout.look(b"v=1&data=" + base64.b64encode(text.encode("utf-16-le"))).holds


def test_quiet_texts_are_those_in_which_nothing_is() -> None:
    """Of many short texts, ids and escapes among them, those stay loud in which a look by itself sees something."""
    calm = [b'{"n": %d, "id": "%032x", "t": "\\u00e9"}' % (n, n * 7919) for n in range(150)]
    loud = [json.dumps({"a": base64.b64encode(t.encode()).decode()}).encode() for t in TEXTS]
    loud += [json.dumps({"a": json.dumps({"b": t})}).encode() for t in TEXTS]
    assert not SCOUT.quiet([*calm[:70], *loud, *calm[70:]]).intersection(loud)
    assert SCOUT.quiet(calm) == set(calm)
