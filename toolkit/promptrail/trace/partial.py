"""A fragment in a text, grown as far as text and probe agree: a part of the probe, or another text that begins alike.

It is a part only where the agreement ends with the probe or with the value: a truncated prompt stops, another prompt
goes on in other words.
"""

import re
from typing import Literal, NamedTuple

from promptrail.decode.readable import is_plain

SHARE, LEAST = 0.25, 24
"""Of the probe, and in bytes: less than both is not told."""
MARKS = ("…".encode(), b"...", b"\\u2026")
"""How writers mark a cut."""
NEAR = 8
WORDS = re.compile(rb"(?=.*[A-Za-z])[A-Za-z0-9 ]{8}")
"""Characters before or behind a stretch of a plain text that show that its value goes on there, whatever decodes it:
no code writes its marks with them, and no format of text ends a value between them."""
BROKEN = re.compile(rb"[\x80-\xff]{0,3}(?:%[0-9A-Fa-f]?)?")
"""What is left of a character that was cut through."""


STRETCH = 128
"""Bytes that are compared at once: most stretches differ sooner."""


class Part(NamedTuple):
    start: int
    length: int
    share: float


def agreement(data: bytes, probe: bytes, at: int, start: int, length: int) -> tuple[int, int]:
    """How many bytes before and behind a fragment text and probe agree."""
    left = right = 0
    most = min(start, at)
    if most and data[start - 1] == probe[at - 1]:
        left = alike_behind(data[start - most : start], probe[at - most : at])
    begin, end = start + length, at + length
    most = min(len(data) - begin, len(probe) - end)
    if most and data[begin] == probe[end]:
        right = alike(data[begin : begin + most], probe[end : end + most])
    return left, right


def alike(one: bytes, other: bytes) -> int:
    """The length of what two stretches of equal length begin with alike."""
    near = _differ(one[:STRETCH], other[:STRETCH], "little")
    if near < STRETCH:
        return near
    if one == other:
        return len(one)
    low, high = STRETCH, len(one)
    while low < high:  # by halving
        middle = (low + high + 1) // 2
        if one[low:middle] == other[low:middle]:
            low = middle
        else:
            high = middle - 1
    return low


def alike_behind(one: bytes, other: bytes) -> int:
    """The length of what two stretches of equal length end with alike."""
    near = _differ(one[-STRETCH:], other[-STRETCH:], "big")
    return near if near < STRETCH else alike(one[::-1], other[::-1])


def _differ(one: bytes, other: bytes, order: Literal["little", "big"]) -> int:
    """The place of the first byte in which two short stretches differ, counted from the end for `big`; their length
    where there is none. As two numbers: the lowest bit of their difference shows it, without a loop."""
    difference = int.from_bytes(one, order) ^ int.from_bytes(other, order)
    return (difference & -difference).bit_length() - 1 >> 3 if difference else len(one)


def long_enough(probe: bytes, at: int, data: bytes, start: int, end: int) -> bool:
    """Whether a fragment found at data[start:end] could be told of as a part, or belongs to the whole probe."""
    left, right = agreement(data, probe, at, start, end - start)
    if left + end - start + right < max(LEAST, SHARE * len(probe)):
        return False
    if left == at and right == len(probe) - at - (end - start):
        return True
    begin, stop = start - left, end + right
    goes_on = (left < at and WORDS.fullmatch(data[max(begin - NEAR, 0) : begin])) or (
        right < len(probe) - at - (end - start) and WORDS.fullmatch(data[stop : stop + NEAR])
    )
    return not goes_on or not is_plain(data) or not data.isascii()


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
