"""Blocks of notebook 05: SDKs in the package beside what their vendors got."""

from typing import TYPE_CHECKING, Any

from promptrail.language import say
from promptrail.report.blocks import sdks
from promptrail.report.html import Part
from promptrail.report.pages.base import Blocks, nothing

if TYPE_CHECKING:
    import plotly.graph_objects as go


class SdkBlocks(Blocks):
    """Embedded against contacted."""

    def figure_sdks(self) -> "go.Figure | Part":
        """SDKs in the package, and what their vendors got."""
        from promptrail.report.figures.sdks import sdks as drawn

        rows: Any = self._view.finding.facts["sdks"]
        if not rows:
            return nothing(say("No SDK is known to be in the package, so there is nothing to draw."))
        return drawn(rows)

    def sdks(self) -> Part:
        """Each SDK in the package beside the contact with its vendor."""
        return sdks.sdks(self._view)

    def without_sdk(self) -> Part:
        """Hosts that no SDK in the package accounts for."""
        return sdks.without_sdk(self._view)
