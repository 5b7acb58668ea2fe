"""Exact tests for a handful of runs: counts in strata of like runs in, one-sided p values out.

In a stratum all runs did the same, so under "nothing changed" every way to deal its runs out to the two sides is
equally likely (Fisher, The Design of Experiments, 1935; with strata: Gart 1970). No approximation, no cells too small.
"""

from collections.abc import Iterator, Sequence
from itertools import combinations, islice, product
from math import comb, prod
from typing import NamedTuple

import numpy as np

MOST = 20_000
"""Ways to deal the runs out that are tried one by one; of more, so many are drawn."""
SEED = 20_250_424
ALMOST = 1 + 1e-9
"""Equal p values may differ in their last bits."""

Labels = np.ndarray
"""One row a way, one column a run: True where the run counts as A."""


class Counts(NamedTuple):
    """One stratum: seen in `k` of `n` runs of A, and in `l` of `m` of B."""

    k: int
    n: int
    l: int  # noqa: E741  beside k, n and m
    m: int


class OneSided(NamedTuple):
    """How likely so much, or more, would be if nothing had changed."""

    less: float
    """Seen less often in B."""
    more: float


def fisher(strata: Sequence[Counts]) -> OneSided:
    """1.0 both ways where nothing can be told: no runs, or seen in all or none."""
    low, chance = _conditional(strata)
    at = sum(one.k for one in strata) - low
    return OneSided(_whole(chance[at:].sum()), _whole(chance[: at + 1].sum()))


def _whole(p: float) -> float:
    """Without the last bits: 1 in 20 is 0.05."""
    return min(1.0, round(float(p), 12))


def _conditional(strata: Sequence[Counts]) -> tuple[int, np.ndarray]:
    """Smallest number seen in A, and the chance of it and each larger one, given the margins of every stratum."""
    from scipy.stats import hypergeom  # a second to import, and most notebooks need none of it

    low, chance = 0, np.ones(1)
    for k, n, l, m in strata:  # noqa: E741
        if not n + m:
            continue
        seen = k + l
        first, last = max(0, seen - m), min(n, seen)
        low += first
        chance = np.convolve(chance, hypergeom.pmf(np.arange(first, last + 1), n + m, seen, n))
    return low, chance


def best(strata: Sequence[tuple[int, int]]) -> float:
    """The smallest p that so many runs (n of A, m of B in each stratum) could give: seen in all of one side only."""
    return fisher([Counts(n, n, 0, m) for n, m in strata]).less


def holm(ps: Sequence[float]) -> list[float]:
    """Adjusted for their number (Holm 1979), in the order given."""
    order = sorted(range(len(ps)), key=lambda n: (ps[n], n))
    out, most = [0.0] * len(ps), 0.0
    for rank, n in enumerate(order):
        most = max(most, min(1.0, (len(ps) - rank) * ps[n]))
        out[n] = most
    return out


class Dealt(NamedTuple):
    """Every way, or a sample of all ways, to deal the runs out to the two sides, as many to each as there are."""

    labels: Labels
    ways: int
    """How many there are."""

    @property
    def drawn(self) -> bool:
        """Only some of them were tried."""
        return self.ways > MOST


def dealt(sides: Sequence[bool], strata: Sequence[int]) -> Dealt:
    """`sides`: whether each run is of A; `strata`: the number of its stratum, within which runs may change sides."""
    groups = [[n for n, s in enumerate(strata) if s == stratum] for stratum in sorted(set(strata))]
    sizes = [sum(sides[n] for n in group) for group in groups]
    ways = prod(comb(len(group), size) for group, size in zip(groups, sizes, strict=True))
    if ways <= MOST:
        every = product(*(combinations(group, size) for group, size in zip(groups, sizes, strict=True)))
        chosen: Iterator[tuple[tuple[int, ...], ...]] = islice(every, MOST)
    else:
        chosen = _draws(groups, sizes)
    rows = [[n for part in parts for n in part] for parts in chosen]
    labels = np.zeros((len(rows), len(sides)), dtype=bool)
    for way, row in enumerate(rows):
        labels[way, row] = True
    return Dealt(labels, ways)


def _draws(groups: list[list[int]], sizes: list[int]) -> Iterator[tuple[tuple[int, ...], ...]]:
    rng = np.random.default_rng(SEED)
    for _ in range(MOST):
        yield tuple(
            tuple(rng.choice(group, size, replace=False)) for group, size in zip(groups, sizes, strict=True)
        )


def together(seen: np.ndarray, sides: Sequence[bool], strata: Sequence[int], more: bool) -> list[float]:
    """p of each item (a row of `seen`, a column a run), adjusted for all of them at once: of all ways to deal the runs
    out, the share in which any item would differ at least so much in this direction (Westfall and Young 1993, step
    down). Items that go together count as what they are, so it is never above Holm's."""
    if not len(seen):
        return []
    patterns, which = np.unique(seen.astype(bool), axis=0, return_inverse=True)
    told = _step_down(patterns, sides, strata, more)
    return [told[n] for n in which.ravel()]


def _step_down(seen: np.ndarray, sides: Sequence[bool], strata: Sequence[int], more: bool) -> list[float]:
    """`seen`: different rows; another row of the same kind would change nothing."""
    ways = dealt(sides, strata)
    table = np.empty((len(seen), len(ways.labels)))
    observed = np.empty(len(seen))
    side = np.asarray(sides, dtype=bool)
    for n, row in enumerate(seen):
        low, chance = _conditional(_counts(row, side, strata))
        tail = np.minimum(1.0, np.cumsum(chance) if more else np.cumsum(chance[::-1])[::-1])
        observed[n] = tail[int((row & side).sum()) - low]
        table[n] = tail[(ways.labels & row).sum(axis=1) - low]
    order = sorted(range(len(seen)), key=lambda n: (observed[n], n))
    out, most = [0.0] * len(seen), 0.0
    least = np.minimum.accumulate(table[order][::-1], axis=0)[::-1]
    extra = 1 if ways.drawn else 0  # the way that was observed counts among the drawn ones
    for rank, n in enumerate(order):
        as_small = int((least[rank] <= observed[n] * ALMOST).sum())
        most = max(most, min(1.0, (as_small + extra) / (len(ways.labels) + extra)))
        out[n] = most
    return out


def _counts(row: np.ndarray, side: np.ndarray, strata: Sequence[int]) -> list[Counts]:
    number = np.asarray(strata)
    found = []
    for stratum in sorted(set(strata)):
        a, b = (number == stratum) & side, (number == stratum) & ~side
        found.append(Counts(int(row[a].sum()), int(a.sum()), int(row[b].sum()), int(b.sum())))
    return found
