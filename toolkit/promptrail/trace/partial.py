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


def agreement(data: bytes, probe: bytes, at: int, start: int, length: int) -> tuple[int, int]:
    """How many bytes before and behind a fragment text and probe agree."""
    left = right = 0
    most = min(start, at)
    if most and data[start - 1] == probe[at - 1]:
        left = _common(data[start - most : start][::-1], probe[at - most : at][::-1])
    begin, end = start + length, at + length
    most = min(len(data) - begin, len(probe) - end)
    if most and data[begin] == probe[end]:
        right = _common(data[begin : begin + most], probe[end : end + most])
    return left, right


def _common(one: bytes, other: bytes) -> int:
    """The length of what two stretches of equal length begin with alike, by halving."""
    if one == other:
        return len(one)
    low, high = 0, len(one)
    while low < high:
        middle = (low + high + 1) // 2
        if one[low:middle] == other[low:middle]:
            low = middle
        else:
            high = middle - 1
    return low


def long_enough(probe: bytes, at: int, data: bytes, start: int, end: int) -> bool:
    """Whether a fragment found at data[start:end] could be told of as a part, or belongs to the whole probe."""
    left, right = agreement(data, probe, at, start, end - start)
    return left + end - start + right >= max(LEAST, SHARE * len(probe))


def grow(data: bytes, probe: bytes, at: int, start: int, length: int) -> Part | None:
    """The part of `probe` about data[start:start + length], which stands at `at` in it; None if it is no part."""
    left, right = agreement(data, probe, at, start, length)
    begin, end = start + length, at + length
    first, last = at - left, end + right
    size = last - first
    if size == len(probe) or size < LEAST or size < SHARE * len(probe):
        return None
    rest = data[begin + right :].strip()
    stops = last == len(probe) or not rest or rest in MARKS or bool(BROKEN.fullmatch(rest))
    before = data[: start - left].strip()
    starts = first == 0 or not before or before in MARKS
    return Part(start - left, size, round(size / len(probe), 3)) if starts and stops else None
