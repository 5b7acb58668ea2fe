"""`promptrail export`: what is exported and imported again says the same, but for what the table of losses names."""

import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from mitmproxy.test import tflow

from captures import exchange, write_flows
from promptrail import frames, ingest, pipeline
from promptrail.case import Case
from promptrail.cli import main
from promptrail.ingest.har_export import LOST

PROMPT = "우리 팀의 3분기 구조조정 계획을 요약해 줘. dunlin-8850"


def flows() -> list[Any]:
    """Exchanges of every kind: packed, binary, failed, broken off, without bodies, WebSocket, odd headers, TCP."""
    packed = exchange(
        "https://api.parley.test/a?q=%ED%95%9C&b=", b"x", [(b"content-type", b"application/json")]
    )
    packed.request.headers["content-encoding"] = "gzip"
    packed.request.content = json.dumps({"q": PROMPT}).encode()
    packed.response.headers["content-encoding"] = "br"
    packed.response.content = json.dumps({"a": PROMPT}).encode()
    binary = exchange(
        "https://api.parley.test/b", b"\xff\x00" + PROMPT.encode(), [(b"X-Odd", b"\xff"), (b"x-two", b"1")]
    )
    binary.request.headers.add("x-two", PROMPT)
    binary.response.content = bytes(range(256))
    failed = exchange("https://gone.parley.test/", PROMPT.encode())
    failed.response, failed.error = None, tflow.terr()
    broken = exchange("http://api.parley.test:8080/c", b"")
    broken.response.timestamp_end = None
    lost = exchange("https://api.parley.test/d", b"x")
    lost.request.raw_content = lost.response.raw_content = None
    false = exchange("https://api.parley.test/e", b"no gzip", [(b"content-encoding", b"gzip")])
    web = tflow.twebsocketflow()
    web.websocket.messages[0].content = b"\xff\x00"
    web.websocket.messages[-1].content = PROMPT.encode()
    marked = exchange("https://api.parley.test/f", b"")
    marked.response.headers["x-promptrail-simulated"] = "lab"
    return [packed, binary, failed, broken, lost, false, web, marked, tflow.ttcpflow()]


def case_of(folder: Path, file: Path) -> Case:
    case = Case.create(folder)
    ingest.place(case, file)
    case.add_probe("prompt", PROMPT)
    pipeline.ensure(case)
    return case


def seen(case: Case) -> Counter[tuple[Any, ...]]:
    rows = frames.rows(case.sightings[~case.sightings["decoy"].astype(bool)])
    return Counter((r.text, r.host, r.direction, r.part, r.tier) for r in rows)


@pytest.fixture(scope="module")
def both(tmp_path_factory: pytest.TempPathFactory) -> tuple[Case, Case, Path]:
    """A case, the case that its export gives, and the exported file."""
    folder = tmp_path_factory.mktemp("export")
    before = case_of(folder / "before", write_flows(folder / "x.mitm", *flows()))
    out = folder / "out.har"
    assert main(["export", str(before.path), str(out)]) == 0
    return before, case_of(folder / "after", out), out


def kept(case: Case, name: str) -> Any:
    """The rows that a HAR can hold."""
    flows = case.flows[case.flows["kind"].isin(["http", "websocket"])]
    frame = case.frame(name)
    return frame[frame["flow"].isin(flows["flow"])].reset_index(drop=True)


def test_sightings_and_hosts_come_back(both: tuple[Case, Case, Path]) -> None:
    """In the URL, headers, bodies packed or not, both ways, and WebSocket messages."""
    before, after, _ = both
    assert seen(after) == seen(before)
    assert {key[3] for key in seen(after)} >= {"body", "header", "ws"}
    assert kept(after, "flows")["host"].tolist() == kept(before, "flows")["host"].tolist()


@pytest.mark.parametrize("name", ["flows", "messages"])
def test_what_differs_is_what_the_table_names(both: tuple[Case, Case, Path], name: str) -> None:
    """Every other column of flows and messages is the same; and no column is named that comes back."""
    before, after = (kept(case, name) for case in both[:2])
    assert len(before) == len(after)
    different = {
        column
        for column in before
        if [repr(v) for v in before[column].astype(object)] != [repr(v) for v in after[column].astype(object)]
    }
    named = {c.split(".")[1] for loss in LOST for c in loss.columns if c.startswith(f"{name}.")}
    assert different - {"flow", "run"} <= named
    if name == "flows":
        assert named - different <= {"sni", "cert_names", "cert_issuer", "response_headers", "started"}


def test_bodies_without_coding_come_back_byte_for_byte(both: tuple[Case, Case, Path]) -> None:
    """Only where a Content-Encoding was undone is a body another one."""
    before, after, _ = both
    plain = ~kept(before, "flows")["url"].str.contains("/a")
    for column in ("request_body", "response_body"):
        left, right = (kept(case, "flows")[column][plain] for case in (before, after))
        assert left.fillna("missing").tolist() == right.fillna("missing").tolist()


def test_the_mark_stays(both: tuple[Case, Case, Path]) -> None:
    """What was simulated is simulated after the way through HAR, and the file says so in words."""
    _, after, out = both
    log = json.loads(out.read_text(encoding="utf-8"))["log"]
    assert after.simulated and log["_simulated"] is True and log["comment"].startswith("Simulated")
    assert all(e["_simulated"] is True for e in log["entries"])
    log["entries"] = [e for e in log["entries"] if e["request"]["url"].endswith("/b")]
    del log["_simulated"]
    out.with_name("part.har").write_text(json.dumps({"log": log}), encoding="utf-8")
    assert case_of(out.parent / "part", out.with_name("part.har")).simulated


def test_the_file_is_what_other_tools_read(both: tuple[Case, Case, Path]) -> None:
    """Every field that HAR 1.2 asks for, in strict JSON; Chrome's way for WebSockets; mitmproxy reads it."""
    from mitmproxy.io.har import request_to_flow

    text = both[2].read_text(encoding="utf-8")
    log = json.loads(text, parse_constant=lambda word: pytest.fail(word))["log"]
    text.encode("utf-8")
    assert {"version", "creator", "entries"} <= set(log) and log["version"] == "1.2"
    for entry in log["entries"]:
        assert {"startedDateTime", "time", "request", "response", "cache", "timings"} <= set(entry)
        wanted = {
            "method",
            "url",
            "httpVersion",
            "cookies",
            "headers",
            "queryString",
            "headersSize",
            "bodySize",
        }
        assert wanted <= set(entry["request"])
        wanted = {"status", "statusText", "httpVersion", "cookies", "headers", "content", "redirectURL"}
        assert wanted <= set(entry["response"]) and {"size", "mimeType"} <= set(entry["response"]["content"])
        if (entry["request"].get("postData") or {"text": ""})["text"] is not None:
            assert request_to_flow(entry).request.pretty_url == entry["request"]["url"]
    (web,) = [e for e in log["entries"] if "_webSocketMessages" in e]
    assert {(m["type"], m["opcode"]) for m in web["_webSocketMessages"]} >= {("send", 2), ("receive", 1)}
    assert log["entries"][0]["response"]["content"]["text"] == json.dumps({"a": PROMPT})


def test_the_same_case_gives_the_same_bytes(both: tuple[Case, Case, Path]) -> None:
    """Nothing of the time or the place of the export stands in it."""
    again = both[2].with_name("again.har")
    assert main(["export", str(both[0].path), str(again)]) == 0
    assert again.read_bytes() == both[2].read_bytes()


def test_losses_are_printed(both: tuple[Case, Case, Path], capsys: pytest.CaptureFixture[str]) -> None:
    """The command says how much was left out, and what no HAR holds."""
    assert main(["export", str(both[0].path), str(both[2].with_name("told.har"))]) == 0
    said = capsys.readouterr().out
    assert "8 entries SIMULATED, 1 other flows left out" in said
    assert all(loss.what in said for loss in LOST)


def test_one_run_of_several(tmp_path: Path) -> None:
    """--run takes that run alone; a run that is not there is named with those that are."""
    files = [
        write_flows(tmp_path / f"{n}.mitm", exchange(f"https://{n}.parley.test/")) for n in ("one", "two")
    ]
    case = case_of(tmp_path / "case", files[0])
    ingest.place(case, files[1])
    run = next(r.name for r in case.run_folders() if r.name.startswith("two"))
    assert main(["export", str(case.path), str(tmp_path / "x.har"), "--run", run]) == 0
    log = json.loads((tmp_path / "x.har").read_text(encoding="utf-8"))["log"]
    assert [(e["_run"], e["request"]["url"]) for e in log["entries"]] == [(run, "https://two.parley.test/")]


@pytest.mark.parametrize(
    ("out", "more", "words"),
    [
        ("x.mitm", [], "is there already"),
        ("no/such/folder.har", [], "cannot be written"),
        ("y.har", ["--run", "nowhere"], "no run 'nowhere'"),
    ],
)
def test_what_cannot_be_done_changes_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], out: str, more: list[str], words: str
) -> None:
    """A file that exists is never replaced; one sentence says what is wrong; nothing is left behind."""
    file = write_flows(tmp_path / "x.mitm", exchange("https://a.parley.test/"))
    before = file.read_bytes()
    case = case_of(tmp_path / "case", file)
    assert main(["export", str(case.path), str(tmp_path / out), *more]) == 1
    assert words in capsys.readouterr().err and file.read_bytes() == before
    assert sorted(p.name for p in tmp_path.iterdir()) == ["case", "x.mitm"]


def test_a_case_whose_input_was_lost_says_so(tmp_path: Path) -> None:
    """Exit code 3, as from the import: what is exported is not all there was."""
    file = write_flows(tmp_path / "x.mitm", *[exchange(f"https://a.parley.test/{n}") for n in range(3)])
    file.write_bytes(file.read_bytes()[:-50])
    case = case_of(tmp_path / "case", file)
    assert main(["export", str(case.path), str(tmp_path / "x.har")]) == 3
    assert len(json.loads((tmp_path / "x.har").read_text(encoding="utf-8"))["log"]["entries"]) == 2
