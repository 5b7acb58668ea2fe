"""Checks that could prove a finding about typed text wrong: decoys, no prompt, swapped prompt, another app, order in time.

A control that was not recorded is "not run", never passed.
"""

import pandas as pd

from promptrail.case import Case
from promptrail.model import Control

CLOCK = 0.05
"""Events and flows of one run are written by one machine; this much is allowed for the writing, in seconds."""


def controls(case: Case, hits: pd.DataFrame, typed: pd.DataFrame, runs: list[str]) -> list[Control]:
    """`hits`: sightings of typed content in requests, of all runs; `typed`: events that name a probe."""
    return [
        _decoys(case, runs),
        _no_prompt(case, hits),
        _swapped(case, hits, typed),
        _other_app(case, hits),
        _order(hits, typed),
    ]


def _runs_of(case: Case, control: str) -> list[str]:
    return sorted(case.runs.loc[case.runs["control"] == control, "run"])


def _decoys(case: Case, runs: list[str]) -> Control:
    count = int(case.probes["decoy"].sum())
    matched = case.sightings[case.sightings["decoy"].astype(bool) & case.sightings["run"].isin(runs)][
        "probe"
    ].nunique()
    return Control(
        "Decoys", "do we find what is not there?", f"0 of {count} values of the same shape, never typed, match",
        f"{matched} of {count}", "not run" if not count else "fail" if matched else "pass",
    )  # fmt: skip


def _no_prompt(case: Case, hits: pd.DataFrame) -> Control:
    runs = _runs_of(case, "C0")
    seen = hits[hits["run"].isin(runs)]
    return Control(
        "C0, no prompt", "does it come from the typing?", "same steps with nothing typed: no sighting",
        f"{len(seen)} sightings in {len(runs)} run{'s' if len(runs) != 1 else ''}" if runs else "no such run was recorded",
        "not run" if not runs else "fail" if len(seen) else "pass",
    )  # fmt: skip


def _swapped(case: Case, hits: pd.DataFrame, typed: pd.DataFrame) -> Control:
    """In C1 only prompt A may be seen, in C2 only prompt B."""
    runs = [r for c in ("C1", "C2") for r in _runs_of(case, c)]
    expected = "in each run only what was typed in it is seen"
    both = _runs_of(case, "C1") and _runs_of(case, "C2")
    if not both or not len(typed):
        return Control(
            "C1 and C2, swapped prompt",
            "does the content follow?",
            expected,
            "no such pair of runs was recorded",
            "not run",
        )
    allowed = set(zip(typed["run"], typed["probe"], strict=True))
    part = hits[hits["run"].isin(runs)]
    wrong = sum((r, p) not in allowed for r, p in zip(part["run"], part["probe"], strict=True))
    return Control(
        "C1 and C2, swapped prompt", "does the content follow?", expected,
        f"{wrong} of {len(part)} sightings were of text not typed in that run", "fail" if wrong else "pass",
    )  # fmt: skip


def _other_app(case: Case, hits: pd.DataFrame) -> Control:
    """The same text typed into another app must not reach the hosts that the finding names."""
    runs = _runs_of(case, "C3")
    named = set(hits.loc[~hits["run"].isin(runs), "host"].dropna())
    seen = hits[hits["run"].isin(runs) & hits["host"].isin(named)]
    return Control(
        "C3, another app", "is it this app, not the keyboard or the system?", "the same text typed into another app reaches none of these hosts",
        f"{len(seen)} sightings at {len(named)} hosts" if runs else "no such run was recorded",
        "not run" if not runs else "fail" if len(seen) else "pass",
    )  # fmt: skip


def _order(hits: pd.DataFrame, typed: pd.DataFrame) -> Control:
    """No probe is seen before its first keystroke."""
    expected = "nothing is seen before it was typed"
    first = (
        typed[typed["event"].isin(["typing", "typed", "attached", "sent"])]
        .groupby(["run", "probe"])["at"]
        .min()
    )
    timed = hits[hits["at"].notna()].merge(first.rename("typed_at").reset_index(), on=["run", "probe"])
    if not len(timed):
        return Control(
            "Order in time",
            "can the typing be the cause?",
            expected,
            "no keystroke times were recorded",
            "not run",
        )
    early = int((timed["at"] < timed["typed_at"] - CLOCK).sum())
    return Control(
        "Order in time", "can the typing be the cause?", expected, f"{early} of {len(timed)} sightings came before the first keystroke",
        "fail" if early else "pass",
    )  # fmt: skip
