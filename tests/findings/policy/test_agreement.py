"""Cohen's kappa on tables whose value is known, and where it is not defined."""

import pytest

from promptrail.findings.policy.agreement import agreement


def told(table: dict[tuple[str, str], int]) -> list[tuple[str, str]]:
    return [pair for pair, count in table.items() for _ in range(count)]


@pytest.mark.parametrize(
    ("table", "kappa"),
    [
        ({("yes", "yes"): 20, ("yes", "no"): 5, ("no", "yes"): 10, ("no", "no"): 15}, 0.4),
        ({("yes", "yes"): 45, ("yes", "no"): 15, ("no", "yes"): 25, ("no", "no"): 15}, 0.1304),
        ({("yes", "yes"): 25, ("yes", "no"): 35, ("no", "yes"): 5, ("no", "no"): 35}, 0.2593),
        ({("a", "a"): 3, ("b", "b"): 2, ("c", "c"): 1}, 1.0),
        ({("a", "b"): 2, ("b", "a"): 2}, -1.0),
        ({("a", "a"): 11, ("a", "b"): 1}, 0.0),
    ],
)
def test_known_tables(table: dict[tuple[str, str], int], kappa: float) -> None:
    """The textbook's figures, perfect agreement, perfect disagreement, and agreement that chance alone gives."""
    found = agreement("pairs", "A", "B", told(table))
    assert found.kappa == pytest.approx(kappa, abs=5e-5)
    assert (found.n, found.same) == (sum(table.values()), sum(n for (a, b), n in table.items() if a == b))


@pytest.mark.parametrize("answers", [[], [("clear", "clear")] * 5])
def test_where_it_is_not_defined_none_is_given(answers: list[tuple[str, str]]) -> None:
    """Nothing to compare, or one answer only: agreement that could not have been otherwise is no 1.0."""
    found = agreement("pairs", "A", "B", answers)
    assert found.kappa is None and "kappa not defined" in found.words()


def test_the_table_is_the_answers() -> None:
    """In order, whoever comes first in the file."""
    rows = [("b", "a"), ("a", "a"), ("a", "b"), ("a", "a")]
    assert agreement("items", "A", "B", rows).table == [("a", "a", 2), ("a", "b", 1), ("b", "a", 1)]
    assert agreement("items", "A", "B", rows).words() == "alike on 2 of 4 items (kappa -0.33)"
