"""Blocks of notebook 11: settings that others hand out, what went with them, and how much is sent."""

from typing import TYPE_CHECKING

from promptrail.language import say
from promptrail.report.blocks import remote, volume
from promptrail.report.html import Part
from promptrail.report.pages.base import Blocks, nothing

if TYPE_CHECKING:
    import plotly.graph_objects as go


class RemoteBlocks(Blocks):
    """Settings and amounts."""

    def figure_settings(self) -> "go.Figure | Part":
        """What each key was in each run."""
        from promptrail.report.figures.remote import settings as drawn

        return drawn(self._view) if self._view.finding.facts["keys"] else nothing(say(remote.NOTHING))

    def settings_from(self) -> Part:
        """Who hands out settings, and where."""
        return remote.sources(self._view)

    def settings_keys(self) -> Part:
        """Each key with its values."""
        return remote.keys(self._view)

    def figure_pair(self) -> "go.Figure | Part":
        """The pair of key and behaviour that is least likely to be chance."""
        from promptrail.report.figures.remote import pair as drawn

        return drawn(self._view) if self._view.finding.facts["pairs"] else nothing(say(remote.NO_PAIR))

    def settings_pairs(self) -> Part:
        """Keys and behaviours that went together, with their p."""
        return remote.pairs(self._view)

    def figure_volume(self) -> "go.Figure | Part":
        """Requests a run by organisation and phase, with intervals."""
        from promptrail.report.figures.volume import volume as drawn

        return drawn(self._view) if self._view.finding.facts["volume"] else nothing(say(volume.NOTHING))

    def volume(self) -> Part:
        """The numbers of that figure, and the difference to runs without a prompt."""
        return volume.volume(self._view)
