"""Forecasts of what a plan can show, by its kind and by noise."""

import pytest

from infer import simulate
from promptrail.infer.noise import Noise
from promptrail.infer.plan import draw
from promptrail.infer.power import forecast, minutes

SEED = simulate.SEED


def test_more_prompts_show_smaller_effects() -> None:
    """Ten prompts a length in quiet noise find whole texts and a part of them, two do not find that part."""
    many, few = (forecast(simulate.dose(n), "quiet", trials=5) for n in (10, 2))
    assert many.smallest is not None and many.smallest <= 0.3
    assert few.smallest is None or few.smallest > many.smallest
    assert many.power["the whole text of every prompt, compressed"] == 1.0
    assert many.power["the whole text of 1 prompt in 10"] <= 0.8


def test_minutes_and_runs() -> None:
    """65 slots of 50 s with 20 s before each, and 20 minutes of drain in each of three runs."""
    plan = draw("dose", SEED, sessions=3)
    assert minutes(plan) == pytest.approx((65 * 70 + 3 * 1200) / 60)
    bare = forecast(draw("differential", SEED, inputs=5))
    assert (bare.runs, bare.slots) == (10, 10)


def test_more_inputs_stand_among_more_fields() -> None:
    """Five inputs find a hash among one field, and not among a hundred; seven do."""
    five, seven = (forecast(draw("differential", SEED, inputs=n)).power for n in (5, 7))
    assert five["a hash of the prompt, among 1 fields that vary"] == 1
    assert five["a hash of the prompt, among 100 fields that vary"] == 0
    assert seven["a hash of the prompt, among 1,000 fields that vary"] == 1


def test_a_contrast_in_quiet_noise_shows_content() -> None:
    """Twelve of either alphabet; two of either cannot."""
    large, small = (draw("contrast", SEED, per_alphabet=n) for n in (12, 2))
    name = "the whole text of every prompt"
    assert forecast(large, "quiet", trials=5).power[name] == 1
    assert forecast(small, "quiet", trials=5).power[name] == 0


def test_a_silent_host_is_a_kind_of_noise_too() -> None:
    """Fitted to a host without a burst: whole texts are found."""
    told = forecast(simulate.dose(4), Noise("silent", ()), trials=3)
    assert told.noise == "silent" and told.power["the whole text of every prompt, compressed"] == 1


def test_an_unknown_noise_is_no_guess() -> None:
    """KeyError, as its docstring says."""
    with pytest.raises(KeyError):
        forecast(simulate.dose(2), "deafening")
