"""Requests by organisation and phase: the facts of finding 11 in, one lane each with its runs, mean and interval out.

Needs facts about volume. An open mark is one run, a filled one the mean, the line its interval; without a line there
are too few runs, and the caption says so.
"""

from typing import Any

import plotly.graph_objects as go

from promptrail.findings.remote.volume import PHASES, in_words
from promptrail.findings.resampling import TOO_FEW
from promptrail.language import say, say_n
from promptrail.report.blocks.volume import colour, holder, not_read
from promptrail.report.figures.flow import COLOURS_SAY
from promptrail.report.figures.frame import layout
from promptrail.report.text import label
from promptrail.report.view import View

MOST = 24
"""Lanes."""
ROW, FOOT = 32, 116


def volume(view: View) -> go.Figure:
    """Lanes in the order of the phases, then of the organisations."""
    told: Any = view.finding.facts["volume"]
    rows = sorted(told["by_phase"], key=lambda row: PHASES.index(row["phase"]))
    shown, figure = rows[:MOST], go.Figure()
    for n, row in enumerate(shown):
        numbers = row["requests"]
        runs = dict.fromkeys([] if not_read(row) else numbers["values"])
        figure.add_scatter(
            x=list(runs),
            y=[n] * len(runs),
            mode="markers",
            marker={"symbol": "circle-open", "size": 9, "color": colour(row), "line": {"width": 1}},
            hovertemplate=say("%{x} requests in a run") + "<extra></extra>",
            showlegend=False,
        )
        if numbers["low"] is not None:
            ends = [numbers["low"], numbers["high"]]
            line = {"color": colour(row), "width": 3}
            figure.add_scatter(x=ends, y=[n, n], mode="lines", line=line, hoverinfo="skip", showlegend=False)
        figure.add_scatter(
            x=[numbers["mean"]],
            y=[n],
            mode="markers+text",
            text=[_words(row)],
            textposition="top center",
            textfont={"size": 11},
            marker={"symbol": "x" if not_read(row) else "diamond", "size": 10, "color": colour(row)},
            hovertemplate=say("mean %{x:.2f}") + "<extra></extra>",
            showlegend=False,
            cliponaxis=False,
        )
    most = max((value for row in shown for value in row["requests"]["values"]), default=1.0)
    figure.update_layout(
        layout(
            _alt(shown),
            _caption(told, len(rows) - len(shown)),
            FOOT + ROW * len(shown),
            margin={"l": 10, "r": 10, "t": 18, "b": 62},
            xaxis={
                "title": {"text": say("requests in a run"), "font": {"size": 12}, "standoff": 8},
                "range": [-0.04 * max(most, 1), 1.12 * max(most, 1)],
                "zeroline": False,
                "automargin": True,
            },
            yaxis={
                "tickvals": list(range(len(shown))),
                "ticktext": [
                    f"{label(in_words(r['organisation']), 26)}, <b>{label(say(r['phase']), 24)}</b>"
                    for r in shown
                ],
                "range": [len(shown) - 0.4, -0.6],
                "automargin": True,
                "zeroline": False,
                "gridcolor": "rgba(107,118,132,0.25)",
            },
        )
    )
    return figure


def _words(row: dict[str, Any]) -> str:
    if not_read(row):
        return say_n("not read: {n} connection", "not read: {n} connections", row["unread"])
    mean = row["requests"]["mean"]
    return say("{mean:.1f} and {n} unread", mean=mean, n=row["unread"]) if row["unread"] else f"{mean:.1f}"


def _alt(rows: list[dict[str, Any]]) -> str:
    told = []
    for row in rows:
        one = row["requests"]
        ends = (
            say("({low:.1f} to {high:.1f})", low=one["low"], high=one["high"])
            if one["low"] is not None
            else ""
        )
        lane = f"{in_words(row['organisation'])} ({say(holder(row))}), {say(row['phase'])}"
        told.append(f"{lane}: {one['mean']:.1f} {ends}".rstrip())
    return say("Requests in a run by organisation and phase. {lanes}.", lanes="; ".join(told))


def _caption(told: Any, dropped: int) -> str:
    n = len(told["runs"])
    lanes = say(
        "Requests in each of {n} like runs (open), their mean (filled; {interval}; a cross: none could be read).",
        n=n,
        interval=say("its 95 % interval is the line") if n >= 3 else say(TOO_FEW),
    )
    more = [say("{n} more lanes are in the table.", n=dropped)] if dropped else []
    return " ".join([lanes, told["definition"], say(COLOURS_SAY), *more])
