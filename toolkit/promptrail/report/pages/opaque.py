"""Blocks of notebook 10: volumes against the length of the prompt, host by host, and decoded fields that follow it."""

from typing import TYPE_CHECKING, Any

from promptrail.language import say
from promptrail.report.blocks import opaque
from promptrail.report.html import Part
from promptrail.report.pages.base import Blocks, nothing

if TYPE_CHECKING:
    import plotly.graph_objects as go


class OpaqueBlocks(Blocks):
    """Channels that could not be read."""

    def figure_dose(self) -> "go.Figure | Part":
        """Bytes against characters, with the band that reassigned lengths give."""
        from promptrail.report.figures.opaque import dose

        drawn: Any = self._view.finding.facts["series"]
        return dose(self._view, drawn) if drawn else nothing(say(opaque.NO_PLAN))

    def figure_reassigned(self) -> "go.Figure | Part":
        """The statistic under reassigned lengths, with what was observed."""
        from promptrail.report.figures.opaque import reassigned

        drawn: Any = self._view.finding.facts["series"]
        return reassigned(self._view, drawn) if drawn else nothing(say(opaque.NO_PLAN))

    def volumes(self) -> Part:
        """One row a host: outcome, p, slope, ceiling, what is excluded."""
        return opaque.volumes(self._view)

    def volume_sentences(self) -> Part:
        """What may be written of each host, and what may not."""
        return opaque.sentences(self._view)

    def prompt_fields(self) -> Part:
        """Decoded fields that follow the input of differential runs."""
        return opaque.fields(self._view)

    def uncounted(self) -> Part:
        """What no packet capture counted."""
        return opaque.uncounted(self._view)
