"""The sentences of finding 04: its answer, what it licenses and what not, and the objections that a sceptic has."""

from collections.abc import Iterable
from typing import TYPE_CHECKING

from promptrail.case import Case
from promptrail.findings.policy.classes import (
    AMBIGUOUS,
    CLEAR,
    DISPUTED,
    INCORRECT,
    NOT_DECLARED,
    OMITTED,
    UNDECLARED,
    UNKNOWN,
    VAGUE,
)
from promptrail.findings.policy.declared import NOT_OBSERVED
from promptrail.findings.policy.documents import FOLDER
from promptrail.findings.policy.terms import ANYONE, FIRST, entity_said
from promptrail.findings.stating import objection_rows, results
from promptrail.findings.words import app, listed, upper_bound
from promptrail.language import mark, say, say_n
from promptrail.model import Control

if TYPE_CHECKING:
    from promptrail.findings.policy.finding import Studied

DOES = {
    OMITTED: mark("{data}, which the policy does not mention"),
    INCORRECT: mark("{data}, which the policy denies"),
    NOT_DECLARED: mark("{data}, which one annotator finds denied and another nowhere"),
    AMBIGUOUS: mark("{data}, of which it says both that they go there and that they do not"),
    VAGUE: mark("{data}, which it covers by broader words alone"),
    DISPUTED: mark("{data}, which the annotators read differently"),
    UNKNOWN: mark("{data}, whose holder is not known to be the maker or another company"),
}
WHOSE = {FIRST: mark("the maker"), ANYONE: mark("anybody")}
MOST = 4
"""Pairs that a sentence names of each class."""


def sentence(case: Case, studied: "Studied", verdict: str) -> str:
    """The answer."""
    chosen = studied.chosen
    document = chosen.document
    if document is None:
        if chosen.left_aside:
            return say(
                "The text of {policies} is no longer the one that was annotated, so nothing is compared with it.",
                policies=listed(chosen.left_aside),
            )
        return say(
            "No annotated policy lies in {folder}, so what was sent is compared with nothing. "
            "This notebook tells how to annotate one.",
            folder=f"{case.path.name}/{FOLDER}/",
        )
    title = f"“{document.about.title}”"
    if not chosen.runs:
        return say(
            "{policy} was in force for none of these runs, as far as their day and version are known.",
            policy=title,
        )
    if not studied.pairs:
        return say(
            "No declared value was seen to go anywhere in these runs, so there is nothing to hold against {policy}.",
            policy=title,
        )
    return " ".join([_answer(case, studied, verdict, title), *_unseen(studied)])


def _answer(case: Case, studied: "Studied", verdict: str, title: str) -> str:
    """Where a policy and declared values are there to compare."""
    if verdict == "supported":
        told = say("; and ").join(_classed(studied, UNDECLARED))
        return say("{app} sent {data} ({policy}).", app=app(case), data=told, policy=title)
    if verdict == "contradicted":
        return say_n(
            "All {n} pair of data and recipient that were seen in {runs} is clearly declared in {policy}.",
            "All {n} pairs of data and recipient that were seen in {runs} are clearly declared in {policy}.",
            len(studied.of(CLEAR)),
            runs=_runs(studied),
            policy=title,
        )
    return _why(studied, title)


def _classed(studied: "Studied", names: Iterable[str]) -> list[str]:
    """The pairs of each class with what the policy does with them."""
    return [say(DOES[name], data=_named(studied, name)) for name in names if studied.of(name)]


def _named(studied: "Studied", name: str) -> str:
    """Pairs of a class: data to recipients."""
    pairs = studied.of(name)
    by_holder: dict[str, list[str]] = {}
    for pair in pairs:
        by_holder.setdefault(pair.recipient.name, []).append(say(pair.data))
    told = [
        say("{data} to {recipient}", data=listed(data), recipient=holder)
        for holder, data in list(by_holder.items())[:MOST]
    ]
    if (more := len(by_holder) - MOST) > 0:
        told.append(say_n("{n} more recipient", "{n} more recipients", more))
    return listed(told)


def _why(studied: "Studied", title: str) -> str:
    """Why it cannot be told."""
    failed = [say(check.control) for check in studied.checks if check.result == "fail"]
    if failed:
        return say_n(
            "What was sent cannot be held against {policy}: the control {names} did not hold.",
            "What was sent cannot be held against {policy}: the controls {names} did not hold.",
            len(failed),
            policy=title,
            names=listed(failed),
        )
    if told := _classed(studied, DOES):
        if clear := len(studied.of(CLEAR)):
            told.append(say_n("{n} pair clear", "{n} pairs clear", clear))
        return say(
            "{policy} settles it in neither way: seen were {data}.", policy=title, data="; ".join(told)
        )
    if loose := studied.loose():
        return say(
            "What was found whole is clearly declared in {policy}; of {data} there is less than that, and no clear "
            "declaration.",
            policy=title,
            data=listed([say(data) for data in sorted({pair.data for pair in loose})]),
        )
    return say(
        "What was read is clearly declared in {policy}, and this was not read: {unread}.",
        policy=title,
        unread=studied.book.figure(),
    )


def _unseen(studied: "Studied") -> list[str]:
    """The sentence on what is declared and was not observed, where that may be said."""
    rows = [row for row in studied.declared if row.outcome == NOT_OBSERVED]
    if not rows:
        return []
    told = {say("{data} at {recipient}", data=say(row.data), recipient=_whose(row.entity)) for row in rows}
    n = len(studied.runs)
    runs = say_n("{n} run", "{n} runs", n)
    if all(row.by_name for row in rows):
        runs = say("{runs}, by the names of fields", runs=runs)
    return [
        say(
            "Declared and not observed in {runs}: {data} (in fewer than {bound:.0f} % of runs it could still be "
            "missed, 95 % confidence).",
            runs=runs,
            data=listed(sorted(told)),
            bound=upper_bound(n),
        )
    ]


def _whose(entity: str) -> str:
    return say(WHOSE[entity]) if entity in WHOSE else entity_said(entity)


def _runs(studied: "Studied") -> str:
    return say_n("{n} recorded run", "{n} recorded runs", len(studied.runs))


def licence(case: Case, studied: "Studied", verdict: str) -> tuple[str, str]:
    """The sentence that may be written, and the one that may not."""
    document = studied.chosen.document
    if verdict == "supported" and document is not None:
        about = document.about
        told = [f"{_named(studied, name)} ({say(name)})" for name in UNDECLARED if studied.of(name)]
        return (
            say(
                "In {runs}, {app} sent {data}; so {people} class it by the policy as captured on {captured}, in force "
                "from {start}.",
                runs=_runs(studied),
                app=app(case),
                data=listed(told),
                people=say_n("{n} annotator", "{n} annotators", len(document.annotations)),
                captured=about.captured,
                start=about.in_force,
            ),
            say(
                "“The policy breaks the law”, or “without the users' knowledge”: what must be declared, and whether "
                "it was told elsewhere, is a question of law and of fact that no capture answers."
            ),
        )
    if verdict == "contradicted" and document is not None:
        return (
            say(
                "In {runs}, all data that were seen to go anywhere are clearly declared in the policy as captured on "
                "{captured}; what happens in fewer than {bound:.0f} % of runs could still be missed (95 % confidence).",
                runs=_runs(studied),
                captured=document.about.captured,
                bound=upper_bound(len(studied.chosen.runs)),
            ),
            say(
                "“The policy is complete” or “lawful”: other data, runs and versions were not seen, and law was not "
                "asked."
            ),
        )
    neither = say("“The app keeps to its policy”, or “it breaks it”: neither was shown.")
    if document is None:
        return (
            say(
                "In {runs}, data went to the recipients that are listed; no annotated policy was there to hold them "
                "against.",
                runs=_runs(studied),
            ),
            neither,
        )
    return (
        say(
            "The recorded traffic and the annotated policy do not settle whether data went to somebody that the "
            "policy does not clearly declare. Unread: {unread}.",
            unread=studied.book.figure(),
        ),
        neither,
    )


def objections(studied: "Studied", checks: list[Control]) -> list[dict[str, str]]:
    """What a sceptic says, what answers it, and what is left."""
    result = results(checks)
    rows = [
        (
            say("“You read the policy as it suits you.”"),
            say(
                "People annotated it, each statement is quoted, and they read it apart: {control}.",
                control=result["Two annotators"],
            ),
            say("Two people can share a mistake; the quotes are there to be read again."),
        ),
        (
            say("“Another version of the policy was in force.”"),
            say("Its text is fixed by its SHA-256 and dated: {control}.", control=result["Policy in force"]),
            say("A policy that is shown to other users or countries was not read."),
        ),
        (
            say("“Partners, affiliates and service providers are declared.”"),
            say(
                "Such words count as covering every third party where the policy says that it shares; the pair is "
                "then vague, and supports nothing."
            ),
            say("Whether so broad a word suffices is for the law to judge."),
        ),
        (
            say("“It was told elsewhere: in the terms, in a dialog, in the shop's label.”"),
            say("Only the annotated text is compared."),
            say("Each further text can be annotated as a policy of its own."),
        ),
        (
            say("“The recipient only processes it on our behalf.”"),
            say("The finding names who received it, and no role in law."),
            say("Contracts between companies are not seen in traffic."),
        ),
        (
            say("“You did not see everything.”"),
            say("Unread: {unread}.", unread=studied.book.figure()),
            say("What was not read may hold more pairs, never fewer."),
        ),
    ]
    return objection_rows(rows)
