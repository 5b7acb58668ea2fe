"""Header blocks of HTTP/3, against the encoder of another implementation (ls-qpack, as aioquic uses it)."""

import pylsqpack
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from promptrail.ingest.packets.qpack import Fault, Field, Table
from promptrail.ingest.packets.qpack_table import STATIC

CAPACITY = 4096


def test_the_static_table_is_that_of_the_other_implementation() -> None:
    """All 99 entries, by their index."""
    theirs = pylsqpack.Decoder(0, 0)
    assert len(STATIC) == 99
    for index, field in enumerate(STATIC):
        block = bytes([0, 0, 0xC0 | index]) if index < 63 else bytes([0, 0, 0xFF, index - 63])
        assert theirs.feed_header(4 * index, block)[1] == [field] == Table().decode(block, 0)


NAMES = st.sampled_from([b":path", b"x-device", b"cookie", b"content-type", b"user-agent", b"x-" + b"n" * 40])
VALUES = st.text(st.characters(codec="ascii", exclude_characters="\0\r\n"), max_size=60).map(str.encode)
BLOCKS = st.lists(st.lists(st.tuples(NAMES, VALUES), min_size=1, max_size=6), min_size=1, max_size=12)


@settings(max_examples=200, deadline=None)
@given(BLOCKS, st.booleans())
def test_what_another_encoder_says_is_read(blocks: list[list[Field]], dynamic: bool) -> None:
    """With the dynamic table and without, entries used again, in the order of frames."""
    encoder, table = pylsqpack.Encoder(), Table()
    if dynamic:
        table.capacity = CAPACITY
        table.feed(encoder.apply_settings(CAPACITY, 16), 0)
    for n, fields in enumerate(blocks):
        entered, block = encoder.encode(4 * n, fields)
        table.feed(entered, 2 * n)
        assert table.decode(block, 2 * n + 1) == fields
    assert not table.damaged


def test_an_encoder_stream_in_pieces_is_the_same() -> None:
    """Cut at every byte."""
    encoder, whole, cut = pylsqpack.Encoder(), Table(), Table()
    said = encoder.apply_settings(CAPACITY, 16)
    blocks = []
    for n in range(4):
        entered, block = encoder.encode(4 * n, [(b"x-device", b"kestrel-4417"), (b"x-other", b"a" * 90)])
        said += entered
        blocks.append(block)
    whole.feed(said, 0)
    for n in range(len(said)):
        cut.feed(said[n : n + 1], 0)
    assert cut.entries == whole.entries != []
    cut.capacity = CAPACITY
    assert cut.decode(blocks[-1], 1)[0] == (b"x-device", b"kestrel-4417")


def test_a_block_whose_entries_were_not_captured_is_a_fault() -> None:
    """Nothing is guessed."""
    encoder, table = pylsqpack.Encoder(), Table()
    table.capacity = CAPACITY
    table.feed(encoder.apply_settings(CAPACITY, 16), 0)
    blocks = []
    for n in range(4):
        entered, block = encoder.encode(4 * n, [(b"x-device", b"kestrel-4417")])
        blocks.append((entered, block))
    assert any(entered for entered, _ in blocks)
    with pytest.raises(Fault):
        table.decode(blocks[-1][1], 9)


@pytest.mark.parametrize(
    "block",
    [
        b"",
        b"\0",
        b"\0\0\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\x7f",
        b"\0\0\x80",
        b"\0\0\x10",
        b"\0\0\x51\xff",
    ],
    ids=["empty", "half a prefix", "endless number", "no entry", "no entry behind the base", "cut"],
)
def test_what_is_no_block_is_a_fault(block: bytes) -> None:
    """One kind of exception, whatever is wrong."""
    with pytest.raises(Fault):
        Table().decode(block, 0)


@settings(max_examples=500, deadline=None)
@given(st.binary(max_size=60), st.binary(max_size=60), st.integers(0, 4096))
def test_any_bytes_are_fields_or_a_fault(said: bytes, block: bytes, capacity: int) -> None:
    """An encoder stream that is none stops being read."""
    table = Table()
    table.capacity = capacity
    table.feed(said, 0)
    try:
        table.decode(block, 1)
    except Fault:
        pass
