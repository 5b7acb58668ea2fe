"""Claims of others against this capture: the finding's outcomes in, a table of what was claimed and was not out."""

from typing import Any

from promptrail.language import mark, say
from promptrail.model import GRADES
from promptrail.report.html import Part, chip, paragraph, small, table
from promptrail.report.text import Html, join, wrap
from promptrail.report.view import View

NO_PACK = mark(
    "No claims pack was given, and none that is shipped is about this app. The parameter `claims` takes one: the name "
    "of a shipped pack, or a file."
)


def claims(view: View) -> Part:
    """Each claim in its own words, what it does not say, and what these runs say to it."""
    found: Any = view.finding.facts.get("claims") or []
    pack: Any = view.finding.facts.get("claims_pack")
    if not pack:
        return Part(paragraph(say(NO_PACK), "none"), say(NO_PACK))
    caption = say(
        "{pack} ({id}). Their grade is that of the evidence they had, ours of what was met here. An outcome speaks of "
        "these runs alone.",
        pack=pack["title"],
        id=pack["id"],
    )
    rows = table(
        found,
        [
            (
                say("Who, when"),
                "r",
                lambda c: join([Html.escape(c["by"]), small(c["date"]), small(_theirs(c))]),
            ),
            (say("What was claimed"), "", _claimed),
            (say("In this capture"), "", lambda c: join([chip(c["verdict"]), small(_grade(c))])),
            (say("Because"), "", lambda c: join([Html.escape(c["why"]), small(_scope(c))])),
        ],
        caption,
        kind="long",  # a row is a paragraph: even few of them fill a page, and may go on over the next
    )
    return Part(join([paragraph(pack["note"]), rows]))


def _claimed(claim: dict[str, Any]) -> Html:
    return join(
        [
            Html.escape(claim["said"]),
            small(say("Not claimed: {claim}", claim=claim["not_said"])),
            small(join([Html.escape(claim["source"]), ": ", wrap(claim["url"])])),
        ]
    )


def _theirs(claim: dict[str, Any]) -> str:
    grade = claim["their_grade"]
    return say("their evidence: {grade}, {words}", grade=grade, words=say(GRADES[grade]))


def _grade(claim: dict[str, Any]) -> str:
    return say("grade {grade}", grade=claim["grade"]) if claim["grade"] else ""


def _scope(claim: dict[str, Any]) -> str:
    """What would show it, so that a reader can look again."""
    if not claim["hosts"]:
        return ""
    about = ", ".join([*claim["hosts"], *map(say, claim["kinds"])])
    return say("asked: {test}; {about}", test=say(claim["asks"]), about=about)
