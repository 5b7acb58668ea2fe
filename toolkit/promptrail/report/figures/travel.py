"""The way of what was typed: sightings in, a Sankey of kind, wrapping, host and operator out.

Beyond `MOST` nodes in a column the rarest are drawn as one and named in the table below. Refuses a case without a
sighting: the block then says so in words.
"""

import pandas as pd
import plotly.graph_objects as go

from promptrail.report.figures.flow import COLOURS_SAY, Stop, broken, flow, rare
from promptrail.report.text import label
from promptrail.report.view import PLURAL, TIERS, View, count_tiers, way

MOST = 11
LINE = 21
"""Letters of a label before it breaks."""


def travel(view: View) -> go.Figure:
    """Kind of probe, how it was wrapped, host, who runs it and where its address lies."""
    frame = _columns(view)
    stops = [
        Stop("kind_", "what", 0.001, _kind),
        Stop("way_", "how it was wrapped", 0.25, _counted),
        Stop("host_", "which host", 0.545, _counted),
        Stop("who_", "who runs it, where", 0.999, _operator),
    ]
    return flow(view, frame, stops, _alt(frame, view), _caption(frame))


def _columns(view: View) -> pd.DataFrame:
    """The sightings with the four names under which the figure draws them."""
    frame = view.sightings.copy()
    ways = [view.mask.text(way(p, c)) for p, c in zip(frame["part"], frame["chain"], strict=True)]
    frame["kind_"] = [PLURAL.get(k, k) for k in frame["kind"]]
    frame["way_"] = rare(ways, MOST, "ways more")
    frame["host_"] = rare(list(frame["host"]), MOST, "hosts more")
    frame["who_"] = rare([view.who(h) for h in frame["host"]], MOST, "operators more")
    return frame


def _kind(part: pd.DataFrame, name: str) -> str:
    values, runs = part["probe"].nunique(), part["run"].nunique()
    return f"<b>{_broken(name)}</b><br>{values} found, {runs} {'run' if runs == 1 else 'runs'}"


def _counted(part: pd.DataFrame, name: str) -> str:
    return f"<b>{_broken(name)}</b><br>{count_tiers(part)}"


def _operator(part: pd.DataFrame, name: str) -> str:
    operator, _, country = name.partition(", address in ")
    return f"{label(operator, 34)}<br>address in {label(country, 24)}" if country else label(operator, 34)


def _broken(name: str) -> str:
    return broken([f"{piece} " for piece in name.replace(" › ", " ›\n").split("\n")], LINE)


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
        f"{COLOURS_SAY} Widths count copies: a value that reached three hosts is drawn three times.{guess}"
    )
