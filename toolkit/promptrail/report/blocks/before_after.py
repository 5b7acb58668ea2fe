"""What changed between two groups of runs: the facts of finding 08 in, tables of items, statements and runs out."""

from typing import Any

from promptrail.findings.ledger import NOT_A_LOSS
from promptrail.report.html import Part, chip, folded, lines, paragraph, small, table
from promptrail.report.text import Html, join, wrap
from promptrail.report.view import View

NOTHING = "No two groups of like runs hold anything to compare."
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
        return Part(paragraph(NOTHING, "none"), NOTHING)
    first = [row for row in rows if row["changed"] or row["status"] != "continues"]
    rest = [row for row in rows if row not in first]
    if not first:
        return Part(_items(view, rows))
    more = folded(f"{len(rest)} items that continue", _items(view, rest)) if rest else Html("")
    return Part(join([_items(view, first), more]))


def _items(view: View, rows: list[dict[str, Any]]) -> Html:
    return table(
        rows,
        [
            ("What", "r", lambda r: r["words"]),
            (
                "Host",
                "h",
                lambda r: join([wrap(view.host_name(r["host"])), small(view.holder(r["host"]))]),
            ),
            ("Runs of A", "n", lambda r: _count(r["a"])),
            ("Runs of B", "n", lambda r: _count(r["b"])),
            ("What became of it", "", lambda r: _status(r)),
            ("p", "n", lambda r: _p(r["p"], r)),
            ("All items allowed for", "n", lambda r: _p(r["together"], r)),
            ("Holm", "n", lambda r: _p(r["holm"], r)),
        ],
        "Each item in the runs that were compared. p is exact and one-sided, in the direction in which the item "
        "differs; “all items allowed for” decides.",
    )


def ranked(facts: Any) -> list[dict[str, Any]]:
    """Items in the order of figure and table."""
    rows: list[dict[str, Any]] = list(facts["items"])
    order = {id(row): n for n, row in enumerate(rows)}
    return sorted(
        rows, key=lambda r: (not r["changed"], bool(r["a"]["k"]) == bool(r["b"]["k"]), order[id(r)])
    )


def _count(side: dict[str, int]) -> Html:
    more = [
        f"{side[name]} {words}" for name, words in (("weaker", "in part"), ("unread", "unread")) if side[name]
    ]
    return join([f"{side['k']} of {side['n']}", *(small(one) for one in more)])


def _status(row: dict[str, Any]) -> Html:
    status = str(row["status"])
    words = [f"{SIGN[status]} {status}"]
    if status == "not observed":
        words.append(f"in {row['b']['n']} runs: at most {row['bound']:.0f} % of runs, 95 % confidence")
    if row["changed"]:
        words.append("changed: in more runs" if row["more"] else "changed: in fewer runs or none")
    return join([Html("<b>{}</b>").format(words[0]), *(small(one) for one in words[1:])])


def _p(value: float, row: dict[str, Any]) -> str:
    if row["status"] == "cannot tell":
        return "not tested"
    return "<0.001" if value < 0.001 else f"{value:.3f}"


def stopped(view: View) -> Part:
    """Something that may have been said of these runs, and what they say to it."""
    rows: Any = view.finding.facts["statements"]
    return Part(
        table(
            rows,
            [
                ("Statement", "r", lambda r: f"“{r['statement']}.”"),
                ("Verdict", "", lambda r: chip(r["verdict"])),
                ("Why", "h", lambda r: wrap(view.mask.text(r["why"]))),
            ],
            "“It stopped”, held against the runs of B. What went to the app's maker is left out.",
            none="Nothing was seen to go to others in A, so nothing can have stopped.",
        )
    )


def compared(view: View) -> Part:
    """Every run of the two sides: compared, or left out and why."""
    facts: Any = view.finding.facts
    side = {run: "AB"[n] for n, runs in enumerate(facts["sides"]) for run in runs}
    names = [*side, *facts["left_out"]]
    if not names:
        return Part(paragraph(facts["how"], "none"), facts["how"])
    left = facts["left_out"]
    body = table(
        names,
        [
            ("Run", "r", lambda run: wrap(view.mask.text(run))),
            ("Side", "id", lambda run: Html("<b>{}</b>").format(side[run]) if run in side else "left out"),
            (
                "Why",
                "",
                lambda run: (
                    f"differs in {', '.join(left[run]) or 'nothing that is known'}"
                    if run in left
                    else "alike"
                ),
            ),
            ("Version", "", lambda run: facts["about"][run]["version"]),
            ("Day (UTC)", "id", lambda run: facts["about"][run]["day"]),
            (
                "Mode, region",
                "",
                lambda run: lines([facts["about"][run]["mode"], facts["about"][run]["region"]]),
            ),
            ("What the person did", "h", lambda run: facts["about"][run]["steps"].replace("; ", " · ")),
        ],
        f"{facts['how']}. A: {facts['labels'][0]}. B: {facts['labels'][1]}.",
    )
    return Part(body)


def unseen(view: View) -> Part:
    """The ledgers of both sides, reason by reason."""
    rows = view.finding.unseen
    books: Any = view.finding.facts["books"]
    body = table(
        rows,
        [
            ("Side", "r", lambda r: r["side"]),
            ("Why", "", lambda r: r["words"]),
            ("Hosts", "h", lambda r: lines(wrap(view.host_name(host)) for host in r["hosts"][:8])),
            ("How many", "n", lambda r: f"{r['count']:,} {r['unit']}"),
            ("Bytes sent", "n", lambda r: _bytes(r)),
        ],
        "What was on the wire and could not be read, of the compared runs of each side.",
        none="Everything that was seen to be sent in the compared runs could be read.",
    )
    told = " ".join(f"Unread in {side}: {book['unseen']}." for side, book in zip("AB", books, strict=True))
    return Part(join([body, paragraph(told, "allowance")]))


def _bytes(row: dict[str, Any]) -> str:
    if row["reason"] in NOT_A_LOSS:
        return "none"
    return "not known" if row["bytes_out"] is None else f"{row['bytes_out']:,}"
