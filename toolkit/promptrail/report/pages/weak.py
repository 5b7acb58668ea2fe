"""Blocks of notebook 07: checks by host, what they met, and what they could not look at."""

from typing import TYPE_CHECKING

from promptrail.language import say
from promptrail.report.blocks import weak
from promptrail.report.html import Part
from promptrail.report.pages.base import Blocks, nothing

if TYPE_CHECKING:
    import plotly.graph_objects as go


class WeakBlocks(Blocks):
    """Protection that does not hold."""

    def figure_weak(self) -> "go.Figure | Part":
        """Each check at each host."""
        from promptrail.report.figures.weak import grid
        from promptrail.report.figures.weak import weak as drawn

        cells = grid(self._view)
        return drawn(self._view, cells) if cells else nothing(say(weak.NOTHING))

    def weak_checks(self) -> Part:
        """Every check with its result."""
        return weak.checks(self._view)

    def weak_rows(self) -> Part:
        """What the checks met, down to the flow or record."""
        return weak.met(self._view)

    def weak_coverage(self) -> Part:
        """What is missing for the checks that could not run."""
        return weak.coverage(self._view)
