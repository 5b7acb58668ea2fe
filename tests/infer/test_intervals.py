"""Bounds: exact shares, slopes of pairs, and the ceiling by counting."""

import math

import numpy as np
import pytest

from promptrail.infer import intervals


@pytest.mark.parametrize(
    ("hits", "of", "low", "high"),
    [(0, 20, 0.0, 1 - 0.005 ** (1 / 20)), (20, 20, 0.005 ** (1 / 20), 1.0), (9, 30, 0.1142, 0.5501)],
)
def test_limits_of_a_share_are_exact(hits: int, of: int, low: float, high: float) -> None:
    """None and all have closed forms; 9 of 30 by the beta distribution."""
    assert intervals.share(hits, of) == pytest.approx((low, high), abs=0.002)


@pytest.mark.parametrize(("of", "most"), [(20, 0.21), (44, 0.10), (90, 0.05), (228, 0.02), (459, 0.01)])
def test_silence_leaves_a_share_possible(of: int, most: float) -> None:
    """With 99 % confidence: 1 - 0.01 ** (1 / n)."""
    assert intervals.silence(of) == pytest.approx(most, abs=0.006)


def test_a_slope_lies_within_its_limits() -> None:
    """Two bytes a character, with a third of the responses far off."""
    length = np.arange(1.0, 61.0) * 100
    response = 2 * length + 300 + np.where(np.arange(60) % 3, 0, 50_000)
    slope, low, high = intervals.slope(length, response)
    assert low <= 2 <= high and slope == pytest.approx(2, abs=0.05)


@pytest.mark.parametrize("length", [[], [5.0], [7.0, 7.0, 7.0]])
def test_a_slope_of_nothing_is_unbounded(length: list[float]) -> None:
    """Too few prompts, or one length: no limits."""
    assert intervals.slope(np.array(length), np.zeros(len(length))) == (0.0, -math.inf, math.inf)


def test_the_ceiling_counts() -> None:
    """Four kilobytes hold at most 4.9 % of 109,000 characters of six bits."""
    assert intervals.ceiling(4_000, 109_000) == pytest.approx(0.049, abs=0.0005)
    assert intervals.ceiling(1, 0) == math.inf
