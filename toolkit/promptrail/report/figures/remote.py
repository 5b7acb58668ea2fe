"""Settings by run, and the surest pair: the facts of finding 11 in, a grid of values or two lanes of runs out.

Values stand in words in their cells; a tint tells equal ones apart and means nothing else. Needs a key, or a pair.
"""

from typing import Any

import plotly.graph_objects as go

from promptrail.findings.remote.keys import CHANGED, in_words
from promptrail.findings.words import listed
from promptrail.language import say, say_n
from promptrail.report.figures.frame import SOFT, layout
from promptrail.report.figures.word_grid import axes, box
from promptrail.report.figures.word_grid import words as words_of
from promptrail.report.text import label
from promptrail.report.view import COLOURS, OTHER, View

MOST_KEYS, MOST_RUNS = 14, 12
ROW, HEAD, FOOT, LEFT, RIGHT = 30, 84, 12, 250, 48
LETTERS, FEWEST = 60, 4
"""That one row has room for, and that a cell has at least."""
TINTS = (0.0, 0.12, 0.24, 0.36, 0.48)


def settings(view: View) -> go.Figure:
    """Keys that changed first; a key that a run was not handed has an empty cell."""
    facts: Any = view.finding.facts
    keys, runs = facts["keys"][:MOST_KEYS], facts["key_runs"][:MOST_RUNS]
    letters = max(FEWEST, LETTERS // len(runs))
    shapes, words = [], []
    for n, row in enumerate(keys):
        order = list(dict.fromkeys(value for _, value in sorted(row["by_run"].items())))
        told = row["change"] == CHANGED
        for column, run in enumerate(runs):
            value = row["by_run"].get(run)
            tint = TINTS[min(order.index(value), len(TINTS) - 1)] if told and value is not None else 0
            shapes.append(_cell(column, n, tint, value is None))
            words.append(
                "" if value is None else label(value, letters) if told or len(order) == 1 else say("new")
            )
    figure = go.Figure(words_of(range(len(runs)), len(keys), words, 10.5))
    figure.update_layout(
        layout(
            _alt(keys),
            _caption(facts, len(keys), len(runs)),
            HEAD + FOOT + ROW * len(keys),
            margin={"l": LEFT, "r": RIGHT, "t": HEAD, "b": FOOT},
            shapes=shapes,
            **axes(
                range(len(runs)),
                [label(run, 16) for run in runs],
                [_name(view, row) for row in keys],
                across={"tickangle": -35, "tickfont": {"size": 10.5}, "range": [-0.52, len(runs) - 0.48]},
                down={"tickfont": {"size": 11}},
            ),
        )
    )
    return figure


def _name(view: View, row: dict[str, Any]) -> str:
    key = str(row["key"])
    short = key if len(key) <= 34 else "…" + key[-33:]
    return f"<b>{label(short, 36)}</b>  <br>{label(view.host_name(row['host']), 34)}  "


def _cell(column: int, row: int, tint: float, empty: bool) -> dict[str, Any]:
    return box(column, row, SOFT, dash="dot" if empty else None, filled=tint)


def _alt(keys: list[dict[str, Any]]) -> str:
    told = [f"{row['key']}: {', '.join(row['values'])} ({say(row['change'])})" for row in keys]
    return say("Settings of others by run. {keys}.", keys="; ".join(told))


def _caption(facts: Any, keys: int, runs: int) -> str:
    told = say(
        "What each key of others' settings was in each run; equal values of a key that changed have the same tint; "
        "“new”: another value in every run. Dotted and empty: not handed out in that run."
    )
    left = []
    if (n := len(facts["keys"]) - keys) > 0:
        left.append(say_n("{n} key", "{n} keys", n))
    if (n := len(facts["key_runs"]) - runs) > 0:
        left.append(say_n("{n} run", "{n} runs", n))
    return f"{told} {say('Not drawn: {left}.', left=listed(left))}" if left else told


def pair(view: View) -> go.Figure:
    """What the app did in each run, with the value of the key and with another."""
    facts: Any = view.finding.facts
    one = facts["pairs"][0]
    did = in_words(one["behaviour"])
    figure = go.Figure()
    names = [f"{label(one['keys'][0], 40)}<br>= {label(one['value'], 20)}", say("another value")]
    for n, points in enumerate(one["points"]):
        figure.add_scatter(
            x=points,
            y=[n + _aside(place, len(points)) for place in range(len(points))],
            mode="markers",
            marker={"symbol": ("circle", "diamond")[n], "size": 11, "color": COLOURS[OTHER], "opacity": 0.75},
            hovertemplate=say("%{x} in a run") + "<extra></extra>",
            showlegend=False,
        )
    most = max(value for points in one["points"] for value in points)
    figure.update_layout(
        layout(
            say(
                "{behaviour}: {here} in runs with {key} = {value}, {elsewhere} in the others.",
                behaviour=did,
                here=one["points"][0],
                key=one["keys"][0],
                value=one["value"],
                elsewhere=one["points"][1],
            ),
            say(
                "One mark a run. p = {p:.3f}, after Holm over {tried} tried {holm:.3f}. The two went together; that "
                "does not show that the one made the other.",
                p=one["p"],
                tried=facts["pairs_tried"],
                holm=one["holm"],
            ),
            200,
            margin={"l": 10, "r": 10, "t": 12, "b": 66},
            xaxis={
                "title": {
                    "text": label(say("{behaviour}, in a run", behaviour=did), 80),
                    "font": {"size": 12},
                    "standoff": 8,
                },
                "range": [-0.04 * max(most, 1), 1.1 * max(most, 1)],
                "zeroline": False,
                "automargin": True,
            },
            yaxis={
                "tickvals": [0, 1],
                "ticktext": names,
                "range": [1.6, -0.6],
                "automargin": True,
                "zeroline": False,
                "gridcolor": "rgba(107,118,132,0.25)",
            },
        )
    )
    return figure


def _aside(place: int, many: int) -> float:
    """Marks of equal runs beside each other."""
    return 0.0 if many < 2 else 0.5 * (place / (many - 1) - 0.5)
