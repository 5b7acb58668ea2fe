"""One direction of TCP put in order: whatever order and repetition, the bytes come once; what is missing is told."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from promptrail.ingest.packets.sequence import FAR, Bytes, Hole, Sequence

STREAM = bytes(range(256)) * 4
START = 0xFFFFFF00
"""So that numbers pass 2^32 within the stream."""
Segment = tuple[int, int]


def run(segments: list[Segment], ends: bool = True) -> tuple[bytes, list[Hole], Sequence]:
    """Segments (from, to) of STREAM in the order of their capture, a millisecond apart."""
    sequence = Sequence()
    sequence.begin(START)
    found: list[Bytes | Hole] = []
    for n, (low, high) in enumerate(segments):
        data = STREAM[low:high]
        found += sequence.add(START + low & 0xFFFFFFFF, n / 1000, n, data, len(data))
    if ends:
        found += sequence.end(9.0, 99)
    data = b"".join(item.data for item in found if isinstance(item, Bytes))
    return data, [item for item in found if isinstance(item, Hole)], sequence


@pytest.mark.parametrize(
    "segments",
    [
        [(0, 300), (300, 700), (700, 1024)],
        [(300, 700), (0, 300), (700, 1024)],
        [(700, 1024), (300, 700), (0, 300)],
        [(0, 300), (0, 300), (300, 700), (100, 500), (700, 1024)],
        [(0, 300), (200, 700), (600, 1024)],
        [(0, 100), (300, 400), (50, 350), (350, 1024)],
        [(0, 300), (300, 500), (300, 700), (700, 1024)],
        [(0, 300), (400, 600), (300, 1024)],
    ],
    ids=["in order", "swapped", "backwards", "repeated", "overlapping", "filled", "grown", "covered"],
)
def test_bytes_come_once_and_in_order(segments: list[Segment]) -> None:
    """Retransmissions count once."""
    data, holes, sequence = run(segments)
    assert (data, holes, sequence.count, sequence.lost) == (STREAM, [], len(STREAM), 0)


def test_what_never_came_is_a_hole_of_its_length() -> None:
    """The rest comes behind it."""
    data, (hole,), sequence = run([(0, 300), (400, 1024)])
    assert data == STREAM[:300] + STREAM[400:]
    assert (hole.length, sequence.count, sequence.lost) == (100, 924, 100)


def test_a_hole_that_the_other_side_confirmed_is_given_up_after_a_while() -> None:
    """The packet was lost by the capture, not by the network, and the stream goes on."""
    sequence = Sequence()
    sequence.begin(0)
    assert sequence.add(0, 0.0, 1, b"abc", 3) and sequence.add(10, 0.1, 2, b"xyz", 3) == []
    sequence.confirm(13, 0.2)
    assert sequence.add(13, 0.3, 3, b"123", 3) == []
    hole, *rest = sequence.add(16, 1.3, 4, b"456", 3)
    assert isinstance(hole, Hole) and hole.length == 7 and hole.frame == 2
    assert b"".join(item.data for item in rest if isinstance(item, Bytes)) == b"xyz123456"


@pytest.mark.parametrize("end", ["finish", "confirm"])
def test_what_is_missing_at_the_end_is_a_hole(end: str) -> None:
    """FIN says where the stream ended; without one the other side's confirmations say how far it had come."""
    sequence = Sequence()
    sequence.begin(START)
    sequence.add(START, 0.0, 1, STREAM[:300], 300)
    if end == "finish":
        sequence.finish(START + 500 & 0xFFFFFFFF)
    else:
        sequence.confirm(START + 501 & 0xFFFFFFFF, 1.0)
    (hole,) = sequence.end(2.0, 7)
    assert isinstance(hole, Hole) and (hole.length, hole.frame) == (200, 7)


def test_what_waits_is_bounded() -> None:
    """A hole is given up when too much waits behind it."""
    sequence, given_up = Sequence(), False
    sequence.begin(0)
    for n in range(1, 3000):
        given_up |= any(isinstance(item, Hole) for item in sequence.add(n * 10, 0.0, n, b"0123456789", 10))
    assert given_up and sequence.count > 20_000


def test_a_packet_that_the_capture_cut_short_is_a_hole_behind_its_bytes() -> None:
    """As with a snap length."""
    sequence = Sequence()
    sequence.begin(0)
    data, hole = sequence.add(0, 0.0, 1, b"abc", 10)
    assert isinstance(data, Bytes) and data.data == b"abc"
    assert isinstance(hole, Hole) and hole.length == 7
    (rest,) = sequence.add(10, 0.0, 2, b"xyz", 3)
    assert isinstance(rest, Bytes) and rest.data == b"xyz"


def test_one_strange_number_does_not_lose_the_stream() -> None:
    """A segment from far outside is left out and told; what follows is read."""
    sequence = Sequence()
    sequence.begin(0)
    sequence.add(0, 0.0, 1, b"abc", 3)
    (strange,) = sequence.add(FAR + 10_000, 0.0, 2, b"???", 3)
    (rest,) = sequence.add(3, 0.0, 3, b"def", 3)
    assert isinstance(strange, Hole) and isinstance(rest, Bytes) and rest.data == b"def"


def test_a_keep_alive_adds_nothing() -> None:
    """One byte before the next one (RFC 9293, 3.8.4)."""
    sequence = Sequence()
    sequence.begin(0)
    sequence.add(0, 0.0, 1, b"abc", 3)
    assert sequence.add(2, 0.0, 2, b"\0", 1) == [] and sequence.count == 3


@settings(max_examples=300, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 1023), st.integers(1, 400)), max_size=30), st.randoms())
def test_any_cover_of_the_stream_gives_the_stream(extra: list[Segment], random: object) -> None:
    """Segments of every size, repeated, overlapping, in any order."""
    segments = [(low, min(low + size, 1024)) for low, size in extra]
    segments += [(n, n + 64) for n in range(0, 1024, 64)]
    random.shuffle(segments)  # type: ignore[attr-defined]
    data, holes, sequence = run(segments)
    assert data == STREAM and holes == [] and sequence.count == len(STREAM)


@settings(max_examples=300, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 1023), st.integers(1, 400)), max_size=12))
def test_bytes_and_holes_add_up(extra: list[Segment]) -> None:
    """Whatever came: each byte between the first and the last stands once, as data or in a hole."""
    segments = [(low, min(low + size, 1024)) for low, size in extra]
    data, holes, sequence = run(segments)
    assert len(data) + sum(hole.length for hole in holes) == max((high for _, high in segments), default=0)
    assert sequence.count == len(data)
