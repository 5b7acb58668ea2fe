"""The sentences of finding 04: its answer, what it licenses and what not, and the objections that a sceptic has."""

from typing import TYPE_CHECKING

from promptrail.case import Case
from promptrail.findings.policy_classes import (
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
from promptrail.findings.policy_declared import NOT_OBSERVED
from promptrail.findings.policy_documents import FOLDER
from promptrail.findings.words import app, counted, listed, upper_bound
from promptrail.model import Control

if TYPE_CHECKING:
    from promptrail.findings.policy import Studied

DOES = {
    OMITTED: "which the policy does not mention",
    INCORRECT: "which the policy denies",
    NOT_DECLARED: "which one annotator finds denied and another nowhere",
    AMBIGUOUS: "of which it says both that they go there and that they do not",
    VAGUE: "which it covers by broader words alone",
    DISPUTED: "which the annotators read differently",
    UNKNOWN: "whose holder is not known to be the maker or another company",
}
MOST = 4
"""Pairs that a sentence names of each class."""


def sentence(case: Case, studied: "Studied", verdict: str) -> str:
    """The answer."""
    chosen = studied.chosen
    document = chosen.document
    if document is None:
        if chosen.left_aside:
            return (
                f"The text of {listed(chosen.left_aside)} is no longer the one that was annotated, so nothing is "
                "compared with it."
            )
        return (
            f"No annotated policy lies in {case.path.name}/{FOLDER}/, so what was sent is compared with nothing. "
            "This notebook tells how to annotate one."
        )
    title = f"“{document.about.title}”"
    if not chosen.runs:
        return f"{title} was in force for none of these runs, as far as their day and version are known."
    if not studied.pairs:
        return f"No declared value was seen to go anywhere in these runs, so there is nothing to hold against {title}."
    if verdict == "supported":
        told = [f"{_named(studied, name)}, {DOES[name]}" for name in UNDECLARED if studied.of(name)]
        return f"{app(case)} sent {'; and '.join(told)} ({title}).{_unseen(studied)}"
    if verdict == "contradicted":
        n = len(studied.of(CLEAR))
        return (
            f"All {n} {counted(n, 'pair')} of data and recipient that were seen in {_runs(studied)} "
            f"{'is' if n == 1 else 'are'} clearly declared in {title}.{_unseen(studied)}"
        )
    return f"{_why(studied, title)}{_unseen(studied)}"


def _named(studied: "Studied", name: str) -> str:
    """Pairs of a class: data to recipients."""
    pairs = studied.of(name)
    by_holder: dict[str, list[str]] = {}
    for pair in pairs:
        by_holder.setdefault(pair.recipient.name, []).append(pair.data)
    told = [f"{listed(data)} to {holder}" for holder, data in list(by_holder.items())[:MOST]]
    more = len(by_holder) - MOST
    return listed([*told, f"{more} more {counted(more, 'recipient')}"] if more > 0 else told)


def _why(studied: "Studied", title: str) -> str:
    """Why it cannot be told."""
    failed = [check.control for check in studied.checks if check.result == "fail"]
    if failed:
        noun = counted(len(failed), "control")
        return f"What was sent cannot be held against {title}: the {noun} {listed(failed)} did not hold."
    told = [f"{_named(studied, name)}, {DOES[name]}" for name in DOES if studied.of(name)]
    if told:
        clear = len(studied.of(CLEAR))
        rest = f"; {clear} {counted(clear, 'pair')} clear" if clear else ""
        return f"{title} settles it in neither way: seen were {'; '.join(told)}{rest}."
    if loose := studied.loose():
        what = listed(sorted({pair.data for pair in loose}))
        return (
            f"What was found whole is clearly declared in {title}; of {what} there is less than that, and no clear "
            "declaration."
        )
    return f"What was read is clearly declared in {title}, and this was not read: {studied.book.figure()}."


def _unseen(studied: "Studied") -> str:
    """What is declared and was not observed, where that may be said."""
    rows = [row for row in studied.declared if row.outcome == NOT_OBSERVED]
    if not rows:
        return ""
    what = listed(sorted({f"{row.data} at {_whose(row.entity)}" for row in rows}))
    n = len(studied.runs)
    how = ", by the names of fields" if all(row.by_name for row in rows) else ""
    return (
        f" Declared and not observed in {n} {counted(n, 'run')}{how}: {what} (in fewer than {upper_bound(n):.0f} % of "
        "runs it could still be missed, 95 % confidence)."
    )


def _whose(entity: str) -> str:
    return {"first party": "the maker", "anyone": "anybody"}.get(entity, entity)


def _runs(studied: "Studied") -> str:
    n = len(studied.runs)
    return f"{n} recorded {counted(n, 'run')}"


def licence(case: Case, studied: "Studied", verdict: str) -> tuple[str, str]:
    """The sentence that may be written, and the one that may not."""
    document = studied.chosen.document
    if verdict == "supported" and document is not None:
        about = document.about
        told = [f"{_named(studied, name)} ({name})" for name in UNDECLARED if studied.of(name)]
        return (
            f"In {_runs(studied)}, {app(case)} sent {listed(told)}; so {_people(studied)} class it by the policy as "
            f"captured on {about.captured}, in force from {about.in_force}.",
            "“The policy breaks the law”, or “without the users' knowledge”: what must be declared, and whether it was "
            "told elsewhere, is a question of law and of fact that no capture answers.",
        )
    if verdict == "contradicted" and document is not None:
        n = len(studied.chosen.runs)
        return (
            f"In {_runs(studied)}, all data that were seen to go anywhere are clearly declared in the policy as "
            f"captured on {document.about.captured}; what happens in fewer than {upper_bound(n):.0f} % of runs could "
            "still be missed (95 % confidence).",
            "“The policy is complete” or “lawful”: other data, runs and versions were not seen, and law was not asked.",
        )
    if document is None:
        return (
            f"In {_runs(studied)}, data went to the recipients that are listed; no annotated policy was there to hold "
            "them against.",
            "“The app keeps to its policy”, or “it breaks it”: neither was shown.",
        )
    return (
        f"The recorded traffic and the annotated policy do not settle whether data went to somebody that the policy "
        f"does not clearly declare. Unread: {studied.book.figure()}.",
        "“The app keeps to its policy”, or “it breaks it”: neither was shown.",
    )


def _people(studied: "Studied") -> str:
    document = studied.chosen.document
    n = len(document.annotations) if document else 0
    return f"{n} {counted(n, 'annotator')}"


def objections(studied: "Studied", checks: list[Control]) -> list[dict[str, str]]:
    """What a sceptic says, what answers it, and what is left."""
    result = {check.control: f"{check.observed} ({check.result})" for check in checks}
    rows = [
        (
            "“You read the policy as it suits you.”",
            f"People annotated it, each statement is quoted, and they read it apart: {result['Two annotators']}.",
            "Two people can share a mistake; the quotes are there to be read again.",
        ),
        (
            "“Another version of the policy was in force.”",
            f"Its text is fixed by its SHA-256 and dated: {result['Policy in force']}.",
            "A policy that is shown to other users or countries was not read.",
        ),
        (
            "“Partners, affiliates and service providers are declared.”",
            "Such words count as covering every third party where the policy says that it shares; the pair is then "
            "vague, and supports nothing.",
            "Whether so broad a word suffices is for the law to judge.",
        ),
        (
            "“It was told elsewhere: in the terms, in a dialog, in the shop's label.”",
            "Only the annotated text is compared.",
            "Each further text can be annotated as a policy of its own.",
        ),
        (
            "“The recipient only processes it on our behalf.”",
            "The finding names who received it, and no role in law.",
            "Contracts between companies are not seen in traffic.",
        ),
        (
            "“You did not see everything.”",
            f"Unread: {studied.book.figure()}.",
            "What was not read may hold more pairs, never fewer.",
        ),
    ]
    return [{"objection": o, "answer": a, "left": rest} for o, a, rest in rows]
