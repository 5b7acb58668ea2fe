"""For Babel's extractor: the paragraphs of a notebook that a reader sees. Code and its comments are not among them."""

import json
from collections.abc import Iterable, Iterator
from typing import IO, Any

from promptrail.language import split

Found = tuple[int, str, str, list[str]]


def notebook(file: IO[bytes], keywords: Any, comment_tags: Any, options: Any) -> Iterator[Found]:
    """(line, function, message, comments) of each paragraph of each markdown cell; the line is the cell's number."""
    for number, cell in enumerate(json.load(file)["cells"], 1):
        if cell["cell_type"] == "markdown":
            for paragraph in split("".join(cell["source"])):
                if not paragraph.startswith("```"):
                    yield number, "", paragraph, []


def toml(file: IO[bytes], keywords: Any, comment_tags: Any, options: dict[str, str]) -> Iterator[Found]:
    """The strings under the keys that `options["keys"]` names, at any depth."""
    import tomllib

    keys = set(options["keys"].split())
    for message in _under(tomllib.loads(file.read().decode()), keys):
        yield 0, "", message, []


def _under(value: Any, keys: Iterable[str]) -> Iterator[str]:
    if isinstance(value, dict):
        for key, inner in value.items():
            if key in keys and isinstance(inner, str):
                yield inner
            else:
                yield from _under(inner, keys)
    elif isinstance(value, list):
        for inner in value:
            yield from _under(inner, keys)
