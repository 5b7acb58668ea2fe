"""Lengths of TLS records from their heads: whole streams in any pieces, holes, cuts, and bytes that are no TLS."""

import itertools

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from promptrail.ingest.packets.record_lengths import RecordLengths
from promptrail.ingest.packets.sent import ALONE, APART, GAP, Piece, Sent

HANDSHAKE, DATA, ALERT = 22, 23, 21


def record(kind: int, length: int) -> bytes:
    """Its content begins no other record."""
    return bytes([kind, 3, 3]) + length.to_bytes(2) + b"\xaa" * length


STREAM = record(HANDSHAKE, 40) + record(DATA, 300) + record(DATA, 0) + record(ALERT, 26) + record(DATA, 5)
FIRST, SECOND = 45 + 5, 45 + 305
"""Where the content of the first record of data begins, and where the next record does."""


def told(*parts: bytes | int) -> list[tuple[int, int]]:
    """(size, records) of each piece; a number among the parts is a hole."""
    lengths = RecordLengths()
    for n, part in enumerate(parts):
        if isinstance(part, int):
            lengths.skip(part, float(n))
        else:
            lengths.add(part, float(n))
    lengths.end()
    return [(piece.size, piece.records) for piece in lengths.sent.pieces]


@settings(deadline=None)
@given(st.lists(st.integers(0, len(STREAM)), max_size=12))
def test_segments_make_no_difference(cuts: list[int]) -> None:
    """A head may be cut anywhere: records of data are told with their lengths, others are not."""
    places = [0, *sorted(cuts), len(STREAM)]
    assert told(*(STREAM[a:b] for a, b in itertools.pairwise(places))) == [(300, 1), (0, 1), (5, 1)]


def test_a_record_has_the_time_of_its_head() -> None:
    """Not of its last byte, which may come seconds later."""
    lengths = RecordLengths()
    lengths.add(record(DATA, 300)[:7], 1.0)
    lengths.add(record(DATA, 300)[7:] + record(DATA, 2)[:1], 2.0)
    lengths.add(record(DATA, 2)[1:], 3.0)
    assert lengths.sent.pieces == [Piece(1.0, 300), Piece(2.0, 2)] and lengths.began == 1.0


@pytest.mark.parametrize(
    ("parts", "pieces"),
    [
        ((STREAM[: FIRST + 10], 100, STREAM[FIRST + 110 :]), [(300, 1), (0, 1), (5, 1)]),
        ((STREAM[:FIRST], 300, STREAM[SECOND:]), [(300, 1), (0, 1), (5, 1)]),
        ((STREAM[: FIRST + 10], 292, STREAM[FIRST + 302 :]), [(300, 1), (2, 0), (3, 0), (5, 1)]),
        ((STREAM[:47], 10, STREAM[57:]), [(12, 0), (293, 0), (0, 1), (5, 1)]),
        ((STREAM[: FIRST + 100],), [(100, 1)]),
        ((b"\0" * 30 + STREAM,), [(5, 0), (25, 0), (300, 1), (0, 1), (5, 1)]),
        ((b"",), []),
        ((b"\x17\x03",), []),
    ],
    ids=["in a record", "a whole record", "hides a head", "in a head", "cut off", "no TLS first", "", "half"],
)
def test_what_is_missing(parts: tuple[bytes | int, ...], pieces: list[tuple[int, int]]) -> None:
    """Inside a record nothing is lost; where heads are hidden every byte counts, as no record, until the next head."""
    assert told(*parts) == pieces


@settings(max_examples=300, deadline=None)
@given(st.lists(st.one_of(st.binary(max_size=60), st.integers(0, 70_000), st.just(STREAM)), max_size=8))
def test_no_bytes_are_an_exception_and_none_is_counted_twice(parts: list[bytes | int]) -> None:
    """Whatever comes, the sizes add up to no more than what was on the wire."""
    pieces = told(*parts)
    wire = sum(part if isinstance(part, int) else len(part) for part in parts)
    assert all(size >= 0 for size, _ in pieces) and sum(size for size, _ in pieces) <= wire


def test_a_long_transfer_is_held_in_few_pieces() -> None:
    """The first stand alone, as handshakes need them; then what is close is one piece, and a pause or what may be an
    alert begins another. Bytes and records stay as many."""
    sent = Sent()
    times = [n * GAP / 10 for n in range(10_000)]
    for at in times:
        sent.add(Piece(at, 1400))
    sent.add(Piece(times[-1], ALONE))
    sent.add(Piece(times[-1], 1400))
    sent.add(Piece(times[-1] + 2 * GAP, 1400))
    assert len(sent.pieces) == APART + 4
    assert sum(one.size for one in sent.pieces) == 10_002 * 1400 + ALONE
    assert sum(one.records for one in sent.pieces) == 10_003
    long = sent.pieces[APART]
    assert (long.at, long.ended) == (times[APART], times[-1])
