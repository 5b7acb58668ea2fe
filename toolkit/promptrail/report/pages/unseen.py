"""Blocks of notebook 09: the ledger, connection by connection, and runs recorded in different ways."""

from promptrail.report.blocks import unseen
from promptrail.report.html import Part
from promptrail.report.pages.base import Blocks


class UnseenBlocks(Blocks):
    """What could not be read."""

    def connections(self) -> Part:
        """Every connection, read or not, and by whom."""
        return unseen.connections(self._view)

    def observing(self) -> Part:
        """The same steps recorded in several ways, side by side."""
        return unseen.observing(self._view)
