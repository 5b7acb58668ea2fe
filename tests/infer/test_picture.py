"""What the figures show: the points of the prompts and the band under reassignment."""

import numpy as np
import pytest

from infer import simulate
from promptrail.infer.picture import band
from promptrail.infer.response import Recorded

PLAN = simulate.dose(8, draws=199)


def recorded(behaviour: simulate.Behaviour) -> Recorded:
    return simulate.recorded(PLAN, {"h": simulate.host(PLAN, np.random.default_rng(1), behaviour)})


def test_the_points_are_the_prompts() -> None:
    """Length and bytes of each prompt's window, 40 in five strata."""
    seen = recorded(simulate.uploader())
    drawn = band(PLAN, seen, "h")
    slots = [s for s in PLAN.slots if s.kind == "prompt"]
    assert drawn.points == tuple((s.length, float(seen.hosts["h"].sent[s.slot])) for s in slots)
    assert len(drawn.lengths) == len(drawn.low) == len(drawn.high) == 5


@pytest.mark.parametrize(
    ("behaviour", "outside"), [(simulate.uploader(), True), (simulate.NULLS["hash"], False)]
)
def test_an_uploader_leaves_the_band(behaviour: simulate.Behaviour, outside: bool) -> None:
    """The medians of the shortest and longest prompts lie outside it, and a null host's inside."""
    drawn = band(PLAN, recorded(behaviour), "h")
    inside = [low <= m <= high for low, m, high in zip(drawn.low, drawn.medians, drawn.high, strict=True)]
    assert (not inside[0] and not inside[-1]) if outside else all(inside)
