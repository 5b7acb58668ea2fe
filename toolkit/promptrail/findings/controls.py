"""Checks that could prove a finding about typed text wrong: decoys, no prompt, swapped prompt, other app, order.

A control that was not recorded is "not run", never passed.
"""

import pandas as pd

from promptrail.case import Case
from promptrail.findings.false_discovery import decoys
from promptrail.language import mark, say, say_n
from promptrail.model import Control

CLOCK = 0.05
"""Events and flows of one run are written by one machine; this much is allowed for the writing, in seconds."""
MISSING = mark("no such run was recorded")
KEYSTROKES = ("typing", "typed", "attached", "sent")


def controls(case: Case, hits: pd.DataFrame, typed: pd.DataFrame, runs: list[str]) -> list[Control]:
    """`hits`: sightings of typed content in requests, of all runs; `typed`: events that name a probe."""
    return [
        decoys(case, runs),
        _no_prompt(case, hits, runs),
        _swapped(case, hits, typed, runs),
        _other_app(case, hits, runs),
        _order(hits[hits["run"].isin(runs)], typed),
    ]


def _runs_of(case: Case, control: str) -> list[str]:
    return sorted(case.runs.loc[case.runs["control"] == control, "run"])


def _no_prompt(case: Case, hits: pd.DataFrame, runs: list[str]) -> Control:
    quiet = _runs_of(case, "C0")
    seen = hits[hits["run"].isin(quiet)]
    told = say(
        "{sightings} in {runs}",
        sightings=say_n("{n} sighting", "{n} sightings", len(seen)),
        runs=say_n("{n} run", "{n} runs", len(quiet)),
    )
    return Control(
        mark("C0, no prompt"),
        say("does it come from the typing?"),
        say("same steps with nothing typed: no sighting"),
        told if quiet else say(MISSING),
        "not run" if not quiet else "fail" if len(seen) else "pass",
    )


def _swapped(case: Case, hits: pd.DataFrame, typed: pd.DataFrame, runs: list[str]) -> Control:
    """In C1 only prompt A may be seen, in C2 only prompt B."""
    first, second = _runs_of(case, "C1"), _runs_of(case, "C2")
    part = hits[hits["run"].isin([*first, *second])]
    allowed = set(zip(typed["run"], typed["probe"], strict=True))
    wrong = sum((r, p) not in allowed for r, p in zip(part["run"], part["probe"], strict=True))
    ran = bool(first and second and len(typed) and len(part))
    return Control(
        mark("C1 and C2, swapped prompt"),
        say("does the content follow?"),
        say("in each run only what was typed in it is seen"),
        say("{wrong} of {all} sightings were of text not typed in that run", wrong=wrong, all=len(part))
        if ran
        else say("no such pair of runs was recorded"),
        "not run" if not ran else "fail" if wrong else "pass",
    )


def _other_app(case: Case, hits: pd.DataFrame, runs: list[str]) -> Control:
    """The same text typed into another app must not reach the hosts that the finding names."""
    other = _runs_of(case, "C3")
    named = set(hits.loc[hits["run"].isin(runs) & ~hits["run"].isin(other), "host"].dropna())
    seen = hits[hits["run"].isin(other) & hits["host"].isin(named)]
    told = say(
        "{sightings} at {hosts}",
        sightings=say_n("{n} sighting", "{n} sightings", len(seen)),
        hosts=say_n("{n} host", "{n} hosts", len(named)),
    )
    return Control(
        mark("C3, another app"),
        say("is it this app, not the keyboard or the system?"),
        say("the same text typed into another app reaches none of these hosts"),
        told if other else say(MISSING),
        "not run" if not other else "fail" if len(seen) else "pass",
    )


def _order(hits: pd.DataFrame, typed: pd.DataFrame) -> Control:
    """No probe is seen before its first keystroke."""
    first = typed[typed["event"].isin(KEYSTROKES)].groupby(["run", "probe"])["at"].min()
    timed = hits[hits["at"].notna()].merge(first.rename("typed_at").reset_index(), on=["run", "probe"])
    early = int((timed["at"] < timed["typed_at"] - CLOCK).sum())
    told = say("{early} of {all} sightings came before the first keystroke", early=early, all=len(timed))
    return Control(
        mark("Order in time"),
        say("can the typing be the cause?"),
        say("nothing is seen before it was typed"),
        told if len(timed) else say("no keystroke times were recorded"),
        "not run" if not len(timed) else "fail" if early else "pass",
    )
