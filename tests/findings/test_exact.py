"""p values of a handful of runs: against another program, by counting every way, and at the edges."""

from itertools import product

import numpy as np
import pytest
from scipy.stats import fisher_exact

from promptrail.findings import exact
from promptrail.findings.exact import Counts, best, dealt, fisher, holm, together


@pytest.mark.parametrize("n", range(5))
@pytest.mark.parametrize("m", range(5))
def test_one_stratum_is_fishers_exact_test(n: int, m: int) -> None:
    """Every fourfold table of up to four runs a side, in both directions, as another implementation has it."""
    for k, l in product(range(n + 1), range(m + 1)):  # noqa: E741
        found = fisher([Counts(k, n, l, m)])
        if n and m:
            table = [[k, n - k], [l, m - l]]
            assert found.less == pytest.approx(fisher_exact(table, "greater").pvalue)
            assert found.more == pytest.approx(fisher_exact(table, "less").pvalue)
        else:
            assert found == (1.0, 1.0)


def test_three_runs_a_side_are_the_fewest_that_can_tell() -> None:
    """1 in 20 is 0.05, to the last bit; two and four are 1 in 15, three and two 1 in 10."""
    assert best([(3, 3)]) == 0.05
    assert best([(2, 4)]) > 0.05 and best([(3, 2)]) > 0.05 and best([]) == 1.0


def test_strata_are_not_thrown_together() -> None:
    """Seen wherever something was typed and nowhere else: A typed in nine of ten runs, B in one of ten, no change."""
    typed, quiet = Counts(9, 9, 1, 1), Counts(0, 1, 0, 9)
    assert fisher([typed, quiet]) == (1.0, 1.0)
    pooled = fisher([Counts(9, 10, 1, 10)])
    assert pooled.less < 0.01


def test_p_of_strata_is_the_share_of_all_ways() -> None:
    """Counted one by one: two strata of unequal size."""
    sides, strata = [True, True, False, False, False, True, False, False], [0, 0, 0, 0, 0, 1, 1, 1]
    seen = np.array([1, 1, 0, 0, 1, 1, 0, 0], dtype=bool)
    ways = dealt(sides, strata)
    assert ways.ways == len(ways.labels) == 10 * 3
    more = (ways.labels & seen).sum(axis=1) >= (np.array(sides) & seen).sum()
    assert fisher([Counts(2, 2, 1, 3), Counts(1, 1, 0, 2)]).less == pytest.approx(more.mean())


def test_holm_is_step_down_and_keeps_the_order_given() -> None:
    """By hand: 0.01 × 3, 0.02 × 2, then never smaller."""
    assert holm([0.02, 0.01, 0.03]) == pytest.approx([0.04, 0.03, 0.04])
    assert holm([]) == [] and holm([0.9, 0.8]) == [1.0, 1.0]


def test_items_that_go_together_cost_nothing() -> None:
    """Two, ten or a hundred items of which each is as the other: p stays what it is for one; Holm's does not."""
    sides, strata = [True] * 3 + [False] * 3, [0] * 6
    for many in (1, 2, 10, 100):
        seen = np.array([[1, 1, 1, 0, 0, 0]] * many, dtype=bool)
        assert together(seen, sides, strata, more=False) == [0.05] * many
    assert holm([0.05] * 2) == [0.1] * 2


def test_noise_beside_it_costs() -> None:
    """Items that flicker make a clean split by chance likelier; each adjusted p lies between its own and Holm's."""
    rng = np.random.default_rng(7)
    sides, strata = [True] * 4 + [False] * 4, [0] * 8
    seen = np.vstack([[1, 1, 1, 1, 0, 0, 0, 0], rng.integers(0, 2, (30, 8))]).astype(bool)
    alone = [fisher([Counts(int(row[:4].sum()), 4, int(row[4:].sum()), 4)]).less for row in seen]
    found = together(seen, sides, strata, more=False)
    assert found[0] > alone[0] == pytest.approx(1 / 70)
    assert all(a <= p + 1e-9 and p <= h + 1e-9 for a, p, h in zip(alone, found, holm(alone), strict=True))


def test_nothing_changed_is_rarely_called_a_change() -> None:
    """Two hundred comparisons of runs that do not differ, twenty flickering items each: 5 %, and what chance adds."""
    rng = np.random.default_rng(11)
    sides, strata = [True] * 4 + [False] * 4, [0] * 8
    wrong = sum(
        min(together(rng.integers(0, 2, (20, 8)).astype(bool), sides, strata, more=False)) <= 0.05
        for _ in range(200)
    )
    assert wrong <= 0.09 * 200


def test_too_many_ways_are_drawn_and_the_same_each_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """A sample of the ways, seeded; the observed way counts among them, so p is never 0."""
    monkeypatch.setattr(exact, "MOST", 500)
    sides, strata = [True] * 10 + [False] * 10, [0] * 20
    seen = np.array([[1] * 10 + [0] * 10], dtype=bool)
    first, second = (together(seen, sides, strata, more=False) for _ in range(2))
    assert first == second == [1 / 501]
    assert dealt(sides, strata).drawn and len(dealt(sides, strata).labels) == 500
