"""An event stream made short holds whatever the whole one holds between two values, and across their edges."""

import json
import random
from collections.abc import Callable

import pytest

from promptrail.model import Probe
from promptrail.trace.look import NOTHING, WHOLE
from promptrail.trace.scout import Scout
from promptrail.trace.seams import shortened
from promptrail.trace.search import Search

TEXT = "My daughter is 8 and has a fever of 39.4, kestrel-4417"
SCOUT = Scout(Search([Probe("p0", "prompt", TEXT)]).needles)
WORDS = ["open ", "close ", "view, ", "시간 ", "2 ", ""]


def stream(values: list[str], **more: object) -> bytes:
    """Events as chat APIs send them, one a value."""
    rows = [
        {"id": "chatcmpl-8975fcdb4f52d3fe", **more, "choices": [{"delta": {"content": v}, "finish": None}]}
        for v in values
    ]
    events = "".join(f"data: {json.dumps(row, ensure_ascii=False)}\n\n" for row in rows)
    return (events + "data: [DONE]\n\n").encode()


def words(seed: int, count: int = 200) -> list[str]:
    return random.Random(seed).choices(WORDS, k=count)


def nothing_sought(_: bytes) -> bool:
    return False


def test_a_stream_becomes_short() -> None:
    """Less than a third of it stays; its values joined are told, and what stands before and behind them."""
    values = words(1)
    data = stream(values)
    short = shortened(data, nothing_sought)
    assert short is not None
    assert len(short.text) < len(data) / 3
    assert short.values is not None
    assert short.values == "".join(values).encode()
    assert short.rest.startswith(data[:60]) and short.rest.endswith(b"data: [DONE]\n\n")


@pytest.mark.parametrize("seed", range(20))
def test_every_window_about_a_value_stays(seed: int) -> None:
    """Whatever stands in the stream from a value's edge some bytes into the seam stands in the short one, too."""
    values = words(seed)
    values[7 * seed % 200] = 'a "quoted" one'
    data = stream(values)
    short = shortened(data, nothing_sought)
    assert short is not None
    for value in set(values):
        encoded = json.dumps(value, ensure_ascii=False)[1:-1].encode()
        assert b'": "' + encoded + b'"}, "' in short.text


def test_nothing_that_is_sought_is_cut_through() -> None:
    """Where a needle holds an end of the seam, the stream stays whole."""
    data = stream(words(2))
    assert shortened(data, lambda end: end.startswith(b'"}')) is None


@pytest.mark.parametrize(
    "data",
    [
        stream(words(3, 8)),
        b"data: word\n\n" * 900,
        b"data: {\n\n" * 900,
        b"\n\n" * 4000,
        b"data: " + b"x" * 9000,
        b'data: {"a": ["' + b'x", "' * 2000 + b'"]}\n\n',
        stream([w.replace(",", "\\") for w in words(4)])[:-9000],
    ],
    ids=["few events", "no quotes", "braces", "empty", "one line", "an array", "cut off"],
)
def test_other_streams_stay_or_lose_nothing(data: bytes) -> None:
    """What is short, unlike or broken is left alone, or made short all the same, and never fails."""
    short = shortened(data, nothing_sought)
    assert short is None or (len(short.text) <= len(data) and short.text.startswith(data[:40]))


PLANTED: dict[str, Callable[[list[str]], bytes]] = {
    "in one value": lambda v: stream([*v[:90], TEXT, *v[90:]]),
    "over values": lambda v: stream([*v[:90], *(TEXT[n : n + 3] for n in range(0, len(TEXT), 3)), *v[90:]]),
    "in the first value": lambda v: stream([TEXT, *v]),
    "in the last value": lambda v: stream([*v, TEXT]),
    "over the first values": lambda v: stream([*(TEXT[n : n + 9] for n in range(0, len(TEXT), 9)), *v]),
    "over the last values": lambda v: stream([*v, *(TEXT[n : n + 9] for n in range(0, len(TEXT), 9))]),
    "over events made otherwise": lambda v: (
        stream([TEXT[:9], TEXT[9:20]], index=1)[:-14]
        + stream([*(TEXT[n : n + 7] for n in range(20, len(TEXT), 7)), *v])
    ),
    "over the end": lambda v: (
        stream([*v, *(TEXT[n : n + 7] for n in range(0, 21, 7))])[:-14]
        + stream([TEXT[21:40], TEXT[40:]], n=1)
    ),
    "in every seam": lambda v: stream(v, echo=TEXT),
    "in another event": lambda v: (
        stream(v[:90]) + b'event: x\ndata: {"t": "' + TEXT.encode() + b'"}\n\n' + stream(v[90:])
    ),
    "behind a quotation": lambda v: stream(
        [*v[:90], 'he said "', *(TEXT[n : n + 4] for n in range(0, 60, 4)), *v]
    ),
}


@pytest.mark.parametrize("name", PLANTED)
def test_a_scout_still_sees_what_a_stream_holds(name: str) -> None:
    """Wherever it stands, whole or cut over events; and a stream without it is quiet."""
    look = SCOUT.look(PLANTED[name](words(5)), joins=True)
    assert look.holds & WHOLE or look.joined
    assert SCOUT.look(stream(words(6)), joins=True) == NOTHING
