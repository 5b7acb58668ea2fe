"""Blocks that come again in bytes that look encrypted: bytes in, how often and how likely by chance out.

A cipher in ECB mode turns equal blocks into equal blocks (NIST SP 800-38A, 6.1), so repeats begin and end on the
borders of its blocks. What repeats anywhere else is a format, not a cipher, and counts for nothing; neither does
padding.
"""

import math
from typing import NamedTuple

SIZES = (16, 8)
"""Bytes of a block: AES; DES and 3DES."""
MOST = 1 << 20
"""Bytes that are looked at."""
PAIRS, REACH = 64, 4096
"""Pairs that are compared beyond their block, and how far."""
RANDOM_SHARE = 0.9
"""Of the blocks of something encrypted, at least so many look random; of a format hardly ever."""
TELLING = 24
"""Bytes below which how they are spread says nothing."""
RARE = 1e-3
"""How likely a format may look like this for it to count."""


class Repeats(NamedTuple):
    size: int
    blocks: int
    again: int
    """Blocks that had been met before."""
    pairs: int
    """Pairs that begin and end on borders of blocks."""

    @property
    def chance(self) -> float:
        """That a format which is no cipher has such a length and such borders; each may be off by one byte."""
        return float((1 / self.size) * (2 / self.size) ** (2 * self.pairs))

    @property
    def random(self) -> float:
        """That random blocks hold a pair (birthday bound)."""
        return float(self.blocks**2 / 2 ** (8 * self.size + 1))


def looks_random(block: bytes) -> bool:
    """More than half of its bytes differ from each other: 16 random ones fail that once in some 10 million."""
    return len(set(block)) > len(block) // 2


def even(data: bytes) -> bool:
    """Whether bytes are spread as a cipher's: half of them above 127, one in 256 zero, within 4 deviations.

    Of real ciphertexts one in some 10,000 fails that. Text has no byte above 127, and records have many zeros; a few
    are allowed for, which come in lumps.
    """
    n = len(data)
    if n < TELLING:
        return True
    high = sum(byte > 127 for byte in data) / n
    zeros = n / 256
    return abs(high - 0.5) <= 4 * math.sqrt(0.25 / n) and data.count(0) <= zeros + 4 * math.sqrt(zeros) + 3


def repeats(data: bytes, length: int | None = None) -> Repeats | None:
    """The repeats of what fits a block cipher; None where nothing does. `length`: of the whole, if this is its head."""
    whole = len(data) if length is None else length
    for size in SIZES:
        if whole % size == 0 and (found := _of_size(data[:MOST], size)):
            return found
    return None


def _of_size(data: bytes, size: int) -> Repeats | None:
    count = len(data) // size
    if count < 2:
        return None
    first: dict[bytes, int] = {}
    again: list[tuple[int, int]] = []
    noisy = 0
    for n in range(count):
        block = data[n * size : (n + 1) * size]
        if not looks_random(block):
            continue
        noisy += 1
        if block in first:
            again.append((first[block], n))
        else:
            first[block] = n
    if not again or noisy < RANDOM_SHARE * count or not even(b"".join(first)):
        return None
    pairs = _apart(again)[:PAIRS]
    if not all(_on_borders(data, i * size, j * size, size) for i, j in pairs):
        return None
    if any(_elsewhere(data, block, size) for block in {data[i * size : (i + 1) * size] for i, _ in pairs}):
        return None
    found = Repeats(size, count, len(again), len(pairs))
    return found if found.chance <= RARE and found.random <= RARE else None


def _apart(again: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """One pair of each stretch that repeats."""
    return [pair for n, pair in enumerate(again) if n == 0 or again[n - 1] != (pair[0] - 1, pair[1] - 1)]


def _on_borders(data: bytes, i: int, j: int, size: int) -> bool:
    """Whether the equal stretch around two equal blocks ends where blocks do; one byte more is chance."""
    left = next((k for k in range(min(i, REACH)) if data[i - 1 - k] != data[j - 1 - k]), min(i, REACH))
    room = min(len(data) - j, REACH)
    right = next((k for k in range(room) if data[i + k] != data[j + k]), room)
    return left % size <= 1 and right % size <= 1


def _elsewhere(data: bytes, block: bytes, size: int) -> bool:
    """Whether a block stands off the borders, too: then the data repeats by itself, whatever its blocks."""
    at = data.find(block)
    while at >= 0:
        if at % size:
            return True
        at = data.find(block, at + 1)
    return False
