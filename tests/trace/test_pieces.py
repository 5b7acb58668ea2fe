"""What is cut into pieces is joined: tokens under a name, plain event data, arrays, fields of a form."""

import json
import random
from urllib.parse import urlencode

import pytest

from promptrail.trace.pieces import joined, stretches

WORDS = "May I record the meeting with Min-jun? plover-6612"
KOREAN = "회의를 녹음해도 될까요? 너울가지 3154"


def tokens(text: str, size: int = 4) -> list[str]:
    return [text[n : n + size] for n in range(0, len(text), size)]


def stream(text: str, before: int = 0, after: int = 0, escaped: bool = True) -> bytes:
    """Events of a chat stream: tokens of the text between so many others."""
    parts = ["filler "] * before + tokens(text) + ["more "] * after
    events = [
        {"id": "4be0643f1d98573b97cdca98a65347dd", "n": n, "delta": {"content": p}}
        for n, p in enumerate(parts)
    ]
    return "".join(f"data: {json.dumps(e, ensure_ascii=escaped)}\n\n" for e in events).encode()


def holds(data: bytes, text: str, array: bool = False) -> bool:
    return any(text.encode() in piece.text for piece in joined(data, array))


@pytest.mark.parametrize("text", [WORDS, KOREAN, 'He said "yes", and \\ then: no'])
@pytest.mark.parametrize("escaped", [True, False])
def test_tokens_of_a_stream(text: str, escaped: bool) -> None:
    """Tokens in JSON events, escaped or as they are, quotation marks among them."""
    assert holds(stream(text, escaped=escaped), text)


@pytest.mark.parametrize("before", [0, 40, 200])
def test_tokens_late_in_a_long_stream(before: int) -> None:
    """Names are learnt from samples; the values are taken from the whole stream."""
    assert holds(stream(WORDS, before, 300), WORDS)


def test_plain_event_data() -> None:
    """Events whose data is the token itself; only one space behind the colon is no part of it (WHATWG HTML)."""
    data = "".join(f"data: {token}\n\n" for token in tokens(WORDS)) + "data: [DONE]\n\n"
    assert holds(data.encode(), WORDS)


def test_arrays_and_forms() -> None:
    """Strings of an array, and values of successive fields."""
    assert holds(json.dumps({"keys": tokens(WORDS, 1)}).encode(), WORDS, array=True)
    assert holds(urlencode([(f"part{n}", token) for n, token in enumerate(tokens(WORDS, 9))]).encode(), WORDS)


def test_ids_are_no_pieces() -> None:
    """Under a name that only holds ids and times nothing is joined."""
    rows = [{"id": f"{n:032x}", "at": f"2026-11-22T02:00:{n:02d}Z"} for n in range(50)]
    assert list(joined("\n".join(map(json.dumps, rows)).encode(), False)) == []


@pytest.mark.parametrize("data", [b"", b"data:", b'{"a": "', b"=" * 50, b"data: {\n\ndata: {\n\ndata: {"])
def test_broken_texts_make_no_trouble(data: bytes) -> None:
    """Cut and empty texts give nothing, or something: never an exception."""
    assert WORDS.encode() not in b"".join(piece.text for piece in joined(data, True))


@pytest.mark.parametrize("escaped", [True, False])
def test_where_the_pieces_of_a_stretch_stand(escaped: bool) -> None:
    """A stretch of what was joined leads back to the events that it was made of, and to no others."""
    data = stream(KOREAN, 30, 30, escaped)
    (whole,) = [piece for piece in joined(data, False) if piece.mark == b'"content": "']
    start = whole.text.index(KOREAN.encode())
    ((first, last),) = stretches(data, whole.mark, [(start, start + len(KOREAN.encode()))])
    assert [piece.text for piece in joined(b"data:" + data[first:last], False)] == [KOREAN.encode()]


def test_two_names_that_take_turns() -> None:
    """Strings under one name are joined although those under another stand between them, in any order."""
    chance = random.Random(4)
    texts = {"text": tokens(WORDS), "arguments": tokens(WORDS[::-1])}
    rows = []
    while any(texts.values()):
        name = chance.choice([name for name, left in texts.items() if left])
        rows += [{"type": "delta", name: texts[name].pop(0)}] * 1
        rows += [{"type": "delta", "other": f"x{len(rows)}y"}] * chance.randint(0, 2)
    data = "".join(f"data: {json.dumps(row)}\n\n" for row in rows).encode()
    assert holds(data, WORDS) and holds(data, WORDS[::-1])
