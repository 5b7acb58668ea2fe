"""Texts without what does not change their words: case, Unicode form, white space, zero-width characters."""

import re
import unicodedata

IGNORED = re.compile("[\u00ad\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufeff]")
SPACE = re.compile(r"\s+")


def fold(text: str) -> str:
    """The text as it is compared."""
    text = unicodedata.normalize("NFKC", IGNORED.sub("", text)).casefold()
    return SPACE.sub(" ", text).strip()


def span_of(text: str, folded_start: int, folded_end: int) -> tuple[int, int]:
    """The stretch of `text`, in UTF-8 bytes, that this stretch of its folding came from; whole characters."""
    lengths = [len(fold(text[:n])) for n in _marks(len(text))]
    marks = _marks(len(text))
    start = max((m for m, size in zip(marks, lengths, strict=True) if size <= folded_start), default=0)
    end = min((m for m, size in zip(marks, lengths, strict=True) if size >= folded_end), default=len(text))
    return len(text[:start].encode("utf-8", "surrogatepass")), len(
        text[start:end].encode("utf-8", "surrogatepass")
    )


def _marks(size: int) -> list[int]:
    """Places at which a long text is measured: every character of a short one."""
    step = max(1, size // 400)
    return [*range(0, size, step), size]
