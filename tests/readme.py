"""The parts of README.md that commands print."""

from conftest import ROOT


def _between(name: str) -> str:
    """What stands between the marks of that name."""
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    begin, end = f"<!-- {name} -->\n", f"<!-- end of {name} -->"
    return text[text.index(begin) + len(begin) : text.index(end)]


def encodings_in_the_readme() -> str:
    """The table by encoding, as `promptrail lab score DIR --markdown` prints it."""
    return _between("encodings")


def formats_in_the_readme() -> str:
    """The table of what each format of capture may say otherwise, as tests/ingest/permitted.py has it."""
    return _between("formats")


def stacks_in_the_readme() -> str:
    """The table of what each agent was run on, as tests/hooks/stacks.py makes it of addons/frida/stacks.toml."""
    return _between("stacks")


def notebooks_in_the_readme() -> str:
    """The list of notebooks, as tests/notebook_list.py makes it of the findings and of the lab's stories."""
    return _between("notebooks")
