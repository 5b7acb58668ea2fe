"""Compiled XML and resource tables for tests, after AOSP's ResourceTypes.h: elements and strings in, bytes out."""

import struct
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

ANDROID = "http://schemas.android.com/apk/res/android"
NOTHING = 0xFFFFFFFF
REFERENCE, STRING, DECIMAL, BOOLEAN = 0x01, 0x03, 0x10, 0x12
STRINGS, XML = 1, 2
"""The resource types that a table of ours has."""


@dataclass
class Xml:
    """An element. Attributes: `a:name` is in Android's namespace; a value @7F010000 is a reference."""

    tag: str
    attributes: Mapping[str, str | int | bool] = field(default_factory=dict)
    children: "Sequence[Xml]" = ()
    text: str = ""


def chunk(kind: int, head: bytes, body: bytes = b"") -> bytes:
    """A chunk; its head is what stands before the body, without the eight bytes that every chunk begins with."""
    return struct.pack("<HHI", kind, 8 + len(head), 8 + len(head) + len(body)) + head + body


def pool(strings: Sequence[str]) -> bytes:
    """A string pool in UTF-8."""
    data, offsets = b"", []
    for text in strings:
        raw = text.encode()
        offsets.append(len(data))
        data += _length(len(text)) + _length(len(raw)) + raw + b"\0"
    data += bytes(-len(data) % 4)
    head = struct.pack("<5I", len(strings), 0, 0x100, 28 + 4 * len(strings), 0)
    return chunk(0x0001, head, struct.pack(f"<{len(offsets)}I", *offsets) + data)


def _length(number: int) -> bytes:
    return bytes([number]) if number < 128 else bytes([number >> 8 | 128, number & 255])


def compiled_xml(root: Xml) -> bytes:
    """The element and all below it as Android's tools would compile them."""
    strings: list[str] = []

    def at(text: str) -> int:
        if text not in strings:
            strings.append(text)
        return strings.index(text)

    def typed(value: str | int | bool) -> tuple[int, int, int]:
        if isinstance(value, bool):
            return NOTHING, BOOLEAN, NOTHING if value else 0
        if isinstance(value, int):
            return NOTHING, DECIMAL, value
        if value.startswith("@"):
            return NOTHING, REFERENCE, int(value[1:], 16)
        return at(value), STRING, at(value)

    def element(one: Xml) -> bytes:
        attributes = b""
        for key, value in one.attributes.items():
            inside = key.startswith("a:")
            raw, kind, data = typed(value)
            name = at(key.removeprefix("a:"))
            attributes += struct.pack("<3I", at(ANDROID) if inside else NOTHING, name, raw)
            attributes += struct.pack("<HBBI", 8, 0, kind, data)
        start = struct.pack("<2I6H", NOTHING, at(one.tag), 20, 20, len(one.attributes), 0, 0, 0)
        out = chunk(0x0102, line, start + attributes)
        if one.text:
            out += chunk(0x0104, line, struct.pack("<IHBBI", at(one.text), 8, 0, 0, 0))
        out += b"".join(map(element, one.children))
        return out + chunk(0x0103, line, struct.pack("<2I", NOTHING, at(one.tag)))

    line = struct.pack("<2I", 1, NOTHING)
    namespace = struct.pack("<2I", at("android"), at(ANDROID))
    body = chunk(0x0100, line, namespace) + element(root) + chunk(0x0101, line, namespace)
    return chunk(0x0003, b"", pool(strings) + body)


def table(strings: Mapping[str, str], files: Mapping[str, str] | None = None) -> bytes:
    """A resource table: string resources 7F010000 and on, XML files 7F020000 and on, each by its name."""
    files = files or {}
    values = [*strings.values(), *files.values()]
    names = [*strings, *files]
    types = pool(["string", "xml"])
    keys = pool(names)
    body = types + keys
    body += _type(STRINGS, range(len(strings)))
    body += _type(XML, range(len(strings), len(names)))
    name = "org.example.chat".encode("utf-16-le").ljust(256, b"\0")
    head = struct.pack("<I", 0x7F) + name + struct.pack("<5I", 288, 0, 288 + len(types), 0, 0)
    return chunk(0x0002, struct.pack("<I", 1), pool(values) + chunk(0x0200, head, body))


def _type(number: int, indices: range) -> bytes:
    """The specification of a type and its entries in the default configuration; index of key and value are one."""
    count = len(indices)
    spec = chunk(0x0202, struct.pack("<BBHI", number, 0, 0, count), bytes(4 * count))
    head = struct.pack("<BBHII", number, 0, 0, count, 84 + 4 * count) + struct.pack("<I", 64) + bytes(60)
    offsets = struct.pack(f"<{count}I", *(16 * n for n in range(count)))
    entries = b"".join(struct.pack("<HHIHBBI", 8, 0, n, 8, 0, STRING, n) for n in indices)
    return spec + chunk(0x0201, head, offsets + entries)
