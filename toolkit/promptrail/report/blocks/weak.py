"""The checks of finding 07 and what they met: the finding's facts in, two tables out."""

from typing import Any

from promptrail.findings.weak.checks import wrong_ca
from promptrail.findings.weak.checks.check import ON_THE_WAY
from promptrail.language import mark, say
from promptrail.report.html import SIGNS, Part, paragraph, small, table
from promptrail.report.text import Html, join, phrase, wrap
from promptrail.report.view import PLURAL, View

NOTHING = mark("No exchange was recorded, so there is nothing to check.")
MARKS = {mark("found"): "●", mark("not found"): "○", mark("not testable"): SIGNS["not run"]}


def checks(view: View) -> Part:
    """Each check with what it looked at, or why it could not run."""
    facts: Any = view.finding.facts
    rows = facts["checks"]
    count = {word: sum(row["status"] == word for row in rows) for word in MARKS}
    return Part(
        table(
            rows,
            [
                (say("Check"), "r", _check),
                (say("Fails against"), "", lambda r: _against(r["against"])),
                (say("Result"), "", lambda r: f"{MARKS[r['status']]} {say(r['status'])}"),
                (say("Looked at, or why not"), "", lambda r: r["looked"]),
                (say("As they should be"), "n", lambda r: f"{r['fresh']:,}" if r["fresh"] else ""),
                (say("Grade"), "", lambda r: r["grade"] or ""),
            ],
            say(
                "{found} checks found something, {not_found} did not, {not_testable} could not run in this case.",
                found=count["found"],
                not_found=count["not found"],
                not_testable=count["not testable"],
            ),
        )
    )


def _check(row: dict[str, Any]) -> Html:
    return join([say(row["title"]), small(say("needs {needs}", needs=say(row["needs"])))])


def met(view: View) -> Part:
    """What the checks met, each with the flow, connection or hook record to open."""
    facts: Any = view.finding.facts
    return Part(
        table(
            facts["rows"],
            [
                (
                    say("Check"),
                    "r",
                    lambda r: join(
                        [say(r["title"]), small(say("decides") if r["decides"] else say("told alone"))]
                    ),
                ),
                (say("Host"), "h", lambda r: _host(view, r["host"])),
                (
                    say("What"),
                    "",
                    lambda r: join([Html.escape(r["what"]), small(_outside(r)), small(_cites(r))]),
                ),
                (say("Times"), "n", lambda r: f"{r['times']:,}"),
                (
                    say("Runs"),
                    "n",
                    lambda r: say("{found} of {all}", found=len(r["runs"]), all=_of(view, r)),
                ),
                (say("Declared values in it"), "", lambda r: _kinds(r["kinds"])),
            ],
            say("What the checks met. A row that is told alone supports nothing by itself and says why."),
            none=say("None of the checks met anything."),
        )
    )


def coverage(view: View) -> Part:
    """What would have to be recorded for the checks that could not run."""
    facts: Any = view.finding.facts
    idle = [row for row in facts["checks"] if row["status"] == "not testable"]
    if not idle:
        words = say("Every check could run.")
        return Part(paragraph(words), words)
    needs: dict[str, list[str]] = {}
    for row in idle:
        needs.setdefault(row["needs"], []).append(row["title"])
    rows = [{"needs": need, "titles": titles} for need, titles in needs.items()]
    return Part(
        table(
            rows,
            [
                (say("To record"), "r", lambda r: say(r["needs"])),
                (say("For"), "", lambda r: ", ".join(map(say, r["titles"]))),
            ],
            say("What the checks that could not run need."),
        )
    )


def _against(against: str) -> str:
    return say("a reader on the way") if against == ON_THE_WAY else say("whoever has the app")


def _outside(row: dict[str, Any]) -> str:
    told = [say(row["tls"])] if row["tls"] else []
    if row["chance"] is not None:
        told.append(say("by chance {chance:.1e}", chance=row["chance"]))
    return ", ".join(told) or say("about TLS itself")


def _cites(row: dict[str, Any]) -> Html:
    return join((wrap(cite) for cite in row["cites"]), ", ")


def _host(view: View, host: str | None) -> Html:
    if host is None:
        return phrase("met in no message")
    return join([wrap(host), small(view.who(host))])


def _of(view: View, row: dict[str, Any]) -> object:
    """Runs in which it could have been met."""
    facts: Any = view.finding.facts
    return facts["untrusted_runs"] if row["check"] == wrong_ca.ID else facts["runs"]


def _kinds(kinds: list[str]) -> str:
    return ", ".join(say(words) for kind, words in PLURAL.items() if kind in kinds) or say("none was met")
