"""What a notebook imports: `start` takes its parameters, opens the case and answers with a `Page` of ready blocks.

    page = start("01-prompt-to-host", globals())

Unknown parameters and wrong types are refused before anything is read. The blocks are the same whether the notebook
runs by Shift-Enter, by papermill or by `promptrail run`, and so is the finding.
"""

import json
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from promptrail import language, pipeline, shipped
from promptrail.case import Case
from promptrail.errors import CaseLocked, ParameterError
from promptrail.findings import FINDINGS
from promptrail.findings.mask import Mask
from promptrail.findings.parameters import CASE, check
from promptrail.model import Finding
from promptrail.report.collect import PLOTLY
from promptrail.report.pages import Page
from promptrail.report.shell import TEMPLATE
from promptrail.report.view import View

SIMPLE = (str, int, float, bool, list, dict, type(None))
PATIENCE = 120.0
"""Seconds that a notebook waits for another one that is making the same frames."""
_started: set[str] = set()
"""Notebooks that have started in this process: only then may a notebook have variables of its own."""


def start(name: str, variables: Mapping[str, Any]) -> Page:
    """The page of notebook `name` with the parameters among `variables`, which are its `globals()`.

    ParameterError for a parameter that the notebook does not know or of the wrong type, and for an unknown language;
    CaseError if there is no case.
    """
    if name not in FINDINGS:
        raise ParameterError(f"no notebook is called {name!r}. There are: {', '.join(FINDINGS)}.")
    declared = {p.name: p for p in FINDINGS[name].PARAMETERS}
    given = {
        k: v for k, v in variables.items() if k in declared or (name not in _started and _is_parameter(k, v))
    }
    values = check(name, declared.values(), given)
    case = Case.open(_folder(values.pop("case")))
    language.prefer(case.language)
    for key, value in case.parameters.items():
        if key in values and values[key] == declared[key].default:
            values |= {key: check(name, [declared[key]], {key: value})[key]}
    _make_frames(case)
    finding: Finding = FINDINGS[name].find(case, **values)
    page = Page(View(case, Mask(case.declared_probes, bool(values.get("show_values"))), finding))
    _started.add(name)
    _show_here(page)
    return page


def _make_frames(case: Case) -> None:
    """Bring the frames up to date; where another notebook does that right now, wait for it."""
    end = time.monotonic() + PATIENCE
    while True:
        try:
            pipeline.ensure(case)
            return
        except CaseLocked:
            if time.monotonic() > end:
                raise
            time.sleep(0.3)


def _is_parameter(name: str, value: object) -> bool:
    """Whether a global can be a parameter that somebody passed: plain data that IPython did not put there."""
    return not name.startswith("_") and name not in ("In", "Out") and isinstance(value, SIMPLE)


def _folder(given: str) -> Path:
    """The case as given; the shipped sample where nobody named one and none lies here."""
    folder = Path(given).expanduser()
    if given == CASE.default and not folder.exists():
        folder = shipped.sample()
    return folder.resolve()


def _show_here(page: Page) -> None:
    """In a kernel: figures by their MIME type, a readable style, and every frame behind the mask."""
    try:
        from IPython.core.getipython import get_ipython
        from IPython.display import HTML, display
    except ImportError:
        return
    shell = get_ipython()
    if shell is None or shell.display_formatter is None:
        return
    # Said to IPython, not to plotly.io: that imports nbformat, which compiles the grammar of URIs for three seconds.
    shell.display_formatter.ipython_display_formatter.for_type_by_name(
        "plotly.graph_objs._figure", "Figure", _show_figure
    )
    formatters = shell.display_formatter.formatters
    for kind in (pd.DataFrame, pd.Series):
        formatters["text/html"].for_type(kind, lambda frame: page.table(frame)._repr_html_())
        formatters["text/plain"].for_type(
            kind, lambda frame, printer, cycle: printer.text(repr(page.table(frame)))
        )
    sheet = (TEMPLATE / "notebook.css").read_text(encoding="utf-8")
    display(HTML(f"<style>{sheet}</style>"), metadata={"promptrail": "style"})  # type: ignore[no-untyped-call]


def _show_figure(figure: Any) -> None:
    """As plotly's own renderer for notebooks does."""
    from IPython.display import display

    display({PLOTLY: json.loads(figure.to_json(validate=False))}, raw=True)  # type: ignore[no-untyped-call]
