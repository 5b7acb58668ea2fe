"""Fields of paired runs: exact p over all pairings, for kinds of fields that answer to the input and that do not."""

from collections.abc import Callable
from itertools import permutations

import numpy as np
import pytest

from promptrail.errors import ParameterError
from promptrail.infer.differential import agreements, fields, pairings
from promptrail.infer.plan import Plan, draw

Made = Callable[[np.ndarray, np.random.Generator], list[object]]


def plan(inputs: int = 7, seed: int = 1) -> Plan:
    return draw("differential", f"{seed:032x}", inputs=inputs)


NULL: dict[str, Made] = {
    "constant": lambda given, chance: ["c"] * len(given),
    "random id": lambda given, chance: list(chance.integers(1 << 40, size=len(given))),
    "counter": lambda given, chance: list(np.arange(len(given)) // int(chance.integers(1, 5))),
    "drifting setting": lambda given, chance: list(
        np.searchsorted(
            np.sort(chance.uniform(0, len(given), int(chance.integers(1, 3)))), np.arange(len(given))
        )
    ),
    "A/B flag": lambda given, chance: list(chance.integers(int(chance.integers(2, 5)), size=len(given))),
    "rare flag": lambda given, chance: list((chance.random(len(given)) < 0.08).astype(int)),
    "coarse timing": lambda given, chance: list(chance.poisson(2.0, len(given))),
    "hash, salted per run": lambda given, chance: [f"{i}-{chance.integers(1 << 40)}" for i in given],
}


def inputs_of(drawn: Plan) -> np.ndarray:
    return np.array([s.input for s in drawn.slots])


def test_every_pairing_is_counted() -> None:
    """The counts by group sizes are those of listing all pairings of six runs."""
    for values in ("aabbcc", "aaabbc", "abcdef", "aaaaaa", "aabbbb"):
        listed = [0] * 4
        for order in {
            frozenset(map(frozenset, zip(o[::2], o[1::2], strict=True))) for o in permutations(range(6))
        }:
            listed[sum(len({values[n] for n in pair}) == 1 for pair in order)] += 1
        sizes = [values.count(v) for v in sorted(set(values))]
        assert agreements(sizes, 3) == listed and sum(listed) == pairings(3) == 15


@pytest.mark.parametrize(("inputs", "ways"), [(5, 945), (6, 10_395), (7, 135_135), (8, 2_027_025)])
def test_pairings(inputs: int, ways: int) -> None:
    """(2g)! / (2^g g!)."""
    assert pairings(inputs) == ways


@pytest.mark.parametrize("inputs", [5, 6, 7, 8])
def test_a_hash_of_the_input_is_found(inputs: int) -> None:
    """It agrees in every pair: the p is one in all pairings."""
    drawn = plan(inputs)
    row = fields(drawn, {"hash": [f"h{i}" for i in inputs_of(drawn)]})[0]
    assert row.outcome == "supported" and row.agree == inputs
    assert row.p == pytest.approx(1 / pairings(inputs))


def test_a_category_needs_more_runs() -> None:
    """Four values over 7 inputs are found in most experiments, over 5 in fewer; power rises with the inputs."""

    def power(inputs: int) -> float:
        found = 0
        for trial in range(100):
            drawn = plan(inputs, trial)
            category = np.random.default_rng(trial).integers(4, size=inputs)[inputs_of(drawn)]
            found += fields(drawn, {"f": list(category)})[0].p <= 0.01
        return found / 100

    assert power(5) < power(6) < power(8) and power(7) >= 0.85


@pytest.mark.parametrize("kind", NULL)
def test_what_does_not_answer_to_the_input_is_no_finding(kind: str) -> None:
    """400 fields each: at most 2.5 % have p <= 0.01, none reaches 0.0001."""
    p = []
    for trial in range(400):
        drawn = plan(7, trial)
        p.append(fields(drawn, {"f": NULL[kind](inputs_of(drawn), np.random.default_rng(trial))})[0].p)
    assert np.mean(np.array(p) <= 0.01) <= 0.025 and min(p) > 1e-4


@pytest.mark.parametrize("kind", ["constant", "hash, salted per run", "random id"])
def test_what_cannot_answer_costs_nothing(kind: str) -> None:
    """A thousand constant or ever-changing fields leave the family as it was, and are told as such."""
    drawn = plan(7)
    given, chance = inputs_of(drawn), np.random.default_rng(1)
    rows = fields(
        drawn, {"hash": [f"h{i}" for i in given]} | {f"f{n}": NULL[kind](given, chance) for n in range(1000)}
    )
    assert {r.outcome for r in rows if r.field != "hash"} == {"cannot tell"}
    assert next(r for r in rows if r.field == "hash").p_adjusted == pytest.approx(1 / 135_135)


def test_many_fields_raise_the_bar() -> None:
    """Among 400 flags a hash over 7 inputs is still found, and no flag is."""
    drawn = plan(7)
    given, chance = inputs_of(drawn), np.random.default_rng(3)
    rows = fields(
        drawn, {"hash": list(given)} | {f"flag {n}": NULL["A/B flag"](given, chance) for n in range(400)}
    )
    assert [r.field for r in rows if r.outcome == "supported"] == ["hash"]


def test_an_absent_field_agrees_with_nothing() -> None:
    """None in both runs of an input is no agreement."""
    drawn = plan(7)
    row = fields(drawn, {"f": [None if i < 3 else f"h{i}" for i in inputs_of(drawn)]})[0]
    assert row.agree == 4 and row.values == 4


def test_an_input_that_lost_a_run_is_left_out() -> None:
    """Thirteen of fourteen runs: six inputs remain."""
    drawn = plan(7)
    row = fields(drawn, {"f": list(inputs_of(drawn))}, recorded=range(13))[0]
    assert row.inputs == 6 and row.p == pytest.approx(1 / 10_395)


@pytest.mark.parametrize("value", [float("nan"), ["list"], {"a": 1}, b"\xff", "\ud800"])
def test_any_value_can_be_compared(value: object) -> None:
    """What JSON, CBOR or a header may hold, hashable or not."""
    drawn = plan(5)
    assert fields(drawn, {"f": [value] * 10})[0].outcome == "cannot tell"


def test_no_fields_and_no_runs() -> None:
    """Nothing in, nothing out; no run recorded, no answer."""
    drawn = plan(5)
    assert fields(drawn, {}) == []
    assert fields(drawn, {"f": list(range(10))}, recorded=[])[0].outcome == "cannot tell"


def test_wrong_input_is_told() -> None:
    """Another kind of plan, or a value too few: ParameterError says which."""
    with pytest.raises(ParameterError, match="'f' has 3 values for 10"):
        fields(plan(5), {"f": [1, 2, 3]})
    with pytest.raises(ParameterError, match="differential"):
        fields(draw("dose", "ab" * 16), {})
