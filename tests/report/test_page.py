"""The exported page, from notebooks made by hand: what is refused, what the policy lists, what is shown as HTML."""

import base64
import gzip
import hashlib
import json
import re
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from factories import finding, parley
from hostile import hostile
from promptrail.errors import NotebookError
from promptrail.findings.mask import Mask
from promptrail.report.collect import MIME, PLOTLY, as_json, canonical, finding_of
from promptrail.report.figures.travel import travel
from promptrail.report.html import Part, paragraph
from promptrail.report.page import drawings, page, refuse_incomplete
from promptrail.report.text import Html
from promptrail.report.view import View

ABOUT: dict[str, Any] = {
    "title": "Finding 01: prompt to host",
    "case": "parley",
    "line": "parley · Parley 4.2.0",
    "simulated": True,
    "stamp": {"Case": {"app": "Parley"}},
}
STILL = '<svg viewBox="0 0 10 10"><text>still</text></svg>'


def notebook(*bundles: dict[str, Any]) -> nbformat.NotebookNode:
    """An executed notebook whose cells show these MIME bundles."""
    nb = new_notebook(cells=[new_markdown_cell("## Where it went")])
    for n, data in enumerate(bundles, 1):
        out = new_output("execute_result", data=data, execution_count=n)
        nb.cells.append(new_code_cell(f"show({n})", execution_count=n, outputs=[out]))
    return nb


def exported(nb: nbformat.NotebookNode, live: bool = True, stills: bool = True, **about: Any) -> str:
    figures = drawings(nb)
    return page(nb, figures, [STILL for _ in figures] if stills else None, ABOUT | about, live)


@pytest.fixture(scope="module")
def figure(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    case = parley().write(tmp_path_factory.mktemp("figure") / "case")
    made: dict[str, Any] = json.loads(travel(View(case, Mask([]), finding())).to_json())
    return {PLOTLY: made}


def test_a_failed_cell_makes_no_page() -> None:
    """The error's sentence is in ours, with the cell."""
    nb = notebook({"text/plain": "1"})
    nb.cells[1].outputs = [new_output("error", ename="CaseError", evalue="no such folder", traceback=[])]
    with pytest.raises(NotebookError, match=r"x\.ipynb: cell 2 failed: CaseError: no such folder"):
        refuse_incomplete(nb, "x.ipynb")


def test_a_cell_that_never_ran_makes_no_page() -> None:
    """sys.exit ends a notebook without an error: the cells after it have no number. Empty cells never have one."""
    nb = notebook({"text/plain": "1"})
    nb.cells.append(new_code_cell(""))
    refuse_incomplete(nb, "x.ipynb")
    nb.cells.append(new_code_cell("page.finding()"))
    with pytest.raises(NotebookError, match="cell 4 did not run"):
        refuse_incomplete(nb, "x.ipynb")


def test_a_figure_without_words_is_refused(figure: dict[str, Any]) -> None:
    """Who cannot see a figure reads its alternative, so there must be one."""
    mute = json.loads(json.dumps(figure))
    del mute[PLOTLY]["layout"]["meta"]["alt"]
    with pytest.raises(NotebookError, match=r"figure 1 has no layout\.meta"):
        exported(notebook(mute))


def test_only_our_blocks_are_shown_as_html() -> None:
    """HTML from anywhere else stands there as its plain text: a meta refresh needs no script to leave the page."""
    foreign = {
        "text/html": "<meta http-equiv='refresh' content='0;url=http://x.test/'>",
        "text/plain": "a <table>",
    }
    ours = {"text/html": Part(paragraph("ours"))._repr_html_(), "text/plain": ""}
    text = exported(notebook(foreign, ours))
    assert "refresh" not in text
    assert "<pre>a &lt;table&gt;</pre>" in text
    assert "<p>ours</p>" in text


def test_the_policy_lists_the_scripts_of_the_page_and_no_other(figure: dict[str, Any]) -> None:
    """Both hashes are those of the packed library and of the script at the end; nothing else may run or load."""
    text = exported(notebook(figure))
    policy = re.search(r'http-equiv="Content-Security-Policy" content="([^"]+)"', text)
    assert policy
    packed = re.search(r'id="plotly-gz">([^<]+)<', text)
    drawn = re.findall(r"<script>(.*?)</script>", text, re.S)
    assert packed and len(drawn) == 1
    scripts = [gzip.decompress(base64.b64decode(packed[1])), drawn[0].encode()]
    hashes = ["sha256-" + base64.b64encode(hashlib.sha256(s).digest()).decode() for s in scripts]
    listed = policy[1].replace("&#39;", "'")
    assert f"script-src '{hashes[0]}' '{hashes[1]}';" in listed
    assert listed.startswith("default-src 'none';") and "unsafe-eval" not in listed


def test_the_printed_page_holds_no_script(figure: dict[str, Any]) -> None:
    """It is printed before any script could draw, so the still pictures are its figures."""
    text = exported(notebook(figure), live=False)
    assert "<script" not in text and "script-src &#39;none&#39;" in text
    assert STILL in text


def test_without_a_browser_the_page_still_draws_and_says_so(figure: dict[str, Any]) -> None:
    """No still picture, but the live one and a sentence in its place."""
    text = exported(notebook(figure), stills=False)
    assert "drawn live by the page: no Chromium was found" in text
    assert 'id="fig-1"' in text and "plotly-gz" in text


def test_the_page_names_no_other_place(figure: dict[str, Any]) -> None:
    """Nothing that a browser would load: no source, no address, no import outside the packed library."""
    text = re.sub(r'id="plotly-gz">[^<]+<', 'id="plotly-gz"><', exported(notebook(figure)))
    bare = re.sub(r"<script.*?</script>", "", text, flags=re.S)
    places = re.findall(r"(?:src|srcset|href|action|poster|data)\s*=\s*[\"']?([^\"'\s>]+)", bare)
    assert [p for p in places if not p.startswith("#")] == []
    assert not re.search(r"@import|url\(|<link|<base", bare)


def test_the_mark_of_a_simulation_is_on_the_page_and_in_print() -> None:
    """Banner, title and running header carry it; a real case carries none of them."""
    marked = exported(notebook({"text/plain": "1"}))
    assert '<p class="simulated"><b>SIMULATED</b>' in marked and ", simulated)</title>" in marked
    assert re.search(r"@top-left\{content:\"[^\"]*SIMULATED\"\}", marked)
    assert "SIMULATED" not in exported(notebook({"text/plain": "1"}), simulated=False)


def test_the_running_header_says_the_title(figure: dict[str, Any]) -> None:
    """A colon is an escape in a style sheet string, and its closing space must not eat the next one."""
    header = re.search(r"@top-left\{content:\"([^\"]*)\"\}", exported(notebook(figure)))
    assert header
    text = re.sub(r"\\([0-9a-f]{1,6})\s?", lambda m: chr(int(m[1], 16)), header[1])
    assert text == "parley · Finding 01: prompt to host · SIMULATED"


@pytest.mark.parametrize("text", hostile(1))
def test_what_a_page_says_about_itself_is_text(text: str) -> None:
    """A case, an app or a title full of markup adds no element to the page."""
    plain = exported(notebook({"text/plain": "x"}))
    evil = exported(
        notebook({"text/plain": text}), title=text, case=text, line=text, stamp={text: {text: text}}
    )
    assert re.findall(r"<[a-z!/][^\s>]*", evil) == re.findall(r"<[a-z!/][^\s>]*", plain)


def test_tables_are_numbered_in_order_and_sections_listed() -> None:
    """Table 1, Table 2; the headings of second level make the navigation."""
    block = {"text/html": Part(Html("<table><caption><span>x</span></caption></table>"))._repr_html_()}
    text = exported(notebook(block, block))
    assert [int(n) for n in re.findall(r"<b>Table (\d+)\.</b>", text)] == [1, 2]
    assert '<li><a href="#where-it-went">Where it went</a></li>' in text and 'id="where-it-went"' in text


def test_a_notebook_states_one_finding() -> None:
    """None and two are refused; one comes back as it was put in, and is no part of the page."""
    bundle = {MIME: as_json(finding()), "text/plain": "prompt-to-host: supported. SENTENCE"}
    assert finding_of(notebook(bundle), "x") == as_json(finding())
    assert "SENTENCE" not in exported(notebook(bundle))
    for wrong in (notebook(), notebook(bundle, bundle)):
        with pytest.raises(NotebookError, match="a notebook states one"):
            finding_of(wrong, "x")


def test_findings_have_one_spelling() -> None:
    """Keys are sorted, text stays readable, one line end: equal findings are equal bytes."""
    one = {"b": "회의", "a": [1]}
    assert canonical([one]) == canonical([dict(reversed(one.items()))])
    assert canonical([one]).decode() == json.dumps([one], sort_keys=True, ensure_ascii=False, indent=1) + "\n"


def test_a_page_is_a_function_of_its_notebook(figure: dict[str, Any], tmp_path: Path) -> None:
    """The random ids of notebook cells do not reach it."""
    assert exported(notebook(figure)) == exported(notebook(figure))
