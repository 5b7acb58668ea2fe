"""Compressed streams inside other bytes: found where their magic stands, each alone, all together within limits."""

import gzip
import random
import re
import zlib

import pytest
import zstandard

from decode.unwrapping import KOREAN
from promptrail.decode.embedded import embedded
from promptrail.decode.layer import Undecodable
from promptrail.decode.limits import LIMITS, MIB

TEXT = KOREAN.encode()
MAGICS = {"gzip": rb"\x1f\x8b\x08", "zlib": rb"\x78[\x01\x5e\x9c\xda]", "zstd": rb"\x28\xb5\x2f\xfd"}


def starts(data: bytes) -> list[tuple[str, int]]:
    """Where the magics stand."""
    return [(name, m.start()) for name, magic in MAGICS.items() for m in re.finditer(magic, data, re.S)]


@pytest.mark.parametrize("write", [gzip.compress, zlib.compress, zstandard.compress])
def test_a_stream_is_opened_where_it_stands(write: object) -> None:
    """Between other bytes, twice, and cut at the end."""
    packed = write(TEXT)  # type: ignore[operator]
    data = b"\0\1head" + packed + b"between" + packed + b"tail"
    assert [value for value in embedded(data, starts(data)) if value == TEXT] == [TEXT, TEXT]
    cut = b"\0\1head" + packed[:-9]
    assert all(TEXT.startswith(value) for value in embedded(cut, starts(cut)))


def test_noise_holds_nothing() -> None:
    """A megabyte in which magics are met by chance."""
    data = random.Random(20261122).randbytes(MIB) + b"\x1f\x8b\x08" + random.Random(1).randbytes(MIB)
    assert len(starts(data)) > 30
    assert sum(len(value) for value in embedded(data, starts(data))) < 1000


def test_many_members_cost_what_one_does() -> None:
    """Twenty thousand streams in a row: each is opened once, not with all those behind it."""
    data = gzip.compress(b"ab", mtime=0) * 20_000
    assert list(embedded(data, starts(data))) == [b"ab"] * 20_000


@pytest.mark.parametrize(
    ("data", "words", "given"),
    [
        (b"..." + gzip.compress(bytes(LIMITS.inflated + 9)), "the gzip stream at 3 inflates", 1),
        (b"." + zstandard.compress(bytes(12 * MIB)) * 3, "the streams inside a value inflate", 2),
        (b"\x78\x9c" * (LIMITS.values + 1), "more than 100,000 magics", 0),
    ],
    ids=["one that is too long", "all of them together", "magics alone"],
)
def test_what_is_too_much_is_cut_and_told(data: bytes, words: str, given: int) -> None:
    """What came before is given, the beginning of the last too; then the fault says which limit it was."""
    values = []
    with pytest.raises(Undecodable, match=words) as fault:
        for value in embedded(data, starts(data)):
            values.append(value)
    assert fault.value.reason == "limit" and len(values) == given
    assert sum(map(len, values)) <= LIMITS.total(len(data))


def test_streams_in_one_another_are_bounded_together() -> None:
    """Stored blocks that hold streams that hold streams: every magic is met at the top, and the sum is what counts."""
    data = TEXT
    for _ in range(40):
        data = zlib.compress(data * 2, 0) if len(data) < MIB else zlib.compress(data, 0)
    found = list(embedded(data, starts(data)))
    assert TEXT in b"".join(found) and sum(map(len, found)) <= LIMITS.total(len(data))
