"""What all figures share: ground, ink, type and their words. Text and its alternative in, a plotly layout out.

Sizes are left to the page except the height; the page sets ink and ground by the reader's light or dark setting.
"""

from typing import Any

INK, SOFT = "#1b1f24", "#6b7684"
SIZE = 12.5


def layout(alt: str, caption: str, height: int, **more: Any) -> dict[str, Any]:
    """The layout of a figure; `alt` says everything that it shows, `caption` what to see in it."""
    return {
        "template": "none",
        "height": height,
        "meta": {"alt": alt, "caption": caption},
        "paper_bgcolor": "rgba(0,0,0,0)",
        "plot_bgcolor": "rgba(0,0,0,0)",
        "font": {"family": "inherit", "size": SIZE, "color": INK},
        **more,
    }


def rgba(colour: str, alpha: float) -> str:
    """A `#rrggbb` colour, thinned."""
    red, green, blue = (int(colour[n : n + 2], 16) for n in (1, 3, 5))
    return f"rgba({red},{green},{blue},{alpha})"
