"""Checks that could prove finding 10 wrong: the guards of the experiment, and those of how its plan came about.

A control that was not recorded is "not run", never passed. One that fails leaves nothing to be said of any host.
"""

import datetime
from typing import Any, Literal, NamedTuple

from promptrail.case import Case
from promptrail.findings.opaque.plans import Followed, Plans
from promptrail.findings.opaque.words import p_of
from promptrail.infer import guards
from promptrail.infer.decide import Experiment
from promptrail.infer.response import Recorded
from promptrail.language import mark, say, say_n
from promptrail.model import Control

ALARMS = 0.01
"""Chance of a false alarm over all plans of one kind that were followed."""
SLOT = "slot"
GUARDS = (
    mark("Plan carried out"),
    mark("Failed prompts"),
    mark("Capture"),
    mark("Positive control"),
    mark("Answers"),
    mark("Latency"),
    mark("Drafts"),
    mark("Plan carried out, second experiment"),
)
"""Controls that are guards of the experiment, named by `infer.guards`."""


class Checks(NamedTuple):
    all: list[Control]
    failed: tuple[str, ...]
    """Names of those that failed and void every verdict, whatever it is."""
    voided: dict[str, str]
    """A verdict's `why` -> the guard that took it back, as a clause."""


def controls(
    case: Case,
    plans: Plans,
    used: list[Followed],
    experiment: Experiment | None,
    contrast: Followed | None = None,
    second: Recorded | None = None,
    fields: dict[str, Any] | None = None,
) -> Checks:
    """Of the plans that are used; none without a plan. `contrast`, `second`: the second experiment, if there is one;
    `fields`: what differential runs gave (`opaque_fields.studied`)."""
    if not used:
        return Checks([], (), {})
    ours = [_before(case, used), _once(plans, used)]
    beside = []
    if experiment is not None and contrast is not None and second is not None:
        beside += _second(contrast, second, experiment)
    if fields is not None:
        beside.append(_fields(fields))
    told = experiment.guards if experiment else ()
    shown = [_control(_name(guard.name), guard) for guard in told]
    voided = {guards.voiding(guard): _voids(guard) for guard in told}
    failed = tuple(one.control for one in [*ours, *beside] if one.result == "fail")
    return Checks([*ours, *shown, *beside], failed, voided)


def _second(contrast: Followed, second: Recorded, experiment: Experiment) -> list[Control]:
    """The same of the second experiment: it was carried out, and shows the first party."""
    done = guards.carried_out(contrast.plan, second)
    first = experiment.positive
    shown = None if first is None else first.stage2
    return [
        _control(f"{_name(done.name)}, second experiment", done),
        Control(
            mark("Positive control, second experiment"),
            say("would it show a channel that carries the prompt?"),
            say("the volume to the first party follows the kind of the characters"),
            say("not measured")
            if first is None or first.p_stage2 is None
            else f"{first.host}: {p_of(first.p_stage2)}",
            "not run" if shown is None else "pass" if shown == "content" else "fail",
        ),
    ]


def _fields(fields: dict[str, Any]) -> Control:
    """The first party is sent the prompt; where its requests cannot be decoded there is nothing to see."""
    own = [row for row in fields["rows"] if row["own"] and row["outcome"] == "supported"]
    return Control(
        mark("Positive control, fields"),
        say("would it show a field that carries the prompt?"),
        say("a decoded field of requests to the first party follows the input"),
        say("{path} of {host}", path=own[0]["path"], host=own[0]["host"])
        if own
        else say("no decoded field of the first party follows it"),
        "pass" if own else "not run",
    )


def _control(name: str, guard: guards.Guard) -> Control:
    question = say(guard.question)
    asked = question[0].lower() + question[1:]
    return Control(name, asked, say(guard.wanted), say(guard.told), _result(guard))


def _name(guard: str) -> str:
    return guard[0].upper() + guard[1:]


def _voids(guard: guards.Guard) -> str:
    control = say(_name(guard.name))
    if guard.result == "fail":
        return say("{control} failed", control=control)
    return say("{control} was not run", control=control)


def _result(guard: guards.Guard) -> Literal["pass", "fail", "not run"]:
    return "pass" if guard.result == "pass" else "fail" if guard.result == "fail" else "not run"


def _before(case: Case, used: list[Followed]) -> Control:
    """The log of the case has the digest from before the first slot; the run's clock is that of the same machine."""
    late, unlogged, lines = 0, 0, []
    for one in used:
        slots = case.events[case.events["run"].isin(one.runs) & (case.events["event"] == SLOT)]["at"].dropna()
        drawn = _seconds(one.drawn)
        if drawn is None or slots.empty:
            unlogged += 1
            continue
        ahead = float(slots.min()) - drawn
        late += ahead < 0
        kind, time = say(one.plan.kind), _span(abs(ahead))
        if ahead >= 0:
            lines.append(say("{plan}: logged {time} before the first slot", plan=kind, time=time))
        else:
            lines.append(say("{plan}: logged {time} after the first slot", plan=kind, time=time))
    if unlogged:
        lines.append(
            say_n("{n} plan without a line in the log", "{n} plans without a line in the log", unlogged)
        )
    return Control(
        mark("Plan before recording"),
        say("were the lengths fixed before anything was seen?"),
        say("the log of the case has the plan's digest from before the first slot, and the runs name it"),
        "; ".join(lines),
        "fail" if late else "not run" if unlogged else "pass",
    )


def _once(plans: Plans, used: list[Followed]) -> Control:
    """Who follows several plans and tells the one that pleases has more chances of a false alarm."""
    told, over = [], False
    for one in used:
        same = plans.of(one.plan.kind)
        chance = sum(other.plan.alpha for other in same)
        over |= chance > max(ALARMS, one.plan.alpha) + 1e-9
        told.append(
            say(
                "{plan}: 1 of {n} followed, {chance:g} % in all",
                plan=say(one.plan.kind),
                n=len(same),
                chance=100 * chance,
            )
        )
    drawn = say_n("{n} plan drawn", "{n} plans drawn", plans.files)
    return Control(
        mark("Plans followed"),
        say("was it repeated until it fitted?"),
        say(
            "the chances of a false alarm of all plans of a kind that were followed add up to at most {most:g} %",
            most=100 * ALARMS,
        ),
        "; ".join([*told, drawn]),
        "fail" if over else "pass",
    )


def _seconds(text: str | None) -> float | None:
    try:
        return datetime.datetime.fromisoformat(text or "").timestamp()
    except ValueError:
        return None


def _span(seconds: float) -> str:
    """Whole units: the log is written to the second."""
    if seconds < 120:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 7200 else f"{seconds / 3600:.0f} h"
