"""Blocks of notebook 08: what changed between two groups of runs, and whether all of it stopped."""

from typing import TYPE_CHECKING

from promptrail.language import say
from promptrail.report.blocks import before_after
from promptrail.report.html import Part
from promptrail.report.pages.base import Blocks, nothing

if TYPE_CHECKING:
    import plotly.graph_objects as go


class BeforeAfterBlocks(Blocks):
    """Two groups of like runs, side by side."""

    def figure_before_after(self) -> "go.Figure | Part":
        """Every item in every compared run."""
        from promptrail.report.figures.before_after import before_after as drawn
        from promptrail.report.figures.before_after import grid

        found = grid(self._view)
        return drawn(self._view, found) if found else nothing(say(before_after.NOTHING))

    def before_after(self) -> Part:
        """Each item: in how many runs of A and of B, what became of it, how likely by chance."""
        return before_after.items(self._view)

    def stopped(self) -> Part:
        """ "It stopped", of everything and kind by kind."""
        return before_after.stopped(self._view)

    def compared(self) -> Part:
        """Which runs were compared, which were left out, and why."""
        return before_after.compared(self._view)

    def unseen_sides(self) -> Part:
        """What could not be read, of A and of B."""
        return before_after.unseen(self._view)
