"""What could not be seen: the finding's ledger in, tables of reasons with their bytes, and of connections, out.

A number that the capture does not hold is "not known", never 0. Whether a negative finding is allowed follows from
the same ledger and is said in words.
"""

from typing import Any

from promptrail.findings.ledger import NOT_A_LOSS, WORDS, Ledger, ledger
from promptrail.findings.observing import ways
from promptrail.findings.wire import book
from promptrail.language import say, say_n
from promptrail.report.html import Part, lines, paragraph, small, table
from promptrail.report.text import Html, join, wrap
from promptrail.report.view import View

MOST = 8
"""Hosts named in one row; the rest are counted."""


def unseen(view: View) -> Part:
    """The ledger, reason by reason, and what it allows to say."""
    found = ledger(view.case, view.runs)
    total = found.read + found.unread
    rows = [
        {"reason": "read", "words": say("read"), "hosts": [], "count": None, "bytes_out": found.read},
        *found.as_rows(),
    ]
    body = table(
        rows,
        [
            (say("Why"), "r", lambda r: _why(r)),
            (
                say("Hosts"),
                "h",
                lambda r: _hosts(view, r["hosts"]) if r["reason"] != "read" else say("all others"),
            ),
            (say("How many"), "n", lambda r: _many(r["count"], r["unit"]) if r["count"] is not None else ""),
            (say("Bytes sent"), "n", lambda r: _bytes(r)),
            (say("Share"), "n", lambda r: _share(r, total)),
            ("", "barcell", lambda r: _bar(r, total)),
        ],
        say(
            "What the app sent, {total:,} bytes in all that the capture knows of: read, and not read by reason.",
            total=total,
        ),
    )
    return Part(join([body, allowance(found)]))


def observing(view: View) -> Part:
    """The same steps recorded in several ways: what each met, and it alone."""
    rows = [way.as_row() for way in ways(view.case, view.runs)]
    if not rows:
        words = say("No steps were recorded in more than one way, so what observing changed is not known.")
        return Part(paragraph(words), words)
    body = table(
        rows,
        [
            (say("Recorded as"), "r", lambda r: r["scenario"]),
            (say("Steps"), "r", lambda r: r["steps"]),
            (say("Runs"), "n", lambda r: f"{r['runs']:,}"),
            (say("Hosts"), "n", lambda r: f"{len(r['hosts']):,}"),
            (say("Only here"), "h", lambda r: _hosts(view, r["only_here"])),
            (say("Connections"), "n", lambda r: f"{r['connections']:,}"),
            (say("Of these unread"), "n", lambda r: f"{r['unread']:,}"),
            (say("Requests read"), "n", lambda r: f"{r['requests']:,}"),
            (say("Bytes in their bodies"), "n", lambda r: _known(r["content_bytes"])),
            (say("Bytes sent on the wire"), "n", lambda r: _known(r["wire_bytes"])),
        ],
        say(
            "The same steps, recorded in different ways. A few runs differ by chance; three and more of each say more."
        ),
    )
    return Part(body)


def _many(n: int, unit: str) -> str:
    if unit == "connections":
        return say_n("{n:,} connection", "{n:,} connections", n)
    return say_n("{n:,} piece", "{n:,} pieces", n)


def connections(view: View) -> Part:
    """Every connection that any witness saw: who read it, or why nobody did."""
    found = book(view.case, view.runs)
    body = table(
        found.as_rows(),
        [
            (say("Connections"), "r", lambda r: r["words"]),
            (say("Hosts"), "h", lambda r: _hosts(view, r["hosts"])),
            (say("How many"), "n", lambda r: f"{r['count']:,}"),
            (say("Past the proxy"), "n", lambda r: _known(r["past_the_proxy"] if found.captured else None)),
            (say("Bytes sent"), "n", lambda r: _known(r["bytes_out"])),
            (say("Bytes received"), "n", lambda r: _known(r["bytes_in"])),
        ],
        say(
            "{connections}; {wire:,} of them are in a packet capture, which alone knows their bytes as they went over "
            "the wire.",
            connections=_many(sum(line.count for line in found.lines), "connections"),
            wire=found.on_the_wire,
        ),
    )
    return Part(join([body, *(paragraph(sentence) for sentence in found.cannot_know)]))


def _known(size: int | None) -> str:
    return say("not known") if size is None else f"{size:,}"


def allowance(found: Ledger) -> Html:
    """Whether "not observed" may be said of these runs, and why not."""
    if found.allows_absence:
        told = say("A negative finding is allowed, with this bound: {unread}.", unread=found.figure())
    else:
        told = say(
            "A negative finding is not allowed: unread {unread}. Any of it could hold a prompt.",
            unread=found.figure(),
        )
    return paragraph(told, "allowance")


def _why(row: dict[str, Any]) -> Html:
    reason = row["reason"]
    if reason in WORDS.get(reason, reason):
        return Html.escape(row["words"])
    return join([row["words"], small(reason)])


def _hosts(view: View, hosts: list[str]) -> Html:
    shown = [wrap(view.host_name(h)) for h in hosts[:MOST]]
    if len(hosts) > MOST:
        shown.append(Html.escape(say("and {n} more", n=len(hosts) - MOST)))
    return lines(shown)


def _bytes(row: dict[str, Any]) -> str:
    if row["reason"] in NOT_A_LOSS:
        return say("none")
    return say("not known") if row["bytes_out"] is None else f"{row['bytes_out']:,}"


def _share(row: dict[str, Any], total: int) -> str:
    if row["bytes_out"] is None or not total:
        return "?"
    return f"{100 * row['bytes_out'] / total:.1f} %"


def _bar(row: dict[str, Any], total: int) -> Html:
    if row["bytes_out"] is None or not total:
        return Html("")
    kind = "seen" if row["reason"] == "read" else "lost"
    return Html('<span class="bar"><i class="{}" style="width:{}%"></i></span>').format(
        kind, f"{min(100, 100 * row['bytes_out'] / total):.1f}"
    )
