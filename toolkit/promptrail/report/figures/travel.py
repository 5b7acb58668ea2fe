"""The way of what was typed: sightings in, a Sankey of kind, wrapping, host and operator out.

Beyond `MOST` nodes in a column the rarest are drawn as one and named in the table below. Refuses a case without a
sighting: the block then says so in words.
"""

from functools import partial

import pandas as pd
import plotly.graph_objects as go

from promptrail.language import mark, say, say_n
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
        Stop("kind_", say("what"), 0.001, _kind),
        Stop("way_", say("how it was wrapped"), 0.25, _counted),
        Stop("host_", say("which host"), 0.545, _counted),
        Stop("who_", say("who runs it, where"), 0.999, partial(_operator, view)),
    ]
    return flow(view, frame, stops, _alt(frame, view), _caption(frame))


def _columns(view: View) -> pd.DataFrame:
    """The sightings with the four names under which the figure draws them."""
    frame = view.sightings.copy()
    ways = [view.mask.text(way(p, c)) for p, c in zip(frame["part"], frame["chain"], strict=True)]
    frame["kind_"] = [say(PLURAL.get(k, k)) for k in frame["kind"]]
    frame["way_"] = rare(ways, MOST, mark("ways more"))
    frame["host_"] = rare(list(frame["host"]), MOST, mark("hosts more"))
    frame["who_"] = rare([view.who(h) for h in frame["host"]], MOST, mark("operators more"))
    return frame


def _kind(part: pd.DataFrame, name: str) -> str:
    values, runs = part["probe"].nunique(), part["run"].nunique()
    found = say_n("{values} found, {n} run", "{values} found, {n} runs", runs, values=values)
    return f"<b>{_broken(name)}</b><br>{found}"


def _counted(part: pd.DataFrame, name: str) -> str:
    return f"<b>{_broken(name)}</b><br>{count_tiers(part)}"


def _operator(view: View, part: pd.DataFrame, name: str) -> str:
    host = str(part["host"].iloc[0])
    if name != view.who(host):
        return label(name, 34)
    operator, country = view.operator_and_country(host)
    return label(operator, 34) + "<br>" + say("address in {country}", country=label(country, 24))


def _broken(name: str) -> str:
    return broken([f"{piece} " for piece in name.replace(" › ", " ›\n").split("\n")], LINE)


def _alt(frame: pd.DataFrame, view: View) -> str:
    rows = []
    for (kind, host), part in frame.groupby(["kind_", "host"], sort=True):
        rows.append(
            say(
                "{kind} to {host} ({who}): {sightings}",
                kind=kind,
                host=host,
                who=view.who(str(host)),
                sightings=count_tiers(part),
            )
        )
    return say("Flow picture. {rows}.", rows="; ".join(rows))


def _caption(frame: pd.DataFrame) -> str:
    parts = [
        say_n(
            "Sightings over {n} run, from what was typed or held to who runs the host.",
            "Sightings over {n} runs, from what was typed or held to who runs the host.",
            frame["run"].nunique(),
        ),
        say(COLOURS_SAY),
        say("Widths count copies: a value that reached three hosts is drawn three times."),
    ]
    if (frame["tier"] == TIERS[-1]).any():
        parts.append(say("Guesses (tier obfuscated) are drawn too."))
    return " ".join(parts)
