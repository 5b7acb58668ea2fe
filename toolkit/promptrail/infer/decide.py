"""The verdict on every host: a plan and what was recorded of it in; supported, not supported or cannot tell out.

Supported: bytes rise with the drawn length by more than FLOOR a character. Not supported: they do not, and this very
recording would have shown it had the host been sent the text; the verdict lists what is excluded. Cannot tell: all
else, with the least slope that would have been found. A failed guard takes back the verdicts that it voids.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from promptrail.errors import ParameterError
from promptrail.infer import guards, spikes
from promptrail.infer.alternatives import ALTERNATIVES
from promptrail.infer.contrast import CONTENT, NOT_SHOWN, contrast, unbalanced
from promptrail.infer.doses import Doses, doses
from promptrail.infer.fit import Fit, fit
from promptrail.infer.guards import CANNOT_TELL, NOT_SUPPORTED, SUPPORTED, Guard
from promptrail.infer.plan import Plan
from promptrail.infer.randomisation import holm, test
from promptrail.infer.response import Recorded
from promptrail.infer.spikes import Power
from promptrail.infer.verdicts import HostVerdict, drafts, how_much, padded, unjudged, would_have_shown

__all__ = ["Experiment", "Guard", "HostVerdict", "analyse", "enough_draws"]

MOST_DRAWS = 2_000_000


@dataclass(frozen=True, slots=True)
class Experiment:
    plan: Plan
    hosts: tuple[HostVerdict, ...]
    """In order of name."""
    family: int
    """Hosts that the correction is for: all that were seen."""
    positive: HostVerdict | None
    guards: tuple[Guard, ...]
    slots: int
    """Slots that were recorded."""
    draws: int


def analyse(
    plan: Plan,
    recorded: Recorded,
    contrast: tuple[Plan, Recorded] | None = None,
    *,
    positive: Sequence[str] = (),
) -> Experiment:
    """Verdicts on all hosts of a dose plan. `contrast` is stage 2; `positive` names the first party's hosts, or its
    group, where the plan's name does not (it stands for itself and all hosts below it)."""
    kinds = (plan.kind, contrast[0].kind if contrast else "contrast")
    if kinds != ("dose", "contrast"):
        raise ParameterError(
            f"Verdicts on hosts need a plan of kind dose, then one of kind contrast, not {kinds}."
        )
    given = doses(plan, recorded)
    family = len(recorded.hosts)
    draws = enough_draws(plan, family)
    outcomes = {name: test(given, traffic, plan.seed, draws) for name, traffic in recorded.hosts.items()}
    adjusted = dict(zip(outcomes, holm([o.p for o in outcomes.values()]), strict=True))
    dependent = [name for name in outcomes if adjusted[name] <= plan.alpha]
    fits = {name: fit(given, recorded.hosts[name], plan.seed) for name in dependent}
    power = _power(plan, recorded, given, [name for name in outcomes if adjusted[name] > plan.alpha])
    verdicts = {}
    for name, traffic in recorded.hosts.items():
        row = unjudged(name, traffic, given, outcomes[name], adjusted[name])
        if name in fits:
            verdict = how_much(row, plan, given, traffic, outcomes[name], fits[name])
            verdicts[name] = replace(verdict, drafts=drafts(plan, recorded, traffic, fits[name]))
        else:
            verdicts[name] = would_have_shown(row, plan, given, traffic, power[name], family)
    first = _first_party(verdicts, plan, positive)
    told = _guards(plan, recorded, given, first)
    if contrast is not None:
        verdicts = _second_stage(verdicts, fits, *contrast, first.host if first else None)
    hosts = tuple(_guarded(verdict, told) for _, verdict in sorted(verdicts.items()))
    return Experiment(
        plan=plan,
        hosts=hosts,
        family=family,
        positive=next((v for v in hosts if first and v.host == first.host), None),
        guards=told,
        slots=int((recorded.window_of >= 0).sum()),
        draws=draws,
    )


def enough_draws(plan: Plan, family: int) -> int:
    """The plan's, or ten times as many as often as the least p of the family could otherwise not reach alpha."""
    draws = plan.draws
    while family > plan.alpha * (draws + 1) and draws < MOST_DRAWS:
        draws = 10 * (draws + 1) - 1
    return draws


def _power(plan: Plan, recorded: Recorded, given: Doses, names: list[str]) -> dict[str, dict[str, Power]]:
    if not names or given.count < 2 or not plan.spikes:
        return {name: {} for name in names}
    hosts = {name: recorded.hosts[name] for name in names}
    uploads = [ALTERNATIVES[name] for name in plan.alternatives]
    # What is added is not padded, so it says nothing about a host that may pad: there only counting does.
    open_ = {name: traffic for name, traffic in hosts.items() if not padded(given, traffic)}
    level = plan.alpha / len(recorded.hosts)
    found = spikes.powers(given, open_, uploads, plan.seed, level, plan.spikes)
    counted = {
        name: [Power(0, 0, counted=not spikes.held(given, traffic, upload)) for upload in uploads]
        for name, traffic in hosts.items()
    }
    return {name: dict(zip(plan.alternatives, (counted | found)[name], strict=True)) for name in names}


def _first_party(verdicts: dict[str, HostVerdict], plan: Plan, names: Sequence[str]) -> HostVerdict | None:
    """The first party's host whose bytes follow the length most clearly."""
    wanted = [name for name in (*names, plan.positive) if name]
    mine = [
        v for v in verdicts.values() if any(v.host == name or v.host.endswith(f".{name}") for name in wanted)
    ]
    return min(mine, key=lambda v: (v.outcome != SUPPORTED, v.p, v.host), default=None)


def _guards(plan: Plan, recorded: Recorded, given: Doses, first: HostVerdict | None) -> tuple[Guard, ...]:
    traffic = recorded.hosts[first.host] if first else None
    return (
        guards.carried_out(plan, recorded),
        guards.failures(plan, recorded, given),
        guards.capture(recorded),
        guards.positive(plan.positive, first.host if first else None, first.outcome if first else None),
        guards.answers(plan, given, traffic),
        guards.latency(plan, given, traffic),
        guards.drafts(plan, first.drafts if first else None),
    )


def _guarded(verdict: HostVerdict, told: Sequence[Guard]) -> HostVerdict:
    """The same, or cannot tell with the first guard that voids it. What was not run excludes nothing either."""
    for guard in told:
        unproven = (
            guard.result == "not run"
            and guard.name == "positive control"
            and verdict.outcome == NOT_SUPPORTED
        )
        if verdict.outcome in guard.voids and (guard.result == "fail" or unproven):
            return replace(verdict, outcome=CANNOT_TELL, why=guards.voiding(guard))
    return verdict


def _second_stage(
    verdicts: dict[str, HostVerdict],
    fits: dict[str, Fit | None],
    plan: Plan,
    recorded: Recorded,
    first: str | None,
) -> dict[str, HostVerdict]:
    """Stage 2 for the hosts that stage 1 supports, corrected for their number."""
    names = [name for name, verdict in verdicts.items() if verdict.outcome == SUPPORTED]
    p = holm([contrast(plan, recorded, name, fits[name]).p for name in names])
    rival = first is not None and unbalanced(plan, recorded, first)
    return verdicts | {
        name: replace(
            verdicts[name], p_stage2=value, stage2=CONTENT if value <= plan.alpha and not rival else NOT_SHOWN
        )
        for name, value in zip(names, p, strict=True)
    }
