"""Values by recipient: the finding's rows in, a grid with a cell of words for each value and host out.

Rows are the declared values, or where none is declared what the fields are named. A cell says tier and runs in words;
its ground says who holds the host. Refuses a case without either: the block then says so in words.
"""

from typing import Any, NamedTuple

import plotly.graph_objects as go

from promptrail.findings.words import listed
from promptrail.language import mark, say, say_n
from promptrail.report.figures.flow import COLOURS_SAY, broken
from promptrail.report.figures.frame import SOFT, layout
from promptrail.report.figures.word_grid import axes, box
from promptrail.report.figures.word_grid import words as words_of
from promptrail.report.text import label
from promptrail.report.view import COLOURS, MAKER, OTHER, UNKNOWN, View

MOST_HOSTS, MOST_ROWS = 6, 12
"""Columns and rows that are legible on paper; the tables have all."""
LINE = 14
"""Letters of a host before it breaks."""
UNREAD = {"all": "0", "part": "0+?", "none": "?"}
ROW, LINE_OF_A_CELL, HEAD, FOOT, LEFT = 12, 15, 74, 12, 158
NOTHING = mark("No declared value and no field named like one was met, so there is nothing to draw.")


class Grid(NamedTuple):
    """What is drawn."""

    rows: list[str]
    """Their labels, which are escaped already."""
    hosts: list[str]
    cells: dict[tuple[int, str], list[str]]
    """(row, host) -> lines of words, of what was seen there."""
    declared: bool
    left_out: list[str]
    """What is not drawn, in words."""


def grid(view: View) -> Grid | None:
    """From the facts of the finding; None where there is nothing to draw."""
    facts: Any = view.finding.facts
    declared = bool(facts["declared"])
    names, cells = _declared(view, facts) if declared else _named(view, facts)
    if not names:
        return None
    rows = names[:MOST_ROWS]
    count = {host: sum(h == host for _, h in cells) for host in view.hosts}
    blind = {host: view.hosts[host].reading == "none" for host in view.hosts}
    order = {host: n for n, host in enumerate(view.hosts)}
    wanted = [host for host in view.hosts if count[host] or blind[host]]
    kept = sorted(wanted, key=lambda host: (blind[host], -count[host], order[host]))[:MOST_HOSTS]
    left = []
    if n := len(names) - len(rows):
        left.append(say_n("{n} row", "{n} rows", n))
    if n := len(wanted) - len(kept):
        left.append(say_n("{n} host", "{n} hosts", n))
    return Grid(
        [row for _, row in rows],
        sorted(kept, key=lambda host: order[host]),
        {
            (n, host): cells[key, host]
            for n, (key, _) in enumerate(rows)
            for host in kept
            if (key, host) in cells
        },
        declared,
        left,
    )


Named = tuple[list[tuple[str, str]], dict[tuple[str, str], list[str]]]
"""(key, label) of each row; (key, host) -> lines of words."""


def _declared(view: View, facts: Any) -> Named:
    rows = [
        (v["probe"], f"<b>{label(v['probe'], 18)}</b><br>{label(say(v['kind']), 18)}")
        for v in facts["declared"]
    ]
    cells: dict[tuple[str, str], list[str]] = {}
    for seen in facts["values"]:
        lines = cells.setdefault((seen["probe"], view.host_name(seen["host"])), [])
        lines += [say(str(seen["tier"])), say("{n} of {all} runs", n=seen["runs"], all=seen["of"])]
    return rows, cells


def _named(view: View, facts: Any) -> Named:
    ranked = _ranked(facts["named_fields"])
    cells = {}
    for seen in ranked:
        many = say_n("{n} value, {grade}", "{n} values, {grade}", seen["different"], grade=seen["grade"])
        cells[seen["term"], view.host_name(seen["host"])] = [many]
    return [
        (term, f"<b>{label(say(term), 24)}</b>") for term in dict.fromkeys(row["term"] for row in ranked)
    ], cells


def _ranked(named: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """In the dictionary's order: identifiers first."""
    from promptrail.findings.identifiers.names import terms

    order = {term.term: n for n, term in enumerate(terms())}
    return sorted(named, key=lambda row: order[row["term"]])


def identifiers(view: View, drawn: Grid) -> go.Figure:
    """The grid; a cell without a sighting says whether there was none or nothing could be read."""
    shapes, words = [], []
    for n in range(len(drawn.rows)):
        for column, host in enumerate(drawn.hosts):
            lines = drawn.cells.get((n, host))
            text = "<br>".join(label(line, 40) for line in lines or [])
            words.append(text or f"<b>{UNREAD[view.hosts[host].reading]}</b>")
            shapes.append(_cell(column, n, COLOURS[view.hosts[host].holder] if lines else None))
    figure = go.Figure(words_of(range(len(drawn.hosts)), len(drawn.rows), words))
    deep = max((len(lines) for lines in drawn.cells.values()), default=1)
    height = HEAD + FOOT + (ROW + LINE_OF_A_CELL * max(deep, 2 if drawn.declared else 1)) * len(drawn.rows)
    figure.update_layout(
        layout(
            _alt(view, drawn),
            _caption(drawn),
            height,
            margin={"l": LEFT, "r": 4, "t": HEAD, "b": FOOT},
            shapes=shapes,
            **axes(
                range(len(drawn.hosts)),
                [_head(view, host) for host in drawn.hosts],
                [f"{row.replace('<br>', '  <br>')}  " for row in drawn.rows],
            ),
        )
    )
    return figure


def _cell(column: int, row: int, colour: str | None) -> dict[str, Any]:
    """A filled frame for what was seen, a dotted one for what was not."""
    return box(column, row, colour, filled=0.16) if colour else box(column, row, SOFT, dash="dot")


def _head(view: View, host: str) -> str:
    holder = view.hosts[host].holder
    short = {MAKER: say("maker"), OTHER: say("other")}.get(holder, say("not stated"))
    return f"{broken(host.replace('.', chr(10) + '.').split(chr(10)), LINE)}<br><b>{short}</b>"


def _alt(view: View, drawn: Grid) -> str:
    said = []
    for n, row in enumerate(drawn.rows):
        name = row.replace("<b>", "").replace("</b>", "").replace("<br>", ", ")
        there = [
            f"{host} ({say(view.hosts[host].holder if host in view.hosts else UNKNOWN)}): {', '.join(lines)}"
            for host in drawn.hosts
            if (lines := drawn.cells.get((n, host)))
        ]
        if there:
            said.append(say("{value} at {hosts}", value=name, hosts="; ".join(there)))
        else:
            said.append(say("{value}: seen nowhere", value=name))
    cells = ". ".join(said)
    if drawn.declared:
        return say("Grid of values by host. {cells}.", cells=cells)
    return say("Grid of named fields by host. {cells}.", cells=cells)


def _caption(drawn: Grid) -> str:
    if drawn.declared:
        what = say("Declared values by the host that they reached: tier, and in how many runs.")
    else:
        what = say(
            "No value is declared. Fields by what their sender names them: how many different values, and the grade "
            "of the name (E3: it says so itself, E2: only with what stands beside it, or by its place)."
        )
    signs = say(
        "Filled: seen. Dotted: 0 none seen, 0+? none seen but not all was read, ? nothing could be read."
    )
    said = [what, signs, say(COLOURS_SAY)]
    if drawn.left_out:
        said.append(say("Not drawn and in the table: {left}.", left=listed(drawn.left_out)))
    return " ".join(said)
