"""How far two annotators agree: their answers to the same questions in, a table of confusion and Cohen's kappa out.

Kappa is (observed - expected) / (1 - expected) agreement, the expected one from each annotator's own shares (Cohen,
"A Coefficient of Agreement for Nominal Scales", 1960). Where both give one and the same answer to everything it is not
defined, and none is given: agreement that could not have been otherwise shows nothing.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from promptrail.language import mark, say

PAIRS, ITEMS = mark("pairs"), mark("items")
"""What annotators are asked about."""


@dataclass(frozen=True, slots=True)
class Agreement:
    """Of two annotators over n questions."""

    about: str
    """What was asked."""
    first: str
    second: str
    n: int
    same: int
    kappa: float | None
    """None: not defined, or nothing to compare."""
    table: list[tuple[str, str, int]]
    """(answer of the first, answer of the second, how often)."""

    def words(self) -> str:
        """The figure, with what it is of."""
        told = say("kappa not defined") if self.kappa is None else say("kappa {kappa:.2f}", kappa=self.kappa)
        return say(
            "alike on {same} of {n} {questions} ({kappa})",
            same=self.same,
            n=self.n,
            questions=say(self.about),
            kappa=told,
        )

    def as_row(self) -> dict[str, Any]:
        return asdict(self) | {"table": [list(row) for row in self.table]}


def agreement(about: str, first: str, second: str, answers: Sequence[tuple[str, str]]) -> Agreement:
    """`answers`: what each of the two said to the same question, one row a question."""
    n = len(answers)
    counts = Counter(answers)
    same = sum(count for (one, other), count in counts.items() if one == other)
    ones, others = Counter(one for one, _ in answers), Counter(other for _, other in answers)
    chance = sum(ones[answer] * others[answer] for answer in ones)  # expected agreement times n squared
    kappa = (n * same - chance) / (n * n - chance) if n and chance != n * n else None
    return Agreement(about, first, second, n, same, kappa, [(*pair, counts[pair]) for pair in sorted(counts)])
