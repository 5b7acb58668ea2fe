"""Files that hold files, and the compressed formats of files, in; their content out: ZIP, bzip2, xz.

What a chat app uploads as an attachment is often one: documents of word processors are ZIP files (ISO/IEC 21320-1).
Member names are captured text: they are shown, and never used as a path.
"""

import bz2
import io
import lzma
import zipfile
import zlib
from collections.abc import Iterator

from promptrail.decode.layer import Layer, Piece, Undecodable
from promptrail.decode.limits import LIMITS, MIB

FAULTS = (zipfile.BadZipFile, zlib.error, lzma.LZMAError, OSError, EOFError, ValueError, NotImplementedError)
LOCAL = 30
"""Bytes of a local file header before the name (APPNOTE 6.3.10, section 4.3.7)."""


def zip_(layer: Layer) -> Iterator[Piece]:
    """The members of a ZIP archive, each with its name, as far as all of them together keep within the limits."""
    data = layer.data
    if data[:4] not in (b"PK\x03\x04", b"PK\x05\x06"):
        return
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            yield from _members(data, archive)
    except FAULTS as fault:
        raise Undecodable("encoding", f"a ZIP archive that cannot be read: {fault}") from fault


def _members(data: bytes, archive: zipfile.ZipFile) -> Iterator[Piece]:
    left, locked = LIMITS.total(len(data)), 0
    for number, member in enumerate(archive.infolist()):
        if number >= LIMITS.values:
            raise Undecodable("limit", f"more than {LIMITS.values:,} files in a ZIP archive")
        if member.flag_bits & 1:
            locked += 1
            continue
        with archive.open(member) as stream:
            value = stream.read(left + 1)
        if len(value) > left:
            raise Undecodable(
                "limit", f"a ZIP archive that holds more than {LIMITS.total(len(data)) / MIB:.0f} MiB"
            )
        left -= len(value)
        start = _start(data, member)
        stored = member.compress_type == zipfile.ZIP_STORED
        if value:
            yield Piece(value, start, member.compress_size, f"file {member.filename}", exact=stored)
    if locked:
        raise Undecodable("encoding", f"{locked} encrypted files in a ZIP archive")


def _start(data: bytes, member: zipfile.ZipInfo) -> int:
    """Where a member's bytes begin: behind its local header, whose name and extra field have lengths of their own."""
    at = member.header_offset
    name, extra = data[at + 26 : at + 28], data[at + 28 : at + 30]
    return at + LOCAL + int.from_bytes(name, "little") + int.from_bytes(extra, "little")


def bzip2(layer: Layer) -> Iterator[Piece]:
    """bzip2 (as its reference implementation 1.0 writes it), by its magic."""
    if layer.data[:3] == b"BZh" and layer.data[4:10] == b"\x31\x41\x59\x26\x53\x59":
        yield from _stream(layer.data, bz2.BZ2Decompressor(), "bzip2")


def xz(layer: Layer) -> Iterator[Piece]:
    """xz (The .xz File Format 1.2.1), by its magic."""
    if layer.data[:6] == b"\xfd7zXZ\0":
        yield from _stream(layer.data, lzma.LZMADecompressor(lzma.FORMAT_XZ, memlimit=LIMITS.inflated), "xz")


def _stream(data: bytes, stream: "bz2.BZ2Decompressor | lzma.LZMADecompressor", name: str) -> Iterator[Piece]:
    most = LIMITS.room(len(data))
    try:
        value = stream.decompress(data, most + 1)
    except FAULTS as fault:
        raise Undecodable("encoding", f"is not {name}: {fault}") from fault
    yield Piece(value[:most], 0, len(data))
    if len(value) > most:
        raise Undecodable("limit", f"{len(data):,} bytes inflate to more than {most / MIB:.0f} MiB")
    if not stream.eof:
        raise Undecodable("incomplete", f"the {name} stream ends early")
