"""Captures for tests, made here: HAR documents, and flow files that mitmproxy itself writes."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

BEGAN = "2026-03-14T10:00:00.000+00:00"


def entry(
    url: str = "https://chat.parley.test/v1/chat",
    body: str | None = None,
    media: str = "application/json",
    answer: str = "{}",
    headers: Sequence[tuple[str, str]] = (),
    **more: Any,
) -> dict[str, Any]:
    """One HAR entry: a request with a body, answered."""
    request: dict[str, Any] = {
        "method": "POST" if body is not None else "GET",
        "url": url,
        "httpVersion": "HTTP/1.1",
        "headers": [{"name": n, "value": v} for n, v in (("Content-Type", media), *headers)],
        "queryString": [],
        "cookies": [],
        "headersSize": -1,
        "bodySize": -1 if body is None else len(body),
    }
    if body is not None:
        request["postData"] = {"mimeType": media, "text": body}
    response = {
        "status": 200,
        "statusText": "OK",
        "httpVersion": "HTTP/1.1",
        "headers": [{"name": "Content-Type", "value": "application/json"}],
        "cookies": [],
        "content": {"size": len(answer), "mimeType": "application/json", "text": answer},
        "redirectURL": "",
        "headersSize": -1,
        "bodySize": len(answer),
    }
    return {
        "startedDateTime": BEGAN,
        "time": 12.5,
        "request": request,
        "response": response,
        "cache": {},
        "timings": {"send": 1, "wait": 10, "receive": 1.5},
        "serverIPAddress": "192.0.2.10",
        **more,
    }


def har(*entries: dict[str, Any]) -> str:
    """A HAR document with these entries."""
    log = {"version": "1.2", "creator": {"name": "a test", "version": "1"}, "entries": list(entries)}
    return json.dumps({"log": log})


def write_har(folder: Path, *entries: dict[str, Any], name: str = "traffic.har") -> Path:
    file = folder / name
    file.write_text(har(*entries), encoding="utf-8")
    return file


def exchange(
    url: str, body: bytes = b"", headers: Sequence[tuple[bytes, bytes]] = (), answer: bytes = b"{}"
) -> Any:
    """One HTTP flow of mitmproxy, finished."""
    from mitmproxy import http
    from mitmproxy.test import tflow

    request = http.Request.make("POST" if body else "GET", url, body, list(headers))
    request.timestamp_start, request.timestamp_end = 1_773_482_400.0, 1_773_482_400.1
    response = http.Response.make(200, answer, [(b"content-type", b"application/json")])
    response.timestamp_start, response.timestamp_end = 1_773_482_400.2, 1_773_482_400.3
    flow = tflow.tflow(req=request, resp=response)
    flow.server_conn.address = (request.host, request.port)
    return flow


def write_flows(file: Path, *flows: Any) -> Path:
    """A flow file as `mitmdump -w` writes it."""
    from mitmproxy.io import FlowWriter

    with open(file, "wb") as out:
        writer = FlowWriter(out)
        for flow in flows:
            writer.add(flow)
    return file
