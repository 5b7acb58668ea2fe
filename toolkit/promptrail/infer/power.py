"""What a plan can show before it is carried out: a plan and a kind of noise in, runs, minutes and smallest effect out.

A host with such noise is simulated and sent the text in each named way (`spikes`); the figures hold for hosts like it
and for a family of FAMILY hosts. They are forecasts: the verdict itself rests on the recorded host's own noise.
"""

from dataclasses import dataclass, replace

import numpy as np

from promptrail.infer import spikes
from promptrail.infer.alternatives import ALTERNATIVES, HEAD
from promptrail.infer.contrast import contrast
from promptrail.infer.differential import pairings
from promptrail.infer.doses import doses
from promptrail.infer.noise import KINDS, Noise, drawn, sent_windows
from promptrail.infer.plan import Plan, Slot
from promptrail.infer.reassign import Counts, stream, uniform
from promptrail.infer.response import Recorded

FAMILY = 20
"""Hosts that the forecast assumes."""
TRIALS = 10


@dataclass(frozen=True, slots=True)
class Forecast:
    noise: str
    runs: int
    slots: int
    minutes: float
    """Slots, dwell and drain of all runs; what lies between runs is not counted."""
    smallest: float | None
    """Dose: bytes per character found in 9 of 10 trials; None: not even the whole text."""
    power: dict[str, float]
    """Share of trials that find each alternative (dose), the whole text (contrast), a field (differential)."""


def forecast(plan: Plan, noise: str | Noise = "moderate", *, trials: int = TRIALS) -> Forecast:
    """KeyError for a kind of noise that is not in `noise.KINDS`."""
    kind = KINDS[noise] if isinstance(noise, str) else noise
    smallest, power = FORECASTS[plan.kind](plan, kind, trials)
    return Forecast(
        noise=kind.name,
        runs=len(plan.begins),
        slots=len(plan.slots),
        minutes=minutes(plan),
        smallest=smallest,
        power=power,
    )


def minutes(plan: Plan) -> float:
    """Recording time."""
    seconds = len(plan.slots) * (plan.seconds + plan.dwell) + len(plan.begins) * plan.drain
    return float(seconds / 60)


def _dose(plan: Plan, noise: Noise, trials: int) -> tuple[float | None, dict[str, float]]:
    given = doses(plan, as_planned(plan))
    host = drawn(noise, sent_windows(given), plan.seed, "forecast")
    # Before a recording nothing is known of the host's bytes, so counting must not exclude anything.
    host = replace(host, total=float("inf"))
    level = plan.alpha / FAMILY
    uploads = [ALTERNATIVES[name] for name in plan.alternatives]
    found = spikes.powers(given, {"": host}, uploads, plan.seed, level, trials)[""] if uploads else []
    power = {name: p.share for name, p in zip(plan.alternatives, found, strict=True)}
    return spikes.detectable(given, host, plan.seed, level, trials), power


def _contrast(plan: Plan, noise: Noise, trials: int) -> tuple[float | None, dict[str, float]]:
    recorded = as_planned(plan)
    given = doses(plan, recorded)
    few = replace(plan, draws=min(plan.draws, 999))
    found = 0
    for trial in range(trials):
        wide = uniform(stream(plan.seed, f"forecast {trial}"), given.count).argsort(kind="stable")
        shuffled = replace(few, slots=_alphabets(plan, wide))
        host = drawn(noise, sent_windows(given), plan.seed, f"forecast {trial}")
        size = HEAD + given.length * np.where(doses(shuffled, recorded).wide, 2.0, 1.0)
        sent = host.sent + np.bincount(given.window, weights=size, minlength=given.windows)
        host = replace(
            host,
            sent=sent,
            window=np.concatenate([host.window, given.window]),
            size=np.concatenate([host.size, size]),
        )
        p = contrast(shuffled, replace(recorded, hosts={"": host}), "", None).p
        found += p <= plan.alpha
    return None, {"the whole text of every prompt": found / trials}


def _alphabets(plan: Plan, order: Counts) -> tuple[Slot, ...]:
    """The plan's slots with the alphabets of its prompts in another order."""
    prompts = [s for s in plan.slots if s.kind == "prompt"]
    moved = {s.slot: prompts[int(n)].alphabet for s, n in zip(prompts, order, strict=True)}
    return tuple(replace(s, alphabet=moved.get(s.slot, s.alphabet)) for s in plan.slots)


def _differential(plan: Plan, noise: Noise, trials: int) -> tuple[float | None, dict[str, float]]:
    """A field that is a function of the input and differs between inputs agrees in every pair: no noise enters."""
    least = 1 / pairings(len({s.input for s in plan.slots}))
    return None, {
        f"a hash of the prompt, among {fields:,} fields that vary": float(least * fields <= plan.alpha)
        for fields in (1, 10, 100, 1000)
    }


FORECASTS = {"dose": _dose, "contrast": _contrast, "differential": _differential}


def as_planned(plan: Plan) -> Recorded:
    """The plan as if carried out in one run, without any host."""
    return Recorded(len(plan.slots) + 1, np.arange(len(plan.slots)), {})
