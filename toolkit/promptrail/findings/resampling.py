"""How far a mean over runs may be off: values of some runs in, their mean and its interval out.

Percentile bootstrap over whole runs (Efron 1979), seeded: the same values give the same interval. Of fewer than three
runs none is given. Of three, resampling knows ten different means, so the interval is hardly more than what was seen.
"""

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from promptrail.language import mark

FEWEST = 3
TIMES = 10_000
SEED = 20_250_410
LEVEL = 95
"""Per cent."""
TOO_FEW = mark("too few runs for an interval")


class Interval(NamedTuple):
    mean: float
    low: float | None
    """None: too few runs."""
    high: float | None
    runs: int

    def as_row(self) -> dict[str, Any]:
        return {
            "mean": round(self.mean, 3),
            "low": None if self.low is None else round(self.low, 3),
            "high": None if self.high is None else round(self.high, 3),
            "runs": self.runs,
        }


def interval(values: Sequence[float]) -> Interval | None:
    """Of the mean; None of nothing."""
    if not values:
        return None
    mean = float(np.mean(values))
    if len(values) < FEWEST:
        return Interval(mean, None, None, len(values))
    return Interval(mean, *_ends(_means(values, np.random.default_rng(SEED))), len(values))


def difference(values: Sequence[float], others: Sequence[float]) -> Interval | None:
    """Of the mean of `values` less that of `others`; `runs` is the smaller number of the two."""
    if not values or not others:
        return None
    mean, runs = float(np.mean(values) - np.mean(others)), min(len(values), len(others))
    if runs < FEWEST:
        return Interval(mean, None, None, runs)
    rng = np.random.default_rng(SEED)
    return Interval(mean, *_ends(_means(values, rng) - _means(others, rng)), runs)


def _means(values: Sequence[float], rng: np.random.Generator) -> np.ndarray:
    drawn: np.ndarray = rng.choice(np.asarray(values, dtype=float), (TIMES, len(values))).mean(axis=1)
    return drawn


def _ends(means: np.ndarray) -> tuple[float, float]:
    tail = (100 - LEVEL) / 2
    low, high = np.percentile(means, [tail, 100 - tail])
    return float(low), float(high)
