"""Volumes of a randomised experiment: the finding's series in, bytes against characters and a histogram out.

One panel a host, the positive control first. The grey band and the grey bars are what the same bytes give when the
lengths are dealt out anew; the mark is what was recorded. Refuses an empty list: the block then says so in words.
"""

import math
from itertools import pairwise
from typing import Any

import plotly.graph_objects as go
from plotly.subplots import make_subplots

from promptrail.findings.opaque.words import p_of
from promptrail.language import mark, say
from promptrail.report.blocks.opaque import SIGN
from promptrail.report.figures.frame import SOFT, layout, rgba
from promptrail.report.text import label
from promptrail.report.view import COLOURS, View

PANEL, HEAD, FOOT = 230, 40, 70
TICKS = (32, 128, 512, 2048, 8192, 32768)
BAND, GIVEN = mark("reassigned lengths, 99 of 100"), mark("a prompt")
MEDIAN = mark("median of a length")
Series = list[dict[str, Any]]


def dose(view: View, series: Series) -> go.Figure:
    """Bytes sent in a slot against the length of its prompt, both on logarithmic scales; 0 bytes lie on the axis."""
    figure, columns = _panels(series)
    for n, one in enumerate(series):
        place = {"row": n // columns + 1, "col": n % columns + 1}
        ground = _ground(one)
        x = [at["length"] for at in one["strata"]]
        band = [max(at["high"], ground) for at in one["strata"]]
        band += [max(at["low"], ground) for at in reversed(one["strata"])]
        first = n == 0
        colour = COLOURS[view.holder(one["members"][0])]
        figure.add_scatter(
            x=[*x, *reversed(x)],
            y=band,
            fill="toself",
            fillcolor=rgba(SOFT, 0.25),
            mode="none",
            name=say(BAND),
            legendgroup=BAND,
            showlegend=first,
            hoverinfo="skip",
            **place,
        )
        figure.add_scatter(
            x=[length for length, _ in one["points"]],
            y=[max(size, ground) for _, size in one["points"]],
            mode="markers",
            name=say(GIVEN),
            legendgroup=GIVEN,
            showlegend=first,
            marker={"color": rgba(colour, 0.55), "size": 6},
            customdata=[size for _, size in one["points"]],
            hovertemplate=say("%{x:,} characters, %{customdata:,} bytes") + "<extra></extra>",
            **place,
        )
        figure.add_scatter(
            x=x,
            y=[max(at["median"], ground) for at in one["strata"]],
            mode="markers",
            name=say(MEDIAN),
            legendgroup=MEDIAN,
            showlegend=first,
            marker={"symbol": "line-ew", "size": 22, "line": {"width": 2.5, "color": colour}},
            hoverinfo="skip",
            **place,
        )
        lengths = [length for length, _ in one["points"]]
        ticks = [t for t in TICKS if min(lengths) * 0.7 <= t <= max(lengths) * 1.4]
        figure.update_xaxes(type="log", tickvals=ticks, ticktext=[f"{t:,}" for t in ticks], **place)
        sizes, words = _decades(one, ground)
        figure.update_yaxes(
            type="log",
            tickvals=sizes,
            ticktext=words,
            range=[math.log10(ground) - 0.1, max(math.log10(_top(one)) + 0.15, math.log10(ground) + 1.1)],
            **place,
        )
    figure.update_xaxes(title=_title(say("characters of the prompt")), row=math.ceil(len(series) / columns))
    figure.update_yaxes(title=_title(say("bytes in its slot")), col=1)
    caption = say(
        "Bytes that a host was sent in the slot of a prompt, against the prompt's length. If they do not depend on "
        "it, the medians lie in the grey band, where those of the same bytes lie after 99 of 100 reassignments of "
        "the lengths. Colour says who holds the host."
    )
    figure.update_layout(layout(_alt_dose(series), caption, **_shape(series, columns)))
    return figure


def reassigned(view: View, series: Series) -> go.Figure:
    """The combined statistic under reassigned lengths as bars, what was recorded as a line."""
    figure, columns = _panels(series)
    for n, one in enumerate(series):
        place = {"row": n // columns + 1, "col": n % columns + 1}
        null = one["null"]
        edges, first = null["edges"], n == 0
        colour = COLOURS[view.holder(one["members"][0])]
        figure.add_bar(
            x=[(a + b) / 2 for a, b in pairwise(edges)],
            y=null["counts"],
            width=[b - a for a, b in pairwise(edges)],
            marker={"color": rgba(SOFT, 0.45), "line": {"width": 0}},
            name=say("lengths dealt out anew"),
            showlegend=first,
            hovertemplate=say("%{y:,} of them") + "<extra></extra>",
            **place,
        )
        high = max(null["counts"], default=1)
        figure.add_scatter(
            x=[null["observed"]] * 2,
            y=[0, high],
            mode="lines",
            line={"color": colour, "width": 3},
            name=say("as recorded"),
            showlegend=first,
            hoverinfo="skip",
            **place,
        )
        ticks = list(range(math.floor(edges[-1]) + 1))
        words = [say("1 in {n:,}", n=10**n) if n else say("all") for n in ticks]
        figure.update_xaxes(
            tickvals=ticks, ticktext=words, range=[edges[0] - 0.05, edges[-1] + 0.12], **place
        )
    figure.update_xaxes(
        title=_title(say("how rare the best statistic is")), row=math.ceil(len(series) / columns)
    )
    figure.update_yaxes(title=_title(say("reassignments")), col=1)
    caption = say(
        "How rare the best of all statistics is in each of {n:,} reassignments of the lengths, and in the recording. p "
        "is the share of reassignments that reach the line; it is exact whatever the traffic is like, and the table "
        "corrects it for the number of hosts.",
        n=series[0]["null"]["draws"],
    )
    figure.update_layout(layout(_alt_reassigned(series), caption, bargap=0, **_shape(series, columns)))
    return figure


def _panels(series: Series) -> tuple[go.Figure, int]:
    columns = 1 if len(series) == 1 else 2
    titles = [f"<b>{label(one['host'], 34)}</b><br>{label(_meaning(one), 44)}" for one in series]
    rows = math.ceil(len(series) / columns)
    figure = make_subplots(
        rows=rows,
        cols=columns,
        subplot_titles=titles,
        horizontal_spacing=0.11,
        vertical_spacing=min(0.5, 74 / (PANEL * rows)) if rows > 1 else 0,
    )
    figure.update_annotations(font={"size": 11.5})
    figure.update_xaxes(zeroline=False, gridcolor="rgba(107,118,132,0.25)")
    figure.update_yaxes(zeroline=False, gridcolor="rgba(107,118,132,0.25)")
    return figure, columns


def _meaning(one: dict[str, Any]) -> str:
    return say(SIGN[one["kind"]][1])


def _title(words: str) -> dict[str, Any]:
    return {"text": words, "font": {"size": 12}, "standoff": 6}


def _shape(series: Series, columns: int) -> dict[str, Any]:
    rows = math.ceil(len(series) / columns)
    return {
        "height": HEAD + FOOT + PANEL * rows,
        "margin": {"l": 60, "r": 10, "t": HEAD, "b": FOOT + 20},
        "legend": {"orientation": "h", "yref": "container", "y": 0, "yanchor": "bottom"},
    }


def _ground(one: dict[str, Any]) -> float:
    """Where 0 bytes are drawn: a decade under the least that was sent."""
    least = min((size for _, size in one["points"] if size), default=10)
    return float(10 ** (math.floor(math.log10(least)) - (1 if any(not s for _, s in one["points"]) else 0)))


def _top(one: dict[str, Any]) -> float:
    return float(max(10, *(size for _, size in one["points"])))


def _decades(one: dict[str, Any], ground: float) -> tuple[list[float], list[str]]:
    first = round(math.log10(ground))
    reach = range(first, max(first + 1, math.ceil(math.log10(_top(one)))) + 1)
    none = any(not size for _, size in one["points"])
    return [10.0**n for n in reach], ["0" if none and n == first else _decade(n) for n in reach]


def _decade(n: int) -> str:
    """Short enough to stand beside a panel."""
    if n < 5:
        return f"{10**n:,}" if n >= 0 else f"{10.0**n:g}"
    unit, rest = next(((u, n - m) for u, m in (("G", 9), ("M", 6), ("k", 3)) if n >= m))
    return f"{10**rest:,} {unit}"


def _alt_dose(series: Series) -> str:
    told = []
    for one in series:
        medians = ", ".join(
            say("{bytes:,.0f} bytes at {length:,}", bytes=at["median"], length=at["length"])
            for at in one["strata"]
        )
        told.append(
            say(
                "{host} ({outcome}): median {medians} characters",
                host=one["host"],
                outcome=_meaning(one),
                medians=medians,
            )
        )
    return say("Bytes sent in a slot by length of the prompt. {hosts}.", hosts="; ".join(told))


def _alt_reassigned(series: Series) -> str:
    told = [f"{one['host']}: {p_of(one['null']['p'])}" for one in series]
    return say(
        "The statistic under reassigned lengths and as recorded; p of one host alone. {hosts}.",
        hosts="; ".join(told),
    )
