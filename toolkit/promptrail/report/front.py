"""The report's front page: results in, HTML text out. Each claim with verdict, grade, evidence and what was unseen.

The first table has the claims that the notebooks test, the second, where there is a claims pack, those of others.

It holds no script and no figure, so its policy lets nothing run at all.
"""

from typing import TYPE_CHECKING, Any

from promptrail.case import Case
from promptrail.language import say, say_n
from promptrail.model import GRADES
from promptrail.report.html import chip, lines, small, table
from promptrail.report.shell import policy, render, style
from promptrail.report.stamp import app_line, stated
from promptrail.report.text import Html, join, marked, phrase

if TYPE_CHECKING:
    from promptrail.report.publish import Result


def front(case: Case, results: "list[Result]") -> str:
    """The page, for a place beside the pages that it names."""
    simulated = case.simulated or any(r.finding["simulated"] for r in results)
    body = table(
        results,
        [
            (say("Question and answer"), "r wide", lambda r: _answer(r.finding, r.html.name)),
            (say("Verdict"), "", lambda r: chip(r.finding["verdict"])),
            (say("Grade"), "", lambda r: _grade(r.finding["grade"])),
            (say("Evidence"), "", lambda r: _evidence(len(r.finding["evidence"]), r.html.name)),
            (say("Unseen"), "", lambda r: _unseen(r.finding["facts"])),
            (say("You may write"), "wide", lambda r: r.finding["licensed"]),
            (say("Files"), "", _files),
        ],
        say(
            "The verdict is on the notebook's claim: ● supported, ⊗ contradicted, ○ not observed, ◐ cannot tell."
        ),
        "findings",
    )
    line = say(
        "{app} · examined by: {examiner} · on the basis of: {basis}",
        app=app_line(case),
        examiner=stated(case.examiner),
        basis=stated(case.basis),
    )
    header = f"{case.name} · {say('findings')}"
    return render(
        "front.html.j2",
        case=case.name,
        line=line,
        simulated=simulated,
        tables=[body, *_claims(results)],
        note=_note(),
        csp=policy(),
        css=style(header + (f" · {say('SIMULATED')}" if simulated else "")),
    )


def _note() -> Html:
    form = Html('<a href="{0}">{0}</a>')
    return phrase(
        "The same findings, for programs: {findings}. Every file of this report by its SHA-256: {manifest}. A still "
        "page holds no script and is small enough to attach to a letter.",
        findings=form.format("findings.json"),
        manifest=form.format("manifest.json"),
    )


def _claims(results: "list[Result]") -> list[Html]:
    """What others claimed, as far as a finding tested it: who, what, and what these runs say to it."""
    rows = [(r, claim) for r in results for claim in r.finding["facts"].get("claims") or []]
    if not rows:
        return []
    return [
        table(
            rows,
            [
                (say("Claim of others"), "r wide", lambda row: _said(row[1])),
                (say("Verdict"), "", lambda row: chip(row[1]["verdict"])),
                (say("Grade"), "", lambda row: _grade(row[1]["grade"])),
                (say("Evidence"), "", lambda row: _claimed(row[1], row[0].html.name)),
                (say("Because"), "wide", lambda row: row[1]["why"]),
            ],
            say(
                "What others claimed about this app, against this capture. The verdict speaks of these runs alone."
            ),
            "findings claims",
        )
    ]


def _said(claim: dict[str, Any]) -> Html:
    said = Html.escape(claim["said"])
    where = say(
        "{by}, {date}. Not claimed: {words}", by=claim["by"], date=claim["date"], words=claim["not_said"]
    )
    return join([said, small(where)])


def _claimed(claim: dict[str, Any], page: str) -> Html:
    """Sightings that speak to a claim; where it is about contact, the hosts that were met."""
    if claim["sightings"] or claim["test"] != "contact" or not claim["contacted"]:
        return _evidence(len(claim["sightings"]), page)
    return Html('<a href="{}">{}</a>').format(page, lines(claim["contacted"]))


def _evidence(count: int, page: str) -> Html:
    """A link to the rows that can be checked again."""
    if not count:
        return Html.escape(say("none"))
    rows = say_n("{n:,} row", "{n:,} rows", count)
    return Html('<a href="{}#evidence">{}</a>').format(page, rows)


def _answer(finding: dict[str, Any], page: str) -> Html:
    return Html('<a href="{}">{}</a>{}').format(page, finding["question"], small(marked(finding["sentence"])))


def _grade(grade: str | None) -> Html:
    return Html("<b>{}</b>{}").format(grade, small(say(GRADES[grade]))) if grade else Html.escape(say("none"))


def _unseen(facts: dict[str, Any]) -> str:
    share, unknown = facts.get("unseen_share"), facts.get("unseen_unknown")
    if unknown and share:
        return say_n(
            "{share} % of what has a size, and {n:,} piece of unknown size",
            "{share} % of what has a size, and {n:,} pieces of unknown size",
            unknown,
            share=share,
        )
    if unknown:
        return say_n("{n:,} piece of unknown size", "{n:,} pieces of unknown size", unknown)
    return say("not known") if share is None else f"{share} %"


def _files(result: "Result") -> Html:
    found = [
        (say("page"), result.html),
        (say("still page"), result.still),
        (say("PDF"), result.pdf),
        (say("notebook"), result.executed),
    ]
    return join(
        [Html('<a href="{}">{}</a>').format(p.name, name) for name, p in found if p is not None], "<br>"
    )
