"""Blocks of notebook 01 and of whoever shows how a value travelled."""

from typing import TYPE_CHECKING

from promptrail.language import say
from promptrail.report.blocks import attachments, directions, looked_for, reached
from promptrail.report.html import Part
from promptrail.report.pages.base import Blocks, nothing

if TYPE_CHECKING:
    import plotly.graph_objects as go


class PromptBlocks(Blocks):
    """From what was typed to who runs the host."""

    def figure_travel(self) -> "go.Figure | Part":
        """From what was typed to who runs the host."""
        from promptrail.report.figures.travel import travel

        if self._view.sightings.empty:
            return nothing(say("No sighting, so there is no way to draw."))
        return travel(self._view)

    def timeline(self, run: str = "") -> "go.Figure | Part":
        """Keystrokes and sightings of one run on one clock; without a name, the first that holds both."""
        from promptrail.report.figures.timeline import choose_run, timeline

        chosen = choose_run(self._view, run)
        if chosen is None:
            if run:
                return nothing(say("No sighting with a time in run {run}, so there is no timeline.", run=run))
            return nothing(say("No sighting with a time, so there is no timeline."))
        return timeline(self._view, chosen)

    def table_reached(self) -> Part:
        """The numbers of the flow picture."""
        return reached.table_reached(self._view)

    def matrix(self) -> Part:
        """Hosts by kind of value; zero is not unread."""
        return reached.matrix(self._view)

    def in_requests(self) -> Part:
        """Where in requests the values stood."""
        return directions.requests(self._view)

    def in_answers(self) -> Part:
        """Where in answers the values stood, and what is named like a chat title."""
        return directions.answers(self._view)

    def attachments(self) -> Part:
        """Files that requests named."""
        return attachments.attachments(self._view)

    def candidates(self) -> Part | None:
        """Without a probe: long free text that may be one, and how to declare it."""
        return looked_for.candidates(self._view)
