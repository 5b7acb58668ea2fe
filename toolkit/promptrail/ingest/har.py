"""A HAR file (HTTP Archive 1.1 and 1.2) into records. A file cut short gives every whole entry, and says where it ends.

HAR keeps bodies with Content-Encoding undone, and request bodies as text only; `bodies_decoded` says so in the flows.
Byte order marks and lone surrogates (mitmproxy writes those for bytes that are not UTF-8) are read, with a warning.
"""

import base64
import binascii
import datetime
import hashlib
import json
import re
from pathlib import Path
from typing import Any
from urllib.parse import quote_plus, urlsplit

from promptrail.errors import InputError
from promptrail.ingest.identity import body_of, connection_id, flow_id, marked
from promptrail.ingest.sink import Sink
from promptrail.model import Connection, Flow, Headers, Message, Run

NAME = "har"
BOM = b"\xef\xbb\xbf"
ENTRIES = re.compile(r'"entries"\s*:\s*\[')


def recognises(head: bytes) -> bool:
    """JSON whose beginning names a log or its entries."""
    bare = head.removeprefix(BOM).lstrip()
    return bare[:1] == b"{" and (b'"log"' in bare or b'"entries"' in bare)


def read(folder: Path, sink: Sink) -> None:
    """Read captures/RUN/capture.har."""
    file = folder / "capture.har"
    data = file.read_bytes()
    where = f"captures/{folder.name}/capture.har"
    if data.startswith(BOM):
        sink.problem(
            "warning", where, "byte 0", "begins with a byte order mark, which RFC 8259 does not allow"
        )
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as fault:
        sink.problem(
            "warning",
            where,
            f"byte {fault.start}",
            "is not UTF-8 throughout; those bytes were kept as they are",
        )
        text = data.decode("utf-8-sig", "surrogateescape")
    entries, creator, whole = _entries(text, where, sink)
    odd = 0
    simulated = False
    times: list[float] = []
    seen: set[str] = set()
    for index, entry in enumerate(entries):
        try:
            flow, messages, surrogates = _entry(entry, index, folder.name, sink)
        except (KeyError, TypeError, ValueError, AttributeError) as fault:
            whole = False
            sink.problem(
                "lost", where, f"entry {index}", f"is not a HAR entry: {type(fault).__name__}: {fault}"
            )
            continue
        odd += surrogates
        simulated |= flow.simulated
        times += [t for t in (flow.started, flow.ended) if t is not None]
        sink.add(flow)
        for message in messages:
            sink.add(message)
        if flow.connection and flow.connection not in seen:
            seen.add(flow.connection)
            sink.add(
                Connection(flow.connection, folder.name, flow.host, None, flow.dest_ip, opened=flow.started)
            )
    if odd:
        sink.problem(
            "warning",
            where,
            f"{odd} request bodies",
            "hold lone surrogates: bytes that were not UTF-8, restored",
        )
    sink.add(
        Run(
            folder.name,
            NAME,
            where,
            hashlib.sha256(data).hexdigest(),
            started=min(times, default=None),
            ended=max(times, default=None),
            complete=whole and sink.intact,
            simulated=simulated,
            tool=creator,
        )
    )


def _entries(text: str, where: str, sink: Sink) -> tuple[list[Any], str | None, bool]:
    """The entries, who made the file, and whether it was whole."""
    try:
        document = json.loads(text)
    except (json.JSONDecodeError, RecursionError) as fault:
        return _whole_entries(text, where, sink, fault)
    log = document.get("log", document) if isinstance(document, dict) else None
    creator = log.get("creator") if isinstance(log, dict) else None
    entries = log.get("entries") if isinstance(log, dict) else None
    if not isinstance(entries, list):
        raise InputError(
            f"{where}: is JSON, but not a HAR: it has no log.entries. Export the traffic as HAR 1.2."
        )
    tool = (
        f"{creator.get('name')} {creator.get('version', '')}".strip() if isinstance(creator, dict) else None
    )
    return entries, tool, True


def _whole_entries(text: str, where: str, sink: Sink, fault: Exception) -> tuple[list[Any], str | None, bool]:
    start = ENTRIES.search(text)
    if start is None:
        raise InputError(
            f"{where}: is neither whole JSON nor a HAR that was cut short: {fault}. Export it again."
        ) from fault
    decoder, entries, at = json.JSONDecoder(), [], start.end()
    while True:
        at = re.compile(r"[\s,]*").match(text, at).end()  # type: ignore[union-attr]
        try:
            entry, at = decoder.raw_decode(text, at)
        except (json.JSONDecodeError, RecursionError):
            break
        entries.append(entry)
    place = len(text[:at].encode("utf-8", "surrogatepass"))
    sink.problem(
        "lost",
        where,
        f"byte {place}",
        f"is cut short or broken after {len(entries)} whole entries, which were read",
        "export it again if the rest is needed",
    )
    return entries, None, False


def _entry(entry: dict[str, Any], index: int, run: str, sink: Sink) -> tuple[Flow, list[Message], int]:
    request, response = entry["request"], entry.get("response") or {}
    url = str(request["url"])
    parts = urlsplit(url)
    try:
        port = parts.port or {"http": 80, "https": 443, "ws": 80, "wss": 443}.get(parts.scheme)
    except ValueError:
        port = None
    started = _seconds(entry.get("startedDateTime"))
    took = entry.get("time")
    ended = (
        started + took / 1000
        if started is not None and isinstance(took, (int, float)) and took >= 0
        else None
    )
    sent, odd = _posted(request)
    received = _content(response.get("content") or {})
    status = int(response.get("status") or 0) or None
    response_headers = _headers(response)
    ref, flow = str(index), flow_id(run, str(index))
    address = (entry.get("serverIPAddress") or "").strip("[]") or None
    connection = entry.get("connection")
    frames = entry.get("_webSocketMessages") or []
    record = Flow(
        flow=flow,
        run=run,
        source_ref=ref,
        kind="websocket" if frames else "http",
        host=parts.hostname,
        port=port,
        method=str(request.get("method") or ""),
        scheme={"ws": "http", "wss": "https"}.get(parts.scheme, parts.scheme),
        url=url,
        http_version=request.get("httpVersion") or None,
        status=status,
        started=started,
        ended=ended,
        dest_ip=address,
        request_headers=_headers(request),
        response_headers=response_headers,
        connection=connection_id(run, f"{parts.hostname}|{address}|{connection}"),
        request_body=sink.body(sent) if sent is not None else None,
        request_length=None if sent is None else len(sent),
        response_body=sink.body(received) if received is not None else None,
        response_length=None if received is None else len(received),
        response_complete=status is not None,
        bodies_decoded=True,
        error=response.get("_error") or None,
        simulated=marked(response_headers, None),
    )
    messages = []
    if sent != b"":
        messages.append(body_of(record, "request", started))
    if received != b"" and status is not None and not frames:
        messages.append(body_of(record, "response", ended))
    for n, frame in enumerate(frames):
        text = frame.get("opcode") != 2
        data = str(frame.get("data") or "")
        raw = data.encode("utf-8", "surrogateescape") if text else _unbase64(data)
        messages.append(
            Message(
                flow,
                run,
                n + 2,
                "request" if frame.get("type") == "send" else "response",
                "ws",
                sink.body(raw),
                len(raw),
                frame.get("time"),
                True,
                text,
            )
        )
    return record, messages, odd


def _headers(message: dict[str, Any]) -> Headers:
    return [
        (
            str(h["name"]).encode("utf-8", "surrogateescape"),
            str(h["value"]).encode("utf-8", "surrogateescape"),
        )
        for h in message.get("headers") or []
    ]


def _posted(request: dict[str, Any]) -> tuple[bytes | None, int]:
    """The request body's bytes (None: the file does not hold them), and 1 if it held lone surrogates."""
    posted = request.get("postData")
    if not posted:
        return (None if (request.get("bodySize") or 0) > 0 else b""), 0
    text = posted.get("text")
    if not text and posted.get("params"):
        pairs = [(str(p.get("name", "")), str(p.get("value", ""))) for p in posted["params"]]
        return "&".join(f"{quote_plus(k)}={quote_plus(v)}" for k, v in pairs).encode(), 0
    if not text:
        return (None if (request.get("bodySize") or 0) > 0 else b""), 0
    if posted.get("encoding") == "base64":
        return _unbase64(text), 0
    try:
        return text.encode("utf-8"), 0
    except UnicodeEncodeError:
        return _restore(text), 1


def _restore(text: str) -> bytes:
    """Bytes of a text with surrogate escapes (PEP 383); other lone surrogates as WTF-8, so that nothing is dropped."""
    try:
        return text.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:
        return text.encode("utf-8", "surrogatepass")


def _content(content: dict[str, Any]) -> bytes | None:
    text = content.get("text")
    if text is None:
        return None if (content.get("size") or 0) > 0 else b""
    return _unbase64(text) if content.get("encoding") == "base64" else _restore(text)


def _unbase64(text: str) -> bytes:
    try:
        return base64.b64decode(text, validate=False)
    except (binascii.Error, ValueError):
        return _restore(text)


def _seconds(text: object) -> float | None:
    try:
        moment = datetime.datetime.fromisoformat(str(text))
    except ValueError:
        return None
    return (moment if moment.tzinfo else moment.replace(tzinfo=datetime.UTC)).timestamp()
