"""What the blocks of every notebook stand on: the case behind its mask, and the finding."""

from promptrail.case import Case
from promptrail.report.html import Part
from promptrail.report.text import Html
from promptrail.report.view import View


class Blocks:
    """Blocks of one finding or of several; `Page` is made of all of them."""

    def __init__(self, view: View) -> None:
        self._view = view

    @property
    def case(self) -> Case:
        """The case, with its frames: `page.case.flows`, `page.case.sightings`, ..."""
        return self._view.case


def nothing(words: str) -> Part:
    """In the place of a figure: why there is none."""
    return Part(Html("<p class='none'>{}</p>").format(words), words)
