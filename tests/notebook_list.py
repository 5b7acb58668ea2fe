"""The list of notebooks as README.md holds it: their questions, and the lab's stories on which each verdict is shown.

.venv/bin/python tests/notebook_list.py
"""

from promptrail.findings import FINDINGS
from promptrail.lab.stories import CANNOT_TELL, CONTRADICTED, NOT_OBSERVED, STORIES, SUPPORTED

HEAD = "| notebook | question | supported | contradicted or not observed | cannot tell |\n"


def _stories(notebook: str, *verdicts: str) -> str:
    return ", ".join(name for name, story in STORIES.items() if story.verdicts.get(notebook) in verdicts)


def notebook_list() -> str:
    """The table, a notebook a row."""
    rows = [HEAD + "| --- | --- | --- | --- | --- |\n"]
    for name, module in FINDINGS.items():
        question = module.QUESTION.format(app="the app")
        told = [
            _stories(name, SUPPORTED),
            _stories(name, CONTRADICTED, NOT_OBSERVED),
            _stories(name, CANNOT_TELL),
        ]
        rows.append(f"| `{name}` | {question} | {' | '.join(told)} |\n")
    return "".join(rows)


if __name__ == "__main__":
    print(notebook_list(), end="")
