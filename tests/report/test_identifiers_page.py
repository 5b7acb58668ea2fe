"""The grid and the tables of finding 06: words in every cell, zero is not unread, captured text stays text."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from factories import DEVICE, Rows, compact
from hostile import assert_labels, assert_text, hostile
from promptrail.findings.identifiers import finding as identifiers
from promptrail.findings.mask import Mask
from promptrail.report.blocks import identifiers as blocks
from promptrail.report.figures.identifiers import MOST_HOSTS, MOST_ROWS, grid
from promptrail.report.figures.identifiers import identifiers as draw
from promptrail.report.html import Part
from promptrail.report.view import COLOURS, MAKER, OTHER, View

OWN, CLOUD, DESK, BLIND = (
    "chat.parley.test",
    "ingest.brightmoor.test",
    "api.tidedesk.example",
    "edge.quillmark.example",
)


def view(folder: Path, rows: Rows, show_values: bool = False) -> View:
    case = rows.write(folder / "case")
    return View(
        case, Mask(case.declared_probes, show_values), identifiers.find(case, show_values=show_values)
    )


def parley() -> Rows:
    """A device id at the maker's and at another company, its hash at a third, one host that nobody could read."""
    rows = Rows()
    rows.probe("did", "identifier", DEVICE)
    rows.probe("email", "email", "isopleth.1204@mail.example")
    for host, own, who in (
        (OWN, True, "Parley Labs"),
        (CLOUD, False, "Brightmoor"),
        (DESK, False, "Tidedesk"),
    ):
        rows.recipient(host, own, service_operator=who)
    for n, run in enumerate(("r1", "r2")):
        rows.run(run, control="C1")
        for host, more in (
            (OWN, {}),
            (CLOUD, {}),
            (DESK, {"tier": "digest", "chain": ["json", "hex", "sha256"]}),
        ):
            data = compact({"h": {"device_id": DEVICE, "os_version": "15"}, "n": n, "to": host})
            values: dict[str, Any] = {"path": "/h/device_id"} | more
            rows.sighting(rows.flow(run, host, data, 2), "did", data, 2, **values)
        rows.connection(run, BLIND, "pinned", bytes_out=None)
    rows.undecoded(rows.flow("r1", "part.test", b"\x00\x01"))
    return rows


def figure(shown: View) -> dict[str, Any]:
    drawn = grid(shown)
    assert drawn
    found: dict[str, Any] = json.loads(draw(shown, drawn).to_json())
    return found


def cells(made: dict[str, Any]) -> dict[tuple[str, str], str]:
    """(row, host) -> the words of the cell."""
    layout, points = made["layout"], made["data"][0]
    plain = [re.sub(r"<[^>]+>| {2}", " ", t).split() for t in layout["yaxis"]["ticktext"]]
    hosts = [re.sub(r"<br><b>.*|<br>", "", t) for t in layout["xaxis"]["ticktext"]]
    return {
        (plain[y][0], hosts[x]): text
        for x, y, text in zip(points["x"], points["y"], points["text"], strict=True)
    }


def test_each_cell_says_tier_and_runs_in_words(tmp_path: Path) -> None:
    """Colour never stands alone: the words are the same without it."""
    found = cells(figure(view(tmp_path, parley())))
    assert found["did", CLOUD] == "exact<br>2 of 2 runs"
    assert found["did", DESK] == "digest<br>2 of 2 runs"


def test_zero_is_not_unread(tmp_path: Path) -> None:
    """Nothing seen at a host that was read, and at one that nobody could read, are two different cells."""
    found = cells(figure(view(tmp_path, parley())))
    assert (found["email", OWN], found["email", BLIND]) == ("<b>0</b>", "<b>?</b>")
    assert found["did", BLIND] == "<b>?</b>"


def test_only_what_was_seen_is_filled(tmp_path: Path) -> None:
    """Three of eight cells, in the colour of who holds the host; the others are dotted frames."""
    shapes = figure(view(tmp_path, parley()))["layout"]["shapes"]
    filled = [s["line"]["color"] for s in shapes if "dash" not in s["line"]]
    assert filled == [COLOURS[MAKER], COLOURS[OTHER], COLOURS[OTHER]]
    assert len(shapes) == 8


def test_the_figure_has_its_words_and_is_the_same_each_time(tmp_path: Path) -> None:
    """The alternative tells every cell that was seen, the caption what an empty one means."""
    first, second = (figure(view(tmp_path / n, parley())) for n in ("a", "b"))
    words = first["layout"]["meta"]
    assert first == second
    assert (
        f"{DESK} (another company): digest, 2 of 2 runs" in words["alt"]
        and "email: seen nowhere" in words["alt"]
    )
    assert "? nothing could be read" in words["caption"]


def test_without_a_declared_value_the_rows_are_names(tmp_path: Path) -> None:
    """What the fields are named, with the grade of the name."""
    rows = parley()
    rows.rows["probes"], rows.rows["sightings"] = [], []
    found = cells(figure(view(tmp_path, rows)))
    assert found["device", CLOUD] == "1 value, E3"
    assert found["system", BLIND] == "<b>?</b>"


def test_without_either_there_is_nothing_to_draw(tmp_path: Path) -> None:
    """The block then says so in words."""
    rows = Rows()
    rows.run("r1")
    rows.flow("r1", OWN, b'{"x":"y"}')
    assert grid(view(tmp_path, rows)) is None


def test_what_is_left_out_is_counted(tmp_path: Path) -> None:
    """A grid stays legible; the caption says how much of it is in the table alone."""
    rows = Rows()
    rows.run("r1")
    for n in range(MOST_ROWS + 2):
        rows.probe(f"id{n}", "identifier", f"{n:02d}6d8a4e7c1f0b35")
    for n in range(MOST_HOSTS + 3):
        data = compact({"id": "006d8a4e7c1f0b35", "n": n})
        rows.sighting(rows.flow("r1", f"h{n}.test", data), "id0", data, 1)
    made = figure(view(tmp_path, rows))
    assert len(made["layout"]["xaxis"]["tickvals"]) == MOST_HOSTS
    assert len(made["layout"]["yaxis"]["tickvals"]) == MOST_ROWS
    assert "Not drawn and in the table: 2 rows and 3 hosts." in made["layout"]["meta"]["caption"]


def table(part: Part) -> list[list[str]]:
    rows = re.findall(r"<tr>(.*?)</tr>", part.html, re.S)
    return [
        [
            " ".join(re.sub(r"<[^>]+>", " ", c).split())
            for c in re.findall(r"<t[hd].*?>(.*?)</t[hd]>", r, re.S)
        ]
        for r in rows
    ]


def test_the_table_has_a_row_for_what_was_seen_nowhere(tmp_path: Path) -> None:
    """A declared value that reached nobody is told, as are both tiers of another."""
    rows = table(blocks.values(view(tmp_path, parley())))[1:]
    assert sorted((r[0], r[2]) for r in rows) == [
        ("did identifier", "digest"),
        ("did identifier", "exact"),
        ("did identifier", "exact"),
        ("email email", "–"),
    ]
    assert rows[-1][1] == "nowhere"


@pytest.mark.parametrize("show_values", [False, True])
def test_values_are_shown_only_where_asked_for(tmp_path: Path, show_values: bool) -> None:
    """In no table and no figure, not even as a part of another text."""
    shown = view(tmp_path, parley(), show_values)
    html = "".join(f(shown).html for f in (blocks.values, blocks.named_fields, blocks.bridges))
    assert (DEVICE in html.replace("<wbr>", "")) is show_values
    assert DEVICE not in json.dumps(figure(shown))


def test_the_bridge_says_who_showed_it_first(tmp_path: Path) -> None:
    """And where it was met then."""
    (row,) = table(blocks.bridges(view(tmp_path, parley())))[1:]
    assert row[0].startswith("did about 5") and row[1].startswith("first seen in a request to")
    assert row[3] == "3"


def test_no_block_lets_captured_markup_through(tmp_path: Path) -> None:
    """Hosts, paths, values, probes, operators full of markup: tables and figure show them as text."""
    rows = Rows()
    rows.run("r1")
    for n, text in enumerate(hostile(1)):
        probe = f"i{n}{text}"
        rows.probe(probe, "identifier", f"{DEVICE}{n:02d}")
        data = compact({"device_model": text, text: {"device_id": f"{DEVICE}{n:02d}"}})
        rows.sighting(rows.flow("r1", text, data), probe, data, 1, path=f"/{text}", chain=[text])
        rows.flow("r1", f"h{n}.test", data)
        rows.recipient(text, None, service_operator=text)
    shown = view(tmp_path, rows)
    html = "".join(f(shown).html for f in (blocks.values, blocks.named_fields, blocks.bridges))
    assert_text(html)
    assert "&lt;script&gt;" in html
    made = figure(shown)
    assert_labels(made)
