"""Checks that could prove finding 04 wrong: those of typed text, and four about the policy and its readers.

A control that was not recorded is "not run", never passed.
"""

import datetime
from itertools import combinations

import pandas as pd

from promptrail.case import Case
from promptrail.findings.controls import controls
from promptrail.findings.policy.agreement import ITEMS, PAIRS, Agreement, agreement
from promptrail.findings.policy.classes import CLEAR, UNDECLARED
from promptrail.findings.policy.documents import Chosen, Document, day_of
from promptrail.findings.prompt.finding import TYPED, sightings
from promptrail.findings.words import listed
from promptrail.language import mark, say, say_n
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
        found.append(agreement(PAIRS, one.by, other.by, pairs))
        theirs = {answer.item: answer.status for answer in other.answers}
        both = [(a.status, theirs[a.item]) for a in one.answers if a.item in theirs]
        found.append(agreement(ITEMS, one.by, other.by, both))
    return found


def verdict_alone(classes: list[str]) -> str:
    """What one annotator's classes alone would give."""
    if any(klass in UNDECLARED for klass in classes):
        return "supported"
    return "contradicted" if classes and all(klass == CLEAR for klass in classes) else "cannot tell"


def _in_force(runs: pd.DataFrame, chosen: Chosen) -> Control:
    what = (
        mark("Policy in force"),
        say("was it this policy?"),
        say("in force on the day of every run, and captured then"),
    )
    if chosen.document is None:
        if chosen.left_aside:
            return Control(*what, say("the text is not the one that was annotated"), "fail")
        return Control(*what, say("no policy is annotated"), "not run")
    about = chosen.document.about
    if not chosen.runs:
        told = say("in force from {start}, and for none of these runs", start=about.in_force)
        return Control(*what, told, "fail")
    mine = runs[runs["run"].isin(chosen.runs)]
    days = sorted(day for started in mine["started"] if (day := day_of(started)))
    late = (datetime.date.fromisoformat(days[-1]) - datetime.date.fromisoformat(about.captured)).days
    n, left = len(chosen.runs), len(chosen.others)
    span = days[0] if days[0] == days[-1] else say("{first} to {last}", first=days[0], last=days[-1])
    told = say_n(
        "in force from {start}, captured {captured}, {n} run of {days}",
        "in force from {start}, captured {captured}, {n} runs of {days}",
        n,
        start=about.in_force,
        captured=about.captured,
        days=span,
    )
    if left:
        told = say_n("{told}; {n} run left out", "{told}; {n} runs left out", left, told=told)
    if late > GAP:
        told = say("{told}; that it was the same {late} days later is not shown", told=told, late=late)
        return Control(*what, told, "not run")
    return Control(*what, told, "pass")


def _quotes(chosen: Chosen) -> Control:
    what = (
        mark("Quotes"),
        say("does the policy say that?"),
        say("every quote stands in the text with this SHA-256"),
    )
    if chosen.document is None:
        return Control(*what, say("no policy to look them up in"), "not run")
    found = sum(one.quotes for one in chosen.document.annotations)
    about = chosen.document.about
    told = say(
        "{quotes} quotes found in {file} ({digest}…)", quotes=found, file=about.file, digest=about.sha256[:12]
    )
    return Control(*what, told, "pass")


def _annotators(document: Document | None, readings: list[list[str]]) -> Control:
    what = (
        mark("Two annotators"),
        say("is it one person's reading?"),
        say("each annotator alone comes to the same verdict"),
    )
    if document is None or len(document.annotations) < 2 or not readings or not readings[0]:
        n = len(document.annotations) if document else 0
        none = say_n("{n} annotator and nothing to compare", "{n} annotators and nothing to compare", n)
        return Control(*what, none, "not run")
    verdicts = {verdict_alone(classes) for classes in readings}
    told = listed([one.words() for one in agreements(document, readings) if one.n])
    if len(verdicts) > 1:
        alone = listed([say(verdict) for verdict in sorted(verdicts)])
        told = say("{told}; alone they come to {verdicts}", told=told, verdicts=alone)
        return Control(*what, told, "fail")
    return Control(*what, told, "pass")
