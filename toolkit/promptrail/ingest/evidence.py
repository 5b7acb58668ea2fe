"""The evidence folder that addons/capture.py writes, into records: evidence.jsonl, bodies.pack, events.jsonl.

Every body is checked against its SHA-256. A recording that broke off (a killed proxy leaves no manifest) is read up to
its last whole line; half a body is kept and marked incomplete.
"""

import hashlib
import json
import mmap
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from promptrail.ingest.identity import connection_id, flow_id, marked
from promptrail.ingest.sink import Sink
from promptrail.model import EMPTY, Connection, Event, Flow, Headers, Message, Run

NAME = "evidence"
FILE = "evidence.jsonl"
Record = dict[str, Any]
OUTCOME = {
    "tls-failed-server": "tls-failed",
    "passed-through": "passed-through",
    "connect-failed": "not-reached",
}
REFUSED = ("does not trust", "unknown ca", "certificate", "disconnected during the handshake")
"""Words of mitmproxy's sentence when a client refuses the proxy's certificate (mitmproxy 12.2, proxy/layers/tls.py)."""


class Pack:
    """bodies.pack, mapped; `bytes_at` gives what a reference names."""

    def __init__(self, file: Path) -> None:
        self._map: mmap.mmap | bytes = b""
        if file.is_file() and file.stat().st_size:
            with open(file, "rb") as f:
                self._map = mmap.mmap(f.fileno(), 0, access=mmap.ACCESS_READ)

    def bytes_at(self, places: list[list[int]]) -> bytes:
        return b"".join(self._map[offset : offset + length] for offset, length in places)


def read(folder: Path, sink: Sink) -> None:
    """Read captures/RUN/evidence.jsonl and what lies beside it."""
    file, where = folder / FILE, f"captures/{folder.name}/{FILE}"
    pack = Pack(folder / "bodies.pack")
    start: Record = {}
    connections: dict[str, Record] = {}
    flows: dict[str, Record] = {}
    ended: float | None = None
    last: float | None = None
    whole = True
    for line, record in _lines(file, where, sink):
        kind = record.get("k")
        if line is None:
            whole = False
            break
        last = record.get("t", last)
        if kind == "start":
            start = record
        elif kind == "end":
            ended = record["t"]
        elif kind == "connection":
            known = connections.setdefault(str(record["conn"]), {})
            known.update({k: v for k, v in record.items() if v is not None})
        elif "flow" in record:
            flow = flows.setdefault(
                str(record["flow"]), {"messages": [], "chunks": {"request": [], "response": []}}
            )
            if kind == "message":
                flow["messages"].append(record)
            elif kind == "chunk":
                flow["chunks"][record["direction"]].append(record)
            else:
                flow[str(kind)] = record
    sealed = (folder / "manifest.json").is_file()
    if not sealed:
        whole = False
        sink.problem("lost", where, f"after {last or 0:.3f} s", "the recording broke off: no manifest was written; what was written is read",
                     "record the run again if the rest is needed")  # fmt: skip
    else:
        whole &= _verify(folder, sink)
    simulated = False
    for ref, parts in flows.items():
        record_, messages = _flow(ref, parts, connections, folder.name, pack, sink, where)
        simulated |= record_.simulated
        sink.add(record_)
        for message in messages:
            sink.add(message)
    for ref, known in connections.items():
        sink.add(_connection(ref, known, folder.name, sealed))
    for event in _events(folder, sink):
        sink.add(event)
    meta = start.get("meta") or {}
    tool = start.get("tool") or {}
    sink.add(
        Run(
            folder.name, NAME, where, _digest(file), meta.get("scenario"), meta.get("app"), meta.get("app_version"),
            meta.get("control"), start.get("t"), ended or last, whole, simulated or bool(meta.get("simulated")),
            f"mitmproxy {tool['mitmproxy']}" if "mitmproxy" in tool else None,
        )
    )  # fmt: skip


def _lines(file: Path, where: str, sink: Sink) -> Iterator[tuple[int | None, Record]]:
    """Each record with its line number; a line that is no record ends the reading and gives None."""
    place = 0
    with open(file, "rb") as stream:
        for number, line in enumerate(stream, 1):
            try:
                record = json.loads(line)
                if not line.endswith(b"\n") or not isinstance(record, dict):
                    raise ValueError("is not a whole record")
            except ValueError as fault:
                sink.problem(
                    "lost",
                    where,
                    f"line {number}, byte {place}",
                    f"is cut short or broken; the lines before it were read: {fault}",
                )
                yield None, {}
                return
            place += len(line)
            yield number, record


def _digest(file: Path) -> str:
    with open(file, "rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _verify(folder: Path, sink: Sink) -> bool:
    """Whether the files are those that the manifest names."""
    try:
        manifest = json.loads((folder / "manifest.json").read_bytes())
        files = dict(manifest["files"])
    except (ValueError, KeyError, TypeError) as fault:
        sink.problem("lost", f"captures/{folder.name}/manifest.json", "", f"cannot be read: {fault}")
        return False
    good = True
    for name, facts in files.items():
        file = folder / name
        if not file.is_file() or _digest(file) != facts["sha256"]:
            good = False
            sink.problem("lost", f"captures/{folder.name}/{name}", "", "is not the file that was sealed: its SHA-256 differs, or it is gone",
                         "restore the capture from where it was kept")  # fmt: skip
    return good


def _events(folder: Path, sink: Sink) -> Iterator[Event]:
    file = folder / "events.jsonl"
    if not file.is_file():
        return
    for line, record in _lines(file, f"captures/{folder.name}/events.jsonl", sink):
        if line is not None:
            yield Event(
                folder.name, record["t"], str(record["event"]), record.get("probe"), record.get("label")
            )


def _headers(pairs: list[list[str]] | None) -> Headers:
    return [(n.encode("latin-1", "replace"), v.encode("latin-1", "replace")) for n, v in pairs or []]


class _Bodies:
    """Stores the bodies of one run's flows, each checked against the hash that was written when it passed."""

    def __init__(self, pack: Pack, sink: Sink, where: str) -> None:
        self.pack, self.sink, self.where = pack, sink, where

    def store(self, ref: Record | None) -> tuple[str | None, int | None]:
        if ref is None:
            return None, None
        if not ref["length"]:
            return EMPTY, 0
        data = self.pack.bytes_at(ref["at"])
        if hashlib.sha256(data).hexdigest() != ref["sha256"]:
            self.sink.problem("lost", self.where.replace(FILE, "bodies.pack"), f"byte {ref['at'][0][0]}",
                              f"does not hold the body {ref['sha256'][:12]}… of {ref['length']} bytes")  # fmt: skip
            return None, ref["length"]
        return self.sink.body(data), len(data)

    def partial(self, chunks: list[Record]) -> tuple[str | None, int | None]:
        """What had passed of a stream that never ended."""
        if not chunks:
            return None, None
        data = self.pack.bytes_at([c["at"] for c in chunks])
        return self.sink.body(data), len(data)


def _flow(
    ref: str, parts: Record, connections: dict[str, Record], run: str, pack: Pack, sink: Sink, where: str
) -> tuple[Flow, list[Message]]:
    bodies = _Bodies(pack, sink, where)
    request, response = parts.get("request") or {}, parts.get("response") or {}
    begun = parts.get("responsestart") or {}
    stream, dns, error = parts.get("stream") or {}, parts.get("dns") or {}, parts.get("error") or {}
    first = request or stream or dns or response or begun
    known = connections.get(str(first.get("conn")), {}) | {
        k: request[k] for k in ("sni", "dest_ip", "cert_names", "cert_issuer") if request.get(k)
    }
    sent, sent_length = bodies.store(request.get("body")) if request else (None, None)
    if sent is None and parts["chunks"]["request"]:
        sent, sent_length = bodies.partial(parts["chunks"]["request"])
    complete = bool(response.get("complete", bool(response)))
    received, received_length = bodies.store(response.get("body") or error.get("body"))
    if received is None and parts["chunks"]["response"]:
        received, received_length = bodies.partial(parts["chunks"]["response"])
        complete = False
    websocket = any(m.get("kind") == "ws" for m in parts["messages"])
    kind = "websocket" if websocket else "dns" if dns else str(stream.get("kind") or "http")
    headers = _headers(response.get("headers") or begun.get("headers"))
    address = known.get("dest_ip") or [None, None]
    question = (dns.get("question") or [[None]])[0][0]
    issuer = known.get("cert_issuer")
    record = Flow(
        flow=flow_id(run, ref), run=run, source_ref=ref, kind=kind,
        host=_host(request) or question or known.get("sni") or stream.get("host"),
        port=request.get("port") or stream.get("port"), method=request.get("method"), scheme=request.get("scheme"),
        url=request.get("url"), http_version=request.get("http_version"), status=response.get("status") or begun.get("status"),
        started=first.get("t"), request_ended=request.get("t_end"), response_started=response.get("t") or begun.get("t"),
        ended=response.get("t_end") or error.get("t") or (parts.get("streamend") or {}).get("t"),
        sni=known.get("sni"), dest_ip=address[0], dest_port=address[1], cert_names=known.get("cert_names") or [],
        cert_issuer=issuer, connection=connection_id(run, str(first.get("conn"))) if first.get("conn") else None,
        request_headers=_headers(request.get("headers")), response_headers=headers, request_body=sent,
        request_length=sent_length, response_body=received, response_length=received_length, response_complete=complete,
        error=error.get("message"), simulated=marked(headers, issuer),
    )  # fmt: skip
    return record, list(_messages(record, parts, bodies, complete))


def _host(request: Record) -> str | None:
    """The host that the client named: Host or :authority without its port, else the address it asked the proxy for."""
    authority = str(request.get("authority") or "")
    name = authority.rsplit(":", 1)[0] if authority.rsplit(":", 1)[-1].isdigit() else authority
    return name.strip("[]") or request.get("host")


def _messages(flow: Flow, parts: Record, bodies: _Bodies, complete: bool) -> Iterator[Message]:
    if parts.get("request") and flow.request_body != EMPTY:
        yield Message(flow.flow, flow.run, 0, "request", "body", flow.request_body, flow.request_length,
                      flow.request_ended or flow.started)  # fmt: skip
    if (flow.status or parts["chunks"]["response"]) and flow.response_body != EMPTY and flow.kind == "http":
        yield Message(flow.flow, flow.run, 1, "response", "body", flow.response_body, flow.response_length,
                      flow.ended or flow.response_started, complete)  # fmt: skip
    if dns := parts.get("dns"):
        text = "\n".join(
            [
                *(f"? {q[0]}" for q in dns["question"]),
                *(" ".join(map(str, a)) for a in dns.get("answers") or []),
            ]
        )
        raw = text.encode("utf-8", "surrogatepass")
        yield Message(flow.flow, flow.run, 0, "request", "dns", bodies.sink.body(raw), len(raw), dns["t"])
    for n, message in enumerate(parts["messages"]):
        digest, length = bodies.store(message.get("body"))
        yield Message(flow.flow, flow.run, n + 2, "request" if message["from_client"] else "response",
                      "ws" if message["kind"] == "ws" else "raw", digest, length, message["t"], True, message.get("text"))  # fmt: skip


def _connection(ref: str, known: Record, run: str, sealed: bool) -> Connection:
    said, reason = str(known.get("outcome", "open")), known.get("reason")
    outcome = OUTCOME.get(said, "read")
    if said == "tls-failed-client":
        outcome = "pinned" if any(word in str(reason).lower() for word in REFUSED) else "tls-failed"
    elif said == "open" and not sealed and known.get("closed") is None:
        outcome = "broken-off"
    address = known.get("dest_ip") or [None, None]
    return Connection(
        connection_id(run, ref), run, known.get("sni") or known.get("dest_host"), known.get("sni"), address[0], address[1],
        known.get("opened"), known.get("closed"), known.get("alpn"), known.get("tls_version"), known.get("cert_names") or [],
        known.get("cert_issuer"), outcome, reason, None, None, marked([], known.get("cert_issuer")),
    )  # fmt: skip
