"""The grid and the tables of finding 08: signs in every cell, unread is not zero, captured text stays text."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from factories import DEVICE, Rows, compact
from findings.compared_cases import CLOUD, OWN, two_versions
from hostile import assert_labels, assert_text, hostile
from promptrail.case import Case
from promptrail.findings.before_after import finding as before_after
from promptrail.findings.mask import Mask
from promptrail.report.blocks import before_after as blocks
from promptrail.report.figures.before_after import MOST_ROWS, MOST_RUNS, grid
from promptrail.report.figures.before_after import before_after as draw
from promptrail.report.html import Part
from promptrail.report.view import COLOURS, MAKER, OTHER, View

BLOCKS = (blocks.items, blocks.stopped, blocks.compared, blocks.unseen)


def view(case: Case, show_values: bool = False) -> View:
    return View(
        case, Mask(case.declared_probes, show_values), before_after.find(case, show_values=show_values)
    )


def figure(shown: View) -> dict[str, Any]:
    drawn = grid(shown)
    assert drawn
    found: dict[str, Any] = json.loads(draw(shown, drawn).to_json())
    return found


def cells(made: dict[str, Any]) -> dict[str, str]:
    """Row -> its signs from left to right."""
    points, rows = (
        made["data"][0],
        [re.sub(r"<[^>]+>| +", " ", t) for t in made["layout"]["yaxis"]["ticktext"]],
    )
    out = {" ".join(row.split()): "" for row in rows}
    for y, text in zip(points["y"], points["text"], strict=True):
        out[" ".join(rows[y].split())] += text
    return out


def texts(part: Part) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", part.html.replace("<wbr>", "")).split())


def test_each_cell_has_a_sign_of_its_own(tmp_path: Path) -> None:
    """Seen, not seen, in part, unread: told apart without colour."""
    found = cells(figure(view(two_versions(tmp_path / "case", ["op", "o", "op~"], ["op!", "o!", "o"]))))
    assert found[f"prompt {CLOUD}"] == "●0~●?0"
    assert found[f"prompt {OWN}"] == "●●●●●●"


def test_filled_is_seen_in_the_colour_of_the_holder(tmp_path: Path) -> None:
    """A dotted frame is every other cell; what changed stands first and in bold."""
    made = figure(view(two_versions(tmp_path / "case", ["op"] * 3, ["o"] * 3)))
    filled = [s["line"]["color"] for s in made["layout"]["shapes"] if "dash" not in s["line"]]
    assert filled[:3] == [COLOURS[OTHER]] * 3 and COLOURS[MAKER] in filled
    became = [a["text"] for a in made["layout"]["annotations"]]
    assert became[0] == "<b>not observed</b><br>3/3 → 0/3, p 0.050"


def test_words_beside_the_figure(tmp_path: Path) -> None:
    """An alternative that tells every row, a caption with every sign; the same each time."""
    first, second = (figure(view(two_versions(tmp_path / n, ["op"] * 3, ["o"] * 3))) for n in "ab")
    words = first["layout"]["meta"]
    assert first == second
    assert f"prompt at {CLOUD}: 3 of 3 runs of A, 0 of 3 of B, not observed" in words["alt"]
    assert "? the host could not be read" in words["caption"]


def test_without_two_sides_there_is_nothing_to_draw(tmp_path: Path) -> None:
    """And every block says so in words."""
    shown = view(two_versions(tmp_path / "case", ["op"] * 3, []))
    assert grid(shown) is None
    assert "there is nothing to compare" in texts(blocks.compared(shown))
    assert "hold anything to compare" in texts(blocks.items(shown))
    assert "nothing can have stopped" in texts(blocks.stopped(shown))


def test_what_is_left_out_is_counted(tmp_path: Path) -> None:
    """A grid stays legible; the caption says what the table alone has."""
    rows = Rows()
    for n in range(MOST_RUNS + 4):
        run = rows.run(f"r{n:02d}", app="Parley", app_version="1" if n % 2 else "2")
        for h in range(MOST_ROWS + 3):
            rows.flow(run, f"h{h:02d}.test", b"{}")
    made = figure(view(rows.write(tmp_path / "case")))
    assert len(made["layout"]["xaxis"]["tickvals"]) == MOST_RUNS
    assert len(made["layout"]["yaxis"]["tickvals"]) == MOST_ROWS
    assert "Not drawn and in the table: 3 items and 4 runs." in made["layout"]["meta"]["caption"]


def test_tables_tell_counts_bounds_and_why(tmp_path: Path) -> None:
    """Counts with what was unread beside them, the bound with "not observed", the reason with each statement."""
    shown = view(two_versions(tmp_path / "case", ["opk"] * 3, ["o", "o", "o!", "ox"]))
    items, runs = texts(blocks.items(shown)), texts(blocks.compared(shown))
    assert "0 of 2 1 unread" in items and "not tested" in items
    assert "at most 63 % of runs, 95 % confidence" in items
    assert re.search(r"b3 left out differs in steps", runs)
    assert "“All of it stopped.”" in texts(blocks.stopped(shown))
    assert "Unread in A: nothing" in texts(blocks.unseen(shown)) and "Unread in B: 1 connection" in texts(
        blocks.unseen(shown)
    )


@pytest.mark.parametrize("show_values", [False, True])
def test_no_block_shows_a_personal_value(tmp_path: Path, show_values: bool) -> None:
    """Identifiers stand as the names of their probes, shown or not."""
    shown = view(two_versions(tmp_path / "case", ["opd"] * 3, ["o"] * 3), show_values)
    html = "".join(block(shown).html for block in BLOCKS)
    assert DEVICE not in html.replace("<wbr>", "") and DEVICE not in json.dumps(figure(shown))


def test_captured_text_stays_text(tmp_path: Path) -> None:
    """Hosts, versions and probe ids full of markup."""
    rows = Rows()
    for n, text in enumerate(hostile(1)):
        rows.probe(f"i{n}{text}", "identifier", f"{DEVICE}{n:02d}")
    for n, text in enumerate(hostile(1)):
        for side in (f"a{text}", f"b{text}"):
            run = rows.run(f"{side[0]}{n}{text}", app="Parley", app_version=side[0], route=text)
            data = compact({"id": f"{DEVICE}{n:02d}"})
            rows.sighting(rows.flow(run, text, data), f"i{n}{text}", data, 1, path=f"/{text}")
            rows.connection(run, text, "pinned", bytes_out=None)
    shown = view(rows.write(tmp_path / "case"))
    html = "".join(block(shown).html for block in BLOCKS)
    assert_text(html)
    assert "&lt;script&gt;" in html
    made = figure(shown)
    assert_labels(made)
