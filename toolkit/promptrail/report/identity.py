"""What notebook 06 adds to a page: the grid of values by host, the tables of values, named fields and bridges.

held = Identity(page)
held.values()
"""

from typing import TYPE_CHECKING, Protocol

from promptrail.language import say
from promptrail.report.blocks import identifiers
from promptrail.report.html import Part
from promptrail.report.text import Html
from promptrail.report.view import View

if TYPE_CHECKING:
    import plotly.graph_objects as go


class _Page(Protocol):
    _view: View


class Identity:
    """The values of device and account in one page's case."""

    def __init__(self, page: _Page) -> None:
        self._view = page._view

    def figure(self) -> "go.Figure | Part":
        """Values by host; without a declared one, what the fields are named."""
        from promptrail.report.figures.identifiers import NOTHING, grid, identifiers

        drawn = grid(self._view)
        if drawn is None:
            return Part(Html("<p class='none'>{}</p>").format(say(NOTHING)), say(NOTHING))
        return identifiers(self._view, drawn)

    def values(self) -> Part:
        """Each declared value at each host."""
        return identifiers.values(self._view)

    def named_fields(self) -> Part:
        """Fields that their sender named like a value of device, account or setting."""
        return identifiers.named_fields(self._view)

    def bridges(self) -> Part:
        """The same value at two organisations."""
        return identifiers.bridges(self._view)
