"""Records of one flow or connection in an evidence folder, put together into what the frames hold."""

import hashlib
import mmap
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from promptrail.ingest.identity import PROXY, TRAILERS, body_of, connection_id, flow_id, marked, trailers_of
from promptrail.ingest.sink import Sink
from promptrail.model import EMPTY, Connection, Direction, Flow, Headers, Message

Record = dict[str, Any]


OUTCOME = {
    "tls-failed-server": "tls-failed",
    "passed-through": "passed-through",
    "connect-failed": "not-reached",
}
REFUSED = ("does not trust", "unknown ca", "certificate", "disconnected during the handshake")
"""Words of mitmproxy's sentence when a client refuses the proxy's certificate (mitmproxy 12.2, proxy/layers/tls.py)."""


ABOUT_CONNECTION = ("sni", "dest_ip", "cert_names", "cert_issuer")


class Pack:
    """bodies.pack, mapped; `bytes_at` gives what a reference names."""

    def __init__(self, file: Path) -> None:
        self._map: mmap.mmap | bytes = b""
        if file.is_file() and file.stat().st_size:
            with open(file, "rb") as f:
                self._map = mmap.mmap(f.fileno(), 0, access=mmap.ACCESS_READ)

    def bytes_at(self, places: list[list[int]]) -> bytes:
        return b"".join(self._map[offset : offset + length] for offset, length in places)


def _headers(pairs: list[list[str]] | None) -> Headers:
    return [(n.encode("latin-1", "replace"), v.encode("latin-1", "replace")) for n, v in pairs or []]


class _Bodies:
    """Stores the bodies of one run's flows, each checked against the hash that was written when it passed."""

    def __init__(self, pack: Pack, sink: Sink, run: str) -> None:
        self.pack, self.sink, self.where = pack, sink, f"captures/{run}/bodies.pack"

    def store(self, ref: Record | None) -> tuple[str | None, int | None]:
        if ref is None:
            return None, None
        if not ref["length"]:
            return EMPTY, 0
        data = self.pack.bytes_at(ref["at"])
        if hashlib.sha256(data).hexdigest() != ref["sha256"]:
            self.sink.problem(
                "lost",
                self.where,
                f"byte {ref['at'][0][0]}",
                f"does not hold the body {ref['sha256'][:12]}… of {ref['length']} bytes",
            )
            return None, ref["length"]
        return self.sink.body(data), len(data)

    def partial(self, chunks: list[Record]) -> tuple[str | None, int | None]:
        """What had passed of a stream that never ended."""
        if not chunks:
            return None, None
        data = self.pack.bytes_at([c["at"] for c in chunks])
        return self.sink.body(data), len(data)


def flow_of(
    ref: str, parts: Record, connections: dict[str, Record], run: str, pack: Pack, sink: Sink
) -> tuple[Flow, list[Message]]:
    """A flow and its messages from the records that name it."""
    bodies = _Bodies(pack, sink, run)
    whole, response = parts.get("request") or {}, parts.get("response") or {}
    request = whole or parts.get("requeststart") or {}
    begun = parts.get("responsestart") or {}
    stream, dns, error = parts.get("stream") or {}, parts.get("dns") or {}, parts.get("error") or {}
    first = request or stream or dns or response or begun
    known = connections.get(str(first.get("conn")), {}) | {
        k: said[k] for said in (request, response) for k in ABOUT_CONNECTION if said.get(k)
    }
    sent, sent_length = bodies.store(whole.get("body")) if whole else (None, None)
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
        flow=flow_id(run, ref),
        run=run,
        source_ref=ref,
        kind=kind,
        host=_host(request) or question or known.get("sni") or stream.get("host"),
        port=request.get("port") or stream.get("port"),
        method=request.get("method"),
        scheme=request.get("scheme"),
        url=request.get("url"),
        http_version=request.get("http_version"),
        status=response.get("status") or begun.get("status"),
        started=first.get("t"),
        request_ended=request.get("t_end"),
        response_started=response.get("t") or begun.get("t"),
        ended=response.get("t_end") or error.get("t") or (parts.get("streamend") or {}).get("t"),
        sni=known.get("sni"),
        dest_ip=address[0],
        dest_port=address[1],
        cert_names=known.get("cert_names") or [],
        cert_issuer=issuer,
        connection=connection_id(run, str(first.get("conn"))) if first.get("conn") else None,
        request_headers=_headers(request.get("headers")),
        response_headers=headers,
        request_body=sent,
        request_length=sent_length,
        response_body=received,
        response_length=received_length,
        response_complete=complete,
        error=error.get("message"),
        simulated=marked(headers, issuer),
    )
    return record, list(_messages(record, parts, bodies, complete))


def _host(request: Record) -> str | None:
    """The host that the client named: Host or :authority without its port, else the address it asked the proxy for."""
    authority = str(request.get("authority") or "")
    name = authority.rsplit(":", 1)[0] if authority.rsplit(":", 1)[-1].isdigit() else authority
    return name.strip("[]") or request.get("host")


def _messages(flow: Flow, parts: Record, bodies: _Bodies, complete: bool) -> Iterator[Message]:
    if (parts.get("request") or parts.get("requeststart")) and flow.request_body != EMPTY:
        yield body_of(flow, "request", flow.request_ended or flow.started, "request" in parts)
    if (flow.status or parts["chunks"]["response"]) and flow.response_body != EMPTY and flow.kind == "http":
        yield body_of(flow, "response", flow.ended or flow.response_started, complete)
    for direction, at in zip(TRAILERS, (flow.request_ended, flow.ended), strict=True):
        said = _headers((parts.get(direction) or {}).get("trailers"))
        if flow.kind == "http":
            yield from trailers_of(flow, direction, said, at, bodies.sink.body)
    if dns := parts.get("dns"):
        yield _text(flow, 0, "request", dns["t"], [str(q[0]) for q in dns["question"]], bodies)
        if answers := dns.get("answers"):
            yield _text(flow, 1, "response", dns["t"], [" ".join(map(str, a)) for a in answers], bodies)
    for n, message in enumerate(parts["messages"]):
        digest, length = bodies.store(message.get("body"))
        yield Message(
            flow.flow,
            flow.run,
            n + 2,
            "request" if message["from_client"] else "response",
            "ws" if message["kind"] == "ws" else "raw",
            digest,
            length,
            message["t"],
            True,
            message.get("text"),
        )


def _text(
    flow: Flow, seq: int, direction: Direction, at: float, lines: list[str], bodies: _Bodies
) -> Message:
    """DNS as text, one name or answer a line: the wire form is not kept."""
    raw = "\n".join(lines).encode("utf-8", "surrogatepass")
    return Message(flow.flow, flow.run, seq, direction, "dns", bodies.sink.body(raw), len(raw), at)


def connection_of(ref: str, known: Record, run: str, sealed: bool) -> Connection:
    """A connection from the last that its records say of it."""
    said, reason = str(known.get("outcome", "open")), known.get("reason")
    outcome = OUTCOME.get(said, "read")
    if said == "tls-failed-client":
        outcome = "pinned" if any(word in str(reason).lower() for word in REFUSED) else "tls-failed"
    elif said == "open" and not sealed and known.get("closed") is None:
        outcome = "broken-off"
    address, peer = known.get("dest_ip") or [None, None], known.get("peer") or [None, None]
    return Connection(
        connection_id(run, ref),
        run,
        known.get("sni") or known.get("dest_host"),
        known.get("sni"),
        address[0],
        address[1],
        known.get("opened"),
        known.get("closed"),
        known.get("alpn"),
        known.get("tls_version"),
        known.get("cert_names") or [],
        known.get("cert_issuer"),
        outcome,
        reason,
        None,
        None,
        marked([], known.get("cert_issuer")),
        known.get("transport"),
        peer[0],
        peer[1],
        witnesses=[PROXY],
        read_by=PROXY if outcome == "read" else None,
        cipher=known.get("cipher"),
    )
