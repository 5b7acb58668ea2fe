"""The checks of finding 07 and what they met: the finding's facts in, two tables out."""

from typing import Any

from promptrail.findings.weakness import wrong_ca
from promptrail.findings.weakness.check import ON_THE_WAY
from promptrail.report.html import SIGNS, Part, paragraph, small, table
from promptrail.report.text import Html, join, wrap
from promptrail.report.view import PLURAL, View

NOTHING = "No exchange was recorded, so there is nothing to check."
MARKS = {"found": "●", "not found": "○", "not testable": SIGNS["not run"]}


def checks(view: View) -> Part:
    """Each check with what it looked at, or why it could not run."""
    facts: Any = view.finding.facts
    rows = facts["checks"]
    count = {word: sum(row["status"] == word for row in rows) for word in MARKS}
    return Part(
        table(
            rows,
            [
                ("Check", "r", lambda r: join([r["title"], small(f"needs {r['needs']}")])),
                ("Fails against", "", lambda r: _against(r["against"])),
                ("Result", "", lambda r: f"{MARKS[r['status']]} {r['status']}"),
                ("Looked at, or why not", "", lambda r: r["looked"]),
                ("As they should be", "n", lambda r: f"{r['fresh']:,}" if r["fresh"] else ""),
                ("Grade", "", lambda r: r["grade"] or ""),
            ],
            f"{count['found']} checks found something, {count['not found']} did not, {count['not testable']} could not "
            "run in this case.",
        )
    )


def met(view: View) -> Part:
    """What the checks met, each with the flow, connection or hook record to open."""
    facts: Any = view.finding.facts
    return Part(
        table(
            facts["rows"],
            [
                (
                    "Check",
                    "r",
                    lambda r: join([r["title"], small("decides" if r["decides"] else "told alone")]),
                ),
                ("Host", "h", lambda r: _host(view, r["host"])),
                ("What", "", lambda r: join([Html.escape(r["what"]), small(_outside(r)), small(_cites(r))])),
                ("Times", "n", lambda r: f"{r['times']:,}"),
                ("Runs", "n", lambda r: f"{len(r['runs'])} of {_of(view, r)}"),
                ("Declared values in it", "", lambda r: _kinds(r["kinds"])),
            ],
            "What the checks met. A row that is told alone supports nothing by itself and says why.",
            none="None of the checks met anything.",
        )
    )


def coverage(view: View) -> Part:
    """What would have to be recorded for the checks that could not run."""
    facts: Any = view.finding.facts
    idle = [row for row in facts["checks"] if row["status"] == "not testable"]
    if not idle:
        words = "Every check could run."
        return Part(paragraph(words), words)
    needs: dict[str, list[str]] = {}
    for row in idle:
        needs.setdefault(row["needs"], []).append(row["title"])
    rows = [{"needs": need, "titles": titles} for need, titles in needs.items()]
    return Part(
        table(
            rows,
            [
                ("To record", "r", lambda r: r["needs"]),
                ("For", "", lambda r: ", ".join(r["titles"])),
            ],
            "What the checks that could not run need.",
        )
    )


def _against(against: str) -> str:
    return "a reader on the way" if against == ON_THE_WAY else "whoever has the app"


def _outside(row: dict[str, Any]) -> str:
    told = [row["tls"]] if row["tls"] else []
    if row["chance"] is not None:
        told.append(f"by chance {row['chance']:.1e}")
    return ", ".join(told) or "about TLS itself"


def _cites(row: dict[str, Any]) -> Html:
    return join((wrap(cite) for cite in row["cites"]), ", ")


def _host(view: View, host: str | None) -> Html:
    if host is None:
        return Html("met in no message")
    return join([wrap(host), small(view.who(host))])


def _of(view: View, row: dict[str, Any]) -> object:
    """Runs in which it could have been met."""
    facts: Any = view.finding.facts
    return facts["untrusted_runs"] if row["check"] == wrong_ca.ID else facts["runs"]


def _kinds(kinds: list[str]) -> str:
    return ", ".join(words for kind, words in PLURAL.items() if kind in kinds) or "none was met"
