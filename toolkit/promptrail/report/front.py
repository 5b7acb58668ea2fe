"""The report's front page: results in, HTML text out. A finding a row, with verdict, grade, unseen and links.

It holds no script and no figure, so its policy lets nothing run at all.
"""

from typing import TYPE_CHECKING, Any

from promptrail.case import Case
from promptrail.model import GRADES
from promptrail.report.html import chip, small, table
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
        table=body,
        csp=policy(),
        css=style(f"{case.name} · findings" + (" · SIMULATED" if simulated else "")),
    )


def _answer(finding: dict[str, Any], page: str) -> Html:
    mark = Html("<b>SIMULATED</b> ") if finding["simulated"] else Html("")
    return Html('<a href="{}">{}</a>{}').format(
        page, finding["question"], small(join([mark, marked(finding["sentence"])]))
    )


def _grade(grade: str | None) -> Html:
    return Html("<b>{}</b>{}").format(grade, small(GRADES[grade])) if grade else Html("none")


def _unseen(facts: dict[str, Any]) -> str:
    share, unknown = facts.get("unseen_share"), facts.get("unseen_unknown")
    if share is None or (unknown and not share):
        return "not known"
    return f"{'at least ' if unknown else ''}{share} %"


def _files(result: "Result") -> Html:
    found = [("page", result.html), ("notebook", result.executed), ("PDF", result.pdf)]
    return join(
        [Html('<a href="{}">{}</a>').format(p.name, name) for name, p in found if p is not None], "<br>"
    )
