"""The line through the bursts: slope, cap and share of what was simulated, and none where there is none."""

from dataclasses import replace

import numpy as np
import pytest

from infer import simulate
from promptrail.infer.doses import doses
from promptrail.infer.fit import Fit, fit

PLAN = simulate.dose(10)
CASES: list[tuple[str, simulate.Behaviour, str, float, int | None]] = [
    ("raw", simulate.uploader(), "quiet", 1.0, None),
    ("raw in loud noise", simulate.uploader(), "loud", 1.0, None),
    ("base64", simulate.uploader("base64"), "moderate", 4 / 3, None),
    ("hex", simulate.uploader("hex"), "moderate", 2.0, None),
    ("deflate", simulate.uploader("deflate"), "loud", 0.757, None),
    ("datagrams", simulate.uploader(layer="quic"), "quiet", 1.034, None),
    ("first 1,024 characters", simulate.uploader(cap=1024), "moderate", 1.0, 1024),
    ("all in the next window", simulate.uploader(late=1.0), "moderate", 1.0, None),
    ("half in the next window", simulate.uploader(late=0.5), "quiet", 1.0, None),
    ("a third of the text", simulate.uploader(part=0.3), "quiet", 0.3, None),
]


def found(behaviour: simulate.Behaviour, profile: str, seed: int = 7) -> Fit | None:
    traffic = simulate.host(PLAN, np.random.default_rng(seed), behaviour, profile=profile)
    return fit(doses(PLAN, simulate.recorded(PLAN, {"h": traffic})), traffic, PLAN.seed)


@pytest.mark.parametrize(
    ("behaviour", "profile", "slope", "cap"), [c[1:] for c in CASES], ids=[c[0] for c in CASES]
)
def test_a_line_is_found_again(
    behaviour: simulate.Behaviour, profile: str, slope: float, cap: int | None
) -> None:
    """The true slope lies within the limits, the cap is the true one, and most prompts carry it."""
    line = found(behaviour, profile)
    assert line is not None and line.low is not None and line.high is not None
    assert line.low <= slope <= line.high and line.cap == cap
    assert line.head == pytest.approx(350, abs=80)
    assert (
        line.carriers >= 0.6 * line.eligible
        and line.share_low < line.carriers / line.eligible <= line.share_high
    )


def test_a_share_of_the_prompts_is_told() -> None:
    """Three in ten sent: the limits of the share hold it, and do not hold all."""
    line = found(simulate.uploader(share=0.3), "quiet", seed=8)
    assert line is not None and line.slope == pytest.approx(1.0, abs=0.02)
    assert line.share_low <= 0.3 <= line.share_high < 0.9


def test_a_low_cap_has_no_limits() -> None:
    """Two strata lie under 256 characters: another line explains as much, so no interval is given."""
    line = found(simulate.uploader("hex", cap=256), "quiet", seed=8)
    assert line is not None and line.cap is not None
    assert line.low is None and line.high is None


@pytest.mark.parametrize("bursts", [0, 1, 3])
def test_too_few_bursts_are_no_line(bursts: int) -> None:
    """Fewer than four prompts cannot carry one."""
    traffic = simulate.host(PLAN, np.random.default_rng(1))
    given = doses(PLAN, simulate.recorded(PLAN, {"h": traffic}))
    few = replace(traffic, window=given.window[:bursts], size=given.length[:bursts] + 400)
    assert fit(given, few, PLAN.seed) is None


def test_hostile_sizes_break_nothing() -> None:
    """Sizes of 0, of a terabyte, and a hundred thousand in one window."""
    traffic = simulate.host(PLAN, np.random.default_rng(1))
    given = doses(PLAN, simulate.recorded(PLAN, {"h": traffic}))
    for size in (np.zeros(50), np.full(50, 1e12), np.tile([0.0, 1e12, 500.0], 40_000)):
        window = np.resize(given.window, len(size))
        line = fit(given, replace(traffic, window=window, size=size), PLAN.seed)
        assert line is None or np.isfinite([line.slope, line.head]).all()
