"""What could make an experiment prove nothing: a plan, its recording and the positive control in, one line a check out.

Each guard names the verdicts that it voids where it fails: with a rival cause open nothing is supported, with a gap in
the capture nothing is excluded, and without the channel that carries every prompt the method was not shown to see any.
"""

from dataclasses import dataclass

import numpy as np

from promptrail.infer import intervals
from promptrail.infer.doses import Doses, centred, lost_strata, ranked
from promptrail.infer.plan import Plan
from promptrail.infer.randomisation import share_at_least_as_good
from promptrail.infer.reassign import Numbers, Reassignments, stream
from promptrail.infer.response import Recorded, Traffic
from promptrail.language import mark, say

SUPPORTED, NOT_SUPPORTED, CANNOT_TELL = mark("supported"), mark("not supported"), mark("cannot tell")
FLOOR = 0.05
"""Bytes per character below which no text is claimed: a length field gives 0.0003, pings while waiting 0.03."""
LATENCY_FLOOR = 0.1
"""Share of a slot by which the longest prompt's answer may be later than the shortest's: a few pings' worth."""
LEAST_PROMPTS = 10
DRAWS = 1_999


@dataclass(frozen=True, slots=True)
class Guard:
    name: str
    question: str
    wanted: str
    told: str
    result: str
    """pass, fail or not run"""
    voids: tuple[str, ...] = ()
    """Outcomes that do not stand where this fails."""


def voiding(guard: Guard) -> str:
    """Why a verdict does not stand."""
    return say("control '{name}': {told}", name=say(guard.name), told=guard.told)


def carried_out(plan: Plan, recorded: Recorded) -> Guard:
    planned = sum(s.kind == "prompt" for s in plan.slots)
    done = len(recorded.slots(plan, "prompt"))
    missing = int((recorded.window_of < 0).sum())
    return Guard(
        mark("plan carried out"),
        say("Was every slot of the plan recorded?"),
        say("all slots"),
        say(
            "{slots} of {all} slots, {prompts} of {planned} prompts usable",
            slots=len(plan.slots) - missing,
            all=len(plan.slots),
            prompts=done,
            planned=planned,
        ),
        "pass" if not missing else "fail",
        (SUPPORTED, NOT_SUPPORTED),
    )


def failures(plan: Plan, recorded: Recorded, doses: Doses) -> Guard:
    lost = lost_strata(plan, recorded)
    told = [say("{n} failed", n=len(recorded.failed))]
    if lost:
        told.append(
            say("left out: lengths about {lengths}", lengths=", ".join(f"{2**key:,}" for key in lost))
        )
    told.append(say("{n} prompts used", n=doses.count))
    return Guard(
        mark("failed prompts"),
        say("Did prompts of some length fail?"),
        say("at least {n} prompts left", n=LEAST_PROMPTS),
        "; ".join(told),
        "pass" if doses.count >= LEAST_PROMPTS else "fail",
        (SUPPORTED, NOT_SUPPORTED),
    )


def capture(recorded: Recorded) -> Guard:
    if recorded.broken:
        broken = say("not complete: {runs}", runs=", ".join(recorded.broken))
    else:
        broken = say("every run complete")
    told = f"{broken}; {say('{n} bursts without time or size', n=recorded.unplaced)}"
    whole = not recorded.broken and not recorded.unplaced
    return Guard(
        mark("capture"),
        say("Is everything that was sent in the capture?"),
        say("every run complete, every burst placed"),
        told,
        "pass" if whole else "fail",
        (NOT_SUPPORTED,),
    )


def positive(name: str, host: str | None, outcome: str | None) -> Guard:
    question = say("Is the channel that carries every prompt found?")
    if not name:
        told, result = say("the plan names no first party"), "not run"
    elif host is None:
        told, result = say("{host} was sent nothing", host=name), "fail"
    else:
        told, result = f"{host}: {say(outcome or CANNOT_TELL)}", "pass" if outcome == SUPPORTED else "fail"
    return Guard(mark("positive control"), question, say(SUPPORTED), told, result, (SUPPORTED, NOT_SUPPORTED))


def answers(plan: Plan, doses: Doses, traffic: Traffic | None) -> Guard:
    """Whether the bytes received from the first party grow with the length that was sent."""
    received = None if traffic is None or not traffic.received.any() else traffic.received[doses.window]
    return _balance(
        mark("answers"),
        say("Do answers grow with the drawn length?"),
        say("no, or by less than {floor} bytes per character", floor=FLOOR),
        mark("bytes per character"),
        plan,
        doses,
        received,
        FLOOR,
    )


def latency(plan: Plan, doses: Doses, traffic: Traffic | None) -> Guard:
    """Whether the last byte of the answer comes later for longer prompts."""
    waited = None if traffic is None else traffic.answered[doses.window]
    if waited is not None and len(waited):
        # An answer that never came lasted the whole slot; where most are missing, nothing was measured.
        missing = ~np.isfinite(waited)
        waited = None if missing.mean() > 0.5 else np.where(missing, plan.seconds, waited)
    longest = float(np.ptp(doses.length)) if doses.count else 0.0
    allowed = LATENCY_FLOOR * plan.seconds / longest if longest else np.inf
    return _balance(
        mark("latency"),
        say("Do answers take longer the longer the drawn text?"),
        say(
            "no, or by less than {seconds:g} s from the shortest to the longest",
            seconds=LATENCY_FLOOR * plan.seconds,
        ),
        mark("seconds per character"),
        plan,
        doses,
        waited,
        allowed,
    )


def drafts(plan: Plan, found: int | None) -> Guard:
    """Text that was pasted and never sent. It voids nothing: it is a finding of its own."""
    count = sum(s.kind == "draft" for s in plan.slots)
    if found is None or not count:
        told, result = say("no draft, or no line to look for"), "not run"
    else:
        told, result = (
            say("{n} of {drafts} drafts have a burst where their text would put it", n=found, drafts=count),
            "pass",
        )
    question = say("Does text leave before it is sent?")
    return Guard(mark("drafts"), question, say("told, not judged"), told, result)


def _balance(
    name: str,
    question: str,
    wanted: str,
    unit: str,
    plan: Plan,
    doses: Doses,
    response: Numbers | None,
    floor: float,
) -> Guard:
    if response is None or doses.count < LEAST_PROMPTS:
        return Guard(name, question, wanted, say("not measured"), "not run", (SUPPORTED,))
    p = balance(doses, response, plan.seed, name)
    slope = intervals.slope(doses.length, response)[0]
    grows = p <= plan.alpha and slope > floor
    told = say("p = {p:.4f}, {slope:.4f} {unit}", p=p, slope=slope, unit=say(unit))
    return Guard(name, question, wanted, told, "fail" if grows else "pass", (SUPPORTED,))


def balance(doses: Doses, response: Numbers, seed: str, purpose: str) -> float:
    """p of "this does not grow with the drawn length", by sums and by ranks."""
    draws = Reassignments.drawn(doses.count, DRAWS, stream(seed, f"balance {purpose}"))
    lengths = centred(doses.length)[draws.rows] @ response
    ranks = doses.ranks[draws.rows] @ ranked(response)
    return share_at_least_as_good(np.round(np.stack([lengths, ranks], axis=1), 6))
