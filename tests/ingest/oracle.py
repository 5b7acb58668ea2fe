"""What mitmproxy's own FlowReader says of a flow file, as rows of our frames; and whether ours say the same."""

import hashlib
import math
from pathlib import Path
from typing import Any

from mitmproxy import certs, dns, flow, http, tcp, udp
from mitmproxy.io import FlowReader

from promptrail import frames, ingest
from promptrail.case import Case
from promptrail.ingest.identity import connection_id, flow_id

Row = dict[str, Any]


def sha(data: bytes | None) -> str | None:
    return None if data is None else hashlib.sha256(data).hexdigest()


def length(data: bytes | None) -> int | None:
    return None if data is None else len(data)


def headers(message: Any) -> list[Row]:
    return [{"name": n, "value": v} for n, v in message.headers.fields] if message else []


def first(message: Any, name: str) -> str | None:
    """The first header of that name, as latin-1 text."""
    found = [v for n, v in message.headers.fields if n.lower() == name.encode()]
    return found[0].decode("latin-1").strip() if found else None


def marked(leaf: certs.Cert | None, response: Any = None) -> bool:
    issuer = ", ".join(f"{k}={v}" for k, v in leaf.issuer) if leaf else ""
    return "SIMULATED" in issuer or bool(response and "x-promptrail-simulated" in response.headers)


def oracle(file: Path, run: str) -> dict[str, list[Row]]:
    """The rows of a flow file as mitmproxy's objects say them."""
    told: dict[str, list[Row]] = {"flows": [], "messages": [], "connections": []}
    with open(file, "rb") as stream:
        for one in FlowReader(stream).stream():
            rows = {
                http.HTTPFlow: of_http,
                tcp.TCPFlow: of_stream,
                udp.UDPFlow: of_stream,
                dns.DNSFlow: of_dns,
            }
            row, messages = rows[type(one)](one, common(one, run))
            told["flows"].append(row)
            told["messages"] += [
                {"flow": row["flow"], "run": run, "text": None, "media": None, "coding": None} | m
                for m in messages
            ]
            known = {c["connection"] for c in told["connections"]}
            if row["connection"] not in known:
                told["connections"].append(of_connection(one, row))
    if any(row["simulated"] for row in told["flows"]):  # one marked exchange marks its run
        for row in told["flows"] + told["connections"]:
            row["simulated"] = True
    return told


def common(one: flow.Flow, run: str) -> Row:
    server = one.server_conn
    leaf = server.certificate_list[0] if server.certificate_list else None
    peer = server.peername or (None, None)
    return {
        "flow": flow_id(run, one.id),
        "run": run,
        "source_ref": one.id,
        "sni": one.client_conn.sni,
        "dest_ip": peer[0],
        "dest_port": peer[1],
        "cert_names": [str(getattr(n, "value", n)) for n in leaf.altnames] if leaf else [],
        "cert_issuer": ", ".join(f"{k}={v}" for k, v in leaf.issuer) if leaf else None,
        "connection": connection_id(run, one.client_conn.id),
        "error": one.error.msg if one.error else None,
        "bodies_decoded": False,
        "response_complete": True,
        "simulated": marked(leaf, getattr(one, "response", None) if one.type == "http" else None),
    }


def of_http(one: Any, shared: Row) -> tuple[Row, list[Row]]:
    request, response = one.request, one.response
    sent, received = request.raw_content, response.raw_content if response else None
    row = shared | {
        "kind": "websocket" if one.websocket else "http",
        "host": request.pretty_host,
        "port": request.port,
        "method": request.method,
        "scheme": request.scheme,
        "url": request.pretty_url,
        "http_version": request.http_version,
        "status": response.status_code if response else None,
        "started": request.timestamp_start,
        "request_ended": request.timestamp_end,
        "response_started": response.timestamp_start if response else None,
        "ended": response.timestamp_end if response else None,
        "request_headers": headers(request),
        "response_headers": headers(response),
        "request_body": sha(sent),
        "request_length": length(sent),
        "response_body": sha(received),
        "response_length": length(received),
        "response_complete": bool(response and response.timestamp_end and received is not None),
    }
    messages = []
    if sent != b"":
        at = request.timestamp_end or request.timestamp_start
        messages.append(of_body(0, "request", request, at, True))
    if response and received != b"" and not one.websocket:
        messages.append(of_body(1, "response", response, response.timestamp_end, row["response_complete"]))
    for seq, direction, said in ((2, "request", request), (3, "response", response)):
        if said and said.trailers:
            messages.append(of_trailers(seq, direction, said))
    for seq, m in enumerate(one.websocket.messages if one.websocket else [], 2):
        messages.append(of_piece(seq, "ws", m) | {"text": m.is_text})
    return row, messages


def of_body(seq: int, direction: str, message: Any, at: float | None, complete: bool) -> Row:
    body = message.raw_content
    return {
        "seq": seq,
        "direction": direction,
        "part": "body",
        "body": sha(body),
        "length": length(body),
        "at": at,
        "complete": complete,
        "media": first(message, "content-type"),
        "coding": first(message, "content-encoding"),
    }


def of_trailers(seq: int, direction: str, message: Any) -> Row:
    block = b"".join(name + b": " + value + b"\r\n" for name, value in message.trailers.fields)
    body = {"body": sha(block), "length": len(block), "at": message.timestamp_end, "complete": True}
    return {"seq": seq, "direction": direction, "part": "trailer", **body}


def of_piece(seq: int, part: str, m: Any) -> Row:
    return {
        "seq": seq,
        "direction": "request" if m.from_client else "response",
        "part": part,
        "body": sha(m.content),
        "length": len(m.content),
        "at": m.timestamp,
        "complete": True,
    }


def of_stream(one: Any, shared: Row) -> tuple[Row, list[Row]]:
    address = one.server_conn.address or (None, None)
    row = shared | {
        "kind": one.type,
        "host": shared["sni"] or address[0],
        "port": address[1],
        "started": one.timestamp_created,
        "ended": one.messages[-1].timestamp if one.messages else None,
    }
    return row, [of_piece(seq, "raw", m) for seq, m in enumerate(one.messages)]


def of_dns(one: Any, shared: Row) -> tuple[Row, list[Row]]:
    asked = one.request.questions[0].name if one.request.questions else None
    answers = [f"{a.name} {a}" for a in one.response.answers] if one.response else []
    said = "\n".join([f"? {asked}", *answers]).encode("utf-8", "surrogatepass")
    started = one.request.timestamp
    row = shared | {
        "kind": "dns",
        "host": asked,
        "started": started,
        "ended": one.response.timestamp if one.response else None,
        "simulated": False,
    }
    message = {"seq": 0, "direction": "request", "part": "dns", "body": sha(said), "length": len(said)}
    return row, [message | {"at": started, "complete": True}]


def of_connection(one: flow.Flow, row: Row) -> Row:
    client = one.client_conn
    return {
        **{
            k: row[k]
            for k in ("connection", "run", "sni", "dest_ip", "dest_port", "cert_names", "cert_issuer")
        },
        "host": row["sni"] or row["host"],
        "opened": client.timestamp_start,
        "closed": client.timestamp_end,
        "alpn": client.alpn.decode("latin-1") if client.alpn else None,
        "tls_version": client.tls_version,
        "outcome": "read",
        "simulated": row["simulated"],
        "transport": client.transport_protocol,
        "client_ip": client.peername[0] if client.peername else None,
        "client_port": client.peername[1] if client.peername else None,
        "witnesses": ["proxy"],
        "read_by": "proxy",
    }


def plain(value: Any) -> Any:
    """A number as a float, NaN as missing: Arrow and mitmproxy differ in these alone."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        return None if math.isnan(value) else float(value)
    return value


def same(folder: Path, file: Path) -> Case:
    """Our frames of this file are the oracle's, column by column; returns the case."""
    case = Case.create(folder / "case")
    run = ingest.place(case, file).run
    assert ingest.frames_of(case) == []
    told = oracle(file, run)
    for name, rows in told.items():
        ours = case.table(name).to_pylist()
        assert len(ours) == len(rows), name
        for mine, theirs in zip(ours, rows, strict=True):
            for column in frames.FRAMES[name]:
                expected = theirs.get(column.name, [] if column.name.endswith("headers") else None)
                assert plain(mine[column.name]) == plain(expected), (name, column.name, mine)
    for row in told["messages"]:
        if row["body"] is not None and row["length"]:
            assert hashlib.sha256(case.bytes_of(row["body"])).hexdigest() == row["body"]
    return case
