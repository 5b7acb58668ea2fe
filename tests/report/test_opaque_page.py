"""Tables and figures of notebook 10: what they must say, and captured names that must stay text."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from factories import Rows
from findings.opaque_cases import CHAT, follow, heartbeat, keep, layout, padded, raw, recorded, small
from hostile import hostile
from promptrail.case import Case
from promptrail.findings.mask import Mask
from promptrail.findings.opaque import finding as opaque
from promptrail.report.blocks import opaque as blocks
from promptrail.report.pages import Page
from promptrail.report.view import COLOURS, MAKER, OTHER, View

HOST, BEAT = "opaque.brightmoor.test", "beat.tidewell.test"


def page_of(case: Case) -> Page:
    return Page(View(case, Mask(case.declared_probes), opaque.find(case)))


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Page:
    hosts = {HOST: raw, BEAT: heartbeat, "lines.test": layout, "pad.test": padded}
    return page_of(recorded(tmp_path_factory.mktemp("opaque") / "case", hosts, contrast=True))


def cells(html: str) -> dict[str, list[str]]:
    """The text of each row of a table, by its first cell."""
    rows = re.findall(r"<tr>(.*?)</tr>", html, re.S)
    told = [[words(c) for c in re.findall(r"<t[hd].*?>(.*?)</t[hd]>", row, re.S)] for row in rows]
    return {row[0]: row[1:] for row in told}


def words(html: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", html.replace("<wbr>", "")).split())


def test_each_host_is_one_row_with_its_outcome(page: Page) -> None:
    """The control first, then by what is open, in words beside the sign."""
    rows = cells(page.volumes().html)
    outcomes = {name.split()[0]: row[0] for name, row in list(rows.items())[1:]}
    assert next(iter(outcomes)) == CHAT
    assert outcomes == {
        CHAT: "● supported positive control",
        HOST: "● supported depends on length and content",
        "lines.test": "◐ cannot tell depends on length; content not shown",
        "pad.test": "◐ cannot tell may be padded",
        BEAT: "○ not observed no dependence found",
    }


def test_numbers_carry_their_bounds(page: Page) -> None:
    """A slope with its interval, a ceiling, what is excluded; where there is none, a dash or the reason."""
    rows = {name.split()[0]: row for name, row in cells(page.volumes().html).items()}
    assert re.fullmatch(r"1\.\d\d 0\.\d\d to 1\.\d\d", rows[HOST][2])
    assert rows[BEAT][2] == "–" and "at most" in rows[BEAT][5]
    assert "the whole text of every prompt, compressed" in rows[BEAT][6]


def test_every_host_has_both_sentences(page: Page) -> None:
    """What may be written, and what may not."""
    rows = cells(page.volume_sentences().html)
    assert len(rows) == 6 and all(all(row) for row in rows.values())


def test_the_figures_have_words_and_colours_of_holders(page: Page) -> None:
    """An alternative with every drawn host and its numbers; blue is the maker's, orange another company's."""
    for figure in (page.figure_dose(), page.figure_reassigned()):
        plain = json.loads(figure.to_json())  # type: ignore[union-attr]
        meta = plain["layout"]["meta"]
        assert all(host in meta["alt"] for host in (CHAT, HOST, BEAT)) and len(meta["caption"]) > 80
    drawn = json.loads(page.figure_reassigned().to_json())["data"]  # type: ignore[union-attr]
    lines = [trace["line"]["color"] for trace in drawn if trace.get("mode") == "lines"]
    assert lines[:2] == [COLOURS[MAKER], COLOURS[OTHER]]


def test_the_line_of_a_dependent_host_lies_beyond_the_bars(page: Page) -> None:
    """And that of a quiet one among them."""
    series: Any = page.finding().finding.facts["series"]
    by_host = {one["host"]: one["null"] for one in series}
    for host, beyond in ((HOST, True), (BEAT, False)):
        null = by_host[host]
        higher = sum(
            n for n, edge in zip(null["counts"], null["edges"], strict=False) if edge > null["observed"]
        )
        assert (higher == 0) is beyond
        assert sum(null["counts"]) == null["draws"] == 999


def test_no_bytes_are_drawn_on_the_ground(tmp_path: Path) -> None:
    """A logarithm of 0 does not exist; the slot is drawn all the same, and the axis says 0."""
    rows, plan = Rows(), small()
    hosts = {CHAT: raw, BEAT: lambda slot, dice: [200] if slot.slot % 3 else []}
    follow(rows, plan, hosts, "dose-1")
    figure = page_of(keep(rows.write(tmp_path / "case"), plan)).figure_dose()
    plain = json.loads(figure.to_json())  # type: ignore[union-attr]
    drawn = [t for t in plain["data"] if t.get("name") == "a prompt"][1]
    assert min(drawn["y"]) > 0 and 0 in drawn["customdata"] and len(drawn["y"]) == 40
    assert "0" in plain["layout"]["yaxis2"]["ticktext"]


def test_without_a_plan_every_block_says_so(tmp_path: Path) -> None:
    """Words in the place of tables and figures."""
    bare = page_of(Rows().write(tmp_path / "case"))
    for part in (bare.figure_dose(), bare.figure_reassigned(), bare.volumes(), bare.volume_sentences()):
        assert blocks.NO_PLAN in repr(part)
    assert blocks.NO_FIELDS in repr(bare.prompt_fields())
    assert blocks.NO_PLAN in repr(bare.uncounted())


def test_what_was_not_counted_is_told(page: Page, tmp_path: Path) -> None:
    """And where all was, that a negative finding may be made."""
    assert "a negative finding is allowed" in repr(page.uncounted())
    rows, plan = Rows(), small()
    follow(rows, plan, {CHAT: raw}, "dose-1")
    rows.connection("dose-1", "pinned.test", "pinned", witnesses=["proxy", "packets"])
    told = repr(page_of(keep(rows.write(tmp_path / "case"), plan)).uncounted())
    assert "pinned.test" in told and "not allowed" in told


def test_captured_names_stay_text(tmp_path: Path) -> None:
    """In tables, in plotly's labels and titles."""
    rows, plan = Rows(), small()
    follow(rows, plan, {CHAT: raw, **dict.fromkeys(hostile(1)[:5], heartbeat)}, "dose-1")
    shown = page_of(keep(rows.write(tmp_path / "case"), plan))
    for part in (shown.volumes(), shown.volume_sentences()):
        assert "<script" not in part.html and "<img" not in part.html and "<iframe" not in part.html
    for figure in (shown.figure_dose(), shown.figure_reassigned()):
        plain = json.loads(figure.to_json())  # type: ignore[union-attr]
        plain["layout"].pop("meta")
        assert not re.search(r"<(?!/?b>|br>|extra></?extra>|/extra>)", json.dumps(plain))
