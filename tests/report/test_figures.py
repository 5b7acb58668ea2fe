"""Figures: the words and numbers they carry, and captured text that must stay text in plotly's labels."""

import json
from pathlib import Path
from typing import Any

import pytest

from factories import Rows, finding, parley
from hostile import hostile
from promptrail.findings.mask import Mask
from promptrail.report.figures.timeline import choose_run, timeline
from promptrail.report.figures.travel import MOST, travel
from promptrail.report.view import COLOURS, MAKER, OTHER, View


def view(rows: Rows, folder: Path) -> View:
    case = rows.write(folder / "case")
    return View(case, Mask(case.declared_probes), finding())


def strings(value: Any) -> list[str]:
    """Every text in a figure, but for its alternative text, which never reaches plotly."""
    if isinstance(value, dict):
        return [s for k, v in value.items() if k != "meta" for s in [str(k), *strings(v)]]
    if isinstance(value, list):
        return [s for v in value for s in strings(v)]
    return [value] if isinstance(value, str) else []


def test_travel_counts_each_tier_by_itself(tmp_path: Path) -> None:
    """A host with exact and partial sightings says both; no label holds their sum."""
    node = travel(view(parley(), tmp_path)).to_plotly_json()["data"][0]["node"]
    labels = dict(zip([x.split("<br>")[0] for x in node["label"]], node["label"], strict=True))
    assert labels["<b>ingest.brightmoor.test</b>"].endswith("6 exact, 2 partial")
    assert not any("8 " in x for x in node["label"])


def test_travel_colours_say_who_holds_a_host(tmp_path: Path) -> None:
    """Blue for the maker's host, orange for another company's, whatever the order."""
    node = travel(view(parley(), tmp_path)).to_plotly_json()["data"][0]["node"]
    colours = {x.split("<br>")[0]: c for x, c in zip(node["label"], node["color"], strict=True)}
    assert colours["<b>chat.parley.test</b>"] == COLOURS[MAKER]
    assert colours["<b>ingest.brightmoor.test</b>"] == COLOURS[OTHER]


def test_every_ribbon_starts_where_one_ends(tmp_path: Path) -> None:
    """As many sightings leave a column as reached it."""
    link = travel(view(parley(), tmp_path)).to_plotly_json()["data"][0]["link"]
    into: dict[int, int] = {}
    out: dict[int, int] = {}
    for a, b, n in zip(link["source"], link["target"], link["value"], strict=True):
        out[a] = out.get(a, 0) + n
        into[b] = into.get(b, 0) + n
    inner = set(into) & set(out)
    assert inner and all(into[n] == out[n] for n in inner)


def test_many_hosts_are_drawn_as_one_and_counted(tmp_path: Path) -> None:
    """A figure stays legible; what it leaves out is a number in it."""
    rows = Rows()
    rows.run("r1")
    rows.probe("p1", "prompt", "a prompt with a rare word plover-6612")
    for n in range(MOST + 5):
        flow = rows.flow("r1", f"h{n:02d}.test", b"{}")
        rows.sighting(flow, "p1", b"{}", n)
    labels = travel(view(rows, tmp_path)).to_plotly_json()["data"][0]["node"]["label"]
    assert any("(6 hosts more)" in x for x in labels)
    assert sum(".test" in x for x in labels) == MOST - 1


def test_the_timeline_draws_the_run_that_shows_most(tmp_path: Path) -> None:
    """Keystrokes first, then hosts and sightings; a run that was asked for and has nothing is not replaced."""
    rows = parley()
    rows.run("a-quiet-one")
    rows.sighting(rows.flow("a-quiet-one", "a.test", b"{}"), "p1", b"{}", 1)
    shown = view(rows, tmp_path)
    assert choose_run(shown) == "r1"
    assert choose_run(shown, "r2") == "r2"
    assert choose_run(shown, "no-such-run") is None


def test_the_band_before_consent_counts_what_left_in_it(tmp_path: Path) -> None:
    """The draft was seen before consent, and the caption says so in words."""
    figure = timeline(view(parley(), tmp_path), "r1").to_plotly_json()
    assert [s["x1"] for s in figure["layout"]["shapes"]] == [18.0, 18.0]
    assert "1 value was seen before consent." in figure["layout"]["meta"]["caption"]


def test_a_run_without_keystrokes_still_has_a_timeline(tmp_path: Path) -> None:
    """A HAR holds no events: the lanes of the hosts stand alone, and the caption says why."""
    rows = parley()
    rows.rows["events"] = []
    words = timeline(view(rows, tmp_path), "r1").to_plotly_json()["layout"]["meta"]["caption"]
    assert "the capture holds no keystrokes" in words and "No event marks a consent." in words


@pytest.mark.parametrize(
    "draw", [travel, lambda v: timeline(v, choose_run(v) or "")], ids=["travel", "timeline"]
)
def test_figures_have_words_and_are_the_same_each_time(tmp_path: Path, draw: Any) -> None:
    """An alternative that names hosts and a caption; the same frames give the same figure."""
    first, second = (draw(view(parley(), tmp_path / n)).to_json() for n in ("a", "b"))
    words = json.loads(first)["layout"]["meta"]
    assert first == second
    assert "ingest.brightmoor.test" in words["alt"] and len(words["caption"]) > 40


@pytest.mark.parametrize(
    "draw", [travel, lambda v: timeline(v, choose_run(v) or "")], ids=["travel", "timeline"]
)
def test_captured_text_stays_text_in_labels(tmp_path: Path, draw: Any) -> None:
    """Only our own bold and line breaks reach plotly, which reads links and formulas in labels too."""
    rows = Rows()
    rows.run("r1")
    for n, text in enumerate(hostile(1)):
        rows.probe(f"p{n}{text}", "prompt", f"{text} plover kestrel-44{n:02d}")
        flow = rows.flow("r1", text, b"{}", n)
        rows.sighting(flow, f"p{n}{text}", b"{}", n, chain=[text])
        rows.event("r1", n, "typing", f"p{n}{text}")
        rows.recipient(text, None, service_operator=text, address_country=text)
    texts = strings(json.loads(draw(view(rows, tmp_path)).to_json()))
    ours = ("<b>", "</b>", "<br>", "<extra></extra>")
    for text in texts:
        for tag in ours:
            text = text.replace(tag, "")
        assert "<" not in text and "$" not in text
    assert any("&lt;script&gt;" in text for text in texts)
