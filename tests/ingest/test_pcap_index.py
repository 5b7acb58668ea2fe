"""The first walk through a capture, and its parts: every packet once, both directions of a connection together."""

import struct

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from promptrail.ingest.packets.index import index_of, pair_of
from rigs.packets import datagram, pcap_of, segment

HERE, THERE = ("10.0.0.1", 40_000), ("10.0.0.2", 443)
MANY = [
    frame
    for n in range(40)
    for frame in (segment((HERE[0], 1000 + n), THERE, 1, 0, 2), segment(THERE, (HERE[0], 1000 + n), 1, 2, 18))
]


@pytest.mark.parametrize("size", [1, 500, 1000, 10**9])
def test_every_packet_stands_in_one_part(size: int) -> None:
    """In its order there, with its number in the whole."""
    data = pcap_of(MANY)
    found = {}
    for part in index_of(data).parts(size):
        packets = list(part.packets(data))
        numbers = [part.frame(n + 1) for n in range(len(packets))]
        assert numbers == sorted(numbers)
        found |= dict(zip(numbers, (p.data for p in packets), strict=True))
    assert [found[n + 1] for n in range(len(MANY))] == MANY


@pytest.mark.parametrize("size", [1, 500, 1000])
def test_a_connection_is_never_divided(size: int) -> None:
    """Question and answer lie in the same part."""
    data = pcap_of(MANY)
    for part in index_of(data).parts(size):
        assert all(number ^ 1 in part.numbers for number in part.numbers)


def test_fragments_stay_with_their_connection() -> None:
    """Those behind the first know no ports, so then only addresses tell connections apart."""
    whole = datagram(HERE, THERE, b"x" * 64)
    first, rest = bytearray(whole[:50]), bytearray(whole[:34] + b"the rest")
    first[20:22], rest[20:22] = struct.pack("!H", 0x2000), struct.pack("!H", 2)
    data = pcap_of([bytes(first), bytes(rest), *MANY])
    index = index_of(data)
    assert index.fragments and index.pairs[0] == index.pairs[1]


@pytest.mark.parametrize(
    ("link", "head"),
    [
        (1, bytes(12) + b"\x08\x00"),
        (1, bytes(12) + b"\x81\x00\x00\x05\x08\x00"),
        (1, bytes(12) + b"\x88\xa8\x00\x05\x81\x00\x00\x05\x08\x00"),
        (101, b""),
        (113, bytes(14) + b"\x08\x00"),
        (276, bytes(20)),
        (0, b"\x02\0\0\0"),
    ],
)
def test_both_directions_have_one_number_whatever_the_link(link: int, head: bytes) -> None:
    """And two connections have two."""
    frames = [
        segment(HERE, THERE, 1, 0, 2),
        segment(THERE, HERE, 1, 2, 18),
        segment((HERE[0], 7), THERE, 1, 0, 2),
    ]
    there, back, other = (pair_of(link, head + frame[14:], True)[0] for frame in frames)
    assert there == back != other and there != 0


@settings(max_examples=300, deadline=None)
@given(st.sampled_from([0, 1, 9, 101, 113, 127, 276]), st.binary(max_size=120))
def test_no_packet_is_an_exception(link: int, data: bytes) -> None:
    """What is no IP belongs to the first part."""
    number, fragment = pair_of(link, data, True)
    assert 0 <= number <= 0xFFFFFFFF and fragment in (True, False)
