"""Requests and answers apart, and attached files: what stands in which table, and what is said where there is none."""

import re
from html import unescape
from pathlib import Path
from typing import Any

import pytest

from cells import shown
from factories import BEGAN, PROMPT, TOKEN, Rows, finding, parley
from hostile import assert_text, hostile
from promptrail.findings.mask import Mask
from promptrail.findings.prompt import finding as prompt_to_host
from promptrail.model import Flow, Message
from promptrail.report.blocks.attachments import NAME, attachments
from promptrail.report.blocks.bounded import MOST, SHOWN
from promptrail.report.blocks.directions import answers, general, requests
from promptrail.report.html import Part
from promptrail.report.view import View
from reports import copy_of_sample

FORM = "multipart/form-data; boundary=AbC"


def view(rows: Rows, folder: Path, **parameters: Any) -> View:
    case = rows.write(folder / "case")
    return View(case, Mask(case.declared_probes), finding(parameters=parameters))


def words(html: str) -> str:
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", html.replace("<wbr>", ""))).split())


def table(part: Part) -> list[list[str]]:
    """The text of each row of all tables, without the heads of their columns."""
    found = re.findall(r"<tr>(<th scope=\"row\".*?)</tr>", part.html, re.S)
    return [[words(c) for c in re.findall(r"<t[hd].*?>(.*?)</t[hd]>", row, re.S)] for row in found]


def answered(rows: Rows, flow: Flow, path: str, probe: str = "p1", **more: Any) -> None:
    """The answer of a flow holds this probe there."""
    values: dict[str, Any] = {"direction": "response", "path": path, "part": "body", "chain": ["json"]}
    rows.sighting(flow, probe, b"{}", 40, **(values | more))


def talk() -> tuple[Rows, Flow]:
    """One run in which the maker was sent a prompt, and nothing was unread."""
    rows = Rows()
    rows.run("r1")
    rows.probe("p1", "prompt", PROMPT)
    rows.probe("x1", "prompt", "never typed plover-2093", True, "p1")
    flow = rows.flow("r1", "chat.parley.test", PROMPT.encode())
    rows.sighting(flow, "p1", b"{}", 1)
    return rows, flow


def test_each_direction_has_its_own_table(tmp_path: Path) -> None:
    """And none of an answer's sightings is among those of requests; decoys and other runs are in neither."""
    rows, flow = talk()
    answered(rows, flow, "/echo")
    answered(rows, flow, "/decoy", "x1")
    answered(rows, rows.flow(rows.run("r2", control="C0"), "chat.parley.test"), "/elsewhere")
    case = rows.write(tmp_path / "case")
    seen = View(case, Mask(case.declared_probes), prompt_to_host.find(case))
    assert seen.sightings["path"].tolist() == ["/messages/0/content"]
    assert seen.answers["path"].tolist() == ["/echo"]
    assert [row[2] for row in table(requests(seen))] == ["body /messages/*/content"]
    assert [row[2] for row in table(answers(seen))] == ["body /echo"]


def test_hundreds_of_places_become_one_row(tmp_path: Path) -> None:
    """With how many values, runs and sightings it stands for, and the id of the first; tiers stay apart."""
    rows, flow = talk()
    for n in range(300):
        answered(rows, flow, f"event {n} > /choices/{n}/text", part="sse", at=BEGAN + 300 - n)
    answered(rows, flow, "event 0 > /choices/0/text", part="sse", tier="partial", chain=["sse"])
    seen = view(rows, tmp_path)
    first = seen.answers["id"].iloc[0]
    exact, partial = table(answers(seen))
    place = "sse event * > /choices/*/text"
    assert exact == ["chat.parley.test", "prompts", place, "exact", "1 of 1", "1 of 1", "300", exact[-1]]
    assert first in (exact[-1], partial[-1]) and partial[3] == "partial" and partial[6] == "1"


@pytest.mark.parametrize(
    ("path", "protobuf", "said"),
    [
        ("/messages/0/content", False, "/messages/*/content"),
        ("event 12 > /a/3", False, "event * > /a/*"),
        ("request 0, body > /x", False, "request *, body > /x"),
        ("items[17]", False, "items[*]"),
        ("/v2/a1/2b", False, "/v2/a1/2b"),
        ("/3/1 > /list/7", True, "/3/1 > /list/*"),
        ("/3/1", False, "/*/*"),
        ("?q", False, "?q"),
    ],
)
def test_numbers_of_lists_go_and_names_stay(path: str, protobuf: bool, said: str) -> None:
    """The numbers of Protocol Buffers are names of fields."""
    assert general(path, protobuf) == said


def test_a_title_is_marked_by_its_name_alone(tmp_path: Path) -> None:
    """Only in answers, and only where the last name says so."""
    rows, flow = talk()
    rows.sighting(flow, "p1", b"{}", 2, path="/title")
    answered(rows, flow, "event 0 > /chat_title", part="sse")
    answered(rows, flow, "/title/text")
    seen = view(rows, tmp_path)
    places = [row[2] for row in (*table(requests(seen)), *table(answers(seen)))]
    assert [p for p in places if "chat title" in p] == ["sse event * > /chat_title named like a chat title"]


def test_an_answer_alone_names_its_host_and_decides_nothing(tmp_path: Path) -> None:
    """A host that only answered is told; the verdict is that without it."""
    rows, flow = talk()
    plain = prompt_to_host.find(rows.write(tmp_path / "plain"))
    assert "No request of these runs" not in words(answers(view(rows, tmp_path / "a")).html)
    answered(rows, rows.flow("r1", "other.test"), "/echo")
    answered(rows, flow, "/echo")
    seen = view(rows, tmp_path / "b")
    told = words(answers(seen).html)
    assert "No request of these runs was seen to carry a value to other.test, so how it came there" in told
    with_answer = prompt_to_host.find(seen.case)
    assert (with_answer.verdict, with_answer.sentence) == (plain.verdict, plain.sentence)
    assert with_answer.evidence == plain.evidence


def test_none_in_answers_is_said_with_what_was_not_read(tmp_path: Path) -> None:
    """Pieces of answers and connections that nobody read may hold one; with all of it read nothing more is said."""
    rows, flow = talk()
    told = words(answers(view(rows, tmp_path / "a")).html)
    assert told.startswith("No value was seen in what could be read of answers.") and "not read" not in told
    row = {"flow": flow.flow, "run": "r1", "host": flow.host, "direction": "response", "reason": "missing"}
    rows.rows["undecoded"].append(row | {"detail": "", "seq": 1, "length": None})
    rows.connection("r1", "pinned.test", "pinned")
    rows.connection("r1", "gone.test", "not-reached")
    told = words(answers(view(rows, tmp_path / "b")).html)
    assert "not read, and may hold more: 1 piece of an answer and whatever came back on 1 connection." in told


def test_without_a_probe_nothing_was_looked_for(tmp_path: Path) -> None:
    """Which is not the same as nothing found."""
    rows = Rows()
    rows.flow(rows.run("r1"), "a.test", b"{}")
    seen = view(rows, tmp_path)
    for block in (requests, answers):
        assert words(block(seen).html) == "No probe is declared, so nothing was looked for."


def test_none_in_requests_is_said_with_what_was_not_read(tmp_path: Path) -> None:
    """Not found is not the same as not sent."""
    rows, flow = talk()
    rows.rows["sightings"].clear()
    rows.undecoded(flow, length=12)
    assert "could be read of requests. Unread: 12 of " in words(requests(view(rows, tmp_path)).html)


def test_a_long_table_is_folded_and_counted(tmp_path: Path) -> None:
    """Its first rows are shown, more are folded, and what is left out is a number."""
    rows, flow = talk()
    for n in range(MOST + 7):
        answered(rows, flow, f"/field{n:04d}")
    made = answers(view(rows, tmp_path))
    assert len(table(made)) == MOST
    told = words(made.html)
    assert f"{MOST - SHOWN} more rows" in told and "7 rows more are not shown." in told


def upload(rows: Rows, body: bytes, run: str = "r1", host: str = "chat.parley.test") -> None:
    """A multipart request."""
    flow = rows.flow(run, host, body)
    rows.rows["messages"].pop()
    rows.rows["messages"].append(
        Message(flow.flow, run, 0, "request", "body", rows.body(body), len(body), BEGAN, media=FORM)
    )


def one_file(
    name: bytes, field: bytes = b"file", media: bytes = b"text/plain", content: bytes = b"12"
) -> bytes:
    head = b'--AbC\r\nContent-Disposition: form-data; name="%s"; filename="%s"\r\n' % (field, name)
    return head + b"Content-Type: %s\r\n\r\n%s\r\n--AbC--\r\n" % (media, content)


def test_files_of_one_name_are_one_row(tmp_path: Path) -> None:
    """With the sizes from least to most, runs and requests; a declared name says so, in either way of composing it."""
    rows = Rows()
    rows.probe("f1", "file-name", "r\u00e9sum\u00e9.txt")
    for run, content in (("r1", b"12"), ("r2", b"1" * 1234)):
        rows.run(run)
        upload(rows, one_file("re\u0301sume\u0301.txt".encode(), content=content), run)
    upload(rows, one_file(b"other.txt"))
    other, mine = table(attachments(view(rows, tmp_path)))
    assert other[1:] == ["other.txt", "file", "text/plain", "2", "1 of 2", "1"]
    assert mine[1].endswith("as declared: f1") and mine[4:] == ["2 to 1,234", "2 of 2", "2"]


def test_a_size_that_is_not_known_is_no_number(tmp_path: Path) -> None:
    """A message that ends within the file gives a lower bound, and is counted below the table."""
    rows = Rows()
    rows.run("r1")
    upload(rows, one_file(b"a.txt", content=b"12345").removesuffix(b"\r\n--AbC--\r\n"))
    made = attachments(view(rows, tmp_path))
    assert table(made)[0][4] == "at least 5"
    assert "1 multipart request could not be taken apart to its end; files in it may be missing" in words(
        made.html
    )


def test_no_file_is_said_with_what_was_not_read(tmp_path: Path) -> None:
    """No row is no proof that nothing was attached."""
    told = words(attachments(view(parley(), tmp_path)).html)
    assert told.startswith("No request that could be read named a file")
    assert told.endswith("Unread: 2 connections of unknown size.")


def test_a_file_name_passes_the_mask(tmp_path: Path) -> None:
    """A personal value or a credential in name, field or type is a label; it is masked before it is cut."""
    rows = Rows()
    rows.run("r1")
    rows.probe("e1", "email", "mina@parley.test")
    upload(rows, one_file(b"scan-" * 22 + b" mina@parley.test.pdf", b"f?token=" + TOKEN.encode()))
    html = words(attachments(view(rows, tmp_path)).html)
    assert "mina" not in html and TOKEN not in html and "[withheld: 28 characters]" in html


def test_hostile_names_are_harmless_and_cut(tmp_path: Path) -> None:
    """Markup, paths, overrides of direction, bytes that are no text, ten kilobytes: text, and no more than a cell."""
    rows = Rows()
    rows.run("r1")
    rows.probe("p1", "prompt", PROMPT)
    for n, text in enumerate([*hostile(1), "../../etc/passwd", "\u202egpj.exe", "x" * 10_000]):
        raw = text.replace("\\", "\\\\").replace('"', '\\"').encode()
        upload(rows, one_file(raw, raw, raw.replace(b"\n", b"")), host=f"h{n}.test")
        answered(rows, rows.flow("r1", f"h{n}.test"), f"/{text} > /title")
    upload(rows, one_file(b"\xff\xfe\xed\xa0\x80"))
    seen = view(rows, tmp_path)
    made = attachments(seen)
    for part in (made, answers(seen), requests(seen)):
        assert_text(part.html)
    html = made.html.replace("<wbr>", "")
    assert "&lt;script&gt;" in html and "[U+202E]" in html and "../../etc/passwd" in html
    assert f"{'x' * NAME}… (10,000 characters)" in html and "x" * (NAME + 1) not in html
    assert "x" * 201 not in answers(seen).html


def test_the_notebook_shows_them_on_the_sample(tmp_path: Path) -> None:
    """The title that the maker's server made of the prompt, and the file that was attached in every run."""
    made = shown("01-prompt-to-host", copy_of_sample(tmp_path / "case").path)
    (answer,) = (words(cell) for cell in made if "Values in answers" in cell)
    assert (
        "chat.parley.test prompts sse event * > /title named like a chat title exact 3 of 3 7 of 7" in answer
    )
    (files,) = (words(cell) for cell in made if "Files that requests named" in cell)
    assert "minutes-gossamer-8990.txt as declared: file1 file text/plain 36 7 of 7 7" in files
