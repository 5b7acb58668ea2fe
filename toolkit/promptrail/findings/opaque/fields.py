"""Decoded fields of differential runs, and which of them follow the input: a followed plan in, one row a field out.

Each input of the plan was typed in two slots. A value that depends on it agrees within the pairs more often than
chance allows. What is in a request of a slot is one value a field: the set of all that it held there.
"""

from typing import Any, NamedTuple

from promptrail.case import Case
from promptrail.findings.identifiers.fields import messages
from promptrail.findings.mask import Mask
from promptrail.findings.opaque.plans import Followed, first_party
from promptrail.findings.opaque.words import field_sentences
from promptrail.infer import differential
from promptrail.infer.guards import CANNOT_TELL, SUPPORTED
from promptrail.infer.plan import Plan

SHOWN = 12
"""Fields told beside those that follow the input, least p first."""
SLOT, SLOT_END = "slot", "slot-end"


class Field(NamedTuple):
    """Where a value stands."""

    host: str
    part: str
    path: str


class Window(NamedTuple):
    slot: int
    run: str
    begins: float
    ends: float


def windows(case: Case, followed: Followed) -> list[Window]:
    """Of each slot, from the focus before its send to the focus of the next one, or to the end of its run."""
    events = case.events[case.events["run"].isin(followed.runs) & (case.events["event"] == SLOT)]
    events = events.sort_values(["run", "at", "label"], kind="stable")
    known, found = len(followed.plan.slots), []
    for run, rows in events.groupby("run", sort=True):
        begins = [float(at) - followed.plan.dwell for at in rows["at"]]
        for label, begin, end in zip(rows["label"], begins, [*begins[1:], float("inf")], strict=True):
            if str(label).isdecimal() and int(label) < known:
                found.append(Window(int(label), str(run), begin, end))
    return found


def studied(case: Case, followed: Followed, mask: Mask) -> dict[str, Any]:
    """The fields with their verdicts, and how many there were; paths are masked, values are not told."""
    places = windows(case, followed)
    values = collected(case, followed, places)
    every = differential.fields(followed.plan, values, sorted({place.slot for place in places}))
    verdicts = [one for one in every if one.outcome != CANNOT_TELL]
    ranked = sorted(verdicts, key=lambda v: (v.outcome != SUPPORTED, v.p, v.field))
    shown = [v for n, v in enumerate(ranked) if v.outcome == SUPPORTED or n < SHOWN]
    return {
        "digest": followed.digest[:12],
        "runs": list(followed.runs),
        "inputs": inputs(followed.plan),
        "lengths": sorted({slot.length for slot in followed.plan.slots if slot.length}),
        "fields": len(values),
        "tested": len(verdicts),
        "positive": followed.plan.positive,
        "rows": [_row(v, followed.plan.positive, len(verdicts), mask) for v in shown],
    }


def inputs(plan: Plan) -> int:
    return len({slot.input for slot in plan.slots if slot.kind == "prompt"})


def collected(case: Case, followed: Followed, places: list[Window]) -> dict[str, list[str | None]]:
    """By field, its value in each slot of the plan; None where no request of the slot had it."""
    by_run: dict[str, list[Window]] = {}
    for window in places:
        by_run.setdefault(window.run, []).append(window)
    held: dict[Field, dict[int, set[str]]] = {}
    for message in messages(case, list(followed.runs)):
        if message.direction != "request" or message.at is None:
            continue
        for window in by_run.get(message.run, ()):
            if window.begins <= message.at < window.ends:
                for one in message.fields:
                    if one.outer:
                        key = Field(message.host, message.part, one.path)
                        held.setdefault(key, {}).setdefault(window.slot, set()).add(one.text)
    slots = [slot.slot for slot in followed.plan.slots]
    return {
        "\n".join(key): ["\x00".join(sorted(by[n])) if n in by else None for n in slots]
        for key, by in sorted(held.items())
    }


def _row(verdict: differential.FieldVerdict, positive: str, tested: int, mask: Mask) -> dict[str, Any]:
    host, part, path = verdict.field.split("\n", 2)
    row = {
        "host": mask.text(host),
        "own": first_party(host, positive),
        "part": part,
        "path": mask.text(path),
        "agree": verdict.agree,
        "inputs": verdict.inputs,
        "values": verdict.values,
        "p": verdict.p,
        "p_adjusted": verdict.p_adjusted,
        "outcome": verdict.outcome,
    }
    licensed, forbidden = field_sentences(row, tested)
    return {**row, "licensed": licensed, "not_licensed": forbidden}
