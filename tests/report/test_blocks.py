"""Blocks of a page: what they must say, and what they must not let through."""

import re
from pathlib import Path

import pandas as pd
import pytest

from factories import DEVICE, TOKEN, Rows, finding, parley
from hostile import Tags, hostile
from promptrail.findings.mask import Mask
from promptrail.model import Control, Finding
from promptrail.report.blocks import answer, checks, holdings, looked_for, reached, recipients, unseen
from promptrail.report.html import Part
from promptrail.report.view import MAKER, OTHER, UNKNOWN, View


def view(rows: Rows, folder: Path, show_values: bool = False, stated: Finding | None = None) -> View:
    case = rows.write(folder / "case")
    return View(case, Mask(case.declared_probes, show_values), stated or finding())


def cells(part: Part) -> list[list[str]]:
    """The text of each row of a table."""
    rows = re.findall(r"<tr>(.*?)</tr>", part.html, re.S)
    return [[words(c) for c in re.findall(r"<t[hd].*?>(.*?)</t[hd]>", row, re.S)] for row in rows]


def words(html: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", html).split())


def test_the_first_screen_holds_the_whole_finding(tmp_path: Path) -> None:
    """Question, sentence, verdict by sign and word, grade on its scale, both sentences of the licence."""
    stated = finding()
    html = answer.answer(view(parley(), tmp_path, stated=stated)).html
    for words in (stated.question, stated.licensed, stated.not_licensed, "● supported"):
        assert words in re.sub(r"</?(span|b)[^>]*>", "", html)
    assert re.search(r'<li class="here" aria-current="true"><b>E4</b>', html)
    assert html.count("aria-current") == 1
    assert html.startswith('<section class="answer" aria-label="Answer"><p class="mark">SIMULATED')


def test_zero_is_not_unread(tmp_path: Path) -> None:
    """A host read in full, one read in part and one never read give three different cells."""
    rows = parley()
    rows.undecoded(rows.flow("r1", "part.test", b"\x00\x01"))
    rows.flow("r1", "full.test", b"{}")
    table = {r[0].replace(" ", ""): r[2:] for r in cells(reached.matrix(view(rows, tmp_path)))[1:]}
    assert table["edge.quillmark.example"] == ["?", "?"]
    assert table["part.test"] == ["0+?", "0+?"]
    assert "full.test" not in table
    assert table["chat.parley.test"][1] == "0"


def test_tiers_are_never_added_up(tmp_path: Path) -> None:
    """Four exact and two partial sightings of one kind stand side by side; no cell says six."""
    table = {r[0].replace(" ", ""): r[1:] for r in cells(reached.matrix(view(parley(), tmp_path)))[1:]}
    assert table["ingest.brightmoor.test"][:2] == ["third", "4 exact body 2 partial url"]
    assert table["chat.parley.test"][0] == "first"
    listed = cells(reached.table_reached(view(parley(), tmp_path / "b")))[1:]
    numbers = {(r[0].replace(" ", ""), r[1], r[2]): r[-1] for r in listed}
    assert numbers["ingest.brightmoor.test", "prompts", "exact"] == "4"
    assert numbers["ingest.brightmoor.test", "prompts", "partial"] == "2"


def test_who_stands_behind_a_host_is_never_guessed(tmp_path: Path) -> None:
    """A known domain owner does not make a known operator, and an unknown operator is not the app's maker."""
    rows = parley()
    rows.flow("r1", "live.parley.test", b"{}")
    rows.recipient("live.parley.test", True, domain_owner="Parley Labs", service_operator=None)
    shown = view(rows, tmp_path)
    assert shown.holder("chat.parley.test") == MAKER
    assert shown.holder("ingest.brightmoor.test") == OTHER
    assert shown.holder("live.parley.test") == UNKNOWN
    row = next(r for r in cells(recipients.recipients(shown)) if r[0].startswith("live"))
    assert row[1].startswith("Parley Labs lab: invented") and row[2:6] == ["not known"] * 4


def test_a_known_company_is_another_one_only_if_the_maker_is_known(tmp_path: Path) -> None:
    """Where nobody said which hosts are the app's maker's, a known operator may be the maker itself."""
    rows = Rows()
    rows.run("r1")
    rows.flow("r1", "api.example.test", b"{}")
    rows.recipient("api.example.test", None, service_operator="Example Company")
    assert view(rows, tmp_path / "a").holder("api.example.test") == UNKNOWN
    rows.flow("r1", "own.example.test", b"{}")
    rows.recipient("own.example.test", True, service_operator="Maker")
    assert view(rows, tmp_path / "b").holder("api.example.test") == OTHER


def test_a_missing_size_is_not_zero(tmp_path: Path) -> None:
    """Where the capture does not hold a body's size, the sum is a bound or not known."""
    rows = parley()
    rows.flow("r1", "a.test", b"{}", response_length=7)
    rows.flow("r1", "a.test", b"{}", response_length=None)
    rows.flow("r1", "b.test", b"{}", response_length=None)
    table = {r[0].replace(" ", ""): r[1:] for r in cells(recipients.amounts(view(rows, tmp_path)))[1:]}
    assert table["a.test"][:3] == ["2", "4", "at least 7"]
    assert table["b.test"][2] == "not known"
    assert table["edge.quillmark.example"][:3] == ["none read", "?", "?"]


def test_the_ledger_says_whether_absence_may_be_said(tmp_path: Path) -> None:
    """With a refused connection it may not; with everything read it may, with its bound."""
    html = unseen.unseen(view(parley(), tmp_path)).html
    assert "A negative finding is not allowed" in html and "edge.<wbr>quillmark" in html
    whole = parley()
    whole.rows["connections"] = [c for c in whole.rows["connections"] if c.outcome == "read"]
    assert "A negative finding is allowed" in unseen.unseen(view(whole, tmp_path / "b")).html


def test_controls_are_counted_by_result(tmp_path: Path) -> None:
    """A control that was not run counts as neither passed nor failed."""
    results = ("pass", "fail", "not run", "pass")
    stated = finding(controls=[Control(f"c{n}", "", "", "", r) for n, r in enumerate(results)])
    assert (
        "2 of 4 controls passed, 1 failed, 1 not run."
        in checks.controls(view(parley(), tmp_path, stated=stated)).html
    )


@pytest.mark.parametrize("show_values", [False, True])
def test_a_frame_shown_in_a_notebook_is_masked(tmp_path: Path, show_values: bool) -> None:
    """Credentials never show; identifiers only when asked for; long frames say how much is left out."""
    rows = parley()
    secret = [(b"Authorization", b"Bearer " + TOKEN.encode()), (b"X-Device", DEVICE.encode())]
    rows.flow(
        "r1",
        "a.test",
        b"{}",
        url=f"https://a.test/x?access_token={TOKEN}&id={DEVICE}",
        request_headers=secret,
    )
    case = rows.write(tmp_path / "case")
    shown = View(
        case, Mask(case.declared_probes, show_values), finding(parameters={"show_values": show_values})
    )
    html = holdings.frame(shown, case.flows[["host", "url", "request_headers"]]).html.replace("<wbr>", "")
    html += holdings.frame(shown, case.probes).html.replace("<wbr>", "")
    assert TOKEN not in html and TOKEN[4:12] not in html
    assert (DEVICE in html) is show_values
    many = pd.DataFrame({"n": range(100)})
    assert "The first 40 of 100 rows." in holdings.frame(shown, many).html


def test_no_block_lets_captured_markup_through(tmp_path: Path) -> None:
    """Hosts, URLs, paths, header names, probes, runs and operators full of markup: every block shows them as text."""
    rows = Rows()
    for n, text in enumerate(hostile(1)):
        run = rows.run(f"r{n} {text}", scenario=text, app=text, app_version=text)
        rows.probe(f"p{n} {text}", "prompt", f"{text} plover kestrel-44{n:02d}")
        header = [(text.encode(), text.encode())]
        flow = rows.flow(
            run, text, b"{}", 0, url=f"https://{text}/", cert_names=[text], request_headers=header
        )
        rows.sighting(flow, f"p{n} {text}", b"{}", 1, path=text, chain=[text])
        rows.recipient(text, False, domain_owner=text, service_operator=text, network_operator=text)
        rows.connection(run, text, "pinned", reason=text, bytes_out=None)
    shown = view(rows, tmp_path, stated=finding(sentence=" ".join(hostile(1)), question=hostile(1)[0]))
    made = [answer.answer, reached.table_reached, reached.matrix, recipients.recipients, recipients.amounts]
    made += [
        recipients.conflicts,
        unseen.unseen,
        looked_for.probes,
        looked_for.sightings,
        holdings.case,
        holdings.runs,
    ]
    html = "".join(block(shown).html for block in made)
    html += "".join(holdings.frame(shown, shown.case.frame(n)).html for n in ("flows", "sightings", "runs"))
    seen = Tags()
    seen.feed(html)
    assert seen.tags <= {"section", "p", "b", "span", "dl", "div", "dt", "dd", "ol", "li", "h3", "table", "caption",
                         "thead", "tbody", "tr", "th", "td", "bdi", "wbr", "i", "small", "br", "q", "code", "details",
                         "summary"}  # fmt: skip
    assert seen.attributes <= {
        "class",
        "aria-label",
        "aria-hidden",
        "aria-current",
        "tabindex",
        "role",
        "scope",
        "style",
    }
    assert not re.search("[\x00-\x09\x0b-\x1f\u200b\u202e\u2066\ufeff]", html)
    assert "&lt;script&gt;" in html and "[U+202E]" in html
