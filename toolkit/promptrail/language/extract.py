"""For Babel's extractor: the strings of code, notebooks and data that a reader sees, each in its own way.

Babel's own reader of Python takes the plural form of a message that holds another message for missing, and the key in
`say(row["kind"])` for a message.
"""

import ast
import json
import tomllib
from collections.abc import Container, Iterator
from typing import IO, Any

from promptrail.language import split

Found = tuple[int, str | None, str | tuple[str | None, ...], list[str]]
"""Line, function, message, comments."""


def code(file: IO[bytes], keywords: Any, comment_tags: Any, options: Any) -> Iterator[Found]:
    """The constant arguments of calls to the functions that Babel's keywords name; Babel takes those that it wants."""
    calls = (node for node in ast.walk(ast.parse(file.read())) if isinstance(node, ast.Call))
    for call in sorted(calls, key=lambda call: (call.lineno, call.col_offset)):
        name = getattr(call.func, "id", "")
        if name in keywords and call.args:
            yield call.lineno, name, tuple(_constant(argument) for argument in call.args), []


def _constant(node: ast.expr) -> str | None:
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else None


def notebook(file: IO[bytes], keywords: Any, comment_tags: Any, options: Any) -> Iterator[Found]:
    """The title, the paragraphs of markdown cells, the captions that code cells give; the line is the cell's number."""
    whole = json.load(file)
    yield 0, None, whole["metadata"]["title"], []
    for number, cell in enumerate(whole["cells"], 1):
        source = "".join(cell["source"])
        if cell["cell_type"] == "markdown":
            for paragraph in split(source):
                if not paragraph.startswith("```"):
                    yield number, None, paragraph, []
        elif cell["cell_type"] == "code":
            for caption in _captions(source):
                yield number, None, caption, []


def _captions(source: str) -> Iterator[str]:
    """The second argument of `page.table(frame, "caption")`: the page says it in its language."""
    for call in ast.walk(ast.parse(source)):
        if isinstance(call, ast.Call) and ast.unparse(call.func) == "page.table" and len(call.args) == 2:
            yield ast.literal_eval(call.args[1])


def toml(file: IO[bytes], keywords: Any, comment_tags: Any, options: dict[str, str]) -> Iterator[Found]:
    """The strings under the keys that `options["keys"]` names, at any depth."""
    for message in _under(tomllib.loads(file.read().decode()), options["keys"].split()):
        yield 0, None, message, []


def _under(value: Any, keys: Container[str]) -> Iterator[str]:
    if isinstance(value, dict):
        for key, inner in value.items():
            if key in keys and isinstance(inner, str):
                yield inner
            else:
                yield from _under(inner, keys)
    elif isinstance(value, list):
        for inner in value:
            yield from _under(inner, keys)
