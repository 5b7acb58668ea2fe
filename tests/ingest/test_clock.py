"""How far two clocks are apart, from moments that both saw."""

import pytest

from promptrail.ingest.clock import compared


def at(*apart: float) -> list[tuple[float, float]]:
    return [(100.0 * n, 100.0 * n + one) for n, one in enumerate(apart, 1)]


def test_a_clock_that_is_off_is_shifted() -> None:
    """Hours apart, a few milliseconds of spread: shifted by the median, and the spread is what may still be wrong."""
    clock = compared("r", "packets", "proxy", at(3600.0, 3600.004, 3599.998))
    assert clock.offset == pytest.approx(3600.0)
    assert clock.uncertainty == pytest.approx(0.004, abs=1e-6)
    assert clock.pairs == 3


@pytest.mark.parametrize(
    "apart", [(0.001, 0.004, 0.002), (-0.05, 0.05, 0.03), (5.0, -4.0, 0.5), (0.4, 0.1, 0.6)]
)
def test_a_difference_within_its_spread_is_not_shifted(apart: tuple[float, ...]) -> None:
    """One machine's clock, or moments too uncertain to tell: nothing is shifted; the largest is stated."""
    clock = compared("r", "packets", "proxy", at(*apart))
    assert clock.offset == 0.0
    assert clock.uncertainty == pytest.approx(max(map(abs, apart)))


@pytest.mark.parametrize("apart", [(), (7200.0,)])
def test_too_few_moments_tell_nothing(apart: tuple[float, ...]) -> None:
    """No moment, or one alone, which may be a wrong pair: the times stay as they are, the uncertainty is not known."""
    clock = compared("r", "hook", "proxy", at(*apart))
    assert (clock.offset, clock.uncertainty, clock.pairs) == (0.0, None, len(apart))
