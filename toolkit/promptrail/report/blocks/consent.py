"""What was sent in which phase around consent: the finding's rows in, one table by host out."""

from typing import Any

from promptrail.findings.consent.finding import by_host, observe
from promptrail.findings.phases import PHASES
from promptrail.language import mark, say
from promptrail.report.html import Part, paragraph, table
from promptrail.report.text import wrap
from promptrail.report.view import PLURAL, View

NOTHING = mark("No event of these runs marks a consent or a refusal, so there are no phases.")


def phases(view: View) -> Part:
    """One row a host and phase; what lies in the band around the decision stands apart."""
    timed = observe(view.case, str(view.finding.parameters.get("run", "")))
    if not timed.decided:
        return Part(paragraph(say(NOTHING)), say(NOTHING))
    body = table(
        by_host(timed),
        [
            (say("Host"), "r h", lambda r: wrap(view.host_name(r["host"]))),
            (say("Held by"), "", lambda r: say(view.holder(r["host"]))),
            (say("Phase"), "", lambda r: say(str(r["phase"]))),
            (
                say("Runs"),
                "n",
                lambda r: say("{found} of {all}", found=r["runs"], all=len(timed.decided)),
            ),
            (say("Requests"), "n", lambda r: f"{r['requests']:,}"),
            (say("Bytes in their bodies"), "n", lambda r: f"{r['bytes']:,}"),
            (say("Seen in them"), "", lambda r: _kinds(r)),
            (say("Unread connections"), "n", lambda r: f"{r['unread']:,}"),
            (
                say("First, s from the decision"),
                "n",
                lambda r: say("not known") if r["first"] is None else f"{r['first']:+.2f}",
            ),
        ],
        say(
            "What was sent in which phase, over {runs} runs with a decision: {phases}.",
            runs=len(timed.decided),
            phases=", ".join(map(say, PHASES)),
        ),
    )
    return Part(body)


def _kinds(row: dict[str, Any]) -> str:
    return ", ".join(say(words) for kind, words in PLURAL.items() if kind in row["kinds"])
