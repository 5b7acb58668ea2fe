"""What changed between two groups of runs: the facts of finding 08 in, tables of items, statements and runs out."""

from typing import Any

from promptrail.findings.comparable import NOT_STATED, in_words
from promptrail.findings.ledger import NOT_A_LOSS
from promptrail.language import mark, say
from promptrail.report.html import Part, chip, folded, lines, paragraph, small, table
from promptrail.report.text import Html, join, wrap
from promptrail.report.view import View

NOTHING = mark("No two groups of like runs hold anything to compare.")
MANY = {"connections": mark("{n:,} connections"), "pieces": mark("{n:,} pieces")}
"""By the unit of a row of the ledger."""
SIGN = {
    "continues": "=",
    "not observed": "○",
    "new": "+",
    "too few runs": "–",
    "cannot tell": "?",
}


def items(view: View) -> Part:
    """One row an item; those that changed first, then those met on one side only."""
    rows = ranked(view.finding.facts)
    if not rows:
        return Part(paragraph(say(NOTHING), "none"), say(NOTHING))
    first = [row for row in rows if row["changed"] or row["status"] != "continues"]
    rest = [row for row in rows if row not in first]
    if not first:
        return Part(_items(view, rows))
    more = folded(say("{n} items that continue", n=len(rest)), _items(view, rest)) if rest else Html("")
    return Part(join([_items(view, first), more]))


def _items(view: View, rows: list[dict[str, Any]]) -> Html:
    return table(
        rows,
        [
            (say("What"), "r", lambda r: r["words"]),
            (
                say("Host"),
                "h",
                lambda r: join([wrap(view.host_name(r["host"])), small(say(view.holder(r["host"])))]),
            ),
            (say("Runs of A"), "n", lambda r: _count(r["a"])),
            (say("Runs of B"), "n", lambda r: _count(r["b"])),
            (say("What became of it"), "", lambda r: _status(r)),
            ("p", "n", lambda r: _p(r["p"], r)),
            (say("All items allowed for"), "n", lambda r: _p(r["together"], r)),
            ("Holm", "n", lambda r: _p(r["holm"], r)),
        ],
        say(
            "Each item in the runs that were compared. p is exact and one-sided, in the direction in which the item "
            "differs; “all items allowed for” decides."
        ),
    )


def ranked(facts: Any) -> list[dict[str, Any]]:
    """Items in the order of figure and table."""
    rows: list[dict[str, Any]] = list(facts["items"])
    order = {id(row): n for n, row in enumerate(rows)}
    return sorted(
        rows, key=lambda r: (not r["changed"], bool(r["a"]["k"]) == bool(r["b"]["k"]), order[id(r)])
    )


def _count(side: dict[str, int]) -> Html:
    told = [say("{seen} of {runs}", seen=side["k"], runs=side["n"])]
    if side["weaker"]:
        told.append(small(say("{n} in part", n=side["weaker"])))
    if side["unread"]:
        told.append(small(say("{n} unread", n=side["unread"])))
    return join(told)


def _status(row: dict[str, Any]) -> Html:
    status = str(row["status"])
    words = [f"{SIGN[status]} {say(status)}"]
    if status == "not observed":
        words.append(
            say(
                "in {n} runs: at most {bound:.0f} % of runs, 95 % confidence",
                n=row["b"]["n"],
                bound=row["bound"],
            )
        )
    if row["changed"] and row["more"]:
        words.append(say("changed: in more runs"))
    elif row["changed"]:
        words.append(say("changed: in fewer runs or none"))
    return join([Html("<b>{}</b>").format(words[0]), *(small(one) for one in words[1:])])


def _p(value: float, row: dict[str, Any]) -> str:
    if row["status"] == "cannot tell":
        return say("not tested")
    return "<0.001" if value < 0.001 else f"{value:.3f}"


def stopped(view: View) -> Part:
    """Something that may have been said of these runs, and what they say to it."""
    rows: Any = view.finding.facts["statements"]
    return Part(
        table(
            rows,
            [
                (say("Statement"), "r", lambda r: f"“{say(r['statement'])}.”"),
                (say("Verdict"), "", lambda r: chip(r["verdict"])),
                (say("Why"), "h", lambda r: wrap(view.mask.text(r["why"]))),
            ],
            say("“It stopped”, held against the runs of B. What went to the app's maker is left out."),
            none=say("Nothing was seen to go to others in A, so nothing can have stopped."),
        )
    )


def compared(view: View) -> Part:
    """Every run of the two sides: compared, or left out and why."""
    facts: Any = view.finding.facts
    side = {run: "AB"[n] for n, runs in enumerate(facts["sides"]) for run in runs}
    names = [*side, *facts["left_out"]]
    if not names:
        return Part(paragraph(facts["how"], "none"), facts["how"])
    left, about = facts["left_out"], facts["about"]
    body = table(
        names,
        [
            (say("Run"), "r", lambda run: wrap(view.mask.text(run))),
            (
                say("Side"),
                "id",
                lambda run: Html("<b>{}</b>").format(side[run]) if run in side else say("left out"),
            ),
            (say("Why"), "", lambda run: _unlike(left[run]) if run in left else say("alike")),
            (say("Version"), "", lambda run: _stated(about[run]["version"])),
            (say("Day (UTC)"), "id", lambda run: _stated(about[run]["day"])),
            (
                say("Mode, region"),
                "",
                lambda run: lines([_stated(about[run]["mode"]), _stated(about[run]["region"])]),
            ),
            (say("What the person did"), "h", lambda run: " · ".join(in_words(about[run]["steps"]))),
        ],
        say("{how}. A: {a}. B: {b}.", how=facts["how"], a=facts["labels"][0], b=facts["labels"][1]),
    )
    return Part(body)


def _unlike(names: list[str]) -> str:
    if not names:
        return say("differs in nothing that is known")
    return say("differs in {properties}", properties=", ".join(say(name) for name in names))


def _stated(value: str) -> str:
    return say(value) if value == NOT_STATED else value


def unseen(view: View) -> Part:
    """The ledgers of both sides, reason by reason."""
    rows = view.finding.unseen
    books: Any = view.finding.facts["books"]
    body = table(
        rows,
        [
            (say("Side"), "r", lambda r: r["side"]),
            (say("Why"), "", lambda r: r["words"]),
            (say("Hosts"), "h", lambda r: lines(wrap(view.host_name(host)) for host in r["hosts"][:8])),
            (say("How many"), "n", lambda r: say(MANY[r["unit"]], n=r["count"])),
            (say("Bytes sent"), "n", lambda r: _bytes(r)),
        ],
        say("What was on the wire and could not be read, of the compared runs of each side."),
        none=say("Everything that was seen to be sent in the compared runs could be read."),
    )
    told = [
        say("Unread in {side}: {unread}.", side=side, unread=book["unseen"])
        for side, book in zip("AB", books, strict=True)
    ]
    return Part(join([body, paragraph(" ".join(told), "allowance")]))


def _bytes(row: dict[str, Any]) -> str:
    if row["reason"] in NOT_A_LOSS:
        return say("none")
    return say("not known") if row["bytes_out"] is None else f"{row['bytes_out']:,}"
