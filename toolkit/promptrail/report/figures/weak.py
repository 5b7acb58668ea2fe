"""Checks by host: the finding's rows in, a grid with a cell of words for each check and host out.

A filled frame was found, an open one is told and decides nothing, a dotted one holds nothing; a thick one is open to
somebody on the way. Its ground says who holds the host. Refuses a case without a host.
"""

from typing import Any, NamedTuple

import plotly.graph_objects as go

from promptrail.language import mark, say
from promptrail.report.figures.flow import COLOURS_SAY, broken
from promptrail.report.figures.frame import SOFT, layout
from promptrail.report.figures.word_grid import axes, box
from promptrail.report.figures.word_grid import words as words_of
from promptrail.report.text import label
from promptrail.report.view import COLOURS, MAKER, OTHER, UNKNOWN, View

MOST = 6
"""Hosts that are legible on paper."""
FOUND, TOLD = mark("found"), mark("told")
SHORT = {MAKER: mark("maker"), OTHER: mark("other"), UNKNOWN: mark("not stated")}
LETTERS = 14
"""Of a host before it breaks."""
ROW, HEAD, FOOT, LEFT = 42, 74, 12, 190


class Cell(NamedTuple):
    """What is drawn for one check at one host."""

    word: str
    """Found, told, or what stands for nothing."""
    how_often: str = ""
    decides: bool = False
    on_the_way: bool = False

    @property
    def lines(self) -> list[str]:
        """As it is read."""
        return [say(self.word), self.how_often] if self.how_often else [say(self.word)]


class Grid(NamedTuple):
    """What is drawn."""

    checks: list[dict[str, Any]]
    hosts: list[str]
    cells: dict[tuple[int, str], Cell]
    left_out: int
    """Hosts that are not drawn."""


def grid(view: View) -> Grid | None:
    """From the facts of the finding; None where no host was met."""
    facts: Any = view.finding.facts
    found: dict[tuple[str, str], list[dict[str, Any]]] = {}
    for row in facts["rows"]:
        if row["host"] is not None:
            found.setdefault((row["check"], row["host"]), []).append(row)
    decided = {
        host: sum(h == host and any(r["decides"] for r in rows) for (_, h), rows in found.items())
        for _, host in found
    }
    known = [*view.hosts, *sorted({host for _, host in found} - set(view.hosts))]
    order = {host: n for n, host in enumerate(known)}
    if not known:
        return None
    kept = sorted(known, key=lambda host: (-decided.get(host, -1), order[host]))[:MOST]
    checks = facts["checks"]
    cells = {
        (n, host): _cell(view, check, host, found.get((check["check"], host), []))
        for n, check in enumerate(checks)
        for host in kept
    }
    return Grid(checks, sorted(kept, key=lambda host: order[host]), cells, len(known) - len(kept))


def _cell(view: View, check: dict[str, Any], host: str, rows: list[dict[str, Any]]) -> Cell:
    """Found, told, nothing found, nothing readable, or not testable."""
    if decisive := [row for row in rows if row["decides"]]:
        way = any(row["on_the_way"] for row in decisive)
        times = sum(row["times"] for row in decisive)
        where = say("{n:,} × on the way", n=times) if way else say("{n:,} × inside TLS", n=times)
        return Cell(FOUND, where, True, way)
    if rows:
        return Cell(TOLD, f"{sum(row['times'] for row in rows):,} ×")
    if check["status"] == "not testable" or (check["hosts"] is not None and host not in check["hosts"]):
        return Cell("–")
    reading = view.hosts[host].reading if host in view.hosts else "none"
    return Cell({"all": "0", "part": "0+?", "none": "?"}[reading])


def weak(view: View, drawn: Grid) -> go.Figure:
    """The grid."""
    shapes, words = [], []
    for n in range(len(drawn.checks)):
        for column, host in enumerate(drawn.hosts):
            cell = drawn.cells[n, host]
            words.append("<br>".join(label(line, 40) for line in cell.lines))
            shapes.append(_frame(column, n, cell, COLOURS[view.holder(host)]))
    figure = go.Figure(words_of(range(len(drawn.hosts)), len(drawn.checks), words))
    figure.update_layout(
        layout(
            _alt(view, drawn),
            _caption(drawn),
            HEAD + FOOT + ROW * len(drawn.checks),
            margin={"l": LEFT, "r": 4, "t": HEAD, "b": FOOT},
            shapes=shapes,
            **axes(
                range(len(drawn.hosts)),
                [_head(view, host) for host in drawn.hosts],
                [f"{label(say(check['title']), 34)}  " for check in drawn.checks],
            ),
        )
    )
    return figure


def _frame(column: int, row: int, shown: Cell, colour: str) -> dict[str, Any]:
    width = 3 if shown.on_the_way else 1
    if shown.word not in (FOUND, TOLD):
        return box(column, row, SOFT, dash="dot", width=width)
    return box(column, row, colour, width=width, filled=0.16 if shown.decides else 0)


def _head(view: View, host: str) -> str:
    short = say(SHORT[view.holder(host)])
    return f"{broken(host.replace('.', chr(10) + '.').split(chr(10)), LETTERS)}<br><b>{short}</b>"


def _alt(view: View, drawn: Grid) -> str:
    said = []
    for n, check in enumerate(drawn.checks):
        there = [
            f"{host} ({say(view.holder(host))}): {' '.join(drawn.cells[n, host].lines)}"
            for host in drawn.hosts
            if drawn.cells[n, host].word in (FOUND, TOLD)
        ]
        said.append(f"{say(check['title'])}: {'; '.join(there) or say(check['status'])}")
    return say("Grid of checks by host. {checks}.", checks=". ".join(said))


def _caption(drawn: Grid) -> str:
    frames = say(
        "Checks by host, with how often. Filled: found; thick: open to somebody on the way. Open: told, and decides "
        "nothing. Dotted: 0 nothing found, 0+? nothing found but not all was read, ? nothing could be read, – not "
        "tested there."
    )
    sentences = [frames, say(COLOURS_SAY)]
    if drawn.left_out:
        sentences.append(say("{n} more hosts are not drawn.", n=drawn.left_out))
    return " ".join(sentences)
