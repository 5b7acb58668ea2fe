"""A notebook into the present language: its title and its markdown cells; code stays as it is.

Links lead to headings by their English names in every language, so a translated cell notes those of its headings.
"""

import re

from nbformat import NotebookNode

from promptrail.language import ENGLISH, current, paragraphs, say, split

HEADING = "## "


def translate(nb: NotebookNode) -> None:
    """Say title and markdown cells in the present language, in place."""
    if current() == ENGLISH:
        return
    if "title" in nb.metadata:
        nb.metadata["title"] = say(nb.metadata["title"])
    for cell in nb.cells:
        if cell.cell_type == "markdown":
            headings = [p.splitlines()[0] for p in split(cell.source) if p.startswith(HEADING)]
            cell.metadata["promptrail"] = {"sections": [anchor(words) for words in headings]}
            cell.source = paragraphs(cell.source)


def anchor(words: str, number: int = 0) -> str:
    """The id of a heading; of one without any ASCII letter, its number among those of the page."""
    return re.sub(r"[^a-z0-9]+", "-", words.lower()).strip("-") or f"section-{number}"
