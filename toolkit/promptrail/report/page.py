"""An executed notebook in, one offline HTML page out; refuses a notebook that failed or did not run to its end.

The page names no other place: library, style and data are in it, and its policy lets only the two scripts run whose
SHA-256 it lists, so that captured text can never become code. Only what our own blocks made is shown as HTML.
"""

import re
from dataclasses import dataclass
from typing import Any

from markupsafe import Markup
from nbformat import NotebookNode

from promptrail.errors import NotebookError
from promptrail.language import mark, say
from promptrail.report.collect import MIME, PLOTLY
from promptrail.report.shell import TEMPLATE, library, policy, render, sha256, style
from promptrail.report.text import Html, json_block, visible
from promptrail.report.translated import anchor

OURS = '<div class="promptrail">'
NOT_DRAWN = mark(
    "This figure is drawn live by the page: no Chromium was found to make a still picture when it was written."
)


@dataclass
class Drawing:
    """A figure of a notebook with its words."""

    output: NotebookNode
    alt: str
    caption: str
    spec: dict[str, Any]


def refuse_incomplete(nb: NotebookNode, name: str) -> None:
    """NotebookError unless every code cell ran to its end: `sys.exit` ends a notebook without any error."""
    for n, cell in enumerate(nb.cells, 1):
        if cell.cell_type != "code" or not cell.source.strip():
            continue
        fault = next((o for o in cell.outputs if o.output_type == "error"), None)
        if fault is not None:
            raise NotebookError(f"{name}: cell {n} failed: {visible(f'{fault.ename}: {fault.evalue}')[:500]}")
        if cell.execution_count is None:
            raise NotebookError(
                f"{name}: cell {n} did not run: the kernel ended before it. No report was made."
            )


def drawings(nb: NotebookNode) -> list[Drawing]:
    """The figures of a notebook in order, without their words in the layout. NotebookError if one has none."""
    found: list[Drawing] = []
    for cell in nb.cells:
        for output in cell.get("outputs", []):
            figure = output.get("data", {}).get(PLOTLY)
            if figure is None:
                continue
            layout = {k: v for k, v in figure["layout"].items() if k != "meta"}
            words = figure["layout"].get("meta") or {}
            if not words.get("alt") or not words.get("caption"):
                raise NotebookError(
                    f"figure {len(found) + 1} has no layout.meta['alt'] and ['caption']: say there what it shows."
                )
            layout["font"] = {"color": "#1b1f24"} | dict(layout.get("font", {}))
            spec = {"data": figure["data"], "layout": layout}
            found.append(Drawing(output, words["alt"], words["caption"], spec))
    return found


def page(
    nb: NotebookNode, figures: list[Drawing], svgs: list[str] | None, about: dict[str, Any], live: bool
) -> str:
    """The page. `about` holds title, case, line, simulated and stamp; `live` adds figures drawn in the browser."""
    shown = {
        id(d.output): _figure(n, d, svgs[n - 1] if svgs else None, live) for n, d in enumerate(figures, 1)
    }
    numbered = _Tables()
    blocks: list[Html] = []
    sections: list[tuple[str, str]] = []
    waiting: list[NotebookNode] = []
    for cell in nb.cells:
        if cell.cell_type == "markdown":
            blocks.append(_markdown(cell, sections))
        elif cell.cell_type == "code":
            waiting.append(cell)
            outputs = [shown.get(id(o)) or _output(o, numbered) for o in cell.outputs if not _hidden(o)]
            if outputs:
                blocks += [*outputs, _code(waiting)]
                waiting = []
    if waiting:
        blocks.append(_code(waiting))
    packed = library() if figures and live else None
    draw = (TEMPLATE / "draw.js").read_text(encoding="utf-8")
    header = f"{about['case']} · {about['title']}" + (f" · {say('SIMULATED')}" if about["simulated"] else "")
    return render(
        "page.html.j2",
        about=about,
        blocks=blocks,
        sections=[*sections, ("about", say("About this run"))],
        csp=policy(f"{packed.policy} {sha256(draw)}" if packed else "'none'"),
        css=style(header),
        plotly_gz=packed.gz if packed else None,
        draw_js=Markup(draw),
    )


class _Tables:
    """Numbers the tables of a page in their order."""

    def __init__(self) -> None:
        self.count = 0

    def number(self, html: str) -> Html:
        def one(_: re.Match[str]) -> str:
            self.count += 1
            return Html("<caption><span><b>{}</b> ").format(say("Table {n}.", n=self.count))

        return Html(re.sub("<caption><span>", one, html))


def _hidden(output: NotebookNode) -> bool:
    return bool(output.get("metadata", {}).get("promptrail") == "style" or MIME in output.get("data", {}))


def _output(output: NotebookNode, numbered: _Tables) -> Html:
    if output.output_type == "stream":
        return Html("<pre>{}</pre>").format(_lines(output.text))
    html = output.get("data", {}).get("text/html", "")
    if html.startswith(OURS):
        return numbered.number(html)
    return Html("<pre>{}</pre>").format(_lines(output.get("data", {}).get("text/plain", "")))


def _lines(text: str) -> Html:
    return Html("\n").join(Html.escape(line) for line in text.splitlines())


def _markdown(cell: NotebookNode, sections: list[tuple[str, str]]) -> Html:
    """Markdown as HTML; its second-level headings become the page's sections."""
    from nbconvert.filters import markdown2html

    text = re.sub(r'<a class="anchor-link"[^>]*>.*?</a>', "", markdown2html(cell.source))
    names = iter(cell.metadata.get("promptrail", {}).get("sections", []))

    def heading(match: re.Match[str]) -> str:
        words = Markup(match[1]).striptags()
        name = anchor(next(names, words), len(sections) + 1)
        sections.append((name, words))
        return f'<h2 id="{name}">{match[1]}</h2>'

    return Html(re.sub(r"<h2[^>]*>(.*?)</h2>", heading, text))


def _code(cells: list[NotebookNode]) -> Html:
    """Code follows what it made, folded: a reader wants the answer first."""
    from nbconvert.filters import Highlight2HTML

    paint = Highlight2HTML(pygments_lexer="ipython3")  # type: ignore[no-untyped-call]
    first, last = cells[0].execution_count, cells[-1].execution_count
    name = (
        say("Code {n}", n=first) if first == last else say("Code {first} to {last}", first=first, last=last)
    )
    painted = Html("").join(Html(paint("\n".join(visible(x) for x in c.source.split("\n")))) for c in cells)
    return Html('<details class="code"><summary>{}</summary>{}</details>').format(name, painted)


def _figure(n: int, drawing: Drawing, svg: str | None, live: bool) -> Html:
    still = Html(svg) if svg else Html("<p>{}</p>").format(say(NOT_DRAWN))
    block = Html("")
    if live:
        form = '<div class="plot" aria-hidden="true"></div><script type="application/json" id="fig-{}">{}</script>'
        block = Html(form).format(n, Html(json_block(drawing.spec)))
    return Html(
        '<figure data-figure="fig-{0}" tabindex="0"><div class="still" role="img" aria-label="{1}">{2}</div>{3}'
        "<figcaption><b>{4}</b> {5}</figcaption></figure>"
    ).format(n, drawing.alt, still, block, say("Figure {n}.", n=n), drawing.caption)
