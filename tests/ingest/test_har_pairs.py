"""One capture as flow file and as HAR gives the same sightings and hosts: real pairs, and pairs made by mitmproxy."""

import gzip
import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from mitmproxy import http
from mitmproxy.addons.savehar import SaveHar

from captures import exchange, write_flows
from promptrail import frames, pipeline
from promptrail.case import Case
from promptrail.decode import expand
from promptrail.decode.parts import body_part
from promptrail.ingest import place
from promptrail.model import EMPTY

PAIRS = ("websocket", "event_stream", "successful_log", "error_log")
PERMITTED = {
    "flow run source_ref connection": "follow from the file",
    "bodies_decoded request_body request_length response_body response_length": "Content-Encoding is undone",
    "response_complete error": "what broke off after the answer had begun is not told, and reads as empty",
    "started request_ended response_started ended": "one time to the microsecond, and durations with the handshake",
    "dest_port sni cert_names cert_issuer": "not in a HAR",
}
"""Columns of flows in which a HAR of mitmproxy may differ from its flow file; none moves a sighting or a host."""
KOREAN = "우리 팀의 3분기 구조조정 계획을 요약해 줘. dunlin-8850"
Key = tuple[Any, ...]


def seen(case: Case) -> Counter[Key]:
    """Each sighting by what it says."""
    rows = frames.rows(case.sightings[~case.sightings["decoy"].astype(bool)])
    return Counter((r.text, r.host, r.direction, r.part, r.tier) for r in rows)


def imported(folder: Path, file: Path, texts: list[str]) -> Case:
    """A case that holds this capture, traced for these values."""
    case = Case.create(folder)
    place(case, file)
    for text in texts:
        case.add_probe("identifier", text)
    pipeline.ensure(case)
    return case


def values(case: Case) -> Iterator[str]:
    """Words that the capture's own bodies, URLs and headers hold, long enough to be told from chance."""
    for message in frames.rows(case.messages):
        if message.body and message.body != EMPTY:
            part = body_part(
                case.bytes_of(message.body), message.part, message.direction, message.media, message.coding
            )
            for layer in expand(part.layer, []):
                yield layer.data.decode("utf-8", "replace")
    for flow in frames.rows(case.flows):
        yield flow.url
        for header in (*flow.request_headers, *flow.response_headers):
            yield header["value"].decode("utf-8", "replace")


def chosen(case: Case, most: int = 24) -> list[str]:
    """Some of those words, in a stable order."""
    words = {word.strip("\"'{}[](),;:") for text in values(case) for word in text.split()}
    good = sorted(w for w in words if 12 <= len(w) <= 60 and w.isprintable() and "\ufffd" not in w)
    return good[:: max(1, len(good) // most)][:most]


@pytest.mark.needs_shared
@pytest.mark.parametrize("name", PAIRS)
def test_real_pairs_agree(tmp_path: Path, real_captures: Path, name: str) -> None:
    """Values that the flow file holds are found in the HAR at the same hosts, directions, parts and tiers; and back."""
    sides = {kind: real_captures / f"mitmproxy-{name}.{kind}" for kind in ("mitm", "har")}
    probes = {
        word for kind, file in sides.items() for word in chosen(imported(tmp_path / f"look-{kind}", file, []))
    }
    cases = {kind: imported(tmp_path / kind, file, sorted(probes)) for kind, file in sides.items()}
    mitm, har = cases["mitm"], cases["har"]
    assert probes and seen(mitm)
    assert sorted(mitm.flows["host"]) == sorted(har.flows["host"])
    assert seen(har) == seen(mitm)
    for column in set(mitm.flows) - {c for columns in PERMITTED for c in columns.split()}:
        told = [[repr(v) for v in case.flows[column].astype(object)] for case in (har, mitm)]
        assert told[0] == told[1], column


def pair(folder: Path, *flows: Any) -> tuple[Path, Path]:
    """The same flows in both formats, as mitmproxy itself writes them."""
    har = folder / "same.har"
    har.write_text(json.dumps(SaveHar().make_har(flows), indent=4), encoding="utf-8")
    return write_flows(folder / "same.mitm", *flows), har


BODIES: list[tuple[str, str, bytes]] = [
    ("JSON", "application/json", json.dumps({"q": KOREAN}, ensure_ascii=False).encode()),
    ("JSON escapes", "application/json", json.dumps({"q": KOREAN}).encode()),
    ("text without charset", "text/plain", KOREAN.encode()),
    ("text in EUC-KR", "text/plain; charset=euc-kr", KOREAN.encode("euc-kr")),
    ("EUC-KR that is not declared", "text/plain", KOREAN.encode("euc-kr")),
    ("UTF-16", "text/plain", KOREAN.encode("utf-16")),
    ("a byte order mark", "application/json", b"\xef\xbb\xbf" + json.dumps({"q": KOREAN}).encode()),
    (
        "multipart",
        "multipart/form-data; boundary=b",
        b'--b\r\nContent-Disposition: form-data; name="q"\r\n\r\n' + KOREAN.encode() + b"\r\n--b--\r\n",
    ),
    ("protobuf", "application/x-protobuf", b"\x0a" + bytes([len(KOREAN.encode())]) + KOREAN.encode()),
    ("gRPC", "application/grpc", b"\0\0\0\0\x48\x0a\x46" + KOREAN.encode()[:70]),
    ("binary", "application/octet-stream", bytes(range(256))),
    ("bytes in JSON that are not UTF-8", "application/json", b'{"q":"\xff\xfe\x80 dunlin-8850"}'),
    ("an unknown charset", "text/plain; charset=nowhere", KOREAN.encode()),
    ("HTML with its charset", "text/html", b'<meta charset="euc-kr"><p>' + KOREAN.encode("euc-kr")),
]


@pytest.mark.parametrize(("media", "body"), [row[1:] for row in BODIES], ids=[row[0] for row in BODIES])
def test_mitmproxys_bodies_come_back_byte_for_byte(tmp_path: Path, media: str, body: bytes) -> None:
    """Whatever text mitmproxy makes of a body, sent or answered, the bytes are those of the flow file."""
    flow = exchange("https://api.parley.test/x", body, [(b"content-type", media.encode())])
    flow.response.headers["content-type"] = media
    flow.response.raw_content = body
    mitm, har = (imported(tmp_path / f.suffix[1:], f, []) for f in pair(tmp_path, flow))
    for column in ("request_body", "response_body", "request_length", "response_length"):
        assert har.flows[column].tolist() == mitm.flows[column].tolist(), column


def test_compressed_requests_are_found_alike(tmp_path: Path) -> None:
    """A gzip body is decoded in the HAR: other bytes, the same sighting."""
    packed = gzip.compress(KOREAN.encode(), mtime=0)
    headers = [(b"content-type", b"text/plain"), (b"content-encoding", b"gzip")]
    files = pair(tmp_path, exchange("https://api.parley.test/x", packed, headers))
    mitm, har = (imported(tmp_path / f.suffix[1:], f, [KOREAN]) for f in files)
    assert seen(mitm) == seen(har) and sum(seen(har).values()) == 1


def test_no_answer_and_no_body_are_told_alike(tmp_path: Path) -> None:
    """An exchange without response, and a request whose body was not kept, are missing in both, never empty."""
    failed = exchange("https://api.parley.test/gone", b"{}")
    failed.response = None
    gone = exchange("https://api.parley.test/kept", b"x")
    gone.request.raw_content = None
    mitm, har = (imported(tmp_path / f.suffix[1:], f, []) for f in pair(tmp_path, failed, gone))
    for column in ("status", "response_complete", "request_body", "response_body"):
        assert har.flows[column].astype(object).tolist() == mitm.flows[column].astype(object).tolist(), column


def test_header_bytes_and_odd_hosts_are_told_alike(tmp_path: Path) -> None:
    """Headers that are not UTF-8, capital letters in a host, IPv6 and ports: the same rows from both formats."""
    flows = [
        exchange(
            "https://API.Parley.test/x", b"", [(b"X-Odd", b"\xff\xfe"), (b"x-two", b"1"), (b"x-two", b"2")]
        ),
        exchange("http://[2001:db8::1]:8080/y"),
        exchange("https://api.parley.test:8443/%ED%95%9C?q=%ea%b5%ad", b""),
    ]
    flows[1].request.headers["host"] = "[2001:db8::1]:8080"
    mitm, har = (imported(tmp_path / f.suffix[1:], f, []) for f in pair(tmp_path, *flows))
    for column in ("host", "port", "scheme", "url", "method", "http_version"):
        assert har.flows[column].tolist() == mitm.flows[column].tolist(), column
    for column in ("request_headers", "response_headers"):
        assert [list(h) for h in har.flows[column]] == [list(h) for h in mitm.flows[column]]


def test_websocket_messages_are_told_alike(tmp_path: Path) -> None:
    """Text and binary messages, both ways; a WebSocket on which nothing was said is one too."""
    from mitmproxy.test import tflow

    flows = [tflow.twebsocketflow(), tflow.twebsocketflow()]
    flows[1].websocket.messages.clear()
    assert isinstance(flows[0], http.HTTPFlow)
    mitm, har = (imported(tmp_path / f.suffix[1:], f, []) for f in pair(tmp_path, *flows))
    assert har.flows["kind"].tolist() == mitm.flows["kind"].tolist() == ["websocket", "websocket"]
    columns = ["seq", "direction", "part", "body", "length", "at", "text"]
    rows = [
        case.messages.loc[case.messages["part"] == "ws", columns].to_dict("records") for case in (mitm, har)
    ]
    assert rows[0] == rows[1] and rows[0]
