"""The grid and the tables of finding 07: words in every cell, not tested is not zero, captured text stays text."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from factories import DEVICE, Rows, compact
from findings.weak_cases import CLOUD, KEY, KIT, OWN, crypto, hooked
from hostile import assert_labels, assert_text, hostile
from promptrail.findings.mask import Mask
from promptrail.findings.weak import finding as weak
from promptrail.lab.encoders.envelope import tt
from promptrail.report.blocks import weak as blocks
from promptrail.report.figures.weak import MOST, grid
from promptrail.report.figures.weak import weak as draw
from promptrail.report.pages import Page
from promptrail.report.view import COLOURS, OTHER, View

PLAIN: dict[str, Any] = {"scheme": "http", "port": 80, "sni": None, "cert_names": []}
BODY = compact({"device": DEVICE})


def view(folder: Path, rows: Rows) -> View:
    case = rows.write(folder / "case")
    return View(case, Mask(case.declared_probes, False), weak.find(case))


def parley() -> Rows:
    """Http and an envelope at one company, a system's check told alone, a host that nobody could read."""
    rows = Rows()
    rows.probe("did", "identifier", DEVICE)
    rows.recipient(OWN, True, service_operator="Parley Labs")
    rows.recipient(CLOUD, False, service_operator="Brightmoor")
    for run in ("r1", "r2"):
        rows.run(run)
        rows.flow(run, OWN, b"{}")
        rows.sighting(rows.flow(run, CLOUD, BODY, **PLAIN), "did", BODY, 1, path="/device")
        rows.flow(run, CLOUD, tt(BODY, bytes(32)))
        rows.flow(run, "ocsp.quillmark.example", b"x", **PLAIN)
        rows.connection(run, KIT, "pinned", bytes_out=None)
    return rows


def figure(shown: View) -> dict[str, Any]:
    drawn = grid(shown)
    assert drawn
    made: dict[str, Any] = json.loads(draw(shown, drawn).to_json())
    return made


def cells(made: dict[str, Any]) -> dict[tuple[str, str], str]:
    """(check, host) -> the words of the cell."""
    layout, points = made["layout"], made["data"][0]
    hosts = [re.sub(r"<br><b>.*|<br>", "", text) for text in layout["xaxis"]["ticktext"]]
    checks = [text.strip() for text in layout["yaxis"]["ticktext"]]
    return {
        (checks[y], hosts[x]): text
        for x, y, text in zip(points["x"], points["y"], points["text"], strict=True)
    }


def test_each_cell_says_in_words_what_was_found(tmp_path: Path) -> None:
    """How often, and whether on the way or inside TLS; what is told alone has a word of its own."""
    found = cells(figure(view(tmp_path, parley())))
    assert found["Sent without TLS", CLOUD] == "found<br>2 × on the way"
    assert found["Envelope that anyone can open", CLOUD] == "found<br>2 × inside TLS"
    assert found["Sent without TLS", "ocsp.quillmark.example"] == "told<br>2 ×"


def test_nothing_found_is_not_unread_and_not_untested(tmp_path: Path) -> None:
    """Three different cells."""
    found = cells(figure(view(tmp_path, parley())))
    assert (found["Sent without TLS", OWN], found["Sent without TLS", KIT]) == ("0", "?")
    assert found["ECB mode", OWN] == found["Accepts a wrong CA", CLOUD] == "–"


def test_shape_and_ground_repeat_what_the_words_say(tmp_path: Path) -> None:
    """Filled: found; thick: on the way; one open frame for what is told; the others dotted."""
    shapes = figure(view(tmp_path, parley()))["layout"]["shapes"]
    filled = [shape for shape in shapes if not shape["fillcolor"].endswith(",0)")]
    assert [shape["line"]["width"] for shape in filled] == [3, 1]
    assert {shape["line"]["color"] for shape in filled} == {COLOURS[OTHER]}
    assert sum("dash" not in shape["line"] for shape in shapes) == 3


def test_the_figure_has_its_words_and_is_the_same_each_time(tmp_path: Path) -> None:
    """The alternative tells every cell that holds something, the caption what an empty one means."""
    first, second = (figure(view(tmp_path / n, parley())) for n in ("a", "b"))
    words = first["layout"]["meta"]
    assert first == second
    assert f"Sent without TLS: {CLOUD} (another company): found 2 × on the way" in words["alt"]
    assert "ECB mode: not testable" in words["alt"] and "– not tested there" in words["caption"]


def test_many_hosts_are_drawn_as_far_as_they_are_legible(tmp_path: Path) -> None:
    """Those with findings stay; the caption counts the others."""
    rows = parley()
    for n in range(MOST + 3):
        rows.flow("r1", f"h{n}.parley.test", b"{}")
    made = figure(view(tmp_path, rows))
    assert len(made["layout"]["xaxis"]["tickvals"]) == MOST
    assert ("Sent without TLS", CLOUD) in cells(made)
    assert "7 more hosts are not drawn" in made["layout"]["meta"]["caption"]


def test_tables_say_what_each_check_saw_and_what_is_missing(tmp_path: Path) -> None:
    """Found, not found with what was looked at, not testable with its reason and its need."""
    shown = view(tmp_path, parley())
    words = {
        name: repr(part) for name, part in (("checks", blocks.checks(shown)), ("met", blocks.met(shown)))
    }
    assert "2 checks found something" in words["checks"] and "agent `java-crypto`" in words["checks"]
    assert "told alone" in words["met"] and "2 of 2" in words["met"] and "identifiers" in words["met"]
    assert "hooks in two fresh installs" in repr(blocks.coverage(shown))


def test_without_any_host_there_is_a_sentence_and_no_figure(tmp_path: Path) -> None:
    """An empty case has a page, too."""
    page = Page(view(tmp_path, Rows()))
    assert repr(page.figure_weak()) == blocks.NOTHING
    assert "could not run" in repr(page.weak_checks()) and "None of the checks" in repr(page.weak_rows())


@pytest.mark.parametrize("n", range(3))
def test_no_block_lets_captured_markup_through(tmp_path: Path, n: int) -> None:
    """Hosts, paths, algorithms, operators full of markup: tables and figure show them as text."""
    rows = Rows()
    hooked(rows, rows.run("r1"))
    for number, text in enumerate(hostile(1)[n::3]):
        output = KEY + bytes([number])
        crypto(rows, "r1", f"MD5 {text}", b"text", output, mode="digest")
        data = compact({text: {"sign": output.hex()}})
        rows.flow("r1", text, data, scheme="http", sni=None)
        rows.recipient(text, None, service_operator=text)
        rows.connection("r1", text, tls_version="TLSv1")
    shown = view(tmp_path, rows)
    html = "".join(f(shown).html for f in (blocks.checks, blocks.met, blocks.coverage))
    assert_text(html)
    made = figure(shown)
    assert_labels(made)
