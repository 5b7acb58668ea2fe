"""The pieces that every block is built from: rows and words in, HTML fragments out, all of it escaped by `text.Html`.

Fragments carry no script and no style of their own: the page's style sheet gives them their looks, and in JupyterLab
the short sheet that `notebook.start` shows.
"""

import re
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from promptrail.language import say
from promptrail.report.text import Html, join

SIGNS = {
    "supported": "●",
    "contradicted": "⊗",
    "not observed": "○",
    "cannot tell": "◐",
    "pass": "✓",
    "fail": "✗",
    "not run": "–",
}
TABLE_HEAD = "<caption><span>"
"""Where the page exporter writes the number of the table."""

LONG = 14
"""Rows beyond which a printed table may break over pages; shorter ones stay whole."""

Cell = Callable[[Any], object]


class Part:
    """A piece of the page, as a notebook shows it."""

    def __init__(self, html: Html, plain: str = "") -> None:
        self.html = html
        self.plain = plain

    def _repr_html_(self) -> str:
        return f'<div class="promptrail">{self.html}</div>'

    def __repr__(self) -> str:
        return self.plain or re.sub(
            r"\s+", " ", Html(re.sub(r"<(?:/td|/th|/p|/dd|br)[^>]*>", " ", self.html)).striptags()
        )


def chip(word: str) -> Html:
    """A verdict or the result of a control by its code: a sign and the word, so that colour never stands alone."""
    return Html('<span class="chip {}"><span aria-hidden="true">{}</span> {}</span>').format(
        word.replace(" ", "-"), SIGNS.get(word, ""), say(word)
    )


def small(text: object) -> Html:
    """A second line in a cell."""
    return Html("<br><small>{}</small>").format(text)


def lines(items: Iterable[object]) -> Html:
    """Several values in one cell, one under another."""
    return join(items, "<br>")


def paragraph(text: object, kind: str = "") -> Html:
    """One paragraph."""
    return Html('<p class="{}">{}</p>').format(kind, text) if kind else Html("<p>{}</p>").format(text)


def table(
    rows: Iterable[Any],
    columns: Sequence[tuple[str, str, Cell]],
    caption: str,
    kind: str = "",
    none: str = "",
) -> Html:
    """A table with a caption; without rows the sentence `none`. Columns are (heading, classes, function of a row).

    Classes: r the row's head, n a number set right, h a host or path that may break anywhere, id one that never does.
    """
    head = join(Html('<th scope="col" class="{}">{}</th>').format(c, h) for h, c, _ in columns)
    body = []
    for row in rows:
        cells = []
        for _, classes, cell in columns:
            form = (
                '<th scope="row" class="{}">{}</th>' if "r" in classes.split() else '<td class="{}">{}</td>'
            )
            cells.append(Html(form).format(classes, cell(row)))
        body.append(Html("<tr>{}</tr>").format(join(cells)))
    if not body:
        return paragraph(none or say("{caption} None.", caption=caption), "none")
    if len(body) > LONG:
        kind = f"{kind} long".strip()
    return framed(
        Html(
            '<table class="{}">'
            + TABLE_HEAD
            + "{}</span></caption><thead><tr>{}</tr></thead><tbody>{}</tbody></table>"
        ).format(kind, caption, head, join(body)),
        caption,
    )


def framed(inner: Html, caption: str) -> Html:
    """A region that scrolls sideways by touch or keyboard where the screen is too narrow, named for screen readers."""
    return Html('<div class="scroll" tabindex="0" role="region" aria-label="{}">{}</div>').format(
        caption, inner
    )


def folded(summary: str, inner: Html) -> Html:
    """Content that opens at a click, and is open in print."""
    return Html('<details class="more"><summary>{}</summary>{}</details>').format(summary, inner)
