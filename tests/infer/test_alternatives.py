"""The figures that stand for compression are those of zlib on the plan's own texts."""

import zlib

import pytest

from infer.simulate import SEED
from promptrail.infer.alternatives import ALTERNATIVES, FLOOR
from promptrail.infer.contrast import COMPRESSED_RATIO
from promptrail.infer.plan import Slot, draw, text

PLAN = draw("dose", SEED)


def deflated(length: int, alphabet: str) -> float:
    sizes = [
        len(zlib.compress(text(PLAN, Slot(n, "prompt", length, alphabet)).encode(), 6)) for n in range(20)
    ]
    return sum(sizes) / len(sizes) / length


def test_compressed_text_takes_what_the_alternative_says() -> None:
    """zlib at level 6 makes 0.757 bytes of a character at 8,192, and never less than six bits."""
    name = "the whole text of every prompt, compressed"
    assert deflated(8192, "narrow") == pytest.approx(ALTERNATIVES[name].slope, abs=0.004)
    assert deflated(100_000, "narrow") > FLOOR


def test_the_wide_alphabet_compresses_less_than_twice_as_large() -> None:
    """1.385 times at 4,096 characters: the lead bytes are nearly free, so twice would be looked for in vain."""
    assert deflated(4096, "wide") / deflated(4096, "narrow") == pytest.approx(COMPRESSED_RATIO, abs=0.01)
