"""Blocks of notebook 03: before, at and after the person's answer."""

from typing import TYPE_CHECKING

from promptrail.findings.consent.finding import observe
from promptrail.language import say
from promptrail.report.blocks import consent
from promptrail.report.html import Part
from promptrail.report.pages.base import Blocks, nothing

if TYPE_CHECKING:
    import plotly.graph_objects as go


class ConsentBlocks(Blocks):
    """Phases around consent."""

    def figure_consent(self) -> "go.Figure | Part":
        """Every exchange by its seconds from the person's answer."""
        from promptrail.report.figures.consent import consent as drawn

        timed = observe(self._view.case, str(self._view.finding.parameters.get("run", "")))
        if timed.rows["after"].notna().any():
            return drawn(self._view, timed)
        return nothing(say(consent.NOTHING))

    def phases(self) -> Part:
        """Before, at and after the answer, host by host."""
        return consent.phases(self._view)
