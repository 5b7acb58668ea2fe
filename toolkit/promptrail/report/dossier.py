"""What notebook 02 adds to a page: the picture of recipients, each recipient by itself, the claims of others.

received = Dossier(page)
received.one("Volcano Engine")
"""

from typing import TYPE_CHECKING, Protocol

from promptrail.language import say
from promptrail.report.blocks import claims, holders
from promptrail.report.html import Part
from promptrail.report.text import Html
from promptrail.report.view import View

if TYPE_CHECKING:
    import plotly.graph_objects as go


class _Page(Protocol):
    _view: View


class Dossier:
    """The recipients of one page's case."""

    def __init__(self, page: _Page) -> None:
        self._view = page._view

    def figure(self) -> "go.Figure | Part":
        """From what was typed to who runs the host, and where that organisation is established."""
        from promptrail.report.figures.recipients import recipients

        if self._view.sightings.empty:
            words = say("No sighting, so there is no way to draw.")
            return Part(Html("<p class='none'>{}</p>").format(words), words)
        return recipients(self._view)

    def holders(self) -> Part:
        """Bytes and requests by recipient."""
        return holders.holders(self._view)

    def each(self) -> Part:
        """A page of its own for every recipient but the app's maker, folded."""
        return holders.each(self._view)

    def one(self, name: str) -> Part:
        """The page of one recipient, by its name or one of its hosts."""
        return holders.one(self._view, name)

    def claims(self) -> Part:
        """What others claimed, against this capture."""
        return claims.claims(self._view)
