"""Figures and tables of finding 11: values in their cells, runs as marks, intervals or why there is none."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from factories import DEVICE, compact
from findings.answered import CLOUD, OWN, answered, case_rows, runs_with
from hostile import assert_labels, assert_text, hostile
from promptrail.case import Case
from promptrail.findings.mask import Mask
from promptrail.findings.remote import finding as remote
from promptrail.report.blocks import remote as blocks
from promptrail.report.blocks import volume as amounts
from promptrail.report.figures.remote import MOST_KEYS, MOST_RUNS, pair, settings
from promptrail.report.figures.volume import volume
from promptrail.report.html import Part
from promptrail.report.view import View

BLOCKS = (blocks.sources, blocks.keys, blocks.pairs, amounts.volume)
FIGURES = (settings, pair, volume)


def view(case: Case, show_values: bool = False) -> View:
    return View(case, Mask(case.declared_probes, show_values), remote.find(case, show_values=show_values))


def drawn(figure: Any, shown: View) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(figure(shown).to_json())
    return found


def texts(part: Part) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", part.html.replace("<wbr>", "")).split())


@pytest.fixture
def shown(tmp_path: Path) -> View:
    """Four runs with the one value and many requests, four with the other and few; no C0."""
    return view(runs_with(tmp_path / "case", ["often", "seldom"] * 4, [5, 1] * 4))


def test_values_stand_in_their_cells(shown: View) -> None:
    """Changed ones in words and tinted alike, what is new in every run as "new"."""
    made = drawn(settings, shown)
    points = made["data"][0]
    rows: dict[int, list[str]] = {}
    for y, text in zip(points["y"], points["text"], strict=True):
        rows.setdefault(y, []).append(text)
    assert rows[0] == ["often", "seldom"] * 4 and rows[2] == ["new"] * 8
    tints = [s["fillcolor"] for s in made["layout"]["shapes"]]
    assert tints[0] == tints[2] != tints[1] and len(set(tints[8:])) == 1


def test_a_run_that_was_not_handed_a_key_has_an_empty_cell(tmp_path: Path) -> None:
    """Absent is not a value."""
    rows = case_rows()
    for run, answer in (("r0", {"experiments": {"a": "x", "b": "y"}}), ("r1", {"experiments": {"a": "x"}})):
        rows.run(run)
        answered(rows, run, CLOUD, "/v1/experiments", compact(answer), 1)
    made = drawn(settings, view(rows.write(tmp_path / "case")))
    dotted = [s for s in made["layout"]["shapes"] if s["line"].get("dash")]
    assert len(dotted) == 1 and made["data"][0]["text"].count("") == 1


def test_the_pair_has_a_mark_for_each_run(shown: View) -> None:
    """And says that it is no cause."""
    made = drawn(pair, shown)
    assert [sorted(trace["x"]) for trace in made["data"]] == [[5.0] * 4, [1.0] * 4]
    assert "does not show that the one made the other" in made["layout"]["meta"]["caption"]


def test_amounts_have_runs_mean_and_interval(shown: View) -> None:
    """Of each organisation in each phase; the definition of what is counted stands with it."""
    made = drawn(volume, shown)
    lanes = made["layout"]["yaxis"]["ticktext"]
    assert "Brightmoor, <b>after a prompt</b>" in lanes
    lane = lanes.index("Brightmoor, <b>after a prompt</b>")
    (line,) = [t["x"] for t in made["data"] if t["mode"] == "lines" and t["y"][0] == lane]
    assert line[0] < 3.0 < line[1]
    words = made["layout"]["meta"]
    assert (
        "a WebSocket is one" in words["caption"]
        and "Brightmoor (another company), after a prompt: 3.0" in words["alt"]
    )


def test_two_runs_have_no_interval(tmp_path: Path) -> None:
    """The figure draws none, and figure and table say so."""
    few = view(runs_with(tmp_path / "case", ["on"] * 2, [1, 3]))
    made = drawn(volume, few)
    assert not [t for t in made["data"] if t["mode"] == "lines"]
    assert "too few runs for an interval" in made["layout"]["meta"]["caption"]
    assert "too few runs" in texts(amounts.volume(few)) and "no such run" in texts(amounts.volume(few))


def test_what_could_not_be_read_is_not_zero(tmp_path: Path) -> None:
    """A pinned connection: a cross and its words instead of a number, in figure and tables."""
    rows = case_rows()
    rows.run("r0")
    rows.connection("r0", CLOUD, "pinned", bytes_out=None)
    rows.flow("r0", OWN, b"{}", 1)
    shut = view(rows.write(tmp_path / "case"))
    points = [
        (t["marker"]["symbol"], t["text"]) for t in drawn(volume, shut)["data"] if t["mode"] == "markers+text"
    ]
    assert points == [("x", ["not read: 1 connection"]), ("diamond", ["1.0"])]
    assert "Brightmoor another company no steps known not read not read 1" in texts(amounts.volume(shut))


def test_tables_tell_places_keys_and_pairs(shown: View) -> None:
    """Who, how known, how many runs; changed keys first; a pair with both means and p."""
    sources, keys, pairs = (texts(block(shown)) for block in BLOCKS[:3])
    assert f"{CLOUD} another company Brightmoor, address in XB GET /v1/experiments handed out" in sources
    assert f"{OWN} the app's maker" in sources.replace("&#39;", "'") and "8 of 8" in sources
    assert keys.index("/experiments/often/variant") < keys.index("/settings/interval") < keys.index("/at")
    assert "5.0 1.0 4 and 4 0.029 0.029" in pairs and "cannot be told from this" in pairs


def test_nothing_is_said_in_words(tmp_path: Path) -> None:
    """No settings, no pair, no run."""
    none = view(case_rows().write(tmp_path / "case"))
    assert "No answer was known as settings" in texts(blocks.sources(none))
    assert "No settings from others were read." in texts(blocks.keys(none))
    assert "there is no pair" in texts(blocks.pairs(none))
    assert "nothing can be counted" in texts(amounts.volume(none))


def test_much_is_folded_and_counted(tmp_path: Path) -> None:
    """Hundreds of keys and runs beyond the paper's width."""
    rows = case_rows()
    for n in range(MOST_RUNS + 2):
        run = rows.run(f"r{n:02d}")
        answer = {"experiments": {f"k{k:03d}": "x" for k in range(MOST_KEYS + 40)}}
        answered(rows, run, CLOUD, "/v1/experiments", compact(answer), 1)
    many = view(rows.write(tmp_path / "case"))
    assert "Not drawn: 40 keys and 2 runs." in drawn(settings, many)["layout"]["meta"]["caption"]
    assert "24 more keys" in texts(blocks.keys(many))


def test_figures_are_the_same_each_time(shown: View) -> None:
    """Nothing is drawn by chance."""
    assert all(drawn(figure, shown) == drawn(figure, shown) for figure in FIGURES)


def test_captured_text_stays_text(tmp_path: Path) -> None:
    """Keys, values, hosts, paths and holders full of markup; a declared value in them is masked."""
    rows = case_rows()
    rows.probe("i1", "identifier", DEVICE)
    for n, text in enumerate(hostile(1)):
        for turn in ("a", "b"):
            run = rows.run(f"{turn}{n}{text}")
            answer = {"experiments": {text: f"{turn}{text}", f"id{n}": DEVICE}}
            answered(rows, run, text, f"/v1/settings/{n}<b>$x$", compact(answer), 1)
            rows.flow(run, text, b"{}", 2, url=f"https://h.test/{text}")
        rows.recipient(text, None, service_operator=text, address_country=text)
    bad = view(rows.write(tmp_path / "case"))
    html = "".join(block(bad).html for block in BLOCKS)
    assert_text(html)
    assert "&lt;script&gt;" in html
    assert DEVICE not in html.replace("<wbr>", "")
    for figure in (settings, volume):
        made = drawn(figure, bad)
        assert DEVICE not in json.dumps(made)
        assert_labels(made)
