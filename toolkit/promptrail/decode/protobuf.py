"""Protocol Buffers without a schema in (protobuf.dev, "Encoding"), texts and long numbers out, under field numbers.

Nothing in the bytes says that they are protobuf, so the whole message must be explained, down to at least one text.
A length-delimited field is taken for text if it reads as text, else for a message if all of it can be one, else for
bytes, which go on as a layer of their own.
"""

from collections.abc import Iterator
from typing import NamedTuple

from promptrail.decode.layer import Layer, Piece
from promptrail.decode.limits import LIMITS
from promptrail.decode.readable import is_plain
from promptrail.decode.walked import SHORTEST

VARINT, FIXED64, BYTES, GROUP, END_GROUP, FIXED32 = range(6)
"""Wire types. Groups are long deprecated and still sent by old schemas; each must end under its own number."""
HIGHEST = 100_000
"""Field numbers may reach 2^29 - 1; real schemas stay far below, noise does not."""
LONG_NUMBER = 100_000


class Field(NamedTuple):
    """One field of a message; `start` and `end` are of its value."""

    path: str
    """Its number, behind those of the groups in which it stands."""
    wire: int
    start: int
    end: int
    value: int


def varint(data: bytes, at: int, end: int) -> tuple[int, int] | None:
    """A base-128 number and where it ends; None if it does not end within ten bytes."""
    value = shift = 0
    while at < end and shift < 70:
        byte = data[at]
        at += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value, at
        shift += 7
    return None


def fields(data: bytes, start: int, end: int) -> list[Field] | None:
    """The fields between two offsets that may hold something; None unless fields fill them exactly."""
    out: list[Field] = []
    groups: list[int] = []
    at, count = start, 0
    while at < end:
        key = data[at]
        if key < 0x80:
            at += 1
        else:
            read = varint(data, at, end)
            if read is None:
                return None
            key, at = read
        if not 8 <= key < HIGHEST << 3 or count >= LIMITS.values:
            return None
        number, wire = key >> 3, key & 7
        value, begin = 0, at
        if wire == GROUP:
            groups.append(number)
            if len(groups) > LIMITS.nesting:
                return None
            continue
        if wire == END_GROUP:
            if not groups or groups.pop() != number:
                return None
            continue
        if wire in (VARINT, BYTES):
            if at < end and data[at] < 0x80:  # nearly all
                value = data[at]
                at += 1
            else:
                read = varint(data, at, end)
                if read is None:
                    return None
                value, at = read
            if wire == BYTES:
                begin, at, value = at, at + value, 0
        elif wire in (FIXED64, FIXED32):
            at += 8 if wire == FIXED64 else 4
        else:
            return None
        if at > end:
            return None
        count += 1
        if value >= LONG_NUMBER or (wire == BYTES and at > begin):
            path = "/".join(map(str, (*groups, number))) if groups else str(number)
            out.append(Field(path, wire, begin, at, value))
    return None if groups or not count else out


def protobuf(layer: Layer) -> Iterator[Piece]:
    """Texts, long numbers and opaque bytes of one message."""
    said = "protobuf" in layer.media or "x-proto" in layer.media
    pieces = list(_message(layer.data, 0, len(layer.data), "", 0) or ())
    if said or any(p.exact and p.length >= SHORTEST and is_plain(p.data) for p in pieces):
        yield from pieces


def _message(data: bytes, start: int, end: int, path: str, depth: int) -> list[Piece] | None:
    found = fields(data, start, end)
    if found is None:
        return None
    out: list[Piece] = []
    for field in found:
        here = f"{path}/{field.path}"
        if field.wire == BYTES:
            out += _value(data, field, here, depth)
        else:
            out.append(Piece(str(field.value).encode(), field.start, field.end - field.start, here))
    return out


def _value(data: bytes, field: Field, path: str, depth: int) -> list[Piece]:
    value = data[field.start : field.end]
    if not is_plain(value):
        if len(value) < SHORTEST:
            return []
        if depth < LIMITS.nesting:
            inner = _message(data, field.start, field.end, path, depth + 1)
            if inner is not None:
                return inner
    return [Piece(value, field.start, len(value), path, True)]
