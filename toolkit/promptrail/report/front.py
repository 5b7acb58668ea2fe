"""The report's front page: results in, HTML text out. Each claim with verdict, grade, evidence and what was unseen.

The first table has the claims that the notebooks test, the second, where there is a claims pack, those of others.

It holds no script and no figure, so its policy lets nothing run at all.
"""

from typing import TYPE_CHECKING, Any

from promptrail.case import Case
from promptrail.model import GRADES
from promptrail.report.html import chip, lines, small, table
from promptrail.report.shell import policy, render, style
from promptrail.report.text import Html, join, marked

if TYPE_CHECKING:
    from promptrail.report.publish import Result


def front(case: Case, results: "list[Result]") -> str:
    """The page, for a place beside the pages that it names."""
    simulated = case.simulated or any(r.finding["simulated"] for r in results)
    body = table(
        results,
        [
            ("Question and answer", "r wide", lambda r: _answer(r.finding, r.html.name)),
            ("Verdict", "", lambda r: chip(r.finding["verdict"])),
            ("Grade", "", lambda r: _grade(r.finding["grade"])),
            ("Evidence", "", lambda r: _evidence(len(r.finding["evidence"]), r.html.name)),
            ("Unseen", "", lambda r: _unseen(r.finding["facts"])),
            ("You may write", "wide", lambda r: r.finding["licensed"]),
            ("Files", "", _files),
        ],
        "The verdict is on the notebook's claim: ● supported, ⊗ contradicted, ○ not observed, ◐ cannot tell.",
        "findings",
    )
    app = (
        " ".join(v for v in (case.app["name"], case.app["version"]) if v != "not stated") or "app not stated"
    )
    return render(
        "front.html.j2",
        case=case.name,
        line=f"{app} · examined by: {case.examiner} · on the basis of: {case.basis}",
        simulated=simulated,
        tables=[body, *_claims(results)],
        csp=policy(),
        css=style(f"{case.name} · findings" + (" · SIMULATED" if simulated else "")),
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
                ("Claim of others", "r wide", lambda row: _said(row[1])),
                ("Verdict", "", lambda row: chip(row[1]["verdict"])),
                ("Grade", "", lambda row: _grade(row[1]["grade"])),
                ("Evidence", "", lambda row: _claimed(row[1], row[0].html.name)),
                ("Because", "wide", lambda row: row[1]["why"]),
            ],
            "What others claimed about this app, against this capture. The verdict speaks of these runs alone.",
            "findings",
        )
    ]


def _said(claim: dict[str, Any]) -> Html:
    said = Html.escape(claim["said"])
    return join([said, small(f"{claim['by']}, {claim['date']}. Not claimed: {claim['not_said']}")])


def _claimed(claim: dict[str, Any], page: str) -> Html:
    """Sightings that speak to a claim; where it is about contact, the hosts that were met."""
    if claim["sightings"] or claim["test"] != "contact" or not claim["contacted"]:
        return _evidence(len(claim["sightings"]), page)
    return Html('<a href="{}">{}</a>').format(page, lines(claim["contacted"]))


def _evidence(count: int, page: str) -> Html:
    """A link to the rows that can be checked again."""
    if not count:
        return Html("none")
    rows = f"{count:,} {'row' if count == 1 else 'rows'}"
    return Html('<a href="{}#evidence">{}</a>').format(page, rows)


def _answer(finding: dict[str, Any], page: str) -> Html:
    return Html('<a href="{}">{}</a>{}').format(page, finding["question"], small(marked(finding["sentence"])))


def _grade(grade: str | None) -> Html:
    return Html("<b>{}</b>{}").format(grade, small(GRADES[grade])) if grade else Html("none")


def _unseen(facts: dict[str, Any]) -> str:
    share, unknown = facts.get("unseen_share"), facts.get("unseen_unknown")
    if unknown:
        known = f"{share} % of what has a size, and " if share else ""
        return f"{known}{unknown:,} {'piece' if unknown == 1 else 'pieces'} of unknown size"
    return "not known" if share is None else f"{share} %"


def _files(result: "Result") -> Html:
    found = [
        ("page", result.html),
        ("still page", result.still),
        ("PDF", result.pdf),
        ("notebook", result.executed),
    ]
    return join(
        [Html('<a href="{}">{}</a>').format(p.name, name) for name, p in found if p is not None], "<br>"
    )
