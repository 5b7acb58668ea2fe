"""SDKs in the package, and what their vendors got: rows of the finding in, one bar an SDK out.

Whole bars are requests that were read, open ones connections that could not be; an SDK without either says so in words.
"""

from typing import Any

import plotly.graph_objects as go

from promptrail.language import say
from promptrail.report.figures.frame import SOFT, layout
from promptrail.report.text import label
from promptrail.report.view import COLOURS, OTHER

MOST = 24


def sdks(rows: list[dict[str, Any]]) -> go.Figure:
    """Needs at least one row."""
    shown = list(reversed(rows[:MOST]))
    names = [label(row["name"], 34) for row in shown]
    colour = COLOURS[OTHER]
    figure = go.Figure()
    bars = {"orientation": "h", "y": list(range(len(shown)))}
    read = [row["requests"] for row in shown]
    figure.add_bar(x=read, name=say("requests"), marker={"color": colour}, **bars)
    open_bar = {"color": "rgba(0,0,0,0)", "line": {"color": colour, "width": 1.4}}
    unread = [row["unread"] for row in shown]
    figure.add_bar(x=unread, name=say("unread connections"), marker=open_bar, **bars)
    for n, row in enumerate(shown):
        if not (row["requests"] or row["unread"]):
            figure.add_annotation(
                x=0,
                y=n,
                xanchor="left",
                xshift=4,
                text=say("no contact seen"),
                showarrow=False,
                font={"color": SOFT},
            )
    met = sum(bool(row["requests"] or row["unread"]) for row in rows)
    caption = say(
        "{n} SDKs in the package; the vendors of {met} were contacted in these runs.", n=len(rows), met=met
    )
    if len(rows) > MOST:
        caption += f" {say('{n} more are in the table.', n=len(rows) - MOST)}"
    told = [
        say(
            "{sdk}: {requests} requests, {unread} unread",
            sdk=row["name"],
            requests=row["requests"],
            unread=row["unread"],
        )
        for row in rows[:MOST]
    ]
    figure.update_layout(
        layout(
            say(
                "SDKs in the package and what was recorded to their vendors. {sdks}.",
                sdks="; ".join(told),
            ),
            caption,
            130 + 28 * len(shown),
            barmode="stack",
            margin={"l": 10, "r": 10, "t": 10, "b": 80},
            xaxis={
                "title": {"text": say("requests and unread connections")},
                "rangemode": "tozero",
                "automargin": True,
            },
            yaxis={"tickvals": list(range(len(names))), "ticktext": names, "automargin": True},
            legend={"orientation": "h", "yref": "container", "y": 0, "yanchor": "bottom"},
        )
    )
    return figure
