"""Items by run: the facts of finding 08 in, a grid with A on the left and B on the right out.

A cell is filled where the item was seen, and says in a sign what else it may be. Refuses facts without items: the block
then says so in words.
"""

from typing import Any, NamedTuple

import plotly.graph_objects as go

from promptrail.findings.words import listed
from promptrail.language import mark, say, say_n
from promptrail.report.blocks.before_after import ranked
from promptrail.report.figures.flow import COLOURS_SAY
from promptrail.report.figures.frame import SOFT, layout
from promptrail.report.figures.word_grid import axes, box
from promptrail.report.figures.word_grid import words as words_of
from promptrail.report.text import label
from promptrail.report.view import COLOURS, View

MOST_ROWS, MOST_RUNS = 20, 14
"""Rows and columns that are legible on paper; the table has all."""
SIGNS = {"seen": "●", "not seen": "0", "weaker": "~", "unread": "?", "not typed": "–"}
SIGNS_SAY = mark(
    "● seen, 0 not seen, ~ only in part or as a guess, ? the host could not be read in this run, – nothing of the kind "
    "was typed"
)
ROW, HEAD, FOOT, LEFT, RIGHT = 32, 86, 12, 200, 178
GAP = 0.6
"""Columns between A and B."""


class Grid(NamedTuple):
    rows: list[dict[str, Any]]
    runs: list[tuple[str, str]]
    """(side, run), A first."""
    left_out: list[str]
    """What is not drawn, in words."""


def grid(view: View) -> Grid | None:
    """From the facts of the finding; None where there is nothing to draw."""
    facts: Any = view.finding.facts
    rows = ranked(facts)
    sides = [runs[: MOST_RUNS // 2] for runs in facts["sides"]]
    if not rows or not all(sides):
        return None
    runs = [(side, run) for side, names in zip("AB", sides, strict=True) for run in names]
    every = sum(len(names) for names in facts["sides"])
    left = []
    if (n := len(rows) - MOST_ROWS) > 0:
        left.append(say_n("{n} item", "{n} items", n))
    if (n := every - len(runs)) > 0:
        left.append(say_n("{n} run", "{n} runs", n))
    return Grid(rows[:MOST_ROWS], runs, left)


def before_after(view: View, drawn: Grid) -> go.Figure:
    """The grid; right of it what became of each item."""
    places = [n + (GAP if side == "B" else 0) for n, (side, _) in enumerate(drawn.runs)]
    shapes, words = [], []
    for n, row in enumerate(drawn.rows):
        colour = COLOURS[view.holder(view.host_name(row["host"]))]
        for x, (_, run) in zip(places, drawn.runs, strict=True):
            seen = row["cells"][run] == "seen"
            words.append(SIGNS[row["cells"][run]])
            shapes.append(_cell(x, n, colour if seen else None))
    figure = go.Figure(words_of(places, len(drawn.rows), words, 12))
    for n, row in enumerate(drawn.rows):
        figure.add_annotation(
            x=1,
            xref="paper",
            xanchor="left",
            xshift=8,
            y=n,
            text=_became(row),
            showarrow=False,
            align="left",
            font={"size": 11},
        )
    _sides(figure, drawn, places)
    figure.update_layout(
        layout(
            _alt(view, drawn),
            _caption(drawn),
            HEAD + FOOT + ROW * len(drawn.rows),
            margin={"l": LEFT, "r": RIGHT, "t": HEAD, "b": FOOT},
            shapes=shapes,
            **axes(
                places,
                [label(run, 16) for _, run in drawn.runs],
                [_name(view, row) for row in drawn.rows],
                across={"tickangle": -35, "tickfont": {"size": 10.5}, "range": [-0.55, places[-1] + 0.55]},
                down={"tickfont": {"size": 11}},
            ),
        )
    )
    return figure


def _name(view: View, row: dict[str, Any]) -> str:
    return f"<b>{label(row['words'], 26)}</b>  <br>{label(view.host_name(row['host']), 30)}  "


def _became(row: dict[str, Any]) -> str:
    counts = f"{row['a']['k']}/{row['a']['n']} → {row['b']['k']}/{row['b']['n']}"
    p = f", p {row['together']:.3f}" if row["changed"] else ""
    status = f"<b>{label(say(row['status']))}</b>" if row["changed"] else label(say(row["status"]))
    return f"{status}<br>{counts}{p}"


def _sides(figure: go.Figure, drawn: Grid, places: list[float]) -> None:
    """A and B over their columns."""
    for side in "AB":
        mine = [x for x, (which, _) in zip(places, drawn.runs, strict=True) if which == side]
        figure.add_annotation(
            x=(mine[0] + mine[-1]) / 2,
            y=1,
            yref="paper",
            yanchor="bottom",
            yshift=HEAD - 20,
            text=f"<b>{side}</b>",
            showarrow=False,
        )


def _cell(x: float, row: int, colour: str | None) -> dict[str, Any]:
    """A filled frame for what was seen, a dotted one for what was not."""
    return box(x, row, colour, filled=0.2) if colour else box(x, row, SOFT, dash="dot")


def _alt(view: View, drawn: Grid) -> str:
    told = [
        say(
            "{item} at {host}: {seen_a} of {runs_a} runs of A, {seen_b} of {runs_b} of B, {status}",
            item=row["words"],
            host=view.host_name(row["host"]),
            seen_a=row["a"]["k"],
            runs_a=row["a"]["n"],
            seen_b=row["b"]["k"],
            runs_b=row["b"]["n"],
            status=say(row["status"]),
        )
        for row in drawn.rows
    ]
    return say("Grid of items by run, A on the left, B on the right. {items}.", items="; ".join(told))


def _caption(drawn: Grid) -> str:
    caption = [
        say("What was seen of each item in each compared run: {signs}.", signs=say(SIGNS_SAY)),
        say(COLOURS_SAY),
    ]
    if drawn.left_out:
        caption.append(say("Not drawn and in the table: {items}.", items=listed(drawn.left_out)))
    return " ".join(caption)
