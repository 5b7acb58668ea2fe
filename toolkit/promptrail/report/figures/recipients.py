"""Who received what: sightings in, a Sankey of kind, host, operator, and group with its country of establishment out.

Widths count sightings of one probe in one run. A host whose operator nobody names stands under the owner of its
domain, and says so. Refuses a case without a sighting: the block then says so in words.
"""

from dataclasses import dataclass
from itertools import pairwise

import pandas as pd
import plotly.graph_objects as go

from promptrail import frames
from promptrail.attribute.rows import ORGANISATIONS
from promptrail.report.figures.frame import SIZE, SOFT, layout, rgba
from promptrail.report.text import label
from promptrail.report.view import COLOURS, PLURAL, Host, View, count_tiers, known

TITLES = {"kind_": "what", "host_": "which host", "who_": "who runs it", "group_": "group, established in"}
STOPS = (0.001, 0.28, 0.6, 0.999)
MOST = 12
"""Nodes in a column; the rarest beyond are one."""
LINE = 26
"""Letters of a label before it breaks."""
LABEL, BETWEEN = 15.5, 9.0
"""Pixels: a line of a label, and the room between the labels of two nodes."""
HEAD, FOOT = 34, 20


@dataclass
class _Node:
    column: str
    text: str
    y: float
    colour: str


def recipients(view: View) -> go.Figure:
    """Kind of value, host, who runs it, and to which group and country of establishment that belongs."""
    frame = _columns(view)
    shade = {h: COLOURS[view.holder(h)] for h in frame["host"].unique()}
    nodes, inner, pad = _nodes(frame, shade)
    index = {key: i for i, key in enumerate(nodes)}
    links = _links(frame)
    stops = dict(zip(TITLES, STOPS, strict=True))
    figure = go.Figure(
        go.Sankey(
            arrangement="fixed",
            textfont={"size": SIZE},
            node={
                "label": [n.text for n in nodes.values()],
                "x": [stops[n.column] for n in nodes.values()],
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
    figure.update_layout(
        layout(_alt(frame), _caption(frame), HEAD + FOOT + inner, margin=margin, annotations=_heads())
    )
    return figure


def _columns(view: View) -> pd.DataFrame:
    """The sightings with the four names under which the figure draws them."""
    frame = view.sightings.copy()
    order = {h: n for n, h in enumerate(view.hosts)}
    frame["rank_"] = [order.get(h, len(order)) for h in frame["host"]]
    frame["kind_"] = [PLURAL.get(k, k) for k in frame["kind"]]
    frame["host_"] = _rare(list(frame["host"]), "hosts more")
    frame["who_"] = _rare([_who(view.hosts.get(h)) for h in frame["host"]], "operators more")
    frame["group_"] = _rare([_group(view.hosts.get(h)) for h in frame["host"]], "groups more")
    return frame


def _who(host: Host | None) -> str:
    if host is None:
        return "not known who"
    if operator := host.best("service_operator"):
        return operator
    owner = host.best("domain_owner")
    return f"not known who (domain of {owner})" if owner else "not known who"


def _group(host: Host | None) -> str:
    country = _established(host) if host else None
    group = host.best("corporate_group") if host else None
    return f"{group or 'group not known'}, {f'in {country}' if country else 'country not known'}"


def _established(host: Host) -> str | None:
    """Where the organisation is established: its own row, or what stands beside the operator or owner."""
    beside = [r.get("country") for q in ORGANISATIONS for r in host.answers.get(q, []) if known(r["answer"])]
    return host.best("established_in") or next((str(c) for c in beside if known(c)), None)


def _rare(names: list[str], words: str) -> list[str]:
    """The names, with all but the most frequent `MOST` put together under one."""
    counts = pd.Series(names).value_counts().sort_index().sort_values(ascending=False, kind="stable")
    if len(counts) <= MOST:
        return names
    kept = set(counts.index[: MOST - 1])
    return [n if n in kept else f"({len(counts) - len(kept)} {words})" for n in names]


def _nodes(frame: pd.DataFrame, shade: dict[str, str]) -> tuple[dict[tuple[str, str], _Node], int, float]:
    """Every node by column and name, the height of the drawing, and plotly's padding for it; both in pixels."""
    columns: dict[str, list[tuple[str, float, str, str]]] = {}
    most = max(int(frame[c].nunique()) for c in TITLES)
    ribbons = max(130.0, 14.0 * most)
    for column in TITLES:
        ranks = frame.groupby(column)["rank_"].agg(["mean", "size"]).sort_index()
        by = ["size", "mean"] if column == "kind_" else ["mean", "size"]
        ranks = ranks.sort_values(by, ascending=[column != "kind_", True], kind="stable")
        columns[column] = []
        for name, size in ranks["size"].items():
            part = frame[frame[column] == name]
            holders = {shade[h] for h in part["host"]}
            colour = holders.pop() if column != "kind_" and len(holders) == 1 else SOFT
            text = _label(part, column, str(name))
            room = max(float(size) * ribbons / len(frame), LABEL * (1 + text.count("<br>")) + BETWEEN)
            columns[column].append((str(name), room, colour, text))
    inner = max(sum(room for _, room, _, _ in c) for c in columns.values())
    nodes = {}
    for column, made in columns.items():
        spare, at = (inner - sum(room for _, room, _, _ in made)) / len(made), 0.0
        for name, room, colour, text in made:
            middle = (at + (room + spare) / 2) / inner
            nodes[column, name] = _Node(column, text, min(0.999, max(0.001, middle)), colour)
            at += room + spare
    return nodes, round(inner), (inner - ribbons) / (most - 1) if most > 1 else 0.0


def _links(frame: pd.DataFrame) -> pd.DataFrame:
    """One ribbon for each pair of neighbours and host, so that its colour is the holder's."""
    pairs = []
    for a, b in pairwise(TITLES):
        counted = frame.groupby([a, b, "host", "rank_"]).size().reset_index(name="n")
        pairs.append(counted.rename(columns={a: "a", b: "b"}).assign(ca=a, cb=b))
    return pd.concat(pairs).sort_values(["ca", "rank_", "host", "a", "b"], kind="stable")


def _label(part: pd.DataFrame, column: str, name: str) -> str:
    if column == "kind_":
        return f"<b>{label(name)}</b><br>{part['probe'].nunique()} found"
    if column == "host_":
        return f"<b>{_broken(name, '.')}</b><br>{count_tiers(part)}"
    return _broken(name, " ")


def _broken(name: str, at: str) -> str:
    """A label in lines of about `LINE` letters, broken before a dot of a host or at a space."""
    out, line = [], ""
    for piece in name.replace(at, f"\n{at}").split("\n"):
        if line and len(line) + len(piece) > LINE:
            out.append(label(line.strip(), 40))
            line = ""
        line += piece
    return "<br>".join([*out, label(line.strip(), 40)])


def _heads() -> list[dict[str, object]]:
    last = len(STOPS) - 1
    return [
        {
            "text": title,
            "x": STOPS[n],
            "y": 1,
            "yshift": 8,
            "xref": "paper",
            "yref": "paper",
            "showarrow": False,
            "yanchor": "bottom",
            "xanchor": "right" if n == last else "left",
            "font": {"size": 11.5},
            "opacity": 0.75,
        }
        for n, title in enumerate(TITLES.values())
    ]


def _alt(frame: pd.DataFrame) -> str:
    rows = []
    for (kind, host, who, group), part in frame.groupby(list(TITLES), sort=True):
        rows.append(f"{kind} to {host}, run by {who} ({group}): {count_tiers(part)}")
    return "Flow picture. " + "; ".join(rows) + "."


def _caption(frame: pd.DataFrame) -> str:
    runs = frame["run"].nunique()
    return (
        f"Sightings over {runs} {'run' if runs == 1 else 'runs'}, from what was typed or held to the group of who runs "
        "the host, and where that organisation is established, which is not where an address lies or data is stored. "
        "Blue: the app's maker; orange: another company; grey: not stated which of them it is."
    )
