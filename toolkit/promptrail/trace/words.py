"""Many byte strings in, one Aho-Corasick machine out: every place where one of them stands, overlaps included."""

from collections.abc import Sequence
from typing import Any


def machine(words: Sequence[bytes]) -> Any:
    """An Aho-Corasick machine; None for no words."""
    from ahocorasick_rs import BytesAhoCorasick

    return BytesAhoCorasick(list(words)) if words else None


def matches(compiled: Any, data: bytes) -> list[tuple[int, int, int]]:
    """(number of the word, start, end) of every match."""
    if compiled is None or not data:
        return []
    found: list[tuple[int, int, int]] = compiled.find_matches_as_indexes(data, overlapping=True)
    return found
