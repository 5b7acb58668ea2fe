"""The way of what was typed: sightings in, a Sankey of kind, wrapping, host and operator out.

Widths count sightings of one probe in one run, so a probe that reached three hosts is drawn three times. Beyond
`MOST` nodes in a column the rarest are drawn as one and named in the table below. Refuses a case without a sighting:
the block then says so in words.
"""

from dataclasses import dataclass
from itertools import pairwise

import pandas as pd
import plotly.graph_objects as go

from promptrail import frames
from promptrail.report.figures.frame import SIZE, SOFT, layout, rgba
from promptrail.report.text import label
from promptrail.report.view import COLOURS, PLURAL, TIERS, View, count_tiers, way

COLUMNS = ("kind_", "way_", "host_", "who_")
TITLES = ("what", "how it was wrapped", "which host", "who runs it, where")
STOPS = (0.001, 0.25, 0.545, 0.999)
MOST = 11
LINE = 21
"""Letters of a label before it breaks."""
LABEL, BETWEEN = 15.5, 9.0
"""Pixels: a line of a label, and the room between the labels of two nodes."""
HEAD, FOOT = 34, 20


@dataclass
class _Node:
    column: str
    name: str
    x: float
    y: float
    colour: str


def travel(view: View) -> go.Figure:
    """Kind of probe, how it was wrapped, host, who runs it and where its address lies."""
    frame = _columns(view)
    order = {h: n for n, h in enumerate(view.hosts)}
    frame["rank_"] = [order.get(h, len(order)) for h in frame["host"]]
    shade = {h: COLOURS[view.holder(h)] for h in frame["host"].unique()}
    nodes, inner, pad = _nodes(frame, shade)
    height = HEAD + FOOT + inner
    index = {(n.column, n.name): i for i, n in enumerate(nodes)}
    links = _links(frame)
    figure = go.Figure(
        go.Sankey(
            arrangement="fixed",
            textfont={"size": SIZE},
            node={
                "label": [_label(frame[frame[n.column] == n.name], n.column, n.name) for n in nodes],
                "x": [n.x for n in nodes],
                "y": [n.y for n in nodes],
                "color": [n.colour for n in nodes],
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
    heads = [
        {
            "text": title,
            "x": STOPS[n],
            "y": 1,
            "yshift": 8,
            "xref": "paper",
            "yref": "paper",
            "showarrow": False,
            "yanchor": "bottom",
            "xanchor": "right" if n == 3 else "left",
            "font": {"size": 11.5},
            "opacity": 0.75,
        }
        for n, title in enumerate(TITLES)
    ]
    figure.update_layout(
        layout(
            _alt(frame, view),
            _caption(frame),
            height,
            margin={"l": 2, "r": 2, "t": HEAD, "b": FOOT},
            annotations=heads,
        )
    )
    return figure


def _columns(view: View) -> pd.DataFrame:
    """The sightings with the four names under which the figure draws them."""
    frame = view.sightings.copy()
    frame["kind_"] = [PLURAL.get(k, k) for k in frame["kind"]]
    frame["way_"] = _rare(
        [view.mask.text(way(p, c)) for p, c in zip(frame["part"], frame["chain"], strict=True)], "ways more"
    )
    frame["host_"] = _rare(list(frame["host"]), "hosts more")
    frame["who_"] = _rare([view.who(h) for h in frame["host"]], "operators more")
    return frame


def _rare(names: list[str], words: str) -> list[str]:
    """The names, with all but the most frequent `MOST` put together under one."""
    counts = pd.Series(names).value_counts().sort_index().sort_values(ascending=False, kind="stable")
    if len(counts) <= MOST:
        return names
    kept = set(counts.index[: MOST - 1])
    return [n if n in kept else f"({len(counts) - len(kept)} {words})" for n in names]


def _nodes(frame: pd.DataFrame, shade: dict[str, str]) -> tuple[list[_Node], int, float]:
    """Every node with its place, the height of the drawing, and plotly's padding that makes it so; both in pixels.

    Columns go from left to right, in each the hosts' order from the top. A node takes the room of its ribbons or of
    its label, whichever is more.
    """
    columns: list[list[tuple[str, float, str]]] = []
    most = max(int(frame[c].nunique()) for c in COLUMNS)
    ribbons = max(130.0, 14.0 * most)
    scale = ribbons / len(frame)
    for n, column in enumerate(COLUMNS):
        rank = frame.groupby(column)["rank_"].agg(["mean", "size"]).sort_index()
        rank = rank.sort_values("size", ascending=False, kind="stable")
        if n:
            rank = rank.sort_values("mean", kind="stable")
        column_nodes = []
        for name, size in rank["size"].items():
            owners = {shade[h] for h in frame.loc[frame[column] == name, "host"]}
            colour = owners.pop() if n and len(owners) == 1 else SOFT
            text = _label(frame[frame[column] == name], column, str(name))
            room = max(float(size) * scale, LABEL * (1 + text.count("<br>")) + BETWEEN)
            column_nodes.append((str(name), room, colour))
        columns.append(column_nodes)
    inner = max(sum(room for _, room, _ in c) for c in columns)
    nodes = []
    for n, column_nodes in enumerate(columns):
        spare = (inner - sum(room for _, room, _ in column_nodes)) / len(column_nodes)
        at = 0.0
        for name, room, colour in column_nodes:
            middle = (at + (room + spare) / 2) / inner
            nodes.append(_Node(COLUMNS[n], name, STOPS[n], min(0.999, max(0.001, middle)), colour))
            at += room + spare
    return nodes, round(inner), (inner - ribbons) / (most - 1) if most > 1 else 0.0


def _links(frame: pd.DataFrame) -> pd.DataFrame:
    """One ribbon for each pair of neighbours and host, so that its colour is the holder's."""
    pairs = []
    for a, b in pairwise(COLUMNS):
        counted = frame.groupby([a, b, "host", "rank_"]).size().reset_index(name="n")
        pairs.append(counted.rename(columns={a: "a", b: "b"}).assign(ca=a, cb=b))
    joined = pd.concat(pairs)
    return joined.sort_values(["ca", "rank_", "host", "a", "b"], kind="stable")


def _label(part: pd.DataFrame, column: str, called: str) -> str:
    """A node's label: counts by tier at a host or way of wrapping, values and runs at a kind."""
    if column == "who_":
        operator, _, country = called.partition(", address in ")
        return f"{label(operator, 34)}<br>address in {label(country, 24)}" if country else label(operator, 34)
    name = _broken(called)
    if column == "kind_":
        values, runs = part["probe"].nunique(), part["run"].nunique()
        return f"<b>{name}</b><br>{values} found, {runs} {'run' if runs == 1 else 'runs'}"
    return f"<b>{name}</b><br>{count_tiers(part)}"


def _broken(name: str) -> str:
    """A label in lines of about `LINE` letters, broken after › or a dot in a host."""
    out, line = [], ""
    for piece in name.replace(" › ", " ›\n").split("\n"):
        if line and len(line) + len(piece) > LINE:
            out.append(label(line.strip()))
            line = ""
        line += piece + " "
    return "<br>".join([*out, label(line.strip(), 40)])


def _alt(frame: pd.DataFrame, view: View) -> str:
    rows = []
    for (kind, host), part in frame.groupby(["kind_", "host"], sort=True):
        rows.append(f"{kind} to {host} ({view.who(str(host))}): {count_tiers(part)}")
    return "Flow picture. " + "; ".join(rows) + "."


def _caption(frame: pd.DataFrame) -> str:
    runs = frame["run"].nunique()
    guess = " Guesses (tier obfuscated) are drawn too." if (frame["tier"] == TIERS[-1]).any() else ""
    return (
        f"Sightings over {runs} {'run' if runs == 1 else 'runs'}, from what was typed or held to who runs the host. "
        "Blue: the app's maker; orange: another company; grey: not stated which of them it is. "
        f"Widths count copies: a value that reached three hosts is drawn three times.{guess}"
    )
