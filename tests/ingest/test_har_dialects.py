"""Each dialect as its tool writes it: one exchange with a Korean prompt, made after the tool's own source or documents.

The factories follow the writers that `har_dialects` names (fields, order, sizes, times, addresses); all values are
invented. mitmproxy's own writer runs in test_har_pairs.py, Chrome's and an old mitmproxy's own files are read below.
"""

import base64
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from promptrail import ingest
from promptrail.case import Case
from promptrail.ingest.har_dialects import DIALECTS, OTHER, dialect_of
from promptrail.ingest.har_text import REMARKS
from promptrail.model import EMPTY, Problem

Har = dict[str, Any]
PROMPT = "우리 팀의 계획 kestrel-4417"
BODY = json.dumps({"q": PROMPT}, ensure_ascii=False)
SENT = BODY.encode()
ANSWER = '{"a":"네"}'
BINARY = b"\x0a\x03\xff\xfe\x80"
URL = "https://chat.parley.test/v1/chat"
AT = 1773482400.25
MEDIA = "application/json"


def head(name: str, value: str) -> Har:
    return {"name": name, "value": value}


def log(name: str, version: str, *entries: Har, har: str = "1.2", **more: Any) -> Har:
    return {
        "log": {"version": har, "creator": {"name": name, "version": version}, **more, "entries": entries}
    }


def entry(request: Har, response: Har, began: str = "2026-03-14T10:00:00.250Z", **more: Any) -> Har:
    """The fields that HAR 1.2 asks for around a tool's own."""
    asked = {"method": "POST", "url": URL, "httpVersion": "HTTP/1.1", "cookies": [], "queryString": []}
    asked |= {"headers": [head("Content-Type", MEDIA)], "headersSize": -1}
    said = {"status": 200, "statusText": "OK", "httpVersion": "HTTP/1.1", "cookies": [], "redirectURL": ""}
    said |= {"headers": [head("content-type", MEDIA)], "headersSize": -1, "bodySize": -1}
    return {
        "startedDateTime": began,
        "time": 12.5,
        "request": asked | request,
        "response": said | response,
        "cache": {},
        "timings": {"send": 0, "wait": 12.5, "receive": 0},
        **more,
    }


def content(text: str = ANSWER, **more: Any) -> Har:
    return {"content": {"size": len(text.encode()), "mimeType": MEDIA, "text": text} | more}


def chrome() -> Har:
    """Chrome 111: its WebSocket messages, a connection number, an address in brackets, HTTP/2 in small letters."""
    posted = {"bodySize": len(SENT), "httpVersion": "http/2.0", "postData": {"mimeType": MEDIA, "text": BODY}}
    more = {"_initiator": {"type": "script"}, "connection": "4711", "serverIPAddress": "[2001:db8::7]"}
    frames = [
        {"type": "send", "time": AT, "opcode": 1, "data": PROMPT},
        {"type": "receive", "time": AT + 1, "opcode": 2, "data": base64.b64encode(BINARY).decode()},
    ]
    web = entry(
        {"method": "GET", "url": "wss://chat.parley.test/ws"}, {"status": 101, "content": {"size": 0}}
    )
    web |= {"_resourceType": "websocket", "_webSocketMessages": frames}
    return log("WebInspector", "537.36", entry(posted, content(), **more), web, pages=[])


def firefox() -> Har:
    """Firefox 128: the local offset, bodySize in UTF-16 units, the port as connection, an empty address."""
    posted = {"bodySize": len(BODY), "postData": {"mimeType": MEDIA, "params": [], "text": BODY}}
    more = {"serverIPAddress": "192.0.2.7", "connection": "443", "_securityState": "secure"}
    one = entry(posted, content(), "2026-03-14T19:00:00.250+09:00", **more)
    return log("Firefox", "128.0", one, browser={"name": "Firefox", "version": "128.0"}, pages=[])


def safari() -> Har:
    """Safari 17: bytes as transferred, _fetchType, an address without its port."""
    posted = {"bodySize": len(SENT), "postData": {"mimeType": MEDIA, "text": BODY, "params": []}}
    more = {"serverIPAddress": "192.0.2.7", "connection": "5", "_fetchType": "Network Load"}
    return log("WebKit Web Inspector", "19618", entry(posted, content(), **more), pages=[])


def charles() -> Har:
    """Charles, after HAR 1.2: the local offset, answers as base64."""
    posted = {"bodySize": len(SENT), "postData": {"mimeType": MEDIA, "text": BODY}}
    packed = content(base64.b64encode(ANSWER.encode()).decode(), encoding="base64")
    one = entry(posted, packed, "2026-03-14T19:00:00.250+0900", serverIPAddress="192.0.2.7")
    return log("Charles Proxy", "4.6.2", one)


def insomnia() -> Har:
    """Insomnia 11: no sizes, no address."""
    posted = {"bodySize": -1, "postData": {"mimeType": MEDIA, "text": BODY}}
    return log(
        "Insomnia REST Client", "insomnia.desktop.app:v11.0.0", entry(posted, content(), comment="chat")
    )


def playwright() -> Har:
    """Playwright 1.44: the server's port, sizes in bytes; a body that it put into a file beside."""
    posted = {"bodySize": len(SENT), "postData": {"mimeType": MEDIA, "text": BODY, "params": []}}
    more = {"serverIPAddress": "192.0.2.7", "_serverPort": 8443}
    beside = {"bodySize": 9, "postData": {"mimeType": MEDIA, "text": "", "params": [], "_file": "ab.json"}}
    kept = {"content": {"size": -1, "mimeType": MEDIA, "_file": "cd.json"}}
    return log("Playwright", "1.44.0", entry(posted, content(), **more), entry(beside, kept))


def webpagetest() -> Har:
    """WebPagetest: HAR 1.1, the text of a request body always empty, a bare version number."""
    posted = {"bodySize": -1, "httpVersion": "1.1", "postData": {"mimeType": "", "text": ""}}
    one = entry(posted, content(), "2026-03-14T10:00:00.250+00:00", _run=1, _ip_addr="192.0.2.7")
    return log("WebPagetest", "21.07", one, har="1.1", browser={"name": "Chrome", "version": "1"}, pages=[])


def pcapdroid() -> Har:
    """PCAPdroid 1.9: base64 for what is not UTF-8, in requests and WebSocket messages too."""
    posted = {"bodySize": len(SENT), "postData": {"mimeType": MEDIA, "text": BODY, "params": []}}
    more = {"serverIPAddress": "192.0.2.7", "connection": "12"}
    raw = base64.b64encode(BINARY).decode()
    packed = {"mimeType": MEDIA, "text": raw, "encoding": "base64", "params": []}
    frames = [{"type": "send", "time": AT, "opcode": 1, "data": raw, "encoding": "base64"}]
    web = entry({"postData": packed, "bodySize": len(BINARY)}, {"status": 101, "content": {"size": 0}})
    web |= {"_resourceType": "websocket", "_webSocketMessages": frames}
    return log("PCAPdroid", "1.9.2", entry(posted, content(), **more), web)


def http_toolkit() -> Har:
    """HTTP Toolkit: the local offset, no address, bodies over 40 KB left out, a binary one damaged."""
    posted = {"bodySize": len(SENT), "postData": {"mimeType": MEDIA, "text": BODY, "params": []}}
    damaged = {"mimeType": MEDIA, "text": BINARY.decode("utf-8", "replace"), "params": []}
    began = "2026-03-14T11:00:00.250+01:00"
    large = entry({"bodySize": 50_000}, {"content": {"size": 50_000, "mimeType": MEDIA}}, began)
    hurt = entry({"bodySize": len(BINARY), "postData": damaged}, content(), began)
    return log("HTTP Toolkit", "1.20.1", entry(posted, content(), began), large, hurt)


def mitmproxy_9() -> Har:
    """mitmproxy 9's har_dump: content.size as transferred, bytes that it calls Latin-1."""
    text = SENT.decode("latin-1")
    posted = {"bodySize": len(SENT), "postData": {"mimeType": "text/plain", "text": text, "params": []}}
    posted["headers"] = [head("Content-Type", "text/plain")]
    said = content(size=4, compression=len(ANSWER.encode()) - 4)
    more = {"serverIPAddress": "192.0.2.7"}
    one = entry(posted, said, "2026-03-14T10:00:00.250000+00:00", **more)
    return log("mitmproxy har_dump", "0.1", one, comment="mitmproxy version mitmproxy 9.0.1")


def other() -> Har:
    """A tool that nobody here knows, with headers as pairs (as Slack exports them), its body read as Windows-1252."""
    headers = [["Content-Type", MEDIA]]
    text = "".join(
        bytes([b]).decode("cp1252" if b not in b"\x81\x8d\x8f\x90\x9d" else "latin-1") for b in SENT
    )
    posted = {"bodySize": -1, "headers": headers, "postData": {"mimeType": MEDIA, "text": text}}
    return log("nobody", "0", entry(posted, content(), "2026-03-14 10:00:00.250"))


SAMPLES: dict[str, Callable[[], Har]] = {
    "mitmproxy": mitmproxy_9,
    "Chrome": chrome,
    "Firefox": firefox,
    "Safari": safari,
    "Charles": charles,
    "Insomnia": insomnia,
    "Playwright": playwright,
    "WebPagetest": webpagetest,
    "PCAPdroid": pcapdroid,
    "HTTP Toolkit": http_toolkit,
    "other": other,
}
NO_ADDRESS = ("Insomnia", "WebPagetest", "HTTP Toolkit", "other")
SPEAKS = {"mitmproxy": "repaired", "other": "repaired", "HTTP Toolkit": "replaced"}


def read(folder: Path, document: Har) -> tuple[Case, list[Problem]]:
    file = folder / "x.har"
    file.write_text(json.dumps(document, ensure_ascii=False), encoding="utf-8")
    case = Case.create(folder / "case")
    ingest.place(case, file)
    return case, ingest.frames_of(case)


@pytest.mark.parametrize("name", SAMPLES)
def test_the_same_exchange_from_every_dialect(tmp_path: Path, name: str) -> None:
    """Host, time, status, version and the answer are the same; the prompt's bytes too, where the tool keeps them."""
    document = SAMPLES[name]()
    assert dialect_of(document["log"]["creator"]).name == name
    case, problems = read(tmp_path, document)
    flow = case.flows.iloc[0]
    assert not [p for p in problems if p.severity == "lost"]
    assert (flow.host, flow.started, flow.status, flow.port) == ("chat.parley.test", AT, 200, 443)
    assert flow.http_version == ("HTTP/2.0" if name == "Chrome" else "HTTP/1.1")
    assert case.bytes_of(flow.response_body) == ANSWER.encode()
    assert isinstance(flow.dest_ip, str) == (name not in NO_ADDRESS)
    if name == "WebPagetest":
        assert case.flows.request_body.isna().tolist() == [True]
    else:
        assert case.bytes_of(flow.request_body) == SENT


@pytest.mark.parametrize("name", SAMPLES)
def test_what_was_done_to_bodies_is_remarked(tmp_path: Path, name: str) -> None:
    """Repairs and damage are told with the entry; a dialect that keeps its bytes gives no remark."""
    _, problems = read(tmp_path, SAMPLES[name]())
    told = {p.what.removeprefix("holds ") for p in problems} - {REMARKS["zone"]}
    assert told == ({REMARKS[SPEAKS[name]]} if name in SPEAKS else set())  # type: ignore[index]


def test_every_dialect_has_its_sample() -> None:
    """The table names no tool without one; promptrail's own is in the tests of the export."""
    assert set(SAMPLES) | {"promptrail"} == {d.name for d in (*DIALECTS, OTHER)}
    assert all(d.source and d.tried for d in DIALECTS)


def test_websocket_messages_of_chrome_and_pcapdroid(tmp_path: Path) -> None:
    """Chrome's opcode says base64, PCAPdroid's `encoding` does: the bytes are there either way."""
    for name in ("Chrome", "PCAPdroid"):
        (tmp_path / name).mkdir()
        case, _ = read(tmp_path / name, SAMPLES[name]())
        frames = case.messages[case.messages.part == "ws"]
        assert [case.bytes_of(b) for b in frames.body] == (
            [PROMPT.encode(), BINARY] if name == "Chrome" else [BINARY]
        )
        assert case.flows.kind.tolist() == ["http", "websocket"]
    assert case.bytes_of(case.flows.request_body.iloc[1]) == BINARY


@pytest.mark.parametrize("name", ["Playwright", "HTTP Toolkit"])
def test_bodies_that_lie_elsewhere_are_missing_not_empty(tmp_path: Path, name: str) -> None:
    """A body that the tool left out or put beside is missing in the frames, and listed among the messages."""
    case, _ = read(tmp_path, SAMPLES[name]())
    assert case.flows.request_body.isna().iloc[1] and case.flows.response_body.isna().iloc[1]
    assert EMPTY not in case.messages.body.tolist()


def test_a_time_without_offset_is_remarked(tmp_path: Path) -> None:
    """Nobody knows which clock it was: UTC is taken, and said."""
    _, problems = read(tmp_path, other())
    assert [p.place for p in problems if REMARKS["zone"] in p.what] == ["entry 0"]


@pytest.mark.parametrize("creator", [None, 7, [], {}, {"name": None}, {"name": ["x"]}, {"name": " "}])
def test_no_creator_is_another_tool(creator: Any) -> None:
    """What names no known tool is read as one of those that nobody knows."""
    assert dialect_of(creator) is OTHER


@pytest.mark.needs_shared
@pytest.mark.parametrize(
    ("file", "dialect", "flows"),
    [("browser-chrome", "Chrome", 3), ("android-app-first-run", "mitmproxy", 16)],
)
def test_the_tools_own_files(
    tmp_path: Path, real_captures: Path, file: str, dialect: str, flows: int
) -> None:
    """Chrome's own file and one of an app by mitmproxy 9: every entry is a flow with a host, a time and a version."""
    real = real_captures / f"{file}.har"
    case, problems = read(tmp_path, json.loads(real.read_text(encoding="utf-8")))
    assert dialect_of(json.loads(real.read_text(encoding="utf-8"))["log"]["creator"]).name == dialect
    assert len(case.flows) == flows and case.flows.host.notna().all() and case.flows.started.notna().all()
    assert not [p for p in problems if p.severity == "lost"]
