"""A long table in parts: rows and columns in, the first rows shown, the next folded, and how many are left out."""

from collections.abc import Sequence
from typing import Any

from promptrail.language import say, say_n
from promptrail.report.html import Cell, folded, paragraph, table
from promptrail.report.text import Html, join

SHOWN, MOST = 30, 500
"""Rows before the rest is folded, and rows in all."""


def bounded(
    rows: Sequence[Any], columns: Sequence[tuple[str, str, Cell]], caption: str, none: str = ""
) -> Html:
    """As `html.table`; what is longer than SHOWN and MOST says so."""
    parts = [table(rows[:SHOWN], columns, caption, none=none)]
    if more := rows[SHOWN:MOST]:
        rest = table(more, columns, say("The rows that follow."))
        parts.append(folded(say("{n:,} more rows", n=len(more)), rest))
    if left := len(rows[MOST:]):
        told = say_n("{n:,} row more is not shown.", "{n:,} rows more are not shown.", left)
        parts.append(paragraph(told))
    return join(parts)


def cut(text: str, most: int) -> str:
    """A text that has passed the mask, no longer than a cell may be; what was cut is counted."""
    if len(text) <= most:
        return text
    return say("{text}… ({n:,} characters)", text=text[:most], n=len(text))
