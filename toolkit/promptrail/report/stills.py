"""Still pictures of figures: plotly specs in, one SVG each out, drawn by a single start of Chromium.

They stand in the page below the live figures: for print, for readers without script and for screen readers. The same
figures give the same bytes.
"""

import re
import tempfile
from html import unescape
from pathlib import Path
from typing import Any

from promptrail.errors import NotebookError
from promptrail.report import chromium
from promptrail.report.text import json_block

WIDTH = 668
"""Pixels: the text width of an A4 page at 96 to the inch."""
FONT = "font-family:Roboto,'Noto Sans','Helvetica Neue',Arial,'Noto Sans CJK KR',sans-serif"
DRAW = """
JSON.parse(document.getElementById("specs").textContent).reduce(function (before, s) { return before.then(function () {
  var box = document.createElement("div"), out = document.createElement("pre");
  document.body.append(box, out);
  s.layout.width = WIDTH;
  out.className = "still";
  return Plotly.newPlot(box, s.data, s.layout)
    .then(function () { return Plotly.toImage(box, {format: "svg", width: WIDTH, height: s.layout.height}); })
    .then(function (url) {
      out.textContent = decodeURIComponent(url.slice(url.indexOf(",") + 1)); Plotly.purge(box); box.remove();
    });
}); }, Promise.resolve());
"""


def stills(specs: list[dict[str, Any]]) -> list[str]:
    """Each figure as one SVG of the width of an A4 page. Specs are `{"data": [...], "layout": {...}}`."""
    from plotly.offline import get_plotlyjs

    if not specs:
        return []
    page = (
        f'<!DOCTYPE html><meta charset="utf-8"><body style="{FONT}">'
        f'<script type="application/json" id="specs">{json_block(specs)}</script>'
        f"<script>{get_plotlyjs()}</script><script>{DRAW.replace('WIDTH', str(WIDTH))}</script>"
    )
    with tempfile.TemporaryDirectory(prefix="promptrail-") as folder:
        file = Path(folder) / "stills.html"
        file.write_text(page, encoding="utf-8", newline="\n")
        dom = chromium.start("--virtual-time-budget=30000", "--dump-dom", file.as_uri())
    found = [unescape(x) for x in re.findall(r'<pre class="still">(.*?)</pre>', dom, re.S)]
    if len(found) != len(specs) or not all(found):
        raise NotebookError(
            f"{len(specs)} figures were asked for and {sum(map(bool, found))} were drawn. "
            f"Set {chromium.VARIABLE} to nothing to make the pages without still pictures."
        )
    return [_steady(svg, n) for n, svg in enumerate(found, 1)]


def _steady(svg: str, n: int) -> str:
    """Replace plotly's random ids, drop what the page's own style sets, and let the picture scale."""
    for uid in sorted(set(re.findall(r'id="(?:clip|topdefs-|defs-|legend|g)([0-9a-f]{6})', svg))):
        svg = svg.replace(uid, f"still{n}")
    svg = re.sub(r' class="[^"]*"', "", re.sub(r"text-shadow:[^;\"]*;?", "", svg))
    sized = r'<svg aria-hidden="true" focusable="false" \1viewBox="0 0 \2 \3"'
    return re.sub(r'<svg ([^>]*?)width="(\d+)" height="(\d+)"', sized, svg, count=1)
