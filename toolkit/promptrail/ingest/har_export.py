"""Flows out as HAR 1.2, the way other tools want it: one entry an exchange, WebSocket messages as Chrome writes them.

In: rows of the frames `flows` and `messages`, their bodies, a way to undo Content-Encoding. Out: entries, and the log
around them. What HAR cannot hold is the table `LOST`, and stands in the log's comment. Text is written where the bytes
are UTF-8, base64 elsewhere (in requests too, as PCAPdroid does; HAR 1.2 itself has no encoding there).
"""

import base64
import datetime
import json
from collections.abc import Callable, Iterable, Iterator
from typing import IO, Any, NamedTuple
from urllib.parse import parse_qsl, urlsplit

from promptrail import __version__
from promptrail.ingest.identity import stated
from promptrail.model import SIMULATED_SENTENCE, Headers

Row = dict[str, Any]
KINDS = ("http", "websocket")
"""Flows that become entries."""


class Loss(NamedTuple):
    what: str
    columns: tuple[str, ...]
    """Columns that an import of the file cannot give back."""


LOST = (
    Loss("TCP, UDP and DNS flows, and connections that were not read: only exchanges are written", ()),
    Loss(
        "probes, events, scenario, findings, and which run a flow is from (`_run` names it)", ("flows.run",)
    ),
    Loss(
        "the identifiers, which follow from the file (`_flow`)",
        ("flows.flow", "flows.source_ref", "flows.connection"),
    ),
    Loss(
        "Content-Encoding: bodies stand with it undone (`_sha256` is of the bytes as sent)",
        (
            "flows.bodies_decoded",
            "flows.request_body",
            "flows.request_length",
            "flows.response_body",
            "flows.response_length",
            "messages.body",
            "messages.length",
            "messages.coding",
        ),
    ),
    Loss("TLS: server name, certificate, version", ("flows.sni", "flows.cert_names", "flows.cert_issuer")),
    Loss(
        "when the request ended and the answer began, but as durations; times below a microsecond",
        ("flows.started", "flows.request_ended", "flows.response_started", "flows.ended", "messages.at"),
    ),
    Loss("trailers, and whether a request is complete", ("messages.complete",)),
    Loss(
        "header bytes that are not UTF-8: read as Latin-1",
        ("flows.request_headers", "flows.response_headers"),
    ),
)
Body = Callable[[str], bytes]
"""A body's bytes by their SHA-256."""
Undo = Callable[[bytes, str], bytes]
"""Bytes without the Content-Encoding that is named; as they are where it cannot be undone whole."""


def write(out: IO[str], entries: Iterable[Row], simulated: bool) -> int:
    """The whole file, entry by entry; returns how many."""
    comment = f"{SIMULATED_SENTENCE if simulated else ''}Written by promptrail. Not in this file: "
    comment += "; ".join(loss.what for loss in LOST) + "."
    head: Row = {
        "version": "1.2",
        "creator": {"name": "promptrail", "version": __version__},
        "comment": comment,
    }
    if simulated:
        head["_simulated"] = True
    out.write('{"log": ' + _json(head)[:-1] + ', "pages": [], "entries": [')
    count = 0
    for count, entry in enumerate(entries, 1):
        out.write(("\n" if count == 1 else ",\n") + _json(entry))
    out.write("\n]}}\n")
    return count


def _json(value: Row) -> str:
    return json.dumps(value, ensure_ascii=False)


def entry(flow: Row, frames: Iterable[Row], body: Body, undo: Undo) -> Row:
    """One flow of KINDS as an entry; `frames` are its WebSocket messages in order."""
    made: Row = {
        "startedDateTime": _time(flow["started"]),
        "time": _span(flow["started"], flow["ended"], 0),
        "request": _request(flow, body, undo),
        "response": _response(flow, body, undo),
        "cache": {},
        "timings": {
            "send": _span(flow["started"], flow["request_ended"]),
            "wait": _span(flow["request_ended"], flow["response_started"]),
            "receive": _span(flow["response_started"], flow["ended"]),
        },
        "connection": flow["connection"] or "",
        "_run": flow["run"],
        "_flow": flow["flow"],
    }
    if flow["dest_ip"]:
        made["serverIPAddress"] = flow["dest_ip"]
    if flow["dest_port"]:
        made["_serverPort"] = flow["dest_port"]
    if flow["simulated"]:
        made["_simulated"] = True
    if flow["kind"] == "websocket":
        made["_resourceType"] = "websocket"
        made["_webSocketMessages"] = list(_frames(frames, body))
    return made


def _request(flow: Row, body: Body, undo: Undo) -> Row:
    headers = _pairs(flow["request_headers"])
    made: Row = {
        "method": flow["method"] or "",
        "url": flow["url"] or "",
        "httpVersion": flow["http_version"] or "",
        "cookies": [],
        "headers": _named(headers),
        "queryString": _query(flow["url"] or ""),
        "headersSize": -1,
        "bodySize": -1 if flow["request_length"] is None else flow["request_length"],
    }
    media = stated(headers, b"content-type") or ""
    if flow["request_body"] is None:
        made["postData"] = {"mimeType": media, "text": None, "params": []}
    elif flow["request_length"]:
        data = _plain(flow, headers, flow["request_body"], body, undo)
        made["postData"] = {"mimeType": media, **_text(data), "params": [], "_sha256": flow["request_body"]}
    return made


def _response(flow: Row, body: Body, undo: Undo) -> Row:
    headers = _pairs(flow["response_headers"])
    content: Row = {"size": -1, "mimeType": stated(headers, b"content-type") or "x-unknown"}
    if flow["response_body"] is not None:
        data = _plain(flow, headers, flow["response_body"], body, undo)
        content |= {"size": len(data), "compression": len(data) - (flow["response_length"] or 0)}
        content |= {**_text(data), "_sha256": flow["response_body"]}
    made: Row = {
        "status": flow["status"] or 0,
        "statusText": "",
        "httpVersion": flow["http_version"] or "",
        "cookies": [],
        "headers": _named(headers),
        "content": content,
        "redirectURL": stated(headers, b"location") or "",
        "headersSize": -1,
        "bodySize": -1 if flow["response_length"] is None else flow["response_length"],
        "_error": flow["error"],
    }
    if flow["status"] and not flow["response_complete"]:
        made["_incomplete"] = True
    return made


def _plain(flow: Row, headers: Headers, sha256: str, body: Body, undo: Undo) -> bytes:
    data = body(sha256)
    coding = stated(headers, b"content-encoding")
    return undo(data, coding) if coding and data and not flow["bodies_decoded"] else data


def _frames(frames: Iterable[Row], body: Body) -> Iterator[Row]:
    for frame in frames:
        if frame["body"] is None:
            continue
        data = body(frame["body"])
        made = _text(data)
        binary = frame["text"] is False or (frame["text"] is None and "encoding" in made)
        if binary:  # in Chrome's way the opcode alone says that the data is base64
            made = {"text": base64.b64encode(data).decode()}
        yield {
            "type": "send" if frame["direction"] == "request" else "receive",
            "time": frame["at"],
            "opcode": 2 if binary else 1,
            "data": made.pop("text"),
            **made,
        }


def _text(data: bytes) -> Row:
    try:
        return {"text": data.decode()}
    except UnicodeDecodeError:
        return {"text": base64.b64encode(data).decode(), "encoding": "base64"}


def _pairs(headers: list[Row] | None) -> Headers:
    return [(h["name"], h["value"]) for h in headers or []]


def _named(headers: Headers) -> list[Row]:
    return [{"name": _word(name), "value": _word(value)} for name, value in headers]


def _word(raw: bytes) -> str:
    """Header bytes as text: UTF-8, else Latin-1 (RFC 9110, 5.5)."""
    try:
        return raw.decode()
    except UnicodeDecodeError:
        return raw.decode("latin-1")


def _query(url: str) -> list[Row]:
    try:
        fields = parse_qsl(urlsplit(url).query, keep_blank_values=True)
    except ValueError:
        return []
    return [{"name": name, "value": value} for name, value in fields]


def _time(seconds: float | None) -> str:
    """RFC 3339, UTC; empty where the capture does not hold it."""
    if seconds is None:
        return ""
    try:
        moment = datetime.datetime.fromtimestamp(seconds, datetime.UTC)
    except (ValueError, OverflowError, OSError):
        return ""
    return moment.isoformat(timespec="microseconds").replace("+00:00", "Z")


def _span(begin: float | None, end: float | None, otherwise: float = -1) -> float:
    """Milliseconds between two times; `otherwise` where one is not known."""
    return otherwise if begin is None or end is None else round(max(end - begin, 0) * 1000, 3)
