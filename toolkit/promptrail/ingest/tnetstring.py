"""Typed netstrings (mitmproxy's serialisation) out of bytes: the wanted fields of a dictionary, or any value.

In: bytes or a map, and the place of a value. Out: plain Python values. Refuses, with the one error `Damage` that names
the offset: a length that is none or leads out of its container, a type that does not belong there, too deep nesting.
Grammar: https://tnetstrings.info, with mitmproxy's `;` for text (mitmproxy/io/tnetstring.py, 12.2).
"""

import mmap
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any, NamedTuple

Data = bytes | mmap.mmap
Reader = Callable[[Data, int, int], Any]

DIGITS = 13
"""At most 12 digits, as mitmproxy reads them, and the colon."""
KEY = 32
"""No key that is known is longer, its length and type included."""
DEPTH = 64
BYTES, TEXT, NUMBER, FLOAT, FLAG, NULL, LIST, DICT = b",;#^!~]}"
LARGEST = 2**63
"""Whole numbers end here: the tables hold 64 bits."""
SMALL = 512
"""No list of simple values is longer that `short` takes."""


class Damage(ValueError):
    """These bytes are no value of the kind that is due here; `at` is where, from the beginning of the data."""

    def __init__(self, what: str, at: int) -> None:
        super().__init__(what)
        self.at = at


class Field(NamedTuple):
    """A field that is wanted: its name, the types it may have, and what reads its content (None: by its type)."""

    name: str
    types: bytes
    read: Reader | None = None


PASSED = Field("", b"")
Shape = Mapping[bytes, Field]
"""Fields by their key as it stands in the file, `7:version;`, so that one look finds what to do with a field."""


def shape(*wanted: Field, passed: str = "") -> Shape:
    """The shape of a dictionary: fields that are wanted, and names that are known and passed over."""
    fields = {**dict.fromkeys(passed.split(), PASSED), **{field.name: field for field in wanted}}
    return {b"%d:%s;" % (len(name), name.encode()): field for name, field in fields.items()}


def pick(data: Data, at: int, end: int, fields: Shape) -> dict[str, Any]:
    """The wanted fields of the dictionary that lies between two offsets. One without a reader is read by its type;
    a list or dictionary then stays bytes. A whole number where a float may stand becomes one."""
    found: dict[str, Any] = {}
    find, known = data.find, fields.get
    while at < end:
        stop = find(b";", at, at + KEY)
        field = known(data[at : stop + 1])
        if field is None:
            start, stop = span(data, at, end)
            field = known(b"%d:%b;" % (stop - start, data[start:stop][:KEY])) or PASSED
        at = stop + 1
        colon = find(b":", at, at + DIGITS)
        if colon < 0:
            raise Damage("a length is missing", at)
        try:
            start = colon + 1
            stop = start + int(data[at:colon])
            if not start <= stop < end:
                raise Damage("a length leads out of its container", at)
            name, types, read = field
            if name:
                kind = data[stop]
                if kind not in types:
                    raise Damage(f"{name} is of the type {chr(kind)!r}", at)
                if kind == NULL:
                    found[name] = None
                elif read is not None:
                    found[name] = read(data, start, stop)
                elif kind == BYTES:
                    found[name] = data[start:stop]
                elif kind == TEXT:
                    found[name] = data[start:stop].decode()
                elif FLOAT in types:
                    found[name] = float(data[start:stop])
                else:
                    found[name] = scalar(data[start:stop], kind)
        except Damage:
            raise
        except ValueError as fault:
            raise Damage(str(fault)[:200], at) from fault
        at = stop + 1
    return found


def span(data: Data, at: int, end: int) -> tuple[int, int]:
    """Where the content of the value at this offset begins and ends; its type is the byte at the end."""
    colon = data.find(b":", at, at + DIGITS)
    digits = data[at:colon] if colon > 0 else b""
    if not digits.isdigit():
        raise Damage("a length is missing", at)
    stop = colon + 1 + int(digits)
    if stop >= end:
        raise Damage("a length leads out of its container", at)
    return colon + 1, stop


def scalar(content: bytes, kind: int) -> Any:
    """A value of a simple type; a list or dictionary as its bytes. ValueError if the content is not of the type."""
    match kind:
        case 44 | 93 | 125:  # , ] }
            return content
        case 59:  # ;
            return content.decode()
        case 35:  # #
            number = int(content)
            if -LARGEST <= number < LARGEST:
                return number
        case 94:  # ^
            return float(content)
        case 33 if content in (b"true", b"false"):  # !
            return content == b"true"
        case 126 if not content:  # ~
            return None
    raise ValueError(f"{content[:20]!r} is no value of the type {chr(kind)!r}")


def items(data: Data, at: int, end: int, depth: int = 0) -> list[Any]:
    """The values of the list that lies between two offsets, with all that they hold."""
    if depth > DEPTH:
        raise Damage("values are nested too deep", at)
    found: list[Any] = []
    while at < end:
        start, stop = span(data, at, end)
        kind = data[stop]
        try:
            if kind == LIST:
                found.append(items(data, start, stop, depth + 1))
            elif kind == DICT:
                flat = items(data, start, stop, depth + 1)
                found.append(dict(zip(flat[::2], flat[1::2], strict=True)))
            elif kind == BYTES:
                found.append(data[start:stop])
            else:
                found.append(scalar(data[start:stop], kind))
        except Damage:
            raise
        except (TypeError, ValueError) as fault:
            raise Damage(str(fault)[:200], at) from fault
        at = stop + 1
    return found


def short(data: Data, at: int, end: int) -> list[Any]:
    """A list of a few simple values, as addresses are; the same bytes are not read again."""
    if end - at > SMALL:
        raise Damage("a list that should be short is long", at)
    return _known_items(data[at:end])


@lru_cache(maxsize=1024)
def _known_items(raw: bytes) -> list[Any]:
    return items(raw, 0, len(raw))
