"""Apple property lists in, binary (bplist00) and XML, texts, bytes and long numbers out, under their keys.

plistlib of the standard library reads them. A binary list may name one object many times, itself included, so what it
gives is walked within limits.
"""

import plistlib
import re
from collections.abc import Iterator
from xml.parsers.expat import ExpatError

from promptrail.decode.json_text import escape
from promptrail.decode.layer import Layer, Piece, Undecodable
from promptrail.decode.limits import LIMITS

XML = re.compile(rb"\s*(?:<\?xml[^>]*>\s*)?(?:<!DOCTYPE\s+plist[^>]*>\s*)?<plist[\s>]")
SHORTEST = 4
LONG_NUMBER = 100_000
FAULTS = (
    plistlib.InvalidFileException,
    ExpatError,
    ValueError,
    OverflowError,
    RecursionError,
    KeyError,
    IndexError,
    TypeError,
    AttributeError,
    MemoryError,
)


def plist(layer: Layer) -> Iterator[Piece]:
    """The values of a property list."""
    data = layer.data
    if not data.startswith(b"bplist0") and not (data.lstrip()[:1] == b"<" and XML.match(data[:1024])):
        return
    try:
        whole = plistlib.loads(data)
    except FAULTS as fault:
        raise Undecodable("encoding", f"is not a property list after all: {type(fault).__name__}") from fault
    spent = 0
    stack: list[Iterator[tuple[str, object]]] = [iter([("", whole)])]
    for _ in range(LIMITS.values):
        while stack and (item := next(stack[-1], None)) is None:
            stack.pop()
        if not stack:
            return
        assert item is not None
        path, value = item
        if isinstance(value, dict | list):
            if len(stack) > LIMITS.nesting:
                continue
            stack.append(_inside(path, value))
        elif len(raw := _bytes(value)) >= SHORTEST and (spent := spent + len(raw)) <= LIMITS.inflated:
            yield Piece(raw, 0, len(data), path)
    raise Undecodable("limit", f"a property list of more than {LIMITS.values:,} values")


def _inside(path: str, value: "dict[object, object] | list[object]") -> Iterator[tuple[str, object]]:
    for key, inner in value.items() if isinstance(value, dict) else enumerate(value):
        yield f"{path}/{escape(str(key))}", inner


def _bytes(value: object) -> bytes:
    if isinstance(value, str):
        return value.encode("utf-8", "surrogatepass")
    if isinstance(value, bytes):
        return value
    if isinstance(value, plistlib.UID):
        return b""
    if isinstance(value, int | float) and abs(value) >= LONG_NUMBER:
        return str(value).encode()
    return b""
