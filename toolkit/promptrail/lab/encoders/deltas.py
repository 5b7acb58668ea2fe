"""A text in the pieces in which chat services stream it: events of a few characters, in the usual styles.

Used by the lab's server for answers that repeat what was asked, which is where such streams are seen.
"""

import json
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

TOKEN = 3
"""Characters of one piece."""


class Style(NamedTuple):
    """How one kind of service streams."""

    media: str
    write: Callable[[str], Iterator[str]]


def tokens(text: str, size: int = TOKEN) -> list[str]:
    return [text[at : at + size] for at in range(0, len(text), size)]


def _event(data: Any) -> str:
    return f"data: {data if isinstance(data, str) else json.dumps(data, ensure_ascii=False)}\n\n"


def _choices(text: str) -> Iterator[str]:
    for token in tokens(text):
        yield _event(
            {"object": "chat.completion.chunk", "choices": [{"index": 0, "delta": {"content": token}}]}
        )
    yield _event("[DONE]")


def _patches(text: str) -> Iterator[str]:
    """JSON patch in short: the first event says where the value goes, the others only go on."""
    first, *rest = tokens(text)
    yield _event({"p": "response/content", "o": "APPEND", "v": first})
    for token in rest:
        yield _event({"v": token})


def _plain(text: str) -> Iterator[str]:
    for token in tokens(text):
        yield _event(token)


def _lines(text: str) -> Iterator[str]:
    for token in tokens(text):
        yield json.dumps({"message": {"role": "assistant", "content": token}, "done": False}) + "\n"


def _array(text: str) -> Iterator[str]:
    """A JSON array that grows while it is sent."""
    for number, token in enumerate(tokens(text)):
        yield ("," if number else "[") + json.dumps({"text": token}, ensure_ascii=False)
    yield "]"


STYLES = {
    "sse-choices": Style("text/event-stream; charset=utf-8", _choices),
    "sse-patches": Style("text/event-stream; charset=utf-8", _patches),
    "sse-plain": Style("text/event-stream; charset=utf-8", _plain),
    "ndjson-deltas": Style("application/x-ndjson", _lines),
    "json-array-deltas": Style("application/json", _array),
}
