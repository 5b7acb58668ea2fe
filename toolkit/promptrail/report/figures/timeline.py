"""One run on one clock: events and sightings in, typing on top and one lane for each host below out.

The time before consent is a band. Only what was typed is drawn where anything typed was found: an identifier that
rides on every request would hide it. Refuses a run without times: the block then says so in words.
"""

from typing import Any

import pandas as pd
import plotly.graph_objects as go

from promptrail.language import mark, say, say_n
from promptrail.report.figures.frame import SOFT, layout
from promptrail.report.text import label
from promptrail.report.view import COLOURS, PLURAL, View, known

TYPED = ("prompt", "draft", "file-name")
SYMBOLS = {
    "prompt": ("circle", mark("prompt")),
    "draft": ("diamond", mark("draft, deleted unsent")),
    "file-name": ("square", mark("file name")),
    "identifier": ("triangle-up", mark("identifier")),
    "email": ("triangle-down", mark("e-mail address")),
    "phone": ("star", mark("phone number")),
}
PERSON = 0.35
"""The lane of the person stands a little apart from those of the hosts."""
MOST = 12
CLOSE = 0.02
"""Share of the axis within which sightings of one lane share a label."""
ENDS = (mark("sent"), mark("deleted"), mark("attached"))


def choose_run(view: View, asked: str = "") -> str | None:
    """The run to draw: the one asked for, else the one that shows most: keystrokes, hosts, sightings."""
    timed = view.sightings[view.sightings["at"].notna()]
    if asked:
        return asked if asked in set(timed["run"]) else None
    if timed["kind"].isin(TYPED).any():
        timed = timed[timed["kind"].isin(TYPED)]
    typed = set(view.case.events.loc[view.case.events["probe"].notna(), "run"])
    ranked = [
        (run not in typed, -part["host"].nunique(), -len(part), str(run))
        for run, part in timed.groupby("run")
    ]
    return min(ranked)[-1] if ranked else None


def timeline(view: View, run: str) -> go.Figure:
    """Above, what was typed and when it was sent or deleted; below, when each value was seen on its way to a host."""
    zero = view.starts[run]
    frame = view.sightings[(view.sightings["run"] == run) & view.sightings["at"].notna()]
    if frame["kind"].isin(TYPED).any():
        frame = frame[frame["kind"].isin(TYPED)]
    frame = frame.assign(t=frame["at"] - zero).sort_values(["t", "id"], kind="stable")
    events = view.case.events[view.case.events["run"] == run]
    events = events.assign(t=events["at"] - zero).sort_values(["t", "event"], kind="stable")
    hosts = [h for h in view.hosts if h in set(frame["host"])]
    dropped = len(hosts[MOST:])
    hosts = hosts[:MOST]
    frame = frame[frame["host"].isin(hosts)]
    level = {say("the person"): PERSON} | {h: -float(n) for n, h in enumerate(hosts, 1)}
    low, high = _span(frame, events)
    figure = go.Figure()
    typing = _typing(figure, events, view)
    consent = events.loc[events["event"] == "consent", "t"]
    if len(consent):
        _consent(figure, low, float(consent.iloc[0]), high)
    _points(figure, frame, level, view, CLOSE * (high - low))
    height = 112 + 44 * (len(hosts) + 1)
    figure.update_layout(
        layout(
            _alt(frame, run, consent),
            _caption(frame, run, consent, typing, dropped),
            height,
            margin={"l": 190, "r": 10, "t": 28, "b": 66},
            showlegend=True,
            hovermode="closest",
            legend={
                "orientation": "h",
                "x": 0,
                "xanchor": "left",
                "y": -46 / (height - 94),
                "yanchor": "top",
            },
            xaxis={
                "range": [low, high],
                "ticks": "outside",
                "ticklen": 4,
                "showgrid": False,
                "zeroline": False,
                "title": {"text": say("seconds since the run began"), "standoff": 6, "font": {"size": 12}},
            },
            yaxis={
                "tickvals": list(level.values()),
                "ticktext": [label(name, 28) + "  " for name in level],
                "range": [-len(hosts) - 0.55, PERSON + 0.75],
                "zeroline": False,
                "gridcolor": "rgba(120,120,120,0.25)",
            },
        )
    )
    return figure


def _span(frame: pd.DataFrame, events: pd.DataFrame) -> tuple[float, float]:
    times = pd.concat([frame["t"], events["t"]])
    low, high = min(0.0, float(times.min())), float(times.max())
    room = max(high - low, 0.1)
    return low - 0.01 * room, high + 0.06 * room


def _typing(figure: go.Figure, events: pd.DataFrame, view: View) -> bool:
    """A bar from the first to the last keystroke of each probe, and what became of it."""
    drawn = False
    for probe, part in events[events["probe"].notna()].groupby("probe", sort=True):
        at = {str(r.event): float(r.t) for r in part.itertuples()}  # type: ignore[arg-type]
        stops = [(name, at[name]) for name in ENDS if name in at]
        first = at.get("typing", stops[0][1] if stops else None)
        if first is None:
            continue
        last = at.get("typed", stops[-1][1] if stops else first)
        drawn = True
        line: dict[str, Any] = {"width": 7, "color": SOFT}
        if last > first:
            figure.add_scatter(
                x=[first, last], y=[PERSON] * 2, mode="lines", line=line, hoverinfo="skip", showlegend=False
            )
        else:
            marker = {"size": 9, "symbol": "square", "color": SOFT}
            figure.add_scatter(
                x=[first], y=[PERSON], mode="markers", marker=marker, hoverinfo="skip", showlegend=False
            )
        name = f"<b>{label(probe, 12)}</b>"
        figure.add_annotation(x=(first + last) / 2, y=PERSON, yshift=13, text=name, showarrow=False)
        if stops:
            word, when = stops[-1]
            figure.add_annotation(
                x=when, y=PERSON, yshift=-14, text=say(word), showarrow=False, font={"size": 10.5}
            )
    return drawn


def _consent(figure: go.Figure, low: float, at: float, high: float) -> None:
    """The band before consent, named on whichever side has room."""
    band = {"yref": "paper", "y0": 0, "y1": 1}
    figure.add_shape(
        type="rect",
        x0=low,
        x1=at,
        fillcolor="rgba(200,150,20,0.13)",
        line={"width": 0},
        layer="below",
        **band,
    )
    figure.add_shape(type="line", x0=at, x1=at, line={"width": 1.6, "color": "#8a6100"}, **band)
    right = (at - low) < 0.55 * (high - low)
    figure.add_annotation(
        x=at,
        y=1,
        yref="paper",
        yanchor="bottom",
        xanchor="left" if right else "right",
        xshift=5 if right else -5,
        text=say("consent at {seconds:.1f} s; before it: the band", seconds=at),
        showarrow=False,
    )


def _points(
    figure: go.Figure, frame: pd.DataFrame, level: dict[str, float], view: View, close: float
) -> None:
    """The sightings, one trace for each holder; sightings close together in a lane share one label."""
    names = pd.Series("", index=frame.index)
    for _, lane in frame.groupby("host", sort=True):
        first, start, group = 0, float("-inf"), list[str]()
        for row, at, probe in zip(lane.index, lane["t"], lane["probe"], strict=True):
            if at - start > close:
                first, start, group = int(row), float(at), []
            if probe not in group:
                group.append(str(probe))
            names[first] = label(", ".join(group), 24)
    hover = say(
        "{probe} in {part}, at {seconds} s",
        probe="%{customdata[0]}",
        part="%{customdata[1]}",
        seconds="%{x:.2f}",
    )
    for holder, colour in COLOURS.items():
        part = frame[[view.holder(h) == holder for h in frame["host"]]]
        if part.empty:
            continue
        ways = [f"{label(say(str(r.part)))}, {say(str(r.tier))}" for r in part.itertuples()]
        figure.add_scatter(
            x=list(part["t"]),
            y=[level[h] for h in part["host"]],
            mode="markers+text",
            text=list(names[part.index]),
            textposition="top center",
            textfont={"size": 11},
            marker={
                "size": 10,
                "color": colour,
                "symbol": [SYMBOLS[k][0] for k in part["kind"]],
                "line": {"width": 0},
            },
            customdata=[[label(p), w] for p, w in zip(part["probe"], ways, strict=True)],
            hovertemplate=hover + "<extra></extra>",
            showlegend=False,
        )
    for kind in PLURAL:
        if (frame["kind"] == kind).any():
            symbol, words = SYMBOLS[kind]
            marker = {"symbol": symbol, "size": 9, "color": SOFT}
            figure.add_scatter(x=[None], y=[None], mode="markers", name=say(words), marker=marker)


def _alt(frame: pd.DataFrame, run: str, consent: "pd.Series[float]") -> str:
    seen = [
        say("{probe} at {host} at {seconds:.1f} s", probe=r.probe, host=r.host, seconds=float(r.t))  # type: ignore[arg-type]
        for r in frame.head(40).itertuples()
    ]
    if len(frame) > 40:
        seen.append(say("and {n} more", n=len(frame) - 40))
    parts = [say("Timeline of run {run}.", run=run)]
    if len(consent):
        parts.append(say("Consent was given at {seconds:.1f} s.", seconds=float(consent.iloc[0])))
    parts.append(say("Seen: {sightings}.", sightings="; ".join(seen)))
    return " ".join(parts)


def _caption(frame: pd.DataFrame, run: str, consent: "pd.Series[float]", typing: bool, dropped: int) -> str:
    parts = [say("Run {run}.", run=run)]
    if typing:
        parts.append(
            say("Above, what was typed and when it was sent or deleted; below, when each value was seen.")
        )
    else:
        parts.append(say("When each value was seen on its way to a host; the capture holds no keystrokes."))
    if len(consent):
        early = frame.loc[frame["t"] < float(consent.iloc[0]), "probe"].nunique()
        parts.append(
            say_n("{n} value was seen before consent.", "{n} values were seen before consent.", early)
            if early
            else say("Nothing drawn here was seen before consent.")
        )
    elif known(run):
        parts.append(say("No event marks a consent."))
    if dropped:
        parts.append(say("{n} more hosts are in the table of sightings.", n=dropped))
    return " ".join(parts)
