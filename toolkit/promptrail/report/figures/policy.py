"""Data by recipient beside the policy: the finding's pairs in, a grid out whose cells say the class in words.

A whole frame rests on a declared value, a dashed one on less; a heavy one is not declared. A cell without a pair says
whether there was none or nothing could be read, and whether the policy declares it all the same.
"""

from collections import Counter
from typing import Any, NamedTuple

import plotly.graph_objects as go

from promptrail.findings.policy.classes import UNDECLARED
from promptrail.findings.policy.pairs import HINT, NAME, SHARED
from promptrail.findings.policy.terms import FIRST
from promptrail.findings.words import listed
from promptrail.language import mark, say, say_n
from promptrail.report.figures.flow import COLOURS_SAY, broken
from promptrail.report.figures.frame import SOFT, layout
from promptrail.report.figures.word_grid import axes, box
from promptrail.report.figures.word_grid import words as words_of
from promptrail.report.text import label
from promptrail.report.view import COLOURS, MAKER, OTHER, UNKNOWN, View

MOST_HOLDERS, MOST_ROWS = 6, 14
"""Columns and rows that are legible on paper; the table has all."""
LINE = 16
"""Letters of a recipient before it breaks."""
NOT_SEEN, NO_POLICY = mark("declared, not seen"), mark("no policy")
UNREAD = {"all": "0", "part": "0+?", "none": "?"}
ROW, HEAD, FOOT, LEFT = 41, 64, 8, 158
HOLDER = {True: MAKER, False: OTHER, None: UNKNOWN}
SHORT = {True: mark("maker"), False: mark("other"), None: mark("not stated")}
LESS = {NAME: mark("by a name only"), HINT: mark("a part or digest"), SHARED: mark("another app too")}
NOTHING = mark(
    "No declared value and no field known by its name was seen to go anywhere, so there is nothing to draw."
)


class Cell(NamedTuple):
    """One pair, or what the policy declares and was not seen."""

    text: str
    whole: bool
    """Whether it rests on a declared value."""
    heavy: bool
    seen: bool = True


class Grid(NamedTuple):
    """What is drawn."""

    rows: list[str]
    holders: list[dict[str, Any]]
    cells: dict[tuple[str, str, bool | None], Cell]
    left_out: list[str]
    """What is not drawn, in words."""


def grid(view: View) -> Grid | None:
    """From the facts of the finding; None where nothing was seen."""
    facts: Any = view.finding.facts
    if not facts["pairs"]:
        return None
    cells: dict[tuple[str, str, bool | None], Cell] = {}
    rows: dict[str, None] = {}
    for pair in facts["pairs"]:
        rows.setdefault(pair["data"])
        key = (pair["data"], pair["recipient"], pair["own"])
        name = say(pair["class"] or NO_POLICY)
        told = f"<b>{name}</b>" if pair["class"] in UNDECLARED else name
        cells[key] = Cell(f"{told}<br>{_basis(pair)}", pair["decides"], pair["class"] in UNDECLARED)
    for row in facts["declared"]:
        for holder in facts["recipients"]:
            whose = row["entity"] == FIRST if holder["own"] else row["entity"] == holder["recipient"]
            key = (row["data"], holder["recipient"], holder["own"])
            if whose and row["outcome"] == "not observed" and key not in cells:
                rows.setdefault(row["data"])
                cells[key] = Cell(say(NOT_SEEN).replace(", ", "<br>"), False, False, seen=False)
    count = Counter(key[1:] for key in cells)
    wanted = [one for one in _holders(facts) if count[_id(one)] or one["reading"] == "none"]
    kept = sorted(wanted, key=lambda one: -count[_id(one)])[:MOST_HOLDERS]
    names = list(rows)
    left = []
    if (n := len(names) - MOST_ROWS) > 0:
        left.append(say_n("{n} row", "{n} rows", n))
    if (n := len(wanted) - len(kept)) > 0:
        left.append(say_n("{n} recipient", "{n} recipients", n))
    return Grid(
        names[:MOST_ROWS],
        [one for one in wanted if one in kept],
        cells,
        left,
    )


def _holders(facts: Any) -> list[dict[str, Any]]:
    """The recipients of the runs, and those of pairs whose request named no host."""
    known = {_id(one) for one in facts["recipients"]}
    more = {_id(pair): pair | {"reading": "all"} for pair in facts["pairs"]}
    return [*facts["recipients"], *(one for key, one in more.items() if key not in known)]


def _id(one: dict[str, Any]) -> tuple[str, bool | None]:
    return one["recipient"], one["own"]


def _basis(pair: dict[str, Any]) -> str:
    """In how many runs the value was seen, or what less there is."""
    if pair["decides"]:
        return say("{found} of {all} runs", found=pair["runs"], all=pair["of"])
    return say(LESS.get(pair["basis"], pair["basis"]))


def policy(view: View, drawn: Grid) -> go.Figure:
    """The grid."""
    shapes, words = [], []
    for y, data in enumerate(drawn.rows):
        for x, holder in enumerate(drawn.holders):
            cell = drawn.cells.get((data, *_id(holder)))
            words.append(cell.text if cell else UNREAD[holder["reading"]])
            shapes.append(_frame(x, y, cell, COLOURS[HOLDER[holder["own"]]]))
    figure = go.Figure(words_of(range(len(drawn.holders)), len(drawn.rows), words))
    figure.update_layout(
        layout(
            _alt(drawn),
            _caption(view, drawn),
            HEAD + FOOT + ROW * len(drawn.rows),
            margin={"l": LEFT, "r": 4, "t": HEAD, "b": FOOT},
            shapes=shapes,
            **axes(
                range(len(drawn.holders)),
                [_head(holder) for holder in drawn.holders],
                [f"<b>{label(say(data), 26)}</b>  " for data in drawn.rows],
            ),
        )
    )
    return figure


def _frame(x: int, y: int, shown: Cell | None, colour: str) -> dict[str, Any]:
    """Whole and filled for a declared value, dashed for less, dotted for nothing; heavy where it is not declared."""
    if shown is None or not shown.seen:
        return box(x, y, SOFT, dash="dot")
    dash, ground = ("solid", 0.16) if shown.whole else ("dash", 0)
    return box(x, y, colour, dash=dash, width=2.6 if shown.heavy else 1, filled=ground)


def _head(holder: dict[str, Any]) -> str:
    name = holder["recipient"].replace(".", ". ").replace(" ", " \n").split("\n")
    return f"{broken(name, LINE)}<br><b>{say(SHORT[holder['own']])}</b>"


def _alt(drawn: Grid) -> str:
    said = []
    for data in drawn.rows:
        there = [
            f"{holder['recipient']} ({say(HOLDER[holder['own']])}): {_plain(cell.text)}"
            for holder in drawn.holders
            if (cell := drawn.cells.get((data, *_id(holder))))
        ]
        said.append(
            say("{data} at {recipients}", data=say(data), recipients="; ".join(there))
            if there
            else say("{data}: seen nowhere that is drawn", data=say(data))
        )
    told = say("Grid of kinds of data by recipient, with what the policy says. {rows}.", rows=". ".join(said))
    unread = [one["recipient"] for one in drawn.holders if one["reading"] == "none"]
    blind = say("Nothing to {recipients} could be read.", recipients=", ".join(unread))
    return f"{told} {blind}" if unread else told


def _plain(text: str) -> str:
    return text.replace("<br>", ", ").replace("<b>", "").replace("</b>", "")


def _caption(view: View, drawn: Grid) -> str:
    facts: Any = view.finding.facts
    told = say("What was seen to go to whom, without a policy to hold it against.")
    if facts["policy"]:
        told = say("What was seen to go to whom, beside “{policy}”.", policy=facts["policy"]["title"])
    frames = say(
        "Whole frames: a declared value was found; dashed: less than that, which decides nothing; heavy: not "
        "declared. Dotted: 0 none seen, 0+? none seen but not all was read, ? nothing could be read."
    )
    sentences = [told, frames, say(COLOURS_SAY)]
    if drawn.left_out:
        sentences.append(say("Not drawn and in the table: {left_out}.", left_out=listed(drawn.left_out)))
    return " ".join(sentences)
