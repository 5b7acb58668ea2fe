"""A body that is too long to be taken apart as a whole in; its beginning, and all of it in blocks, out.

The beginning is decoded like any body. The rest is searched as it stands, block by block, where needles of the usual
encodings show what they can; and the ledger of the unseen says how much that was.
"""

from collections.abc import Iterator
from typing import NamedTuple

from promptrail.decode.layer import Undecodable
from promptrail.decode.limits import LIMITS

BLOCK = 16 * 1024 * 1024


class Opened(NamedTuple):
    """What of a body is taken apart, and what is to be told about the rest (None: there is none)."""

    data: bytes
    cut: Undecodable | None


def opened(data: bytes | memoryview, most: int = LIMITS.opened) -> Opened:
    """The first `most` bytes. A memoryview spares the copy of a body that lies in a file."""
    size = len(data)
    if size <= most:
        return Opened(bytes(data), None)
    words = f"{size:,} bytes: {most:,} were opened, the rest was searched as it stands"
    return Opened(bytes(data[:most]), Undecodable("limit", words))


def blocks(data: bytes | memoryview, longest: int, size: int = BLOCK) -> Iterator[tuple[int, bytes]]:
    """(place, bytes) of stretches that overlap, so that nothing of up to `longest` bytes is cut by all of them.

    A hit that lies in the overlap is met twice; its place in the body tells that it is one.
    """
    size = max(size, longest)
    step = size - longest + 1
    for place in range(0, max(len(data) - longest + 1, 1), step):
        yield place, bytes(data[place : place + size])
