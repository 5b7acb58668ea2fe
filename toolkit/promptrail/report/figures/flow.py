"""Sightings as a flow from left to right: a frame with one column of names a stop in, a Sankey out.

Widths count sightings of one probe in one run, so a probe that reached three hosts is drawn three times. A ribbon has
the colour of the host's holder. What the stops are, and how their nodes are labelled, the figure says that draws it.
"""

from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import NamedTuple

import pandas as pd
import plotly.graph_objects as go

from promptrail import frames
from promptrail.language import mark, say
from promptrail.report.figures.frame import SIZE, SOFT, layout, rgba
from promptrail.report.text import label
from promptrail.report.view import COLOURS, View

LABEL, BETWEEN = 15.5, 9.0
"""Pixels: a line of a label, and the room between the labels of two nodes."""
HEAD, FOOT = 34, 20
COLOURS_SAY = mark("Blue: the app's maker; orange: another company; grey: not stated which of them it is.")


class Stop(NamedTuple):
    """One column of the drawing."""

    column: str
    """Of the frame: the names of its nodes."""
    title: str
    x: float
    """Its place, from 0 at the left to 1."""
    label: Callable[[pd.DataFrame, str], str]
    """The words at a node, from its sightings and its name."""


class _Node(NamedTuple):
    text: str
    x: float
    y: float
    colour: str


def flow(view: View, frame: pd.DataFrame, stops: Sequence[Stop], alt: str, caption: str) -> go.Figure:
    """The figure; `frame` holds the stops' columns beside those of the view's sightings."""
    order = {h: n for n, h in enumerate(view.hosts)}
    frame = frame.assign(rank_=[order.get(h, len(order)) for h in frame["host"]])
    shade = {h: COLOURS[view.holder(h)] for h in frame["host"].unique()}
    nodes, inner, pad = _nodes(frame, stops, shade)
    index = {key: i for i, key in enumerate(nodes)}
    links = _links(frame, stops)
    figure = go.Figure(
        go.Sankey(
            arrangement="fixed",
            textfont={"size": SIZE},
            node={
                "label": [n.text for n in nodes.values()],
                "x": [n.x for n in nodes.values()],
                "y": [n.y for n in nodes.values()],
                "color": [n.colour for n in nodes.values()],
                "thickness": 9,
                "pad": pad,
                "line": {"width": 0},
                "hovertemplate": "%{label}<extra></extra>",
            },
            link={
                "source": [index[r.ca, r.a] for r in frames.rows(links)],
                "target": [index[r.cb, r.b] for r in frames.rows(links)],
                "value": [int(n) for n in links["n"]],
                "color": [rgba(shade[h], 0.38) for h in links["host"]],
                "hovertemplate": "%{source.label} → %{target.label}<extra></extra>",
            },
        )
    )
    margin = {"l": 2, "r": 2, "t": HEAD, "b": FOOT}
    figure.update_layout(layout(alt, caption, HEAD + FOOT + inner, margin=margin, annotations=_heads(stops)))
    return figure


def rare(names: list[str], most: int, words: str) -> list[str]:
    """The names, with all but the most frequent put together under one."""
    counts = pd.Series(names).value_counts().sort_index().sort_values(ascending=False, kind="stable")
    if len(counts) <= most:
        return names
    kept = set(counts.index[: most - 1])
    rest = say("({n} {words})", n=len(counts) - len(kept), words=say(words))
    return [n if n in kept else rest for n in names]


def broken(pieces: Sequence[str], letters: int) -> str:
    """A label in lines of about so many letters, broken between the pieces."""
    out, line = [], ""
    for piece in pieces:
        if line and len(line) + len(piece) > letters:
            out.append(label(line.strip(), 40))
            line = ""
        line += piece
    return "<br>".join([*out, label(line.strip(), 40)])


def _nodes(
    frame: pd.DataFrame, stops: Sequence[Stop], shade: dict[str, str]
) -> tuple[dict[tuple[str, str], _Node], int, float]:
    """Every node by column and name, the height of the drawing, and plotly's padding that makes it so; both in pixels.

    The first column has the most frequent on top, the others follow the hosts' order. A node takes the room of its
    ribbons or of its label, whichever is more.
    """
    most = max(int(frame[stop.column].nunique()) for stop in stops)
    ribbons = max(130.0, 14.0 * most)
    rooms: list[list[tuple[str, float, str, str]]] = []
    for n, stop in enumerate(stops):
        rank = frame.groupby(stop.column)["rank_"].agg(["mean", "size"]).sort_index()
        rank = rank.sort_values("size", ascending=False, kind="stable")
        if n:
            rank = rank.sort_values("mean", kind="stable")
        column = []
        for name, size in rank["size"].items():
            part = frame[frame[stop.column] == name]
            holders = {shade[h] for h in part["host"]}
            colour = holders.pop() if n and len(holders) == 1 else SOFT
            text = stop.label(part, str(name))
            room = max(float(size) * ribbons / len(frame), LABEL * (1 + text.count("<br>")) + BETWEEN)
            column.append((str(name), room, colour, text))
        rooms.append(column)
    inner = max(sum(room for _, room, _, _ in column) for column in rooms)
    nodes = {}
    for stop, column in zip(stops, rooms, strict=True):
        spare, at = (inner - sum(room for _, room, _, _ in column)) / len(column), 0.0
        for name, room, colour, text in column:
            middle = (at + (room + spare) / 2) / inner
            nodes[stop.column, name] = _Node(text, stop.x, min(0.999, max(0.001, middle)), colour)
            at += room + spare
    return nodes, round(inner), (inner - ribbons) / (most - 1) if most > 1 else 0.0


def _links(frame: pd.DataFrame, stops: Sequence[Stop]) -> pd.DataFrame:
    """One ribbon for each pair of neighbours and host, so that its colour is the holder's."""
    pairs = []
    for a, b in pairwise(stop.column for stop in stops):
        counted = frame.groupby([a, b, "host", "rank_"]).size().reset_index(name="n")
        pairs.append(counted.rename(columns={a: "a", b: "b"}).assign(ca=a, cb=b))
    return pd.concat(pairs).sort_values(["ca", "rank_", "host", "a", "b"], kind="stable")


def _heads(stops: Sequence[Stop]) -> list[dict[str, object]]:
    """The titles over the columns."""
    place = {"xref": "paper", "yref": "paper", "y": 1, "yshift": 8, "yanchor": "bottom"}
    look = {"showarrow": False, "font": {"size": 11.5}, "opacity": 0.75}
    return [
        {
            "text": stop.title,
            "x": stop.x,
            "xanchor": "right" if stop is stops[-1] else "left",
            **place,
            **look,
        }
        for stop in stops
    ]
