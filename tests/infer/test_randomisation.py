"""The test is exact: under the null p is uniform, whatever the noise; Holm keeps the family's level."""

import numpy as np
import pytest

from infer import simulate
from promptrail.infer.doses import Doses, doses
from promptrail.infer.plan import draw
from promptrail.infer.randomisation import Outcome, holm, keys, share_at_least_as_good, test
from promptrail.infer.reassign import Reassignments, shuffled, stream, uniform
from promptrail.infer.response import Traffic

P = test  # so that pytest does not collect it
del test


def null(number: int, profile: str) -> tuple[Doses, Traffic]:
    """A small experiment in which nothing follows the lengths, each with its own draw."""
    plan = draw("dose", f"{number:032x}", per_length=3, controls=3, drafts=0, draws=199)
    traffic = simulate.host(plan, np.random.default_rng(number), simulate.NULLS["hash"], profile=profile)
    return doses(plan, simulate.recorded(plan, {"h": traffic})), traffic


@pytest.mark.parametrize("profile", ["quiet", "pareto", "drift"])
def test_p_is_uniform_under_the_null(profile: str) -> None:
    """120 experiments each: the shares of p below 0.05, 0.1, 0.25 and 0.5 lie within three standard errors."""
    p = np.array([P(*null(n, profile), f"{n:032x}", 99, quick=False).p for n in range(120)])
    for level in (0.05, 0.1, 0.25, 0.5):
        error = 3 * np.sqrt(level * (1 - level) / len(p))
        assert abs((p <= level).mean() - level) <= error + 1 / 100, level


def test_the_quick_stop_never_makes_p_smaller() -> None:
    """It only ends hopeless tests: below its bound the p is that of all draws."""
    for number in range(20):
        given, traffic = null(number, "moderate")
        quick, full = (P(given, traffic, "ab", 499, quick=stop) for stop in (True, False))
        assert quick.p > 0.06 or quick.p == full.p


def test_keys_keep_p_exact_with_many_statistics() -> None:
    """1,000 tables of noise with 18 columns, one of them heavy-tailed, one constant, one of few values."""
    chance = np.random.default_rng(1)
    found = []
    for _ in range(1000):
        table = chance.normal(size=(100, 18))
        table[:, 0] = chance.pareto(0.5, 100)
        table[:, 1], table[:, 2] = 7.0, chance.integers(3, size=100)
        found.append(share_at_least_as_good(table))
    assert np.mean(np.array(found) <= 0.05) <= 0.05 + 3 * np.sqrt(0.05 * 0.95 / 1000)
    assert np.mean(np.array(found) <= 0.5) == pytest.approx(0.5, abs=0.06)


def test_a_statistic_that_cannot_differ_decides_nothing() -> None:
    """All rows equal: p is 1, and so is that of tables full of ties."""
    assert share_at_least_as_good(np.zeros((50, 3))) == 1.0
    assert len(set(keys(np.zeros((50, 3))))) == 1


@pytest.mark.parametrize(
    ("p", "adjusted"),
    [
        ([], []),
        ([0.02], [0.02]),
        ([0.01, 0.04, 0.03, 0.005], [0.03, 0.06, 0.06, 0.02]),
        ([0.5, 0.5], [1.0, 1.0]),
        ([0.0005] + [1.0] * 19, [0.01] + [1.0] * 19),
    ],
)
def test_holm(p: list[float], adjusted: list[float]) -> None:
    """Smallest times the count, the next times one less, never falling, never above 1; in the order given."""
    assert holm(p) == pytest.approx(adjusted)


def test_one_seed_gives_one_p() -> None:
    """The same data and seed twice; another seed draws other rows."""
    given, traffic = null(3, "loud")
    assert P(given, traffic, "ab", 299, quick=False) == P(given, traffic, "ab", 299, quick=False)
    one, other = (Reassignments.drawn(15, 50, stream(seed, "test")).rows for seed in ("ab", "cd"))
    assert (one[0] == other[0]).all() and (one[1:] != other[1:]).any()


def test_reassignments_are_permutations_and_even() -> None:
    """Each row holds every number once; over 6,000 rows of three each order comes about as often."""
    rows = shuffled(stream("ab", "even"), 6000, 3)
    assert (np.sort(rows, axis=1) == np.arange(3)).all()
    _, counts = np.unique(rows, axis=0, return_counts=True)
    assert len(counts) == 6 and abs(counts - 1000).max() < 120


def test_the_stream_of_a_seed_never_changes() -> None:
    """A p in a report can be computed again by a later version."""
    assert shuffled(stream("ab", "test"), 1, 6).tolist() == [[0, 5, 4, 1, 3, 2]]
    assert uniform(stream("ab", "test"), 2).tolist() == pytest.approx([0.5087607906456072, 0.85414010729474])


def test_sums_are_those_of_the_chosen_cells() -> None:
    """For every row the sum over prompts of table[prompt, length taken]."""
    draws = Reassignments.drawn(5, 20, stream("ab", "sums"))
    table = np.random.default_rng(1).normal(size=(5, 5, 3))
    expected = [sum(table[i, row[i]] for i in range(5)) for row in draws.rows]
    assert draws.sums(table) == pytest.approx(np.array(expected))


@pytest.mark.parametrize("count", [0, 1, 2])
def test_too_few_prompts_give_no_evidence(count: int) -> None:
    """No prompt, one, two: p is large and nothing breaks."""
    none = np.zeros(4)
    traffic = Traffic(
        np.array([5.0, 9.0, 1.0, 0.0]), none, none, np.array([0, 1, 2]), np.array([5.0, 9.0, 1.0]), 15.0
    )
    given = Doses(np.arange(1.0, count + 1) * 500, np.arange(count), 4, np.zeros(count, bool))
    assert P(given, traffic, "ab", 199).p >= 0.3


def test_a_silent_host_gives_no_evidence() -> None:
    """Zero bytes: p is 1 without a draw."""
    given, traffic = null(1, "quiet")
    silent = Traffic(
        np.zeros(given.windows), traffic.received, traffic.answered, traffic.window[:0], traffic.size[:0], 0.0
    )
    assert P(given, silent, "ab", 199) == Outcome(1.0, (1.0,) * 18, 0)


def test_a_million_bursts_are_tested_too() -> None:
    """Sizes are counted in steps, so that the number of bursts does not matter; a host of noise stays one."""
    given, traffic = null(2, "quiet")
    chance = np.random.default_rng(1)
    window = np.sort(chance.integers(given.windows, size=1_000_000))
    size = chance.integers(40, 20_000, size=1_000_000).astype(float)
    sent = np.bincount(window, weights=size, minlength=given.windows)
    many = Traffic(sent, traffic.received, traffic.answered, window, size, float(sent.sum()))
    assert P(given, many, "ab", 199, quick=False).p > 0.01
