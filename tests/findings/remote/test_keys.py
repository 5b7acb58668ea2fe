"""Keys over runs, and pairs of key and behaviour: what parts runs, what does not, and how likely by chance."""

from pathlib import Path

import pytest

from findings.answered import CLOUD, runs_with
from promptrail.case import Case
from promptrail.findings.comparable import about
from promptrail.findings.mask import Mask
from promptrail.findings.remote.keys import Pair, behaviour, change, pairs, rows, values
from promptrail.findings.remote.received import received

PLACE = "GET /v1/experiments"


def of(case: Case) -> list[Pair]:
    runs = list(case.runs["run"])
    others = [one for one in received(case, runs) if one.host == CLOUD]
    since = {one.run: one.at for one in others if one.at is not None}
    return pairs(values(others), behaviour(case, runs, since), about(case, runs))


@pytest.mark.parametrize(
    ("told", "expected"),
    [
        (["a", "a", "a"], "the same in every run"),
        (["a"], "the same in every run"),
        (["a", "b", "a"], "changed"),
        (["a", "b"], "changed"),
        (["a", "b", "c"], "another in every run"),
    ],
)
def test_what_a_key_did(told: list[str], expected: str) -> None:
    """A value of its own in each of three runs and more is a number or a time, and parts nothing."""
    assert change({f"r{n}": value for n, value in enumerate(told)}) == expected


def test_values_of_one_run_are_told_in_their_order(tmp_path: Path) -> None:
    """A key that changed while the app ran is a value of its own."""
    case = runs_with(tmp_path / "case", ["on", "off"], [1, 1])
    found = [one for one in received(case, ["r0", "r1"]) if one.host == CLOUD]
    again = [one._replace(run="r0") for one in found]
    told = values(again)[CLOUD, PLACE, "/experiments/often/variant"]
    assert told == {"r0": "on → off"}


def test_keys_that_changed_come_first(tmp_path: Path) -> None:
    """Then those that are the same, then those that are new in every run."""
    case = runs_with(tmp_path / "case", ["on", "off", "on"], [1] * 3)
    known = values([one for one in received(case, list(case.runs["run"])) if one.host == CLOUD])
    table = rows(known, Mask([]))
    assert [(row["key"], row["change"]) for row in table] == [
        ("/experiments/often/variant", "changed"),
        ("/settings/interval", "the same in every run"),
        ("/at", "another in every run"),
    ]


def test_a_pair_is_exact_and_two_sided(tmp_path: Path) -> None:
    """Three runs of eight have the value and the most requests: 1 of 56 ways parts as much."""
    (pair,) = of(
        runs_with(tmp_path / "case", ["b", "a", "a", "b", "a", "b", "a", "a"], [9, 2, 2, 9, 2, 9, 2, 2])
    )
    assert (pair.value, pair.here, pair.elsewhere, pair.runs) == ("a", 2.0, 9.0, (5, 3))
    assert pair.p == pytest.approx(1 / 56) and pair.holm == pair.p
    assert pair.behaviour == f"POST requests to {CLOUD}/v2/batch"


def test_what_does_not_differ_is_not_tried(tmp_path: Path) -> None:
    """The prompt reached the maker in every run: no pair, and no share of the p."""
    assert of(runs_with(tmp_path / "case", ["a", "b"] * 3, [2] * 6)) == []


def test_runs_that_did_something_else_are_not_held_against_each_other(tmp_path: Path) -> None:
    """Another version made more requests and has the other value: no pair, as nothing else is equal."""
    case = runs_with(tmp_path / "case", ["a", "a", "b", "b"], [1, 1, 7, 7])
    frame = case.frame("runs")
    frame["app_version"] = ["1", "1", "2", "2"]
    assert of(case) == []


def test_what_was_done_before_the_settings_came_does_not_count(tmp_path: Path) -> None:
    """It cannot have followed them."""
    case = runs_with(tmp_path / "case", ["a", "b"] * 2, [1, 5] * 2)
    runs = list(case.runs["run"])
    late = dict.fromkeys(runs, 9e12)
    assert not any(name.startswith("POST") for name in behaviour(case, runs, late))
    assert any(name.startswith("POST") for name in behaviour(case, runs, {}))
