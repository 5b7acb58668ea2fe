"""A grid of words as a figure: columns under heads at the top, rows with names at the left, a word or two in each cell.

What stands behind a word - a frame, a fill - is the figure's own: shapes at the same places, one unit a cell.
"""

from collections.abc import Sequence
from typing import Any

import plotly.graph_objects as go

from promptrail.report.figures.frame import rgba

ACROSS, DOWN = 0.47, 0.43
"""Half of a cell's frame, so that neighbours stay apart."""
STILL = {"showgrid": False, "zeroline": False, "fixedrange": True}


def box(
    x: float, y: int, colour: str, *, dash: str | None = None, width: float = 1, filled: float = 0.0
) -> dict[str, Any]:
    """The frame of one cell behind its word; `filled` thins the colour to a ground, and 0 leaves it empty."""
    line: dict[str, Any] = {"width": width, "color": colour}
    return {
        "type": "rect",
        "x0": x - ACROSS,
        "x1": x + ACROSS,
        "y0": y - DOWN,
        "y1": y + DOWN,
        "line": line | ({"dash": dash} if dash else {}),
        "fillcolor": rgba(colour, filled) if filled else "rgba(0,0,0,0)",
        "layer": "below",
    }


def words(columns: Sequence[float], rows: int, texts: list[str], size: float = 11) -> go.Scatter:
    """The words, row after row; `columns` are the places of the columns, in cells."""
    return go.Scatter(
        x=[x for _ in range(rows) for x in columns],
        y=[y for y in range(rows) for _ in columns],
        mode="text",
        text=texts,
        textfont={"size": size},
        hoverinfo="skip",
        showlegend=False,
    )


def axes(
    columns: Sequence[float],
    heads: list[str],
    names: list[str],
    across: dict[str, Any] | None = None,
    down: dict[str, Any] | None = None,
) -> dict[str, dict[str, Any]]:
    """The axes for a layout; the first row is at the top. `across` and `down` change what an axis says otherwise."""
    return {
        "xaxis": {
            "side": "top",
            "tickvals": list(columns),
            "ticktext": heads,
            "tickfont": {"size": 11},
            "tickangle": 0,
            "range": [columns[0] - 0.5, columns[-1] + 0.5],
            **STILL,
            **(across or {}),
        },
        "yaxis": {
            "tickvals": list(range(len(names))),
            "ticktext": names,
            "range": [len(names) - 0.5, -0.5],
            **STILL,
            **(down or {}),
        },
    }
