"""The strings of the report: all are marked, their list is that of the sources, every translation has and fits it."""

import ast
import re
from collections.abc import Iterator
from typing import Any

from babel.messages.pofile import read_po

import strings
from promptrail.language import FOLDER, fits, known

ERRORS = "what a person is told who has to mend a file, a parameter or a machine: errors are English"
FILES = {
    "findings/recipients/claims_pack.py": ERRORS,
    "findings/parameters.py": ERRORS,
    "findings/policy/annotation.py": ERRORS,
    "findings/policy/checklist.py": ERRORS,
    "findings/policy/documents.py": ERRORS,
    "report/chromium.py": ERRORS,
    "report/execute.py": ERRORS,
    "report/printing.py": ERRORS,
    "report/publish.py": ERRORS,
    "report/run.py": ERRORS,
    "report/shell.py": "the policy of a page",
    "report/stills.py": "a script and its style",
}
"""Files whose other strings stay English, and why."""
TEXTS = {
    "no events; seen to be sent: ": "a code by which runs are put together; `comparable.in_words` says it",
    "not seen": "a code of finding 08; the block says it",
    "not typed": "the same",
    "length, content not tested": "a code of finding 10; the block says it",
    "not shown": "the same",
    "on the way": "a code of finding 07; the block says it",
    "has the app": "the same",
    "user agent": "a name of a field, compared",
    "not known who": "a code; `_called` says it",
    "not known: no times": "a code; the page says it in whole messages",
    "given out in a cookie of": "the same",
    "given out in an answer of": "the same",
    "first seen in a request to": "the same",
    "; held by ": "looked for in a note of the attribution",
    "domain of ": "begins a code; `volume.in_words` says it",
    "not trusted": "looked for in the label of an event",
    "without number": "a reference to a row of a hook's log",
    "first party": "a term of policy/ontology.toml",
    "third parties": "the same",
    "{}, second experiment": "the name of a control",
    "np.ndarray[Any, Any]": "a type",
    "sentence long": "a class of the style sheet",
    "findings claims": "the same",
    "top center": "a place in a figure",
    "<code>promptrail show CASE {}</code>": "a command",
    "<p>{} <code>promptrail probe add {} --kind prompt --text TEXT</code></p>": "a command",
    "case.toml, sha256": "a name in a notebook's metadata; the page says it",
}
"""Others, and why."""
REFERENCE = re.compile(r"(?:flow|connection|exchange|hook) \{\}")
"""How a row of a frame is cited."""


def test_the_list_of_messages_is_that_of_the_sources() -> None:
    """`tests/strings.py` writes it; whoever changes a message runs it."""
    assert (FOLDER / "messages.pot").read_bytes() == strings.written(strings.messages())


def test_a_translation_has_all_messages_and_fits_them() -> None:
    """Each PO file holds the list and nothing else, every message said, with the values of its original."""
    listed = {message.id for message in strings.messages() if message.id}
    for name in known()[1:]:
        with (FOLDER / f"{name}.po").open("rb") as file:
            read = [message for message in read_po(file, locale=name) if message.id]
        assert {message.id for message in read} == listed, name
        wrong = [m.id for m in read if not all(_forms(m.string)) or not fits(m.id, m.string) or m.fuzzy]
        assert wrong == [], name


def _forms(said: Any) -> tuple[str, ...]:
    return (said,) if isinstance(said, str) else tuple(said)


def test_every_sentence_is_marked() -> None:
    """What reads like a sentence in findings and pages goes through `say`, here or where it is shown, or is excused."""
    listed = {message.id if isinstance(message.id, str) else message.id[0] for message in strings.messages()}
    left, excused = [], set()
    for folder in ("findings", "report"):
        for file in sorted((strings.PACKAGE / folder).rglob("*.py")):
            name = file.relative_to(strings.PACKAGE).as_posix()
            for line, text in strings.unmarked(file):
                if name in FILES or text in TEXTS:
                    excused.add(name if name in FILES else text)
                elif text not in listed and not REFERENCE.match(text):
                    left.append(f"{name}:{line}: {text!r}")
    assert left == []
    assert excused == {*FILES, *TEXTS}, "an excuse that nothing needs"


def at_fault(node: ast.AST, names: set[str], at_import: bool = True) -> Iterator[int]:
    """Lines that call one of these names with a text made at run time, or say something while a file is imported."""
    if isinstance(node, ast.FunctionDef | ast.Lambda):
        at_import = False
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in names:
        made = any(isinstance(a, ast.JoinedStr | ast.BinOp) for a in node.args)
        if made or (at_import and node.func.id != "mark"):
            yield node.lineno
    for child in ast.iter_child_nodes(node):
        yield from at_fault(child, names, at_import)


def test_messages_are_literals_and_nothing_is_said_at_import() -> None:
    """An extractor reads literals only, and the language is chosen after a file is imported."""
    wrong = []
    for folder in ("findings", "report"):
        for file in sorted((strings.PACKAGE / folder).rglob("*.py")):
            tree = ast.parse(file.read_text("utf-8"))
            theirs = [n for n in ast.walk(tree) if isinstance(n, ast.ImportFrom)]
            names = {alias.name for n in theirs for alias in n.names} & strings.SAYERS
            wrong += [f"{file.name}:{line}" for line in at_fault(tree, names)]
    assert wrong == []
