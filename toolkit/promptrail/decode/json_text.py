"""JSON (one text, lines of them, cut short) in, its strings, long numbers and names out, each with its place.

A tokenizer rather than `json.loads`: it keeps byte offsets and repeated names (RFC 8259 section 4 allows them, parsers
drop all but one), and reads what comes before a fault.
"""

import json
import re
from collections.abc import Iterator
from typing import Any

from promptrail.decode.layer import Layer, Piece, touch
from promptrail.decode.readable import is_plain

TOKEN = re.compile(
    rb'[\s,:]*(?:"([^"\\]*+(?:\\.[^"\\]*+)*+)("|\Z)|([-+0-9.eE]+|true|false|null)|([{}\[\]]))', re.S
)
BARE = re.compile(rb'\s*"(?:[^"\\]|\\.)*"?\s*(?:\n\s*"(?:[^"\\]|\\.)*"?\s*)*', re.S)
BEGIN = re.compile(rb'(?:\xef\xbb\xbf)?\s*(?:\{\s*(?:["}]|\Z)|\[\s*(?:[\[{"\]0-9tfn-]|\Z)|("))')
STRING: Any = json.JSONDecoder(strict=False)
"""Made once: `json.loads` makes one a call where it is told anything."""
COLON = re.compile(rb"\s*:")
INNERMOST = 24
"""Names that a path shows: a hostile text may nest a hundred thousand deep, and each value would carry them all."""
SHORTEST = 4
"""Shorter numbers and names can hold no probe; strings are told whatever their length, for they may be pieces."""


def escape(name: str) -> str:
    """A reference token of a JSON Pointer (RFC 6901)."""
    return name.replace("~", "~0").replace("/", "~1")


def text_of(raw: bytes) -> bytes:
    """The inside of a JSON string as UTF-8; lone surrogates survive, a broken escape stays as it stands."""
    if b"\\" not in raw:
        return raw
    try:
        value: str = STRING.decode(f'"{raw.decode("utf-8", "surrogatepass")}"')
        return value.encode("utf-8", "surrogatepass")
    except ValueError:
        return raw


def json_text(layer: Layer) -> Iterator[Piece]:
    """The strings, names and long numbers of a JSON text."""
    data = layer.data
    begin = BEGIN.match(data)
    if begin is None or (begin[1] and not (is_plain(data) and BARE.fullmatch(data))):
        return  # a sentence may begin with a quotation: bare strings end with their quotation mark, or with the text
    told, near = False, layer.near
    last = len(data) if near is None else near[-1][1] if near else 0
    stack: list[list[Any]] = []  # [kind, index or name, pointer of the container] of each that is open
    at = 3 if data.startswith(b"\xef\xbb\xbf") else 0
    while found := TOKEN.match(data, at):
        at = found.end()
        if told and found.start() > last:
            return  # nothing is asked for behind this
        top = stack[-1] if stack else None
        if found[4]:
            if found[4] in b"{[":
                if top is not None and top[0] == "[":
                    top[1] += 1
                container = _pointer(stack) if len(stack) <= INNERMOST else ""
                stack.append([found[4].decode(), -1 if found[4] == b"[" else "", container])
            elif stack:
                stack.pop()
            continue
        if top is not None and top[0] == "{" and found[1] is not None and COLON.match(data, at):
            top[1] = text_of(found[1]).decode("utf-8", "replace")
            if len(found[1]) > SHORTEST and (near is None or not told or touch(near, *found.span(1))):
                told = True
                yield _piece(found, 1, f"{_pointer(stack)} (name)")
            continue
        if top is not None and top[0] == "[":
            top[1] += 1
        group = 1 if found[1] is not None else 3
        if group == 3 and (len(found[3]) < SHORTEST or found[3] in (b"true", b"false", b"null")):
            continue
        if near is None or not told or touch(near, *found.span(group)):
            told = True
            yield _piece(found, group, _pointer(stack))
    if at and len(data) - at > 16 and (told or is_plain(data)):  # bytes may begin with a brace by chance
        yield Piece(data[at:], at, len(data) - at, f"{_pointer(stack)} (not JSON from here)", True)


def _piece(found: "re.Match[bytes]", group: int, path: str) -> Piece:
    raw = found[group]
    data = text_of(raw) if group == 1 else raw
    return Piece(data, found.start(group), len(raw), path, data == raw)


def _pointer(stack: list[list[Any]]) -> str:
    if not stack or len(stack) > INNERMOST:
        return "".join(f"/{escape(str(place))}" for _, place, _ in stack[-INNERMOST:])
    _, place, container = stack[-1]
    return f"{container}/{escape(place) if isinstance(place, str) else place}"
