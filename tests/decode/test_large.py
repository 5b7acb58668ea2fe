"""Bodies that are too long to be taken apart: what is opened, what is only searched, and that nothing falls between."""

import pytest

from promptrail.decode.large import blocks, opened

DATA = bytes(range(256)) * 4


@pytest.mark.parametrize("size", [0, 1, 63, 64])
def test_a_body_within_the_limit_is_opened_whole(size: int) -> None:
    """And nothing is told."""
    assert opened(DATA[:size], 64) == (DATA[:size], None)


def test_a_longer_one_is_cut_and_told() -> None:
    """The words name its size and what was opened; a view is as good as bytes."""
    for given in (DATA, memoryview(DATA)):
        data, cut = opened(given, 64)
        assert data == DATA[:64] and cut is not None
        assert (cut.reason, cut.detail) == (
            "limit",
            "1,024 bytes: 64 were opened, the rest was searched as it stands",
        )


@pytest.mark.parametrize("size", [1, 7, 8, 40, 1023, 1024, 5000])
@pytest.mark.parametrize("longest", [1, 2, 7, 100])
def test_nothing_falls_between_two_blocks(size: int, longest: int) -> None:
    """Each stretch of up to `longest` bytes lies whole in a block, at the place that the block names."""
    made = list(blocks(DATA, longest, size))
    assert all(DATA[place:].startswith(block) for place, block in made)
    assert all(len(block) <= max(size, longest) for _, block in made)
    for start in range(len(DATA) - longest + 1):
        assert any(p <= start and start + longest <= p + len(b) for p, b in made), start


def test_a_short_body_is_one_block() -> None:
    """Also an empty one, and one shorter than the longest needle."""
    assert list(blocks(b"abc", 9)) == [(0, b"abc")] and list(blocks(b"", 9)) == [(0, b"")]
