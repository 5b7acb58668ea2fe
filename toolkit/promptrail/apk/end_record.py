"""Where a ZIP file says its directory is: an open file in, offset and size of the directory out, unchecked.

Source: APPNOTE 6.3.10, sections 4.3.14 to 4.3.16. Readers differ in which end record they take where several could
be meant, so every candidate is told, the ZIP64 record beside the old one.
"""

import struct
from collections.abc import Iterator
from typing import IO

END, LOCATOR, END64 = b"PK\x05\x06", b"PK\x06\x07", b"PK\x06\x06"
LENGTH, COMMENT = 22, 65535
LOCATOR_LENGTH, LENGTH64 = 20, 56


def directories(stream: IO[bytes]) -> Iterator[tuple[int, int]]:
    """(offset, size) of each directory that the end of the file could mean; nothing where there is none."""
    stream.seek(0, 2)
    size = stream.tell()
    start = max(0, size - LENGTH - COMMENT - LOCATOR_LENGTH)
    stream.seek(start)
    tail = stream.read()
    for at in {tail.rfind(END), tail.rfind(END, 0, len(tail) - LENGTH + len(END))}:
        if at < 0 or at + LENGTH > len(tail):
            continue
        length, offset = struct.unpack_from("<2I", tail, at + 12)
        yield offset, length
        before = at - LOCATOR_LENGTH
        if before >= 0 and tail[before : before + 4] == LOCATOR:
            yield from _zip64(stream, struct.unpack_from("<Q", tail, before + 8)[0], size)


def _zip64(stream: IO[bytes], at: int, size: int) -> Iterator[tuple[int, int]]:
    if at + LENGTH64 <= size:
        stream.seek(at)
        record = stream.read(LENGTH64)
        if record.startswith(END64):
            length, offset = struct.unpack_from("<2Q", record, 40)
            yield offset, length
