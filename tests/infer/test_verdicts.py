"""The verdict on one host where a test alone does not decide: too loud, a trace of length, padded, few bytes."""

from dataclasses import replace

import numpy as np
import pytest

from infer import simulate
from promptrail.infer.decide import Experiment, analyse
from promptrail.infer.doses import doses
from promptrail.infer.verdicts import HostVerdict, padded

PLAN = simulate.dose(10, draws=1_999, spikes=8)


def of(experiment: Experiment, host: str) -> HostVerdict:
    return next(v for v in experiment.hosts if v.host == host)


def test_a_loud_host_cannot_be_told_and_says_how_loud() -> None:
    """Heavy bursts in few prompts: no verdict, and the least slope that would have been found, or none."""
    tiny = simulate.dose(2, draws=999, spikes=12)
    chance = np.random.default_rng(2)
    made = {
        "chat.example": simulate.host(tiny, chance, simulate.uploader()),
        "loud.example": simulate.host(tiny, chance, profile="loud"),
    }
    verdict = of(analyse(replace(tiny, positive=""), simulate.recorded(tiny, made)), "loud.example")
    assert verdict.outcome == "cannot tell"
    assert verdict.detectable is None or 0 < verdict.detectable <= 1


def test_a_length_field_is_a_trace_and_no_text() -> None:
    """Digits of the length in a request of otherwise constant size: found, and called less than text."""
    out = simulate.Sending(PLAN)
    digits = np.floor(np.log10(np.maximum(out.length, 1)))
    out.add(np.arange(out.windows), np.where(out.length > 0, 400 + digits, 0))
    chance = np.random.default_rng(1)
    made = {
        "chat.example": simulate.host(PLAN, chance, simulate.uploader()),
        "length.example": out.traffic(chance, merged=0.0),
    }
    verdict = of(analyse(replace(PLAN, spikes=1), simulate.recorded(PLAN, made)), "length.example")
    assert verdict.p_adjusted <= PLAN.alpha and verdict.outcome == "not supported"
    assert verdict.slope_high is not None and verdict.slope_high < 0.05 and "less than 0.05" in verdict.why


@pytest.mark.parametrize(
    ("layer", "may"),
    [("tls", False), ("pad1024", False), ("pad4096", False), ("pad8192", True), ("pad16384", True)],
)
def test_padding_above_most_of_the_longest_text_is_seen(layer: str, may: bool) -> None:
    """Blocks of three quarters of the longest prompt and more could hide every length."""
    traffic = simulate.host(PLAN, np.random.default_rng(1), simulate.uploader(layer=layer))
    assert padded(doses(PLAN, simulate.recorded(PLAN, {"h": traffic})), traffic) == may


def test_a_host_with_hardly_any_bytes_is_settled_by_counting() -> None:
    """Less than a hundredth of the text: not supported, whatever was or was not tried."""
    chance = np.random.default_rng(1)
    out = simulate.Sending(PLAN)
    out.add(np.arange(3), 100.0)
    made = {
        "chat.example": simulate.host(PLAN, chance, simulate.uploader()),
        "few.example": out.traffic(chance),
    }
    verdict = of(analyse(replace(PLAN, spikes=0), simulate.recorded(PLAN, made)), "few.example")
    assert verdict.outcome == "not supported" and verdict.ceiling == pytest.approx(300 / 82_000, rel=0.2)
    assert "at most 0.3" in verdict.why


@pytest.mark.parametrize(("sent", "most"), [(0, 1 - 0.01 ** (1 / 20)), (2, 0.387)])
def test_bursts_that_could_hold_a_text_bound_its_share(sent: int, most: float) -> None:
    """Twenty prompts of 1,024 characters and more: none of them answered leaves 21 %, two of them 39 %."""
    chance = np.random.default_rng(1)
    out = simulate.Sending(PLAN)
    long = [s.slot for s in PLAN.slots if s.kind == "prompt" and s.length >= 1024]
    isolated = [n for n in long if n + 1 not in long and n - 1 not in long][:sent]
    out.add(np.array(isolated, int), 9_500.0)
    out.add(np.arange(out.windows), 100.0)
    made = {
        "chat.example": simulate.host(PLAN, chance, simulate.uploader()),
        "h.example": out.traffic(chance, merged=0),
    }
    verdict = of(analyse(replace(PLAN, spikes=1), simulate.recorded(PLAN, made)), "h.example")
    assert len(isolated) == sent and verdict.outcome != "supported"
    assert verdict.share_most == pytest.approx(most, abs=0.005)
