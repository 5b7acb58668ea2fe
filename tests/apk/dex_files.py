"""DEX files for tests, after AOSP's "Dalvik executable format": strings and class names in, a file's bytes out.

Only the tables are there; `Broken` places are for the test to make, in the bytes.
"""

import struct
from collections.abc import Sequence

HEADER, CONTAINER_HEADER = 0x70, 0x78
STRING_IDS, TYPE_IDS, CLASS_DEFS = 0x38, 0x40, 0x60


def modified_utf8(text: str) -> bytes:
    """As `DataOutput.writeUTF` has it: NUL in two bytes, other planes as two surrogates of three bytes each."""
    units = text.encode("utf-16-le", "surrogatepass")
    found = (units[i] | units[i + 1] << 8 for i in range(0, len(units), 2))
    out = (b"\xc0\x80" if u == 0 else chr(u).encode("utf-8", "surrogatepass") for u in found)
    return b"".join(out)


def uleb128(value: int) -> bytes:
    out = b""
    while value > 127:
        out += bytes([value & 127 | 128])
        value >>= 7
    return out + bytes([value])


def dex_file(
    strings: Sequence[str] = (),
    classes: Sequence[str] = (),
    *,
    version: int = 35,
    mentions: Sequence[str] = (),
) -> bytes:
    """One DEX file. `classes` are defined in it and `mentions` only named, both as Lcom/example/Chat;"""
    return _part(strings, classes, mentions, version, 0)


def container(*parts: tuple[Sequence[str], Sequence[str]]) -> bytes:
    """A file of version 041 with several parts; their offsets count from the beginning of the file."""
    out = b""
    for strings, classes in parts:
        out += _part(strings, classes, (), 41, len(out))
    return out


def _part(
    strings: Sequence[str], classes: Sequence[str], mentions: Sequence[str], version: int, at: int
) -> bytes:
    types = [*classes, *mentions]
    pool = sorted({*strings, *types}, key=lambda text: text.encode("utf-16-be", "surrogatepass"))
    header = CONTAINER_HEADER if version >= 41 else HEADER
    string_ids = at + header
    type_ids = string_ids + 4 * len(pool)
    class_defs = type_ids + 4 * len(types)
    data_at = class_defs + 32 * len(classes)
    data, offsets = b"", []
    for text in pool:
        offsets.append(data_at + len(data))
        units = len(text.encode("utf-16-le", "surrogatepass")) // 2
        data += uleb128(units) + modified_utf8(text) + b"\0"
    tables = struct.pack(f"<{len(offsets)}I", *offsets)
    tables += b"".join(struct.pack("<I", pool.index(name)) for name in types)
    tables += b"".join(struct.pack("<I28x", n) for n in range(len(classes)))
    size = data_at + len(data) - at
    head = b"dex\n%03d\0" % version + bytes(24) + struct.pack("<3I", size, header, 0x12345678)
    head += struct.pack("<3I", 0, 0, 0) + struct.pack("<4I", len(pool), string_ids, len(types), type_ids)
    head += struct.pack("<6I", 0, 0, 0, 0, 0, 0) + struct.pack("<2I", len(classes), class_defs)
    head += struct.pack("<2I", 0, 0)
    if version >= 41:
        head += struct.pack("<2I", 0, at)
    assert len(head) == header
    return head + tables + data
