"""The parts of README.md that commands print."""

from conftest import ROOT

BEGIN, END = "<!-- encodings -->\n", "<!-- end of encodings -->"


def encodings_in_the_readme() -> str:
    """The table by encoding, as `promptrail lab score DIR --markdown` prints it."""
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    return text[text.index(BEGIN) + len(BEGIN) : text.index(END)]
