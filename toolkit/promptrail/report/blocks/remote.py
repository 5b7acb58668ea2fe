"""Settings that were handed out: the facts of finding 11 in, tables of places, keys and pairs out."""

from typing import Any

from promptrail.report.html import Part, folded, lines, small, table
from promptrail.report.text import Html, join, wrap
from promptrail.report.view import View

NOTHING = "No settings from others were read, so there are no keys to draw."
NO_PAIR = "No key changed between runs that did the same, or nothing differed with it, so there is no pair."
WHO = {
    "other": "handed out",
    "unread": "asked for; nothing of the answer could be read",
    "own": "handed out by the app's maker",
}
SHOWN = 30
"""Rows before the rest is folded."""


def sources(view: View) -> Part:
    """One row a place: host, path, how it was known, runs, keys."""
    rows: Any = view.finding.facts["sources"]
    refs = view.case.flows.set_index("flow")["source_ref"].to_dict()
    return Part(
        table(
            rows,
            [
                (
                    "Host",
                    "r h",
                    lambda r: join([wrap(view.host_name(r["host"])), small(view.holder(r["host"]))]),
                ),
                ("Who runs it", "", lambda r: view.who(r["host"])),
                ("Asked", "h", lambda r: wrap(r["place"])),
                ("Settings", "", lambda r: join([WHO[r["who"]], small(", ".join(r["kinds"]))])),
                ("Known by", "", lambda r: ", ".join(r["known_by"])),
                ("Runs", "n", lambda r: f"{r['runs']} of {r['of']}"),
                ("Keys", "n", lambda r: _keys(r)),
                (
                    "First exchange",
                    "h",
                    lambda r: wrap(view.mask.text(str(refs.get(r["flows"][0], r["flows"][0])))),
                ),
            ],
            "Answers that configure, known by words of their path and fields; the list has a source for each word.",
            none="No answer was known as settings, neither of others nor of the app's maker.",
        )
    )


def _keys(row: dict[str, Any]) -> Html:
    parts: list[object] = [f"{row['keys']:,}"]
    if row["changed"]:
        parts.append(small(f"{row['changed']} changed"))
    return join(parts)


def keys(view: View) -> Part:
    """Each key of others' settings with its values; those that changed between runs first."""
    rows: Any = view.finding.facts["keys"]
    shown = _keys_table(view, rows[:SHOWN], "Keys of settings that others handed out, and their values.")
    if len(rows) <= SHOWN:
        return Part(shown)
    rest = _keys_table(view, rows[SHOWN:], f"The other {len(rows) - SHOWN} keys.")
    return Part(join([shown, folded(f"{len(rows) - SHOWN} more keys", rest)]))


def _keys_table(view: View, rows: list[dict[str, Any]], caption: str) -> Html:
    return table(
        rows,
        [
            ("Key", "r h", lambda r: join([wrap(r["key"]), small(view.host_name(r["host"]))])),
            ("Between runs", "", lambda r: r["change"]),
            ("Different values", "n", lambda r: f"{r['different']:,}"),
            ("Values", "h", lambda r: lines(wrap(value) for value in r["values"])),
            ("Runs", "n", lambda r: f"{r['runs']:,}"),
        ],
        caption,
        none="No settings from others were read.",
    )


def pairs(view: View) -> Part:
    """What the app did in other measure where a key had another value; never a cause."""
    rows: Any = view.finding.facts["pairs"]
    tried: Any = view.finding.facts["pairs_tried"]
    return Part(
        table(
            rows,
            [
                ("Key", "r h", lambda r: _named(r)),
                ("Value", "h", lambda r: wrap(r["value"])),
                ("What the app did", "h", lambda r: wrap(r["behaviour"])),
                ("A run with it", "n", lambda r: f"{r['here']:.1f}"),
                ("A run without", "n", lambda r: f"{r['elsewhere']:.1f}"),
                ("Runs", "n", lambda r: f"{len(r['points'][0])} and {len(r['points'][1])}"),
                ("p", "n", lambda r: f"{r['p']:.3f}"),
                ("Holm", "n", lambda r: f"{r['holm']:.3f}"),
            ],
            f"Pairs of a key and a behaviour among runs that did the same ({tried:,} tried), smallest p first. Two "
            "things that go together: which of them, if any, made the other cannot be told from this.",
            none=NO_PAIR,
        )
    )


def _named(row: dict[str, Any]) -> Html:
    more = len(row["keys"]) - 1
    first: list[object] = [wrap(row["keys"][0])]
    if more:
        first.append(small(f"and {more} more that changed with it"))
    return join(first)
