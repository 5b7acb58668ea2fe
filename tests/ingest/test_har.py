"""HAR files, whole and broken, in the dialects that the reader meets."""

import json
from pathlib import Path

import pytest

from captures import entry, har
from promptrail import ingest
from promptrail.case import Case
from promptrail.errors import InputError
from promptrail.model import EMPTY, Problem


def read(folder: Path, text: str | bytes) -> tuple[Case, list[Problem]]:
    """A case into which this HAR was taken, and what was met on the way."""
    file = folder / "traffic.har"
    file.write_bytes(text if isinstance(text, bytes) else text.encode("utf-8", "surrogatepass"))
    case = Case.create(folder / "case")
    ingest.place(case, file)
    return case, ingest.frames_of(case)


def test_an_entry_becomes_a_flow(tmp_path: Path) -> None:
    """Method, URL, host, address, status, headers and both bodies stand in the flow."""
    case, problems = read(tmp_path, har(entry(body='{"q":1}', answer='{"a":2}')))
    flow = case.flows.iloc[0]
    assert problems == []
    assert (flow.method, flow.host, flow.dest_ip, flow.status) == (
        "POST",
        "chat.parley.test",
        "192.0.2.10",
        200,
    )
    assert case.bytes_of(flow.request_body) == b'{"q":1}'
    assert case.bytes_of(flow.response_body) == b'{"a":2}'
    assert {"name": b"Content-Type", "value": b"application/json"} in list(flow.request_headers)
    assert bool(flow.bodies_decoded) and not bool(flow.simulated)


def test_missing_and_empty_bodies_are_kept_apart(tmp_path: Path) -> None:
    """No body is empty; a body whose size is told and whose bytes are not is missing."""
    gone = entry("https://a.test/1")
    gone["request"]["bodySize"] = 700
    case, _ = read(tmp_path, har(gone, entry("https://a.test/2")))
    assert case.flows.request_body.isna().tolist() == [True, False]
    assert case.flows.request_body.iloc[1] == EMPTY
    assert case.messages[case.messages.direction == "request"].body.isna().tolist() == [True]


def test_base64_bodies_are_bytes(tmp_path: Path) -> None:
    """A body that the file holds as base64 is stored as the bytes it stands for."""
    one = entry()
    one["response"]["content"] |= {"text": "/wD+", "encoding": "base64"}
    case, _ = read(tmp_path, har(one))
    assert case.bytes_of(case.flows.response_body.iloc[0]) == b"\xff\x00\xfe"


def test_websocket_messages(tmp_path: Path) -> None:
    """Messages of a WebSocket stand one by one, with direction and kind."""
    frames = [
        {"type": "send", "time": 1.0, "opcode": 1, "data": "hello"},
        {"type": "receive", "time": 2.0, "opcode": 2, "data": "AAEC"},
    ]
    case, _ = read(tmp_path, har(entry("wss://a.test/ws", _webSocketMessages=frames)))
    found = case.messages[case.messages.part == "ws"]
    assert [(m.direction, case.bytes_of(m.body), bool(m.text)) for m in found.itertuples()] == [
        ("request", b"hello", True),
        ("response", b"\x00\x01\x02", False),
    ]


def test_byte_order_mark_is_a_warning(tmp_path: Path) -> None:
    """A file with a byte order mark is read whole, and said to have one."""
    case, problems = read(tmp_path, b"\xef\xbb\xbf" + har(entry()).encode())
    assert len(case.flows) == 1
    assert [p.severity for p in problems] == ["warning"]


def test_lone_surrogates_give_the_bytes_back(tmp_path: Path) -> None:
    """mitmproxy writes bytes that are not UTF-8 as lone surrogates (PEP 383): restored, with a warning."""
    raw = b'{"q":"\xff\xfe"}'
    text = har(entry(body="BODY")).replace('"BODY"', json.dumps(raw.decode("utf-8", "surrogateescape")))
    case, problems = read(tmp_path, text)
    assert case.bytes_of(case.flows.request_body.iloc[0]) == raw
    assert [p.severity for p in problems] == ["warning"]


@pytest.mark.parametrize("cut", [1, 3, 300])
def test_a_file_cut_short_gives_its_whole_entries(tmp_path: Path, cut: int) -> None:
    """Every entry before the cut is read; the loss names the byte where it begins."""
    text = har(*(entry(f"https://a.test/{n}", body='{"q":"한국"}') for n in range(5)))
    case, problems = read(tmp_path, text[:-cut])
    whole = 5 if cut <= 3 else 4
    assert len(case.flows) == whole
    assert [p.severity for p in problems] == ["lost"]
    assert f"after {whole} whole entries" in problems[0].what and problems[0].place.startswith("byte ")
    assert not bool(case.runs.complete.iloc[0])


def test_one_bad_entry_loses_only_itself(tmp_path: Path) -> None:
    """An entry that is none is named by its number; the others are read."""
    case, problems = read(tmp_path, har(entry("https://a.test/1"), {"request": 7}, entry("https://a.test/2")))
    assert len(case.flows) == 2
    assert [(p.severity, p.place) for p in problems] == [("lost", "entry 1")]


@pytest.mark.parametrize("content", ["", "hello", '{"a": 1}', "[]", "<html>", "\x00\x01"])
def test_what_is_no_capture_is_refused(tmp_path: Path, content: str) -> None:
    """An empty file, a text, other JSON: one sentence that names the file, and nothing stays in the case."""
    file = tmp_path / "x.har"
    file.write_text(content)
    case = Case.create(tmp_path / "case")
    with pytest.raises(InputError, match=r"x\.har"):
        ingest.place(case, file)
    assert case.run_folders() == []


def test_the_simulated_mark_covers_the_run(tmp_path: Path) -> None:
    """One marked answer makes the whole run simulated, unmarked exchanges included."""
    marked = entry("https://a.test/1")
    marked["response"]["headers"].append({"name": "X-Promptrail-Simulated", "value": "lab"})
    case, _ = read(tmp_path, har(entry("https://a.test/2"), marked))
    assert case.runs.simulated.tolist() == [True]
    assert case.flows.simulated.tolist() == [True, True]
    assert case.simulated


def test_the_same_file_is_taken_once(tmp_path: Path) -> None:
    """Importing a file again adds no second run."""
    case, _ = read(tmp_path, har(entry()))
    assert not ingest.place(case, tmp_path / "traffic.har").new
    assert len(case.run_folders()) == 1
