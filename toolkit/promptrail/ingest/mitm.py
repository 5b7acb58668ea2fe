"""A mitmproxy flow file into records, through mitmproxy's own FlowReader. Needs mitmproxy (the extra `capture`).

A file cut short gives every whole flow, and says at which byte it ends. A newer format than the installed mitmproxy
knows is refused in its words.
"""

import hashlib
import re
from pathlib import Path
from typing import Any

from promptrail.errors import InputError, MissingTool
from promptrail.ingest.identity import body_of, connection_id, flow_id, marked
from promptrail.ingest.sink import Sink
from promptrail.model import Connection, Flow, Message, Run

NAME = "mitm"


def recognises(head: bytes) -> bool:
    """A tnetstring dictionary or list, as mitmproxy writes: digits, a colon, and a key."""
    return bool(re.match(rb"\d{1,12}:\d{1,12}:", head))


def read(folder: Path, sink: Sink) -> None:
    """Read captures/RUN/flows.mitm."""
    try:
        from mitmproxy import dns, http, tcp, udp
        from mitmproxy.exceptions import FlowReadException
        from mitmproxy.io import FlowReader
    except ImportError as fault:
        raise MissingTool(
            f"captures/{folder.name}/flows.mitm: a flow file is read by mitmproxy, which is not installed. "
            "`pip install 'promptrail[capture]'` adds it, or import the traffic as HAR."
        ) from fault
    file, where = folder / "flows.mitm", f"captures/{folder.name}/flows.mitm"
    kinds = ((http.HTTPFlow, _http), (tcp.TCPFlow, _stream), (udp.UDPFlow, _stream), (dns.DNSFlow, _dns))
    whole, simulated, count, times, seen = True, False, 0, [], set()
    with open(file, "rb") as stream:
        flows = iter(FlowReader(stream).stream())
        while True:
            place = stream.tell()
            try:
                flow = next(flows, None)
            except (FlowReadException, ValueError, KeyError, TypeError) as fault:
                if not count and "version" in str(fault):
                    raise InputError(f"{where}: {fault}") from fault
                whole = False
                sink.problem(
                    "lost",
                    where,
                    f"byte {place}",
                    f"is cut short or broken after {count} whole flows, which were read: {fault}",
                    "save it again if the rest is needed",
                )
                break
            if flow is None:
                break
            convert = next((f for kind, f in kinds if isinstance(flow, kind)), None)
            if convert is None:
                sink.problem(
                    "warning",
                    where,
                    f"byte {place}",
                    f"holds a flow of the type {flow.type}, which is not read",
                )
                continue
            record, messages = convert(flow, folder.name, sink)
            count += 1
            simulated |= record.simulated
            times += [t for t in (record.started, record.ended) if t is not None]
            sink.add(record)
            for message in messages:
                sink.add(message)
            if record.connection and record.connection not in seen:
                seen.add(record.connection)
                sink.add(_connection(flow, record))
    with open(file, "rb") as stream:
        digest = hashlib.file_digest(stream, "sha256").hexdigest()
    sink.add(
        Run(
            folder.name,
            NAME,
            where,
            digest,
            started=min(times, default=None),
            ended=max(times, default=None),
            complete=whole and sink.intact,
            simulated=simulated,
            tool="mitmproxy",
        )
    )


def _shared(flow: Any, run: str) -> dict[str, Any]:
    """What every flow of mitmproxy has: destination, SNI and certificate, kept apart."""
    client, server = flow.client_conn, flow.server_conn
    leaf = server.certificate_list[0] if server.certificate_list else None
    peer = server.peername or (None, None)
    return {
        "flow": flow_id(run, flow.id),
        "run": run,
        "source_ref": flow.id,
        "sni": client.sni,
        "dest_ip": peer[0],
        "dest_port": peer[1],
        "cert_names": [str(getattr(n, "value", n)) for n in leaf.altnames] if leaf else [],
        "cert_issuer": ", ".join(f"{k}={v}" for k, v in leaf.issuer) if leaf else None,
        "connection": connection_id(run, client.id),
        "error": flow.error.msg if flow.error else None,
    }


def _http(flow: Any, run: str, sink: Sink) -> tuple[Flow, list[Message]]:
    request, response = flow.request, flow.response
    shared = _shared(flow, run)
    sent, received = request.raw_content, response.raw_content if response else None
    headers = list(response.headers.fields) if response else []
    frames = flow.websocket.messages if flow.websocket else []
    record = Flow(
        **shared,
        kind="websocket" if flow.websocket else "http",
        host=request.pretty_host,
        port=request.port,
        method=request.method,
        scheme=request.scheme,
        url=request.pretty_url,
        http_version=request.http_version,
        status=response.status_code if response else None,
        started=request.timestamp_start,
        request_ended=request.timestamp_end,
        response_started=response.timestamp_start if response else None,
        ended=response.timestamp_end if response else None,
        request_headers=list(request.headers.fields),
        response_headers=headers,
        request_body=None if sent is None else sink.body(sent),
        request_length=None if sent is None else len(sent),
        response_body=None if received is None else sink.body(received),
        response_length=None if received is None else len(received),
        response_complete=bool(response and response.timestamp_end and received is not None),
        simulated=marked(headers, shared["cert_issuer"]),
    )
    out = []
    if sent != b"":
        out.append(body_of(record, "request", request.timestamp_end or request.timestamp_start))
    if response and received != b"" and not flow.websocket:
        out.append(body_of(record, "response", response.timestamp_end, record.response_complete))
    for n, frame in enumerate(frames):
        out.append(
            Message(
                record.flow,
                run,
                n + 2,
                "request" if frame.from_client else "response",
                "ws",
                sink.body(frame.content),
                len(frame.content),
                frame.timestamp,
                True,
                frame.is_text,
            )
        )
    return record, out


def _stream(flow: Any, run: str, sink: Sink) -> tuple[Flow, list[Message]]:
    shared = _shared(flow, run)
    address = flow.server_conn.address or (None, None)
    record = Flow(
        **shared,
        kind=flow.type,
        host=shared["sni"] or address[0],
        port=address[1],
        started=flow.timestamp_created,
        ended=flow.messages[-1].timestamp if flow.messages else None,
        simulated=marked([], shared["cert_issuer"]),
    )
    return record, [
        Message(
            record.flow,
            run,
            n,
            "request" if m.from_client else "response",
            "raw",
            sink.body(m.content),
            len(m.content),
            m.timestamp,
        )
        for n, m in enumerate(flow.messages)
    ]


def _dns(flow: Any, run: str, sink: Sink) -> tuple[Flow, list[Message]]:
    shared = _shared(flow, run)
    question = flow.request.questions[0].name if flow.request.questions else None
    answers = [f"{a.name} {a}" for a in flow.response.answers] if flow.response else []
    record = Flow(
        **shared,
        kind="dns",
        host=question,
        started=flow.request.timestamp,
        ended=flow.response.timestamp if flow.response else None,
    )
    text = "\n".join([f"? {question}", *answers]).encode("utf-8", "surrogatepass")
    return record, [
        Message(record.flow, run, 0, "request", "dns", sink.body(text), len(text), record.started)
    ]


def _connection(flow: Any, record: Flow) -> Connection:
    client = flow.client_conn
    return Connection(
        record.connection or "",
        record.run,
        record.sni or record.host,
        record.sni,
        record.dest_ip,
        record.dest_port,
        client.timestamp_start,
        client.timestamp_end,
        client.alpn.decode("latin-1") if client.alpn else None,
        client.tls_version,
        record.cert_names,
        record.cert_issuer,
        "read",
        None,
        None,
        None,
        record.simulated,
    )
