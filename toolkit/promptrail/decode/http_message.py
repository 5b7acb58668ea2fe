"""HTTP/1 messages as bytes in (RFC 9112), their header values, bodies and trailers out; and bodies in chunks alone.

For streams that nobody took apart, as in a raw TCP flow or in the parts of a batch (application/http). A body goes on
under the codings that its head names.
"""

import re
from collections.abc import Generator, Iterator

from promptrail.decode.form import TARGET
from promptrail.decode.layer import Layer, Piece, Undecodable
from promptrail.decode.transfer import chunks, joined

REQUEST = re.compile(rb"([A-Z]{3,20}) ([!-~]{1,65536}) HTTP/1\.[01]\r\n")
STATUS = re.compile(rb"HTTP/1\.[01] [1-5][0-9]{2}(?: [^\r\n]{0,1000})?\r\n")
FIELD = re.compile(rb"([!#$%&'*+.^_`|~0-9A-Za-z-]{1,200}):[ \t]*([^\r\n]*?)[ \t]*\r\n")
BEGIN = re.compile(rb"[A-Z]{3,20} [!-~]|HTTP/1\.")
SHORTEST = 4
MESSAGES = 10_000
"""Messages one after another in one stream."""
CHUNKED = re.compile(rb"[0-9A-Fa-f]{1,8}[ \t]*(?:;[^\r\n]{0,200})?\r\n")


def http(layer: Layer) -> Iterator[Piece]:
    """Requests or answers, one after another; what follows the last is a piece of its own."""
    data = layer.data
    if not BEGIN.match(data):
        return
    at = number = 0
    while number < MESSAGES and (start := REQUEST.match(data, at) or STATUS.match(data, at)):
        at = yield from _message(data, start, f"{'request' if start.re is REQUEST else 'answer'} {number}")
        number += 1
    if number and at < len(data):
        yield Piece(data[at:], at, len(data) - at, "behind the last message", True)


def _message(data: bytes, start: "re.Match[bytes]", label: str) -> Generator[Piece, None, int]:
    """The pieces of one message; gives the place where it ends."""
    request = start.re is REQUEST
    if request and len(start[2]) >= SHORTEST:
        yield Piece(start[2], start.start(2), len(start[2]), f"{label}, target", True, TARGET)
    found, at = _fields(data, start.end())
    for field in found:
        if len(field[2]) >= SHORTEST:
            yield Piece(field[2], field.start(2), len(field[2]), f"{label}, {_name(field)}", True)
    said = {_name(field): field[2].decode("latin-1").strip().lower() for field in found}
    if data[at : at + 2] != b"\r\n":
        if at < len(data):  # a head that is cut, or none: it goes on as it is
            yield Piece(data[at:], at, len(data) - at, f"{label}, head", True)
        return len(data)
    at += 2
    media, length = said.get("content-type", ""), said.get("content-length", "")
    codings = tuple(
        c.strip() for c in said.get("content-encoding", "").split(",") if c.strip() not in ("", "identity")
    )
    if said.get("transfer-encoding", "").endswith("chunked"):
        return (yield from _chunks(data, at, label, media, (*codings, "chunked")))
    if length.isdecimal() and len(length) < 20:
        end = min(at + int(length), len(data))
    elif request or "upgrade" in said:
        return at
    else:
        end = len(data)
    if end > at:
        yield Piece(data[at:end], at, end - at, f"{label}, body", True, media, None, codings)
    return end


def _chunks(
    data: bytes, at: int, label: str, media: str, codings: tuple[str, ...]
) -> Generator[Piece, None, int]:
    try:
        last = chunks(data, at)[1]
    except Undecodable:
        last = None
    end = len(data) if last is None else last
    yield Piece(data[at:end], at, end - at, f"{label}, body", True, media, None, codings)
    if last is None:
        return len(data)
    found, end = _fields(data, last)
    for field in found:
        yield Piece(field[2], field.start(2), len(field[2]), f"{label}, trailer {_name(field)}", True)
    return end + 2


def _fields(data: bytes, at: int) -> tuple[list["re.Match[bytes]"], int]:
    found = []
    while field := FIELD.match(data, at):
        found.append(field)
        at = field.end()
    return found, at


def _name(field: "re.Match[bytes]") -> str:
    return field[1].decode("latin-1").lower()


def chunked_alone(layer: Layer) -> Iterator[Piece]:
    """A body in chunks whose head is elsewhere: believed if chunks fill the value, the last one included."""
    data = layer.data
    if not CHUNKED.match(data) or not data.endswith(b"\r\n\r\n"):
        return
    try:
        spans, last = chunks(data)
    except Undecodable:
        return
    if not spans or last is None or _fields(data, last)[1] + 2 != len(data):
        return
    start, end = spans[0][0], spans[-1][0] + spans[-1][1]
    yield Piece(joined(data, spans), start, end - start, exact=len(spans) == 1)
    for field in _fields(data, last)[0]:
        yield Piece(field[2], field.start(2), len(field[2]), f"trailer {_name(field)}", True, step="")
