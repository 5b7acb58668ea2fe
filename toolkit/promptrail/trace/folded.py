"""Texts without what does not change their words: case, Unicode form, white space, zero-width characters."""

import re
import unicodedata
from bisect import bisect_left, bisect_right

IGNORED = re.compile("[\u00ad\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufeff]")
SPACE = re.compile(r"\s+")


def fold(text: str) -> str:
    """The text as it is compared."""
    text = unicodedata.normalize("NFKC", IGNORED.sub("", text)).casefold()
    return SPACE.sub(" ", text).strip()


def span_of(text: str, folded_start: int, folded_end: int) -> tuple[int, int]:
    """The stretch of `text`, in UTF-8 bytes, that this stretch of its folding came from; whole characters."""
    places = range(len(text) + 1)

    def size(place: int) -> int:
        return len(fold(text[:place]))

    start = max(bisect_right(places, folded_start, key=size) - 1, 0)
    end = min(bisect_left(places, folded_end, lo=start, key=size), len(text))
    before = len(text[:start].encode("utf-8", "surrogatepass"))
    return before, len(text[start:end].encode("utf-8", "surrogatepass"))
