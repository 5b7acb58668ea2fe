"""The answer of finding 10 in sentences: what the hosts together come to, and why nothing can be said."""

from typing import TYPE_CHECKING

from promptrail.case import Case
from promptrail.findings.opaque.operators import named
from promptrail.findings.opaque.words import (
    ABSENT,
    CONTENT,
    FAILED,
    IRREGULAR,
    LENGTH,
    PADDED,
    TRACE,
    UNTESTED,
)
from promptrail.findings.words import answer as said
from promptrail.findings.words import listed, place
from promptrail.language import mark, say, say_n
from promptrail.model import Control

if TYPE_CHECKING:
    from promptrail.findings.opaque.finding import Row, Studied

MOST = 3
"""Hosts named in one sentence; the table has all."""
SHORT = {
    LENGTH: (
        mark(
            "The volume sent to {hosts} followed the length of the prompt, but was not shown to follow its content"
        ),
        mark("that to {hosts} followed the length of the prompt, but was not shown to follow its content"),
    ),
    UNTESTED: (
        mark(
            "The volume sent to {hosts} followed the length of the prompt, and was not tested for its content"
        ),
        mark("that to {hosts} followed the length of the prompt, and was not tested for its content"),
    ),
    PADDED: (
        mark("The volume sent to {hosts} may be filled up to one size, which would hide the text"),
        mark("that to {hosts} may be filled up to one size, which would hide the text"),
    ),
    IRREGULAR: (
        mark("The volume sent to {hosts} was not regular enough to tell"),
        mark("that to {hosts} was not regular enough to tell"),
    ),
}
"""What is said of hosts that leave the question open: at the head of the sentence, and after others."""


def sentence(case: Case, studied: "Studied", verdict: str, checks: list[Control]) -> str:
    """The answer."""
    if reason := without(case, studied):
        return reason
    failed = "; ".join(
        f"{say(check.control)}: {check.observed}" for check in checks if check.result == "fail"
    )
    if silenced(studied):
        return say(
            "The measurement failed its own check, so nothing is said of any host. {failed}.", failed=failed
        )
    parts = []
    if content := studied.those(CONTENT):
        parts.append(
            say(
                "The volume sent to {places} followed the length and the kind of the prompt's characters, as data made "
                "from its text do; what was in it is not known.",
                places=_places(case, content),
            )
        )
    if told := _fields(case, studied):
        parts.append(told)
    open_ones = [(words, rows) for kind, words in SHORT.items() if (rows := studied.those(kind))]
    if open_ones:
        clauses = [say(words[n > 0], hosts=_hosts(rows)) for n, (words, rows) in enumerate(open_ones)]
        parts.append(f"{'; '.join(clauses)}.")
    if quiet := studied.those(TRACE, ABSENT):
        parts.append(_quiet(studied, quiet))
        if verdict == "not observed":
            parts.append(_bounds(quiet))
    elif not studied.others() and studied.experiment is not None:
        parts.append(say("No host but the first party's was sent anything in these runs."))
    if voided := studied.those(FAILED):
        parts.append(say("Of that to {hosts} nothing is said.", hosts=_hosts(voided)))
    if failed:
        parts.append(say("A control failed: {failed}.", failed=failed))
    if verdict == "cannot tell" and studied.uncounted:
        parts.append(say("Not counted: {uncounted}.", uncounted="; ".join(studied.uncounted)))
    return " ".join(parts) or say("No plan of lengths was followed, so sizes say nothing here.")


def silenced(studied: "Studied") -> bool:
    """Whether failed controls leave no host of which anything may be said."""
    if studied.told.failed:
        return True
    others = studied.others()
    return any(row.kind == FAILED for row in studied.rows) and all(row.kind == FAILED for row in others)


def _quiet(studied: "Studied", quiet: list["Row"]) -> str:
    if len(quiet) == 1:
        return say(
            "In {prompts} prompts of random length the volume sent to {host} was not found to follow the length.",
            prompts=studied.told.prompts,
            host=quiet[0].host,
        )
    return say(
        "In {prompts} prompts of random length the volumes sent to {n} other hosts were not found to follow the "
        "length.",
        prompts=studied.told.prompts,
        n=len(quiet),
    )


def _bounds(rows: list["Row"]) -> str:
    """What absence is worth: what is excluded for each of the hosts, and the most that any one's bytes could hold."""
    common, most = excluded(rows), max(row.verdict.ceiling for row in rows)
    parts = []
    if common:
        parts.append(say("excluded: {uploads}", uploads="; ".join(common)))
    if most < 1:
        parts.append(
            say("all bytes of one of them could hold at most {share:.1f} % of the text", share=100 * most)
        )
    told = "; ".join(parts)
    return f"{told[0].upper()}{told[1:]}." if told else say("What that excludes, the table says.")


def excluded(rows: list["Row"]) -> list[str]:
    """Uploads that would have been found at each of these hosts."""
    first = rows[0].verdict.excluded
    return [say(name) for name in first if all(name in row.verdict.excluded for row in rows)]


def _fields(case: Case, studied: "Studied") -> str:
    found = studied.fields_elsewhere()
    if not found:
        return ""
    told = listed(
        [
            say("{path} of requests to {place}", path=row["path"], place=place(case, row["host"]))
            for row in found[:MOST]
        ]
    )
    if len(found) > MOST:
        return say(
            "The decoded fields {fields}, and {n} more, depend on which prompt was typed.",
            fields=told,
            n=len(found) - MOST,
        )
    return say_n(
        "The decoded field {fields} depends on which prompt was typed.",
        "The decoded fields {fields} depend on which prompt was typed.",
        len(found),
        fields=told,
    )


def without(case: Case, studied: "Studied") -> str:
    """Why there is nothing to analyse, and the command that helps; empty where there is."""
    if studied.plans.faults:
        faults = "; ".join(studied.plans.faults)
        proof = say("A plan that was changed after the recording proves nothing.")
        return f"{faults[0].upper()}{faults[1:]} {proof}"
    doses = studied.plans.of("dose")
    if len(doses) > 1 and studied.dose is None:
        return say(
            "{n} plans of lengths were followed, and each is an experiment of its own. Name one with the parameter "
            "`plan`: {plans}.",
            n=len(doses),
            plans=listed([one.digest[:12] for one in doses]),
        )
    if studied.dose is None and studied.fields is None:
        if drawn := studied.plans.files:
            lead = say_n(
                "{n} plan was drawn and no run followed it, so sizes say nothing here.",
                "{n} plans were drawn and no run followed them, so sizes say nothing here.",
                drawn,
            )
        else:
            lead = say("No run of this case followed a plan of random lengths, so sizes say nothing here.")
        how = say("`promptrail plan {case} dose` draws one before anything is typed.", case=case.path.name)
        return f"{lead} {how}"
    return ""


def _hosts(rows: list["Row"]) -> str:
    names = [row.host for row in rows]
    return listed(names if len(names) <= MOST else [*names[:MOST], say("{n} more", n=len(names) - MOST)])


def _places(case: Case, rows: list["Row"]) -> str:
    more = [say("{n} more", n=len(rows) - MOST)] if len(rows) > MOST else []
    return listed([*(_place(case, row) for row in rows[:MOST]), *more])


def _place(case: Case, row: "Row") -> str:
    """With its holder; hosts that are added up have the same operator."""
    if len(row.members) == 1:
        return place(case, named(row.verdict.host))
    return f"{row.host} ({said(case, row.members[0], 'service_operator') or say('holder not known')})"
