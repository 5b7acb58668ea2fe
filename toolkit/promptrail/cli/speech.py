"""What commands say: progress on stderr where a person watches, captured text made harmless for a terminal."""

import sys
import unicodedata
from collections.abc import Iterable

from promptrail.model import Problem


def say(line: str) -> None:
    """One line of progress, only where somebody watches."""
    if sys.stderr.isatty():
        print(f"  {safe(line)}", file=sys.stderr)


def safe(text: str) -> str:
    """Text from a capture without control, format and private characters, which could drive a terminal."""
    return "".join(
        c
        if c == "\n" or unicodedata.category(c) not in ("Cc", "Cf", "Cs", "Co", "Cn")
        else c.encode("unicode_escape").decode()
        for c in text
    )


def tell_problems(problems: Iterable[Problem]) -> bool:
    """Print what readers met on stderr; returns whether anything was lost."""
    lost = False
    for p in problems:
        lost |= p.severity == "lost"
        where = f"{p.file}, {p.place}" if p.place else p.file
        remedy = f" To do: {p.remedy}." if p.remedy else ""
        print(f"promptrail: {p.severity}: {safe(where)}: {safe(p.what)}.{safe(remedy)}", file=sys.stderr)
    return lost
