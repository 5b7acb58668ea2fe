"""What a notebook imports: `start` takes its parameters, opens the case and answers with a `Page` of ready blocks.

    page = start("01-prompt-to-host", globals())

Unknown parameters and wrong types are refused before anything is read. The blocks are the same whether the notebook
runs by Shift-Enter, by papermill or by `promptrail run`, and so is the finding.
"""

import time
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from promptrail import pipeline, shipped
from promptrail.case import Case
from promptrail.errors import CaseLocked, ParameterError
from promptrail.findings import FINDINGS
from promptrail.findings.mask import Mask
from promptrail.findings.parameters import CASE, check
from promptrail.model import Finding
from promptrail.report.blocks import (
    answer,
    checks,
    consent,
    evidence,
    holdings,
    looked_for,
    reached,
    recipients,
    sdks,
    unseen,
)
from promptrail.report.collect import MIME, as_json
from promptrail.report.html import Part, paragraph
from promptrail.report.shell import TEMPLATE
from promptrail.report.text import Html
from promptrail.report.view import View

if TYPE_CHECKING:
    import plotly.graph_objects as go

SIMPLE = (str, int, float, bool, list, dict, type(None))
PATIENCE = 120.0
"""Seconds that a notebook waits for another one that is making the same frames."""
_started: set[str] = set()
"""Notebooks that have started in this process: only then may a notebook have variables of its own."""


def start(name: str, variables: Mapping[str, Any]) -> "Page":
    """The page of notebook `name` with the parameters among `variables`, which are its `globals()`.

    ParameterError for a parameter that the notebook does not know or of the wrong type, CaseError if there is no case.
    """
    if name not in FINDINGS:
        raise ParameterError(f"no notebook is called {name!r}. There are: {', '.join(FINDINGS)}.")
    declared = {p.name: p for p in FINDINGS[name].PARAMETERS}
    given = {
        k: v for k, v in variables.items() if k in declared or (name not in _started and _is_parameter(k, v))
    }
    values = check(name, declared.values(), given)
    case = Case.open(_folder(values.pop("case")))
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


def _show_here(page: "Page") -> None:
    """In a kernel: figures by their MIME type, a readable style, and every frame behind the mask."""
    import plotly.io as pio

    pio.renderers.default = "plotly_mimetype"
    try:
        from IPython.core.getipython import get_ipython
        from IPython.display import HTML, display
    except ImportError:
        return
    shell = get_ipython()
    if shell is None or shell.display_formatter is None:
        return
    formatters = shell.display_formatter.formatters
    for kind in (pd.DataFrame, pd.Series):
        formatters["text/html"].for_type(kind, lambda frame: page.table(frame)._repr_html_())
        formatters["text/plain"].for_type(
            kind, lambda frame, printer, cycle: printer.text(repr(page.table(frame)))
        )
    sheet = (TEMPLATE / "notebook.css").read_text(encoding="utf-8")
    display(HTML(f"<style>{sheet}</style>"), metadata={"promptrail": "style"})  # type: ignore[no-untyped-call]


class Page:
    """The blocks of one notebook. Everything captured in them is escaped and masked."""

    def __init__(self, view: View) -> None:
        self._view = view

    @property
    def case(self) -> Case:
        """The case, with its frames: `page.case.flows`, `page.case.sightings`, ..."""
        return self._view.case

    def answer(self) -> Part:
        """Question, answer, verdict, counts, grade, what may be written."""
        return answer.answer(self._view)

    def figure_travel(self) -> "go.Figure | Part":
        """From what was typed to who runs the host."""
        from promptrail.report.figures.travel import travel

        if self._view.sightings.empty:
            return _nothing("No sighting, so there is no way to draw.")
        return travel(self._view)

    def timeline(self, run: str = "") -> "go.Figure | Part":
        """Keystrokes and sightings of one run on one clock; without a name, the first that holds both."""
        from promptrail.report.figures.timeline import choose_run, timeline

        chosen = choose_run(self._view, run)
        if chosen is None:
            return _nothing(
                f"No sighting with a time{f' in run {run}' if run else ''}, so there is no timeline."
            )
        return timeline(self._view, chosen)

    def figure_consent(self) -> "go.Figure | Part":
        """Every exchange by its seconds from the person's answer."""
        from promptrail.findings.consent import observe
        from promptrail.report.figures.consent import consent as drawn

        timed = observe(self._view.case, str(self._view.finding.parameters.get("run", "")))
        if timed.rows["after"].notna().any():
            return drawn(self._view, timed)
        return _nothing(consent.NOTHING)

    def phases(self) -> Part:
        """Before, at and after the answer, host by host."""
        return consent.phases(self._view)

    def figure_sdks(self) -> "go.Figure | Part":
        """SDKs in the package, and what their vendors got."""
        from promptrail.report.figures.sdks import sdks as drawn

        rows: Any = self._view.finding.facts["sdks"]
        return (
            drawn(rows)
            if rows
            else _nothing("No SDK is known to be in the package, so there is nothing to draw.")
        )

    def sdks(self) -> Part:
        """Each SDK in the package beside the contact with its vendor."""
        return sdks.sdks(self._view)

    def without_sdk(self) -> Part:
        """Hosts that no SDK in the package accounts for."""
        return sdks.without_sdk(self._view)

    def table_reached(self) -> Part:
        """The numbers of the flow picture."""
        return reached.table_reached(self._view)

    def matrix(self) -> Part:
        """Hosts by kind of value; zero is not unread."""
        return reached.matrix(self._view)

    def recipients(self) -> Part:
        """Who stands behind each host: four columns, never merged."""
        return recipients.recipients(self._view)

    def amounts(self) -> Part:
        """What each host was sent."""
        return recipients.amounts(self._view)

    def conflicts(self) -> Part:
        """Where host, SNI and certificate do not agree."""
        return recipients.conflicts(self._view)

    def evidence(self, rows: int = evidence.ROWS) -> Part:
        """Rows that can be cited and checked again, down to the bytes."""
        return evidence.evidence(self._view, rows)

    def controls(self) -> Part:
        """What could have proved the finding wrong."""
        return checks.controls(self._view)

    def attacks(self) -> Part:
        """Objections, answers, and what they leave open."""
        return checks.attacks(self._view)

    def unseen(self) -> Part:
        """What could not be read, and what that forbids to say."""
        return unseen.unseen(self._view)

    def connections(self) -> Part:
        """Every connection, read or not, and by whom."""
        return unseen.connections(self._view)

    def observing(self) -> Part:
        """The same steps recorded in several ways, side by side."""
        return unseen.observing(self._view)

    def probes(self) -> Part:
        """What was looked for."""
        return looked_for.probes(self._view)

    def sightings(self) -> Part:
        """Every sighting, folded."""
        return looked_for.sightings(self._view)

    def candidates(self) -> Part | None:
        """Without a probe: long free text that may be one, and how to declare it."""
        return looked_for.candidates(self._view)

    def about_case(self) -> Part:
        """Who examines what, on which basis."""
        return holdings.case(self._view)

    def runs(self) -> Part:
        """The recorded sessions."""
        return holdings.runs(self._view)

    def frames(self) -> Part:
        """The frames of the case and their columns."""
        return holdings.contents(self._view)

    def table(self, frame: "pd.DataFrame | pd.Series[Any]", caption: str = "") -> Part:
        """Any frame as a table behind the mask; frames shown bare pass through here too."""
        return holdings.frame(self._view, frame, caption)

    def finding(self) -> "Stated":
        """The finding as data; the last cell of a notebook."""
        return Stated(self._view.finding)


class Stated:
    """A finding as a notebook shows it: data under a MIME type of its own, and one sentence."""

    def __init__(self, finding: Finding) -> None:
        self.finding = finding

    def _repr_mimebundle_(self, **_: Any) -> dict[str, Any]:
        mark = "SIMULATED. " if self.finding.simulated else ""
        words = f"{mark}{self.finding.id}: {self.finding.verdict}. {self.finding.sentence}"
        html = Part(paragraph(words))._repr_html_()
        return {MIME: as_json(self.finding), "text/plain": words, "text/html": html}


def _nothing(words: str) -> Part:
    return Part(Html("<p class='none'>{}</p>").format(words), words)
