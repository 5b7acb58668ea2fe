"""A fragment in a text, grown as far as text and probe agree: a part of the probe, or another text that begins alike.

It is a part only where the agreement ends with the probe or with the value: a truncated prompt stops, another prompt
goes on in other words.
"""

import re
from typing import NamedTuple

SHARE, LEAST = 0.25, 24
"""Of the probe, and in bytes: less than both is not told."""
MARKS = ("…".encode(), b"...", b"\\u2026")
"""How writers mark a cut."""
BROKEN = re.compile(rb"[\x80-\xff]{0,3}(?:%[0-9A-Fa-f]?)?")
"""What is left of a character that was cut through."""


class Part(NamedTuple):
    start: int
    length: int
    share: float


def grow(data: bytes, probe: bytes, at: int, start: int, length: int) -> Part | None:
    """The part of `probe` about data[start:start + length], which stands at `at` in it; None if it is no part."""
    left = 0
    while left < min(start, at) and data[start - left - 1] == probe[at - left - 1]:
        left += 1
    begin, end = start + length, at + length
    right = 0
    while (
        begin + right < len(data) and end + right < len(probe) and data[begin + right] == probe[end + right]
    ):
        right += 1
    first, last = at - left, end + right
    size = last - first
    if size == len(probe) or size < LEAST or size < SHARE * len(probe):
        return None
    rest = data[begin + right :].strip()
    stops = last == len(probe) or not rest or rest in MARKS or bool(BROKEN.fullmatch(rest))
    before = data[: start - left].strip()
    starts = first == 0 or not before or before in MARKS
    return Part(start - left, size, round(size / len(probe), 3)) if starts and stops else None
