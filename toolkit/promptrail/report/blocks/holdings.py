"""What a case holds: who examines what on which basis, its runs, its frames, and any frame as a masked table."""

import numbers
from typing import Any

import numpy as np
import pandas as pd

from promptrail import frames
from promptrail.case.settings import NOT_STATED
from promptrail.language import say
from promptrail.report.html import Part, small, table
from promptrail.report.text import Html, join, wrap
from promptrail.report.view import View, known

ROWS = 40
"""Rows of a frame that a page shows; how many there are stands below."""


def case(view: View) -> Part:
    """The settings that a reader must know; what nobody gave is "not stated"."""
    about = view.case
    app = about.app
    rows = [
        (say("Case"), about.name),
        (
            say("App"),
            say(
                "{app}, version {version}, package {package}",
                app=_stated(app["name"]),
                version=_stated(app["version"]),
                package=_stated(app["package"]),
            ),
        ),
        (say("Device"), _stated(about.device)),
        (say("Examined by"), _stated(about.examiner)),
        (say("On the basis of"), _stated(about.basis)),
    ]
    columns = [
        (say("What"), "r", lambda r: r[0]),
        (say("As stated in case.toml"), "h", lambda r: wrap(view.mask.text(r[1]))),
    ]
    return Part(table(rows, columns, say("What is examined, by whom, on which basis.")))


def _stated(value: str) -> str:
    return say(value) if value == NOT_STATED else value


def runs(view: View) -> Part:
    """The recorded sessions, each with the control it is and whether it was read whole."""
    flows = view.case.flows.groupby("run").size()
    return Part(
        table(
            view.case.runs.sort_values(["started", "run"], kind="stable").itertuples(),
            [
                (say("Run"), "r h", lambda r: wrap(r.run)),
                (say("App"), "", lambda r: f"{r.app} {r.app_version}" if known(r.app) else say(NOT_STATED)),
                (say("Scenario"), "", lambda r: r.scenario if known(r.scenario) else say(NOT_STATED)),
                (say("Control"), "", lambda r: r.control if known(r.control) else ""),
                (say("Began, UTC"), "", lambda r: _time(r.started)),
                (say("Flows"), "n", lambda r: f"{flows.get(r.run, 0):,}"),
                (say("Whole"), "", lambda r: say("yes") if r.complete else say("no: broke off")),
                (say("Read from"), "h", lambda r: wrap(r.file)),
            ],
            say("The runs of this case. C0: nothing typed; C1: prompt A; C2: prompt B; C3: another app."),
        )
    )


def contents(view: View) -> Part:
    """Every frame with its number of rows and its columns: what can be asked of this case."""
    rows = [
        (name, len(view.case.frame(name)), columns)
        for name, columns in frames.FRAMES.items()
        if name != "bodies"
    ]
    return Part(
        table(
            rows,
            [
                (say("Frame"), "r id", lambda r: Html("<code>page.case.{}</code>").format(r[0])),
                (say("Rows"), "n", lambda r: f"{r[1]:,}"),
                (say("Columns"), "", lambda r: ", ".join(c.name for c in r[2])),
            ],
            say("The frames of this case, each a pandas DataFrame."),
        )
    )


def frame(view: View, data: "pd.DataFrame | pd.Series[Any]", caption: str = "") -> Part:
    """Any frame as a table: every cell passes the mask, long ones are cut after it."""
    shown = data.to_frame() if isinstance(data, pd.Series) else data
    plain = isinstance(shown.index, pd.RangeIndex) and shown.index.name is None
    shown = shown.head(ROWS) if plain else shown.head(ROWS).reset_index()
    names = [str(c) for c in shown.columns]
    columns = [
        (view.mask.text(name), _kind(shown.iloc[:, n]), lambda row, n=n: _cell(view, row[n]))
        for n, name in enumerate(names)
    ]
    words = [say(caption) if caption else say("A frame of this case.")]
    if len(data) > ROWS:
        words.append(say("The first {n} of {all:,} rows.", n=ROWS, all=len(data)))
    return Part(
        table(shown.itertuples(index=False, name=None), columns, " ".join(words)),
        say("<{rows} rows, {columns} columns>", rows=len(data), columns=len(names)),
    )


def _kind(column: "pd.Series[Any]") -> str:
    return "n" if pd.api.types.is_numeric_dtype(column) and not pd.api.types.is_bool_dtype(column) else "h"


def _cell(view: View, value: object, limit: int = 160) -> Html:
    if isinstance(value, (list, tuple, np.ndarray)):
        items = list(value)[:12]
        return join([_cell(view, item, 60) for item in items], ", ")
    if isinstance(value, dict):
        return _header(view, value)
    if isinstance(value, bytes):
        return _cell(view, value.decode("utf-8", "replace"), limit)
    if not known(value):
        return Html('<span class="unknown">–</span>')
    if isinstance(value, float):
        return Html.escape(f"{value:,.2f}" if abs(value) < 1e8 else f"{value:.2f}")
    text = view.mask.url(str(value)) if "://" in str(value) else view.mask.text(str(value))
    return wrap(text if len(text) <= limit else text[: limit - 1] + "…")


def _header(view: View, value: dict[str, object]) -> Html:
    """One header field: the values of credentials and cookies are withheld whole."""
    name, content = value.get("name", b""), value.get("value", b"")
    if not isinstance(name, bytes) or not isinstance(content, bytes):
        return join([_cell(view, v, 60) for v in value.values()], ": ")
    ((label, shown),) = view.mask.headers([(name, content)])
    return join([wrap(label), small(shown[:80])])


def _time(seconds: object) -> str:
    if not isinstance(seconds, numbers.Real) or not known(seconds):
        return say("not known")
    return pd.to_datetime(float(seconds), unit="s", utc=True).strftime("%Y-%m-%d %H:%M:%S")
