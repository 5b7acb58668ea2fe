"""A made-up translation, to find what no translator was shown: each message in brackets, in letters of another width.

.venv/bin/python tests/pseudo.py [NOTEBOOK...]   # runs them on the sample; prints the plain words left on their pages
"""

import ast
import html
import json
import re
import sys
import tempfile
import tomllib
from collections.abc import Iterator
from functools import cache
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import nbformat
from babel.messages.catalog import Catalog
from babel.messages.pofile import write_po
from nbformat.v4 import new_output

import strings
from promptrail import language, shipped
from promptrail.case import Case
from promptrail.case.folder import FRAMES
from promptrail.report.collect import PLOTLY, finding_of
from promptrail.report.page import drawings, page
from promptrail.report.run import plan
from promptrail.report.stamp import about
from promptrail.report.translated import translate

PSEUDO = "eo"
"""Babel must know the language; nobody translates promptrail into Esperanto."""
WIDE = {c: c + 0xFEE0 for c in (*range(ord("A"), ord("Z") + 1), *range(ord("a"), ord("z") + 1))}
KEPT = re.compile(r"(\{\{|\}\}|\{[^{}]*\}|`[^`]*`)")
"""What a translator leaves alone: values and code."""
MARKER = re.compile(r"^(#+ |- |\d+\. )?", re.S)
WORDS = re.compile(r"[A-Za-z][\w’'-]+(?:[,;:]? [A-Za-z][\w’'-]+)+", re.A)
"""Two words or more."""
CAPTURED = {"bdi", "code", "mark", "pre", "q", "script", "style", "svg"}
"""Elements whose text is not ours."""
SPOKEN = ("aria-label", "alt", "title")
SHAPES = {"textposition"}
"""Of plotly's words those that set what a figure looks like."""
STEP = re.compile(r"\b(?:body|cookie|form|header|json|multipart part) [\w/-]+")
"""A layer of a message by its decoder and path."""
NO_CLOSING = {"br", "meta", "wbr"}


def pseudo(message: str) -> str:
    """A message as the made-up language says it: values, code and what markdown begins with stay."""
    start = MARKER.match(message)[0]  # type: ignore[index]
    pieces = KEPT.split(message[len(start) :])
    said = "".join(p if n % 2 else p.translate(WIDE) for n, p in enumerate(pieces))
    return f"{start}⟦{said}⟧"


def write(folder: Path) -> None:
    """The made-up language as a translation of all that the extractor finds."""
    made = Catalog(locale=PSEUDO)
    for message in strings.messages():
        if message.id:
            texts = message.id if isinstance(message.id, tuple) else [message.id]
            said = tuple(pseudo(str(text)) for text in texts)
            made.add(message.id, said if isinstance(message.id, tuple) else said[0])
    with (folder / f"{PSEUDO}.po").open("wb") as out:
        write_po(out, made)


def executed(name: str, case: Path) -> nbformat.NotebookNode:
    """A notebook in the present language, its cells run in this process."""
    nb = nbformat.read(shipped.notebooks() / f"{name}.ipynb", as_version=4)
    translate(nb)
    scope: dict[str, Any] = {}
    code = [cell for cell in nb.cells if cell.cell_type == "code"]
    for number, cell in enumerate(code, 1):
        body = ast.parse(cell.source).body
        last = body.pop() if isinstance(body[-1], ast.Expr) else None
        exec(compile(ast.Module(body, []), name, "exec"), scope)
        if number == 1:
            scope["case"] = str(case)
        cell.execution_count = number
        if isinstance(last, ast.Expr):
            shown = _bundle(eval(compile(ast.Expression(last.value), name, "eval"), scope))
            cell.outputs = [new_output("execute_result", data=shown, execution_count=number)]
    return nb


def _bundle(value: Any) -> dict[str, Any]:
    if hasattr(value, "to_plotly_json"):
        return {PLOTLY: json.loads(value.to_json())}
    if hasattr(value, "_repr_mimebundle_"):
        return dict(value._repr_mimebundle_())
    if hasattr(value, "_repr_html_"):
        return {"text/html": value._repr_html_(), "text/plain": repr(value)}
    return {"text/plain": repr(value)}


class _Texts(HTMLParser):
    """The text of a page that is not captured, with what is read aloud."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []
        self.within: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in NO_CLOSING:
            self.within.append(tag)
        self.found += [value for name, value in attrs if name in SPOKEN and value]

    def handle_endtag(self, tag: str) -> None:
        while tag in self.within and self.within.pop() != tag:
            pass

    def handle_data(self, data: str) -> None:
        if not CAPTURED & set(self.within):
            self.found.append(data)


def texts(nb: nbformat.NotebookNode, name: str, case: Path) -> Iterator[str]:
    """Every text that a page of this notebook shows: its own, and those of its figures."""
    source = shipped.notebooks() / f"{name}.ipynb"
    figures = drawings(nb)
    words = about(Case.open(case), finding_of(nb, name), source, nb.metadata["title"], False)
    seen = _Texts()
    seen.feed(page(nb, figures, None, words, live=False))
    yield from seen.found
    for figure in figures:
        for text in _strings(figure.spec):
            yield html.unescape(re.sub(r"<[^>]*>", " ", text))


def _strings(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for key, inner in value.items():
            if key not in SHAPES:
                yield from _strings(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _strings(inner)


@cache
def captured(case: Path) -> str:
    """All that stands in a case, in the tables of attribution and in lists of articles, as one text."""
    opened = Case.open(case)
    files = [case / "case.toml", *case.glob("apk/*.json"), *case.glob("policies/*")]
    parts = [file.read_text("utf-8") for file in files]
    for name in sorted(FRAMES):
        parts.append(", ".join(opened.frame(name).columns))
        for column in opened.frame(name).columns:
            parts += {str(value) for value in opened.frame(name)[column]}
    tables = [*strings.PACKAGE.glob("a[pt]*/*.toml"), *(shipped.sample().parent / "claims").glob("*.toml")]
    for table in tables:
        parts += _strings(json.loads(json.dumps(tomllib.loads(table.read_text("utf-8")), default=str)))
    for checklist in strings.PACKAGE.glob("findings/policy/checklists/*.toml"):
        parts += [item["articles"] for item in tomllib.loads(checklist.read_text("utf-8"))["item"]]
    return "\n".join(parts)


def plain(text: str, case: Path) -> list[str]:
    """The runs of two plain words or more that no message holds and nothing captured either."""
    text = STEP.sub("", re.sub("`[^`]*`|, sha256$", "", text))
    return [run for run in WORDS.findall(text) if not _is_captured(run, captured(case))]


def _is_captured(run: str, known: str) -> bool:
    """Whole, or as a list of values, of which those of a single word may stand in a body."""
    return run in known or all(" " not in one or one in known for one in re.split("[,;:] ", run))


def main() -> None:
    """Print for each notebook the texts that hold plain words."""
    case = shipped.sample()
    with tempfile.TemporaryDirectory() as folder:
        language.FOLDER = Path(folder)
        language.known.cache_clear()
        write(Path(folder))
        with language.speaking(PSEUDO):
            for name in (job.name for job in plan(sys.argv[1:], {})):
                print(f"# {name}")
                for text in dict.fromkeys(texts(executed(name, case), name, case)):
                    if left := plain(text, case):
                        print(f"{left}\n    {text.strip()[:300]!r}")


if __name__ == "__main__":
    main()
