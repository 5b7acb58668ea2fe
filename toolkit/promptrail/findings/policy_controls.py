"""Checks that could prove finding 04 wrong: those of typed text, and four about the policy and its readers.

A control that was not recorded is "not run", never passed.
"""

import datetime
from itertools import combinations

import pandas as pd

from promptrail.case import Case
from promptrail.findings.controls import controls
from promptrail.findings.policy_agreement import Agreement, agreement
from promptrail.findings.policy_classes import CLEAR, UNDECLARED
from promptrail.findings.policy_documents import Chosen, Document, day_of
from promptrail.findings.prompt_to_host import TYPED, sightings
from promptrail.findings.words import counted, listed
from promptrail.model import Control

GAP = 1
"""Days between a policy's capture and a run in which nobody expects it to have been replaced."""
NEEDED = ("Decoys", "Policy in force", "Quotes", "Two annotators")
NEEDED_IF_TYPED = ("C0, no prompt", "C1 and C2, swapped prompt")
"""Controls that have to have been run, and to hold, for E4; those of typed text where a pair is of it."""


def checks(case: Case, runs: list[str], chosen: Chosen, readings: list[list[str]]) -> list[Control]:
    """`readings`: by annotator, the class of each pair that rests on a declared value."""
    hits = sightings(case)
    typed = case.events[case.events["probe"].notna()]
    told = chosen.runs or runs
    return [
        *controls(case, hits[hits["kind"].isin(TYPED)], typed, told),
        _in_force(case.runs, chosen),
        _quotes(chosen),
        _annotators(chosen.document, readings),
    ]


def agreements(document: Document, readings: list[list[str]]) -> list[Agreement]:
    """For every two annotators: over the pairs, and over the items of checklists that both answered."""
    found = []
    for (n, one), (m, other) in combinations(enumerate(document.annotations), 2):
        pairs = list(zip(readings[n], readings[m], strict=True)) if readings else []
        found.append(agreement("pairs", one.by, other.by, pairs))
        theirs = {answer.item: answer.status for answer in other.answers}
        both = [(a.status, theirs[a.item]) for a in one.answers if a.item in theirs]
        found.append(agreement("items", one.by, other.by, both))
    return found


def verdict_alone(classes: list[str]) -> str:
    """What one annotator's classes alone would give."""
    if any(klass in UNDECLARED for klass in classes):
        return "supported"
    return "contradicted" if classes and all(klass == CLEAR for klass in classes) else "cannot tell"


def _in_force(runs: pd.DataFrame, chosen: Chosen) -> Control:
    what = ("Policy in force", "was it this policy?", "in force on the day of every run, and captured then")
    if chosen.document is None:
        kept = "the text is not the one that was annotated" if chosen.left_aside else "no policy is annotated"
        return Control(*what, kept, "fail" if chosen.left_aside else "not run")
    about = chosen.document.about
    if not chosen.runs:
        return Control(*what, f"in force from {about.in_force}, and for none of these runs", "fail")
    mine = runs[runs["run"].isin(chosen.runs)]
    days = sorted(day for started in mine["started"] if (day := day_of(started)))
    late = (datetime.date.fromisoformat(days[-1]) - datetime.date.fromisoformat(about.captured)).days
    n, left = len(chosen.runs), len(chosen.others)
    rest = f"; {left} {counted(left, 'run')} left out" if left else ""
    span = days[0] if days[0] == days[-1] else f"{days[0]} to {days[-1]}"
    told = (
        f"in force from {about.in_force}, captured {about.captured}, {n} {counted(n, 'run')} of {span}{rest}"
    )
    if late > GAP:
        return Control(*what, f"{told}; that it was the same {late} days later is not shown", "not run")
    return Control(*what, told, "pass")


def _quotes(chosen: Chosen) -> Control:
    what = ("Quotes", "does the policy say that?", "every quote stands in the text with this SHA-256")
    if chosen.document is None:
        return Control(*what, "no policy to look them up in", "not run")
    found = sum(one.quotes for one in chosen.document.annotations)
    digest = chosen.document.about.sha256[:12]
    return Control(*what, f"{found} quotes found in {chosen.document.about.file} ({digest}…)", "pass")


def _annotators(document: Document | None, readings: list[list[str]]) -> Control:
    what = ("Two annotators", "is it one person's reading?", "each annotator alone comes to the same verdict")
    if document is None or len(document.annotations) < 2 or not readings or not readings[0]:
        n = len(document.annotations) if document else 0
        return Control(*what, f"{n} {counted(n, 'annotator')} and nothing to compare", "not run")
    verdicts = {verdict_alone(classes) for classes in readings}
    told = listed([one.words() for one in agreements(document, readings) if one.n])
    if len(verdicts) > 1:
        return Control(*what, f"{told}; alone they come to {listed(sorted(verdicts))}", "fail")
    return Control(*what, told, "pass")
