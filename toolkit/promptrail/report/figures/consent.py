"""Every exchange by its seconds from the decision: one lane a host, the band of uncertainty around 0.

Timed exchanges in, a figure out. A filled mark held a declared value, an open one none that was found, a cross could
not be read.
"""

import pandas as pd
import plotly.graph_objects as go

from promptrail.findings.consent.finding import Timed
from promptrail.findings.phases import TAP
from promptrail.language import mark, say
from promptrail.report.figures.frame import SOFT, layout
from promptrail.report.text import label
from promptrail.report.view import COLOURS, View

MOST = 14
"""Lanes."""
MARKS = {
    mark("held a declared value"): "circle",
    mark("no declared value found"): "circle-open",
    mark("not read"): "x",
}


def consent(view: View, timed: Timed) -> go.Figure:
    """Needs at least one timed exchange."""
    rows = timed.rows[timed.rows["after"].notna()].copy()
    rows["host"] = [view.host_name(host) for host in rows["host"]]
    hosts = [host for host in view.hosts if host in set(rows["host"])]
    hosts += sorted(set(rows["host"]) - set(hosts))
    dropped = hosts[MOST:]
    rows = rows[rows["host"].isin(hosts[:MOST])]
    lane = {host: -n for n, host in enumerate(hosts[:MOST])}
    rows["holder"] = [view.holder(host) for host in rows["host"]]
    rows["mark"] = [_mark(read, probes) for read, probes in zip(rows["read"], rows["probes"], strict=True)]
    hover = say("{host}, {seconds} s, run {run}", host="%{y}", seconds="%{x:+.2f}", run="%{customdata[0]}")
    figure = go.Figure()
    for holder, colour in COLOURS.items():
        for words, symbol in MARKS.items():
            part = rows[(rows["mark"] == words) & (rows["holder"] == holder)]
            if len(part):
                figure.add_scatter(
                    x=list(part["after"]),
                    y=[lane[host] for host in part["host"]],
                    mode="markers",
                    name=f"{say(holder)}, {say(words)}",
                    marker={
                        "symbol": symbol,
                        "color": colour,
                        "size": 9,
                        "line": {"width": 1.4, "color": colour},
                    },
                    customdata=[[run] for run in part["run"]],
                    hovertemplate=hover + "<extra></extra>",
                )
    widest = max(one.uncertainty for one in timed.decided.values())
    figure.add_vrect(x0=-widest, x1=widest + TAP, fillcolor=SOFT, opacity=0.18, line_width=0)
    figure.add_vline(x=0, line={"color": SOFT, "width": 1.4, "dash": "dot"})
    note = {"yref": "paper", "y": 1, "yanchor": "bottom", "showarrow": False, "font": {"size": 11}}
    figure.add_annotation(x=-widest, xanchor="right", text=say("before") + " ", **note)
    figure.add_annotation(x=widest + TAP, xanchor="left", text=" " + say("after"), **note)
    figure.update_layout(
        layout(
            _alt(rows, timed),
            _caption(rows, timed, len(dropped)),
            190 + 30 * len(lane),
            margin={"l": 10, "r": 10, "t": 24, "b": 90},
            xaxis={
                "title": {"text": say("seconds from the person's answer")},
                "zeroline": False,
                "automargin": True,
            },
            yaxis={
                "tickvals": list(lane.values()),
                "ticktext": [label(host, 34) for host in lane],
                "range": [-len(lane) + 0.5, 0.5],
                "automargin": True,
                "zeroline": False,
                "gridcolor": "rgba(107,118,132,0.25)",
            },
            legend={"orientation": "h", "yref": "container", "y": 0, "yanchor": "bottom"},
        )
    )
    return figure


def _mark(read: bool, probes: frozenset[str]) -> str:
    held, none, unread = MARKS
    return (held if probes else none) if read else unread


def _alt(rows: pd.DataFrame, timed: Timed) -> str:
    told = []
    for (host, phase), part in rows.groupby(["host", "phase"], sort=True):
        told.append(say("{host}: {n} {phase}", host=host, n=len(part), phase=say(str(phase))))
    return say(
        "Exchanges of {runs} runs by their time from the person's answer. {exchanges}.",
        runs=len(timed.decided),
        exchanges="; ".join(told[:60]),
    )


def _caption(rows: pd.DataFrame, timed: Timed, dropped: int) -> str:
    refused = sum(not one.accepted for one in timed.decided.values())
    told = say(
        "{exchanges} exchanges of {runs} runs ({accepted} accepted, {refused} refused), each at its seconds from the "
        "answer. In the grey band before and after cannot be told apart.",
        exchanges=len(rows),
        runs=len(timed.decided),
        accepted=len(timed.decided) - refused,
        refused=refused,
    )
    return " ".join([told, say("{n} more hosts are in the table.", n=dropped)]) if dropped else told
