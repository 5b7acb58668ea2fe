"""The tables of a DEX file: bytes in, names of its classes, types it mentions and its strings out.

Format: the Android Open Source Project's "Dalvik executable format", versions 035 to 041; from 041 on one file may
hold several parts whose offsets all count from its beginning. Code is not looked at. Every offset is checked; what a
broken table points at is left out and said in `faults`, and never an exception.
"""

import re
import struct
from collections.abc import Iterator
from dataclasses import dataclass, field

from promptrail.apk.limits import DEX_FACTOR, DEX_ITEMS

MAGIC = re.compile(rb"dex\n(\d{3})\0")
OLDEST, NEWEST, CONTAINERS_FROM = 35, 41, 41
HEADER, CONTAINER_HEADER = 0x70, 0x78
ENDIAN = 0x12345678
STRING_IDS, TYPE_IDS, CLASS_DEFS, FILE_SIZE, ENDIAN_TAG = 0x38, 0x40, 0x60, 0x20, 0x28
CLASS_DEF = struct.Struct("<I28x")
"""A class_def_item; its first field is the index of its type."""
PARTS = 1_000


@dataclass(slots=True)
class Dex:
    """What the tables of one file say. `classes` and `types` are descriptors, as Lcom/example/Chat;"""

    version: int = 0
    strings: list[bytes] = field(default_factory=list)
    classes: list[str] = field(default_factory=list)
    types: set[str] = field(default_factory=set)
    faults: list[str] = field(default_factory=list)


@dataclass(slots=True)
class _Left:
    """What a file may still fill memory with: bytes of strings, and items of tables."""

    text: int
    items: int


def read(data: bytes) -> Dex:
    """The tables of a DEX file, as far as they can be read; a file that is none has no tables and a fault."""
    dex = Dex()
    magic = MAGIC.match(data)
    if magic is None or len(data) < HEADER:
        dex.faults.append("does not begin as a DEX file" if magic is None else "ends within its header")
        return dex
    dex.version = int(magic[1])
    if not OLDEST <= dex.version <= NEWEST:
        dex.faults.append(f"version {dex.version:03d}; known are {OLDEST:03d} to {NEWEST:03d}")
    left = _Left(DEX_FACTOR * len(data), DEX_ITEMS)
    for start in _parts(data, dex):
        _part(data, start, dex, left)
    return dex


def text_of(raw: bytes) -> str:
    """Modified UTF-8 into text: NUL in two bytes, other planes as surrogate pairs; what is neither becomes U+FFFD."""
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        pass
    try:
        text = raw.replace(b"\xc0\x80", b"\0").decode("utf-8", "surrogatepass")
    except UnicodeDecodeError:
        return raw.decode("utf-8", "replace")
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")


def _parts(data: bytes, dex: Dex) -> Iterator[int]:
    """Where each part's header begins: one, or several behind each other in a container."""
    start = 0
    for _ in range(PARTS):
        yield start
        size = struct.unpack_from("<I", data, start + FILE_SIZE)[0]
        if dex.version < CONTAINERS_FROM:
            if size > len(data):
                dex.faults.append(f"says it has {size:,} bytes and has {len(data):,}: cut short")
            return
        start += size
        if size < CONTAINER_HEADER or start >= len(data):
            return
        if start + CONTAINER_HEADER > len(data) or not MAGIC.match(data, start):
            dex.faults.append(f"no DEX header at {start:#x}, where the next part should begin")
            return
    dex.faults.append(f"more than {PARTS:,} parts")


def _part(data: bytes, start: int, dex: Dex, left: _Left) -> None:
    if struct.unpack_from("<I", data, start + ENDIAN_TAG)[0] != ENDIAN:
        dex.faults.append("its endian tag is not little-endian")
        return
    offsets = _table(data, start, STRING_IDS, 4, "string", dex, left)
    types = _table(data, start, TYPE_IDS, 4, "type", dex, left)
    classes = _table(data, start, CLASS_DEFS, CLASS_DEF.size, "class", dex, left)
    strings = _strings(data, offsets, dex, left)
    dex.strings += strings
    type_ids = [index for (index,) in struct.iter_unpack("<I", types)]
    bad = [index for index in type_ids if index >= len(strings)]
    names = [text_of(strings[index]) if index < len(strings) else "" for index in type_ids]
    dex.types.update(name for name in names if name)
    for (index,) in CLASS_DEF.iter_unpack(classes):
        if index < len(names) and names[index]:
            dex.classes.append(names[index])
        else:
            bad.append(index)
    if bad:
        dex.faults.append(f"{len(bad):,} types and classes point outside their table")


def _table(data: bytes, start: int, at: int, width: int, what: str, dex: Dex, left: _Left) -> bytes:
    """The bytes of a table, cut to whole items within the file."""
    count, offset = struct.unpack_from("<2I", data, start + at)
    inside = max(0, min(count, (len(data) - offset) // width))
    whole = min(inside, left.items)
    left.items -= whole
    if inside < count:
        dex.faults.append(f"its {what} table of {count:,} ends outside the file: {whole:,} read")
    elif whole < inside:
        dex.faults.append(
            f"its tables have more than {DEX_ITEMS:,} items: {whole:,} of {count:,} {what}s read"
        )
    return data[offset : offset + whole * width]


def _strings(data: bytes, offsets: bytes, dex: Dex, left: _Left) -> list[bytes]:
    """Every string, empty where it cannot be read, so that indices hold."""
    out: list[bytes] = []
    bad, size, budget = 0, len(data), left.text
    find = data.find
    for (at,) in struct.iter_unpack("<I", offsets):
        if at >= size:
            bad += 1
            out.append(b"")
            continue
        units = data[at]
        at += 1
        if units > 127:
            units, at = _uleb128(data, at, units & 127)
        end = find(b"\0", at, at + 3 * units + 1)
        if end < 0:
            bad += 1
            out.append(b"")
            continue
        budget -= end - at
        if budget < 0:
            dex.faults.append("its strings overlap each other again and again: a forged table")
            break
        out.append(data[at:end])
    if bad:
        dex.faults.append(f"{bad:,} strings point outside the file or have no end")
    left.text = max(budget, 0)
    return out


def _uleb128(data: bytes, at: int, value: int) -> tuple[int, int]:
    """An unsigned LEB128 of at most five bytes, the first of which was read; and the offset behind it."""
    for shift in (7, 14, 21, 28):
        if at >= len(data):
            break
        byte = data[at]
        at += 1
        value |= (byte & 127) << shift
        if byte < 128:
            break
    return value, at
