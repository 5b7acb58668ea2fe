"""Blocks that every notebook shows: the answer, evidence, controls, objections, the ledger, the finding as data."""

from typing import Any

import pandas as pd

from promptrail.language import say
from promptrail.model import Finding
from promptrail.report.blocks import answer, checks, evidence, holdings, looked_for, unseen
from promptrail.report.collect import MIME, as_json
from promptrail.report.html import Part, paragraph
from promptrail.report.pages.base import Blocks


class Stated:
    """A finding as a notebook shows it: data under a MIME type of its own, and one sentence."""

    def __init__(self, finding: Finding) -> None:
        self.finding = finding

    def _repr_mimebundle_(self, **_: Any) -> dict[str, Any]:
        mark = say("SIMULATED. ") if self.finding.simulated else ""
        words = f"{mark}{self.finding.id}: {say(self.finding.verdict)}. {self.finding.sentence}"
        html = Part(paragraph(words))._repr_html_()
        return {MIME: as_json(self.finding), "text/plain": words, "text/html": html}


class SharedBlocks(Blocks):
    """For any finding."""

    def answer(self) -> Part:
        """Question, answer, verdict, counts, grade, what may be written."""
        return answer.answer(self._view)

    def evidence(self, rows: int = evidence.ROWS) -> Part:
        """Rows that can be cited and checked again, down to the bytes."""
        return evidence.evidence(self._view, rows)

    def controls(self) -> Part:
        """What could have proved the finding wrong."""
        return checks.controls(self._view)

    def attacks(self) -> Part:
        """Objections, answers, and what they leave open."""
        return checks.attacks(self._view)

    def unseen(self) -> Part:
        """What could not be read, and what that forbids to say."""
        return unseen.unseen(self._view)

    def sightings(self) -> Part:
        """Every sighting, folded."""
        return looked_for.sightings(self._view)

    def probes(self) -> Part:
        """What was looked for."""
        return looked_for.probes(self._view)

    def about_case(self) -> Part:
        """Who examines what, on which basis."""
        return holdings.case(self._view)

    def runs(self) -> Part:
        """The recorded sessions."""
        return holdings.runs(self._view)

    def frames(self) -> Part:
        """The frames of the case and their columns."""
        return holdings.contents(self._view)

    def table(self, frame: "pd.DataFrame | pd.Series[Any]", caption: str = "") -> Part:
        """Any frame as a table behind the mask; frames shown bare pass through here too."""
        return holdings.frame(self._view, frame, caption)

    def finding(self) -> Stated:
        """The finding as data; the last cell of a notebook."""
        return Stated(self._view.finding)
