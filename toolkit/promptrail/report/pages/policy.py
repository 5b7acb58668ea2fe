"""Blocks of notebook 04: the privacy policy beside what was observed."""

from typing import TYPE_CHECKING

from promptrail.language import say
from promptrail.report.blocks import policy
from promptrail.report.html import Part
from promptrail.report.pages.base import Blocks, nothing

if TYPE_CHECKING:
    import plotly.graph_objects as go


class PolicyBlocks(Blocks):
    """Declared against observed."""

    def figure_policy(self) -> "go.Figure | Part":
        """Kinds of data by recipient, with what the policy says of each."""
        from promptrail.report.figures.policy import NOTHING, grid
        from promptrail.report.figures.policy import policy as drawn

        found = grid(self._view)
        return drawn(self._view, found) if found else nothing(say(NOTHING))

    def policy(self) -> Part:
        """Which policy, from when, and who read it."""
        return policy.about(self._view)

    def policy_pairs(self) -> Part:
        """Each kind of data at each recipient, with the policy's words."""
        return policy.pairs(self._view)

    def policy_declared(self) -> Part:
        """What the policy declares, and whether it was seen."""
        return policy.declared(self._view)

    def policy_checklist(self) -> Part:
        """What a policy should tell, beside the articles that ask for it."""
        return policy.checklist(self._view)

    def policy_agreement(self) -> Part:
        """How far the annotators agree."""
        return policy.agreement(self._view)
