"""Stage 2 tells content from what is counted per character, line or key."""

from dataclasses import replace

import numpy as np
import pytest

from infer import simulate
from promptrail.infer.contrast import CONTENT, NOT_SHOWN, Contrast, contrast, unbalanced
from promptrail.infer.decide import analyse
from promptrail.infer.doses import doses
from promptrail.infer.fit import Fit, fit
from promptrail.infer.plan import draw
from promptrail.infer.response import Traffic

DOSE = simulate.dose(8, draws=999, spikes=2)
PLAN = draw("contrast", "c0" * 16, draws=1_999, controls=6, positive="chat.example")
CONTENT_HOSTS = {
    "raw": simulate.uploader(),
    "base64": simulate.uploader("base64"),
    "deflate": simulate.uploader("deflate"),
    "escaped": simulate.uploader("escaped"),
    "first 1,024": simulate.uploader(cap=1024),
    "all in the next window": simulate.uploader(late=1.0),
}
COUNTED = {
    "layout events": simulate.layout,
    "length field": simulate.length_field,
    "hash": simulate.NULLS["hash"],
    "keystrokes, pasted": simulate.keystrokes(),
    "keystrokes, typed": simulate.keystrokes("typed"),
}


def seen(behaviour: simulate.Behaviour, profile: str, seed: int = 2) -> tuple[Fit | None, Traffic]:
    """The line of stage 1 and the traffic of stage 2."""
    chance = np.random.default_rng(seed)
    first = simulate.host(DOSE, chance, behaviour, profile=profile)
    line = fit(doses(DOSE, simulate.recorded(DOSE, {"h": first})), first, DOSE.seed)
    return line, simulate.host(PLAN, chance, behaviour, profile=profile)


def p(behaviour: simulate.Behaviour, profile: str, seed: int = 2) -> Contrast:
    line, traffic = seen(behaviour, profile, seed)
    return contrast(PLAN, simulate.recorded(PLAN, {"h": traffic}), "h", line)


@pytest.mark.parametrize(
    ("name", "profile"),
    [
        *((name, "quiet") for name in CONTENT_HOSTS),
        *(
            (name, "moderate") for name in CONTENT_HOSTS if name != "first 1,024"
        ),  # that needs 20 of either alphabet
    ],
)
def test_content_is_found(name: str, profile: str) -> None:
    """Text that takes more bytes in the wide alphabet, in whatever encoding: p of at most 0.01."""
    assert p(CONTENT_HOSTS[name], profile).p <= 0.01


@pytest.mark.parametrize("name", COUNTED)
def test_what_is_counted_is_no_content(name: str) -> None:
    """Eight recordings each: at most one p of 0.01 or less, though stage 1 supports layout events and typed keys."""
    assert sum(p(COUNTED[name], "quiet", seed).p <= 0.01 for seed in range(8)) <= 1


def test_stage_two_is_asked_of_supported_hosts_alone() -> None:
    """One experiment: content for the uploader, not shown for layout events, nothing for a host without dependence."""
    chance = np.random.default_rng(1)
    made = {
        "chat.example": simulate.uploader(),
        "layout.example": simulate.layout,
        "hash.example": simulate.NULLS["hash"],
    }
    first, second = (
        simulate.recorded(plan, {name: simulate.host(plan, chance, b) for name, b in made.items()})
        for plan in (replace(DOSE, positive="chat.example"), PLAN)
    )
    told = {v.host: v.stage2 for v in analyse(DOSE, first, (PLAN, second)).hosts}
    assert told == {"chat.example": CONTENT, "layout.example": NOT_SHOWN, "hash.example": None}


def test_answers_that_grow_with_the_alphabet_open_a_rival_cause() -> None:
    """A first party that answers more or later to wide text: content is not shown then."""
    traffic = seen(simulate.uploader(), "quiet")[1]
    given = doses(PLAN, simulate.recorded(PLAN, {}))
    received, answered = np.full(given.windows, 100.0), np.full(given.windows, 2.0)
    for grows, by in ((received, 900.0), (answered, 20.0)):
        even = replace(traffic, received=received.copy(), answered=answered.copy())
        assert not unbalanced(PLAN, simulate.recorded(PLAN, {"h": even}), "h")
        kept = grows.copy()
        grows[given.window[given.wide]] += by
        assert unbalanced(
            PLAN, simulate.recorded(PLAN, {"h": replace(traffic, received=received, answered=answered)}), "h"
        )
        grows[:] = kept


def test_a_contrast_without_contrast_shows_nothing() -> None:
    """The host was sent nothing, or every prompt has one alphabet, or none was recorded: p is 1."""
    traffic = seen(simulate.uploader(), "quiet")[1]
    recorded = simulate.recorded(PLAN, {"h": traffic})
    assert contrast(PLAN, recorded, "other", None).p == 1
    assert (
        contrast(
            DOSE, simulate.recorded(DOSE, {"h": simulate.host(DOSE, np.random.default_rng(1))}), "h", None
        ).p
        == 1
    )
    assert contrast(PLAN, replace(recorded, window_of=np.full(len(PLAN.slots), -1)), "h", None).p == 1


def test_p_is_uniform_where_nothing_differs() -> None:
    """200 recordings of noise: p below 0.05 and 0.25 about as often."""
    small = replace(PLAN, draws=99)
    line = Fit(1.0, 0.98, 1.02, 350.0, None, 20, 20, 0.8, 1.0)
    found = []
    for seed in range(200):
        plan = replace(draw("contrast", f"{seed:032x}", draws=99), draws=small.draws)
        traffic = simulate.host(plan, np.random.default_rng(seed), profile="moderate")
        found.append(contrast(plan, simulate.recorded(plan, {"h": traffic}), "h", line).p)
    for level in (0.05, 0.25):
        assert np.mean(np.array(found) <= level) <= level + 3 * np.sqrt(level * (1 - level) / 200)
