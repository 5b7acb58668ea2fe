"""Blocks of notebook 02: who stands behind each host."""

from promptrail.report.blocks import recipients
from promptrail.report.html import Part
from promptrail.report.pages.base import Blocks


class RecipientBlocks(Blocks):
    """The dossier."""

    def recipients(self) -> Part:
        """Who stands behind each host: four columns, never merged."""
        return recipients.recipients(self._view)

    def amounts(self) -> Part:
        """What each host was sent."""
        return recipients.amounts(self._view)

    def conflicts(self) -> Part:
        """Where host, SNI and certificate do not agree."""
        return recipients.conflicts(self._view)
