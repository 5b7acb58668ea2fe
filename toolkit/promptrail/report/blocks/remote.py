"""Settings that were handed out: the facts of finding 11 in, tables of places, keys and pairs out."""

from typing import Any

from promptrail.findings.remote.keys import in_words
from promptrail.language import mark, say
from promptrail.report.html import Part, folded, lines, small, table
from promptrail.report.text import Html, join, wrap
from promptrail.report.view import View

NOTHING = mark("No settings from others were read, so there are no keys to draw.")
NO_PAIR = mark(
    "No key changed between runs that did the same, or nothing differed with it, so there is no pair."
)
WHO = {
    "other": mark("handed out"),
    "unread": mark("asked for; nothing of the answer could be read"),
    "own": mark("handed out by the app's maker"),
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
                    say("Host"),
                    "r h",
                    lambda r: join([wrap(view.host_name(r["host"])), small(say(view.holder(r["host"])))]),
                ),
                (say("Who runs it"), "", lambda r: view.who(r["host"])),
                (say("Asked"), "h", lambda r: wrap(r["place"])),
                (
                    say("Settings"),
                    "",
                    lambda r: join([say(WHO[r["who"]]), small(", ".join(map(say, r["kinds"])))]),
                ),
                (say("Known by"), "", lambda r: ", ".join(map(say, r["known_by"]))),
                (say("Runs"), "n", lambda r: say("{runs} of {all}", runs=r["runs"], all=r["of"])),
                (say("Keys"), "n", lambda r: _keys(r)),
                (
                    say("First exchange"),
                    "h",
                    lambda r: wrap(view.mask.text(str(refs.get(r["flows"][0], r["flows"][0])))),
                ),
            ],
            say(
                "Answers that configure, known by words of their path and fields; the list has a source for each word."
            ),
            none=say("No answer was known as settings, neither of others nor of the app's maker."),
        )
    )


def _keys(row: dict[str, Any]) -> Html:
    parts: list[object] = [f"{row['keys']:,}"]
    if row["changed"]:
        parts.append(small(say("{n} changed", n=row["changed"])))
    return join(parts)


def keys(view: View) -> Part:
    """Each key of others' settings with its values; those that changed between runs first."""
    rows: Any = view.finding.facts["keys"]
    caption = say("Keys of settings that others handed out, and their values.")
    shown = _keys_table(view, rows[:SHOWN], caption)
    if len(rows) <= SHOWN:
        return Part(shown)
    n = len(rows) - SHOWN
    rest = _keys_table(view, rows[SHOWN:], say("The other {n} keys.", n=n))
    return Part(join([shown, folded(say("{n} more keys", n=n), rest)]))


def _keys_table(view: View, rows: list[dict[str, Any]], caption: str) -> Html:
    return table(
        rows,
        [
            (say("Key"), "r h", lambda r: join([wrap(r["key"]), small(view.host_name(r["host"]))])),
            (say("Between runs"), "", lambda r: say(r["change"])),
            (say("Different values"), "n", lambda r: f"{r['different']:,}"),
            (say("Values"), "h", lambda r: lines(wrap(value) for value in r["values"])),
            (say("Runs"), "n", lambda r: f"{r['runs']:,}"),
        ],
        caption,
        none=say("No settings from others were read."),
    )


def pairs(view: View) -> Part:
    """What the app did in other measure where a key had another value; never a cause."""
    rows: Any = view.finding.facts["pairs"]
    tried: Any = view.finding.facts["pairs_tried"]
    return Part(
        table(
            rows,
            [
                (say("Key"), "r h", _named),
                (say("Value"), "h", lambda r: wrap(r["value"])),
                (say("What the app did"), "h", lambda r: wrap(in_words(r["behaviour"]))),
                (say("A run with it"), "n", lambda r: f"{r['here']:.1f}"),
                (say("A run without"), "n", lambda r: f"{r['elsewhere']:.1f}"),
                (
                    say("Runs"),
                    "n",
                    lambda r: say(
                        "{first} and {second}", first=len(r["points"][0]), second=len(r["points"][1])
                    ),
                ),
                (say("p"), "n", lambda r: f"{r['p']:.3f}"),
                (say("Holm"), "n", lambda r: f"{r['holm']:.3f}"),
            ],
            say(
                "Pairs of a key and a behaviour among runs that did the same ({n:,} tried), smallest p first. Two "
                "things that go together: which of them, if any, made the other cannot be told from this.",
                n=tried,
            ),
            none=say(NO_PAIR),
        )
    )


def _named(row: dict[str, Any]) -> Html:
    more = len(row["keys"]) - 1
    first: list[object] = [wrap(row["keys"][0])]
    if more:
        first.append(small(say("and {n} more that changed with it", n=more)))
    return join(first)
