"""The strings of the report, out of code, templates, notebooks and data into one list, and into each translation.

.venv/bin/python tests/strings.py            # writes messages.pot, and brings each translation's list up to it
.venv/bin/python tests/strings.py FILE...    # prints sentences of these files that no translator would get to see
"""

import ast
import re
import sys
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import Any

from babel.messages.catalog import Catalog
from babel.messages.extract import extract
from babel.messages.pofile import read_po, write_po

from promptrail.findings.vocabulary import RESULTS, VERDICTS
from promptrail.language import FOLDER

ROOT = Path(__file__).resolve().parents[1]
PACKAGE = ROOT / "toolkit" / "promptrail"
KEYWORDS: dict[str, Any] = {"say": None, "mark": None, "phrase": None, "say_n": (1, 2)}
EXTRACTORS = "promptrail.language.extract"
SOURCES: list[tuple[str, str, dict[str, str]]] = [
    ("toolkit/promptrail/infer/**/*.py", f"{EXTRACTORS}:code", {}),
    ("toolkit/promptrail/findings/**/*.py", f"{EXTRACTORS}:code", {}),
    ("toolkit/promptrail/report/**/*.py", f"{EXTRACTORS}:code", {}),
    ("toolkit/promptrail/notebook.py", f"{EXTRACTORS}:code", {}),
    ("toolkit/promptrail/report/template/**/*.j2", "jinja2", {}),
    ("notebooks/*.ipynb", f"{EXTRACTORS}:notebook", {}),
    (
        "toolkit/promptrail/findings/policy/checklists/*.toml",
        f"{EXTRACTORS}:toml",
        {"keys": "title note asks"},
    ),
    ("toolkit/promptrail/findings/identifiers/names.toml", f"{EXTRACTORS}:toml", {"keys": "term what"}),
    ("toolkit/promptrail/findings/remote/settings.toml", f"{EXTRACTORS}:toml", {"keys": "kind"}),
    ("toolkit/promptrail/apk/sdks.toml", f"{EXTRACTORS}:toml", {"keys": "purpose"}),
    ("toolkit/promptrail/findings/policy/ontology.toml", f"{EXTRACTORS}:toml", {"keys": "term"}),
]
"""Where strings are: files, Babel's extractor, its options."""
DATED = re.compile(
    rb'^"(?:POT-Creation-Date|PO-Revision-Date|Generated-By|Report-Msgid-Bugs-To|Last-Translator):.*\n', re.M
)
SAYERS = {"say", "mark", "phrase", "say_n"}
QUIET = {"compile", "sub", "split", "search", "match", "fullmatch", "findall", "finditer", "mark", "skip"}
"""Calls whose strings nobody reads: patterns."""
QUIET |= {"Parameter"}
"""Help that stands beside a parameter in the code of a notebook, too."""
CODES = {*VERDICTS, *RESULTS, "not stated", "not known", "file-name"}
"""Said by whoever shows them."""
SENTENCE = re.compile(r"[A-Za-z’']{2,}[,;:]? [A-Za-z(“{]|[A-Za-z]{2,}[.:] ?$")
HTML = re.compile(r"<[^>]*>|[a-z-]+='[^']*'|[a-z-]+=\"[^\"]*\"")


def messages() -> Catalog:
    """All strings, in the order of the files, each with the files that it stands in."""
    catalogue = Catalog(project="promptrail", copyright_holder="The promptrail authors", charset="utf-8")
    for pattern, method, options in SOURCES:
        for file in sorted(ROOT.glob(pattern)):
            place = file.relative_to(ROOT).as_posix()
            with file.open("rb") as source:
                found = extract(method, source, KEYWORDS, (), options)
                for _, message, _, context in found:
                    catalogue.add(message, None, [(place, 0)], context=context)
    return catalogue


def written(catalogue: Catalog) -> bytes:
    """A catalogue as a PO file that changes only where strings do: no dates, no line numbers."""
    out = BytesIO()
    write_po(out, catalogue, width=110, omit_header=False, include_lineno=False, ignore_obsolete=True)
    dated = re.compile(
        rb'^"(?:POT-Creation-Date|PO-Revision-Date|Generated-By|Report-Msgid-Bugs-To|Last-Translator):.*\n',
        re.M,
    )
    return dated.sub(b"", out.getvalue())


def updated(file: Path, template: Catalog) -> bytes:
    """A translation with the template's list: what is new is empty, what is gone is left out, nothing is guessed."""
    with file.open("rb") as source:
        old = read_po(source, locale=file.stem)
    old.update(template, no_fuzzy_matching=True)
    return written(old)


def unmarked(file: Path) -> Iterator[tuple[int, str]]:
    """(line, text) of what reads like a sentence and is given to none of the functions that translate."""
    tree = ast.parse(file.read_text(encoding="utf-8"))
    yield from _unmarked(tree, False)


def _unmarked(node: ast.AST, quiet: bool) -> Iterator[tuple[int, str]]:
    if isinstance(node, ast.Raise | ast.Compare | ast.Subscript):
        quiet = True
    if isinstance(node, ast.Call):
        name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
        if name in SAYERS:
            for value in [k.value for k in node.keywords]:
                yield from _unmarked(value, quiet)
            return
        quiet = quiet or name in QUIET or name.endswith("Error")
    if isinstance(node, ast.JoinedStr):
        text = "".join(v.value if isinstance(v, ast.Constant) else "{}" for v in node.values)  # type: ignore[misc]
        if not quiet and SENTENCE.search(HTML.sub(" ", text)):
            yield node.lineno, text
        for part in node.values:
            if isinstance(part, ast.FormattedValue):
                yield from _unmarked(part.value, quiet)
        return
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        if not quiet and node.value not in CODES and SENTENCE.search(HTML.sub(" ", node.value)):
            yield node.lineno, node.value
        return
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.Expr) and isinstance(child.value, ast.Constant):
            continue
        yield from _unmarked(child, quiet)


def main() -> None:
    """Print what is unmarked in the files that are named; without any, write the lists."""
    if sys.argv[1:]:
        for name in sys.argv[1:]:
            for line, text in unmarked(Path(name)):
                print(f"{name}:{line}: {text!r}")
        return
    template = messages()
    (FOLDER / "messages.pot").write_bytes(written(template))
    for file in sorted(FOLDER.glob("*.po")):
        file.write_bytes(updated(file, template))
    print(f"{len(template)} messages")


if __name__ == "__main__":
    main()
