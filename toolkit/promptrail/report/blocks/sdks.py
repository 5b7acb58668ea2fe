"""SDKs in the package beside the vendors that were contacted: the finding's facts in, tables out."""

from typing import Any

from promptrail.language import mark, say
from promptrail.report.html import Part, lines, paragraph, small, table
from promptrail.report.text import Html, join, wrap
from promptrail.report.view import View

NOTHING = mark("No package of this app is kept with the case, or no SDK of the list shows in it.")


def sdks(view: View) -> Part:
    """Each SDK once: whose, by which classes, and what went to its vendor."""
    rows: Any = view.finding.facts["sdks"]
    if not rows:
        return Part(paragraph(say(NOTHING)), say(NOTHING))
    body = table(
        rows,
        [
            (say("SDK"), "r", lambda r: join([r["name"], small(_purpose(r))])),
            (say("Vendor"), "", lambda r: r["vendor"] or say("not known")),
            (
                say("In the package"),
                "",
                lambda r: join([small_list(r["classes"]), small(say("{n:,} classes", n=r["class_count"]))]),
            ),
            (say("Contacted"), "", lambda r: _contact(view, r)),
            (
                say("Sent by, as hooks saw"),
                "",
                lambda r: small_list(r["sent_by"]) if r["sent_by"] else say("not known"),
            ),
            (
                say("Source of the signature"),
                "",
                lambda r: join([wrap(r["source"]), small(r["as_of"] or say("no date"))]),
            ),
        ],
        say("SDKs whose classes are in the package (E0, what could be sent) beside what was recorded."),
    )
    return Part(body)


def without_sdk(view: View) -> Part:
    """Hosts that no SDK of the list accounts for: the app's own code, an SDK that is not listed, or renamed code."""
    if not view.finding.facts["packages"]:
        words = say("No package is kept, so it is not known which hosts an SDK accounts for.")
        return Part(paragraph(words), words)
    hosts: Any = view.finding.facts["without_sdk"]
    if not hosts:
        words = say("Every host that is not the maker's belongs to a vendor whose SDK is in the package.")
        return Part(paragraph(words), words)
    rows = [{"host": host} for host in hosts]
    body = table(
        rows,
        [
            (say("Host"), "r h", lambda r: wrap(view.host_name(r["host"]))),
            (say("Held by"), "", lambda r: say(view.holder(r["host"]))),
            (say("Who runs it"), "", lambda r: view.who(r["host"])),
        ],
        say("Contacted, and held by no vendor of an SDK that shows in the package."),
    )
    return Part(body)


def _purpose(row: dict[str, Any]) -> str:
    return say(row["purpose"]) if row["purpose"] else say("purpose not stated")


def small_list(items: list[str]) -> Html:
    return lines(wrap(item) for item in items)


def _contact(view: View, row: dict[str, Any]) -> Html:
    if not row["contacted"]:
        return Html.escape(say("no contact seen"))
    told = [say("{n:,} requests", n=row["requests"])] if row["requests"] else []
    told += [say("{n:,} unread connections", n=row["unread"])] if row["unread"] else []
    return join([small_list([view.host_name(host) for host in row["contacted"]]), small(", ".join(told))])
