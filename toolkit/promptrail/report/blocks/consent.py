"""What was sent in which phase around consent: the finding's rows in, one table by host out."""

from typing import Any

from promptrail.findings.consent import by_host, observe
from promptrail.findings.phases import PHASES
from promptrail.report.html import Part, paragraph, table
from promptrail.report.text import wrap
from promptrail.report.view import PLURAL, View

NOTHING = "No event of these runs marks a consent or a refusal, so there are no phases."


def phases(view: View) -> Part:
    """One row a host and phase; what lies in the band around the decision stands apart."""
    timed = observe(view.case, str(view.finding.parameters.get("run", "")))
    if not timed.decided:
        return Part(paragraph(NOTHING), NOTHING)
    body = table(
        by_host(timed),
        [
            ("Host", "r h", lambda r: wrap(view.host_name(r["host"]))),
            ("Held by", "", lambda r: view.holder(r["host"])),
            ("Phase", "", lambda r: r["phase"]),
            ("Runs", "n", lambda r: f"{r['runs']} of {len(timed.decided)}"),
            ("Requests", "n", lambda r: f"{r['requests']:,}"),
            ("Bytes in their bodies", "n", lambda r: f"{r['bytes']:,}"),
            ("Seen in them", "", lambda r: _kinds(r)),
            ("Unread connections", "n", lambda r: f"{r['unread']:,}"),
            (
                "First, s from the decision",
                "n",
                lambda r: "not known" if r["first"] is None else f"{r['first']:+.2f}",
            ),
        ],
        f"What was sent in which phase, over {len(timed.decided)} runs with a decision: {', '.join(PHASES)}.",
    )
    return Part(body)


def _kinds(row: dict[str, Any]) -> str:
    return ", ".join(words for kind, words in PLURAL.items() if kind in row["kinds"])
