"""What one row of the lab's table of encodings is: a name, what a trace should say of it, and messages from a text."""

import json
from collections.abc import Callable, Sequence
from typing import NamedTuple

from promptrail.lab.world import CLOUD

ALL = ("en", "ko", "zh")
"""The languages of the Sampler's prompts; `ja` is for the charsets of Japan alone."""


class Message(NamedTuple):
    """One request, or one WebSocket message, as it is sent."""

    body: bytes = b""
    headers: tuple[tuple[str, str], ...] = ()
    tail: str = ""
    """Behind the planting's own path: further segments or a query."""
    host: str = CLOUD


class Encoding(NamedTuple):
    """One way of sending a prompt."""

    name: str
    chain: tuple[str, ...]
    """What must be undone, from the outside in."""
    make: Callable[[str], Sequence[Message]]
    tier: str = "exact"
    part: str = "body"
    pointer: str = ""
    """Where it stands: JSON Pointer, field or header name; layers joined by ' > '; empty: the whole."""
    languages: tuple[str, ...] = ALL
    answered: bool = False
    """The server's answer carries it; the request does too, as plain JSON."""
    near_miss: bool = False
    """What is sent is not the prompt, however alike, and must not be taken for it."""


Written = Callable[[str], bytes]


def body(
    write: Written, media: str = "application/octet-stream", coding: str = ""
) -> Callable[[str], list[Message]]:
    """One request whose body `write` makes."""

    def make(text: str) -> list[Message]:
        headers = [("Content-Type", media), *([("Content-Encoding", coding)] if coding else [])]
        return [Message(write(text), tuple(headers))]

    return make


def document(text: str) -> bytes:
    """A JSON body with the text as a value beside others."""
    shown = {"seq": 4, "prompt": text, "client": {"name": "sampler", "cold": False}}
    return json.dumps(shown, ensure_ascii=False).encode()


def valued(write: Callable[[str], str]) -> Callable[[str], list[Message]]:
    """A JSON body whose value `prompt` holds what `write` makes."""
    return body(lambda text: document(write(text)), "application/json")
