"""The grid and the tables of finding 04: words in every cell, quotes beside them, and hostile policies as text."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from factories import DEVICE, PROMPT, Rows, compact
from hostile import assert_labels, assert_text, hostile
from policy_readings import TEXT, reading, statement
from promptrail.case import Case
from promptrail.findings.mask import Mask
from promptrail.findings.policy import finding as policy
from promptrail.report.blocks import policy as blocks
from promptrail.report.figures.policy import MOST_HOLDERS, MOST_ROWS, grid
from promptrail.report.figures.policy import policy as draw
from promptrail.report.html import Part
from promptrail.report.view import COLOURS, MAKER, OTHER, View

OWN, CLOUD, BLIND = "chat.parley.test", "in.brightmoor.test", "edge.quillmark.example"
BLOCKS = (blocks.about, blocks.pairs, blocks.declared, blocks.checklist, blocks.agreement)
STATEMENTS = (
    statement("prompts", "first party"),
    statement("keystroke patterns", "first party", quote="what your device is called"),
    statement("device information", "partners", "shares", quote="We share device information with partners."),
)


def recorded() -> Rows:
    """A prompt at the maker's and another company's, a device id there too, one host that nobody could read."""
    rows = Rows()
    rows.probe("p1", "prompt", PROMPT)
    rows.probe("i1", "identifier", DEVICE)
    for host, own, who in (
        (OWN, True, "Parley Labs"),
        (CLOUD, False, "Brightmoor"),
        (BLIND, False, "Quillmark"),
    ):
        rows.recipient(host, own, service_operator=who)
    for run in ("r1", "r2"):
        rows.run(run, control="C1", app_version="4.2.0")
        rows.event(run, 0, "typing", "p1")
        for host in (OWN, CLOUD):
            data = compact({"q": PROMPT, "device_model": "SIM-8", "device_id": DEVICE, "run": run})
            flow = rows.flow(run, host, data, 2)
            rows.sighting(flow, "p1", data, 2, path="/q")
            if host == CLOUD:
                rows.sighting(flow, "i1", data, 2, path="/device_id")
        rows.connection(run, BLIND, "pinned", bytes_out=None)
    return rows


def view(folder: Path, rows: Rows, *statements: dict[str, Any], **more: Any) -> View:
    rows.write(folder / "case")
    for by in more.pop("readers", ("Anna", "Bo")):
        reading(folder / "case" / "policies", *(statements or STATEMENTS), by=by, **more)
    case = Case.open(folder / "case")
    return View(case, Mask(case.declared_probes), policy.find(case))


def figure(shown: View) -> dict[str, Any]:
    drawn = grid(shown)
    assert drawn
    found: dict[str, Any] = json.loads(draw(shown, drawn).to_json())
    return found


def cells(made: dict[str, Any]) -> dict[tuple[str, str], str]:
    """(data, recipient) -> the words of the cell."""
    layout, points = made["layout"], made["data"][0]
    rows = [re.sub(r"<[^>]+>", "", text).strip() for text in layout["yaxis"]["ticktext"]]
    heads = [re.sub(r"<br><b>.*", "", text).replace("<br>", " ") for text in layout["xaxis"]["ticktext"]]
    places = zip(points["x"], points["y"], points["text"], strict=True)
    return {(rows[y], heads[x]): text.replace("<br>", ", ") for x, y, text in places}


def table(part: Part) -> list[list[str]]:
    rows = re.findall(r"<tr>(.*?)</tr>", part.html, re.S)
    cell = re.compile(r"<t[hd].*?>(.*?)</t[hd]>", re.S)
    return [[" ".join(re.sub(r"<[^>]+>", " ", c).split()) for c in cell.findall(row)] for row in rows]


def test_each_cell_says_the_class_and_the_runs(tmp_path: Path) -> None:
    """In words; what rests on less than a value says on what; what is declared and was not seen has its cell."""
    found = cells(figure(view(tmp_path, recorded())))
    assert found["prompts", "Parley Labs"] == "clear, 2 of 2 runs"
    assert found["prompts", "Brightmoor"] == "<b>omitted</b>, 2 of 2 runs"
    assert found["device identifiers", "Brightmoor"] == "vague, 2 of 2 runs"
    assert found["device characteristics", "Brightmoor"] == "vague, by a name only"
    assert found["keystroke patterns", "Parley Labs"] == "declared, not seen"


def test_zero_is_not_unread(tmp_path: Path) -> None:
    """Nothing at a recipient that was read, and at one that could not be, are two different cells."""
    found = cells(figure(view(tmp_path, recorded())))
    assert (found["keystroke patterns", "Brightmoor"], found["prompts", "Quillmark"]) == ("0", "?")


def test_frames_say_what_a_pair_rests_on(tmp_path: Path) -> None:
    """Whole and filled for values, in the holder's colour; heavy where it is not declared; else dashed or dotted."""
    shapes = figure(view(tmp_path, recorded()))["layout"]["shapes"]
    whole = [s["line"]["color"] for s in shapes if s["line"]["dash"] == "solid"]
    assert whole == [COLOURS[MAKER], COLOURS[OTHER], COLOURS[OTHER]]
    assert sum(s["line"]["width"] > 2 and s["line"]["dash"] == "solid" for s in shapes) == 1


def test_the_figure_has_its_words_and_is_the_same_each_time(tmp_path: Path) -> None:
    """The alternative tells every cell that is drawn."""
    first, second = (figure(view(tmp_path / name, recorded())) for name in ("a", "b"))
    alt = first["layout"]["meta"]["alt"]
    assert first == second
    assert "Brightmoor (another company): omitted, 2 of 2 runs" in alt
    assert "Nothing to Quillmark could be read." in alt


def test_without_a_policy_the_pairs_are_drawn_without_a_class(tmp_path: Path) -> None:
    """Whoever annotates one begins with this picture."""
    shown = view(tmp_path, recorded(), readers=())
    assert cells(figure(shown))["prompts", "Brightmoor"] == "no policy, 2 of 2 runs"
    assert "No annotated policy" in blocks.about(shown).plain
    assert "nothing to compare" in blocks.agreement(shown).html


def test_without_anything_seen_there_is_nothing_to_draw(tmp_path: Path) -> None:
    """The block then says so in words, and the tables too."""
    rows = Rows()
    rows.run("r1", app_version="4.2.0")
    rows.flow("r1", OWN, b'{"x":"y"}', request_headers=[])
    shown = view(tmp_path, rows)
    assert grid(shown) is None and "was seen to go anywhere" in blocks.pairs(shown).html


def test_what_is_left_out_is_counted(tmp_path: Path) -> None:
    """A grid stays legible; the caption says how much of it is in the table alone."""
    rows = recorded()
    for n in range(MOST_HOLDERS + 2):
        rows.recipient(f"h{n}.test", False, service_operator=f"Company {n}")
        data = compact({"q": PROMPT, "n": n})
        rows.sighting(rows.flow("r1", f"h{n}.test", data), "p1", data, 3, path="/q")
    made = figure(view(tmp_path, rows))
    assert len(made["layout"]["xaxis"]["tickvals"]) == MOST_HOLDERS
    assert len(made["layout"]["yaxis"]["tickvals"]) <= MOST_ROWS
    assert "Not drawn and in the table: 5 recipients." in made["layout"]["meta"]["caption"]


def test_quotes_stand_beside_the_class(tmp_path: Path) -> None:
    """And what nobody said is told as such."""
    rows = {(r[0], r[1].split()[0]): r for r in table(blocks.pairs(view(tmp_path, recorded())))[1:]}
    assert rows["prompts a declared value", "Parley"][3:] == [
        "clear",
        "Parley Labs receives what you type (collects)",
    ]
    assert rows["prompts a declared value", "Brightmoor"][3:] == ["omitted", "no statement"]


def test_a_disputed_pair_names_who_read_what(tmp_path: Path) -> None:
    """Both classes, and whose quote it is."""
    rows = recorded()
    rows.write(tmp_path / "case")
    folder = tmp_path / "case" / "policies"
    reading(folder, *STATEMENTS, by="Anna")
    reading(folder, *STATEMENTS, statement("prompts", "partners", "shares"), by="Bo")
    case = Case.open(tmp_path / "case")
    shown = View(case, Mask(case.declared_probes), policy.find(case))
    row = next(r for r in table(blocks.pairs(shown)) if r[0].startswith("prompts") and "Brightmoor" in r[1])
    assert row[3] == "disputed omitted or vague" and "read so by Bo" in row[4]
    assert table(blocks.agreement(shown))[1][2:] == ["2 of 3", "0.50"]


def test_what_left_out_runs_met_is_not_drawn(tmp_path: Path) -> None:
    """Unread traffic of a version that the policy does not govern makes no question mark here."""
    rows = recorded()
    rows.run("new", app_version="5.0.0")
    rows.connection("new", CLOUD, "pinned", bytes_out=None)
    found = cells(figure(view(tmp_path, rows, policy={"app_versions": ["4.2.0"]})))
    assert found["keystroke patterns", "Brightmoor"] == "0"


def test_purpose_and_country_stand_beside_the_quote(tmp_path: Path) -> None:
    """As the annotator noted them; an answer that no checklist asks for is told."""
    row = statement("prompts", "first party", purpose="to answer you", country="XA")
    shown = view(tmp_path, recorded(), row, answer=[{"item": "retentoin", "is": "absent"}])
    told = next(r for r in table(blocks.pairs(shown)) if r[3] == "clear")
    assert told[4].endswith("(collects; purpose: to answer you; country: XA)")
    assert "asked by no checklist: retentoin." in blocks.checklist(shown).html


def test_the_checklist_says_what_was_not_checked(tmp_path: Path) -> None:
    """Each item with its article, its source, and whether the wording was read."""
    answers = [{"item": "retention", "is": "absent"}]
    rows = table(blocks.checklist(view(tmp_path, recorded(), answer=answers)))[1:]
    told = {row[0].split()[-1]: row for row in rows}
    assert told["retention"][2] == "absent" and "Wording read on" in told["retention"][1]
    assert "paragraph (2) was not" in told["countries"][1] and told["countries"][2] == "not annotated"


def test_no_block_lets_a_policy_s_markup_through(tmp_path: Path) -> None:
    """Quotes, titles, companies, annotators, hosts and operators full of markup: all of it is text."""
    texts = hostile(1)
    rows = recorded()
    for n, text in enumerate(texts):
        rows.recipient(text, False, service_operator=text)
        data = compact({"q": PROMPT, "n": n})
        rows.sighting(rows.flow("r1", text, data), "p1", data, 3, path=f"/{text}")
    given = [statement("prompts", text, "shares", id=str(n), quote=text) for n, text in enumerate(texts)]
    shown = view(
        tmp_path,
        rows,
        *given,
        readers=("A",),
        text="\n".join([TEXT, *texts]),
        company=[{"name": text} for text in texts],
        answer=[{"item": "retention", "is": "vague", "quote": texts[0]}],
        policy={"title": texts[0], "company": texts[1], "url": texts[6], "language": texts[2]},
    )
    pairs: Any = shown.finding.facts["pairs"]
    assert sum(pair["class"] == "clear" for pair in pairs) == len(texts)
    html = "".join(block(shown).html for block in BLOCKS)
    assert_text(html)
    assert "&lt;script&gt;" in html
    made = figure(shown)
    assert_labels(made)


@pytest.mark.parametrize("block", BLOCKS, ids=lambda block: block.__name__)
def test_no_personal_value_is_shown(tmp_path: Path, block: Any) -> None:
    """Not even where it stands in a host's name or in the policy."""
    rows = recorded()
    host = f"{DEVICE}.brightmoor.test"
    rows.recipient(host, False, service_operator="Brightmoor")
    data = compact({"q": PROMPT})
    rows.sighting(rows.flow("r1", host, data), "p1", data, 3, path=f"/{DEVICE}")
    quote = f"We know {DEVICE}"
    shown = view(
        tmp_path, rows, statement("prompts", "partners", "shares", quote=quote), text=f"{TEXT}{quote}"
    )
    assert DEVICE not in block(shown).html.replace("<wbr>", "")
