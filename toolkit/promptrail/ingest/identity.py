"""Identifiers and marks that every reader derives alike, so that one capture gives the same rows whoever read it."""

import hashlib
import json
from collections.abc import Callable, Iterator
from pathlib import Path

from promptrail.case.evidence import MANIFEST
from promptrail.ingest.rows import MessageRow
from promptrail.model import SIMULATED_HEADER, SIMULATED_WORD, Direction, Flow, Headers

PROXY, HAR, PACKETS, HOOK = "proxy", "har", "packets", "hook"
"""The witnesses: who recorded what passed. Of a connection's exchanges one of them tells, the first that read it."""
TRAILERS: dict[Direction, int] = {"request": 2, "response": 3}
"""Where trailers stand among a flow's messages: behind both bodies."""


def flow_id(run: str, source_ref: str) -> str:
    """F- and 12 hex digits."""
    return "F-" + hashlib.sha256(f"{run}\0{source_ref}".encode("utf-8", "surrogatepass")).hexdigest()[:12]


def connection_id(run: str, source_ref: str) -> str:
    """C- and 12 hex digits."""
    return "C-" + hashlib.sha256(f"{run}\0{source_ref}".encode("utf-8", "surrogatepass")).hexdigest()[:12]


def stated(headers: Headers, name: bytes) -> str | None:
    """The value of the first header of that name, as text; None if there is none."""
    for key, value in headers:
        if len(key) == len(name) and key.lower() == name:
            return value.decode("latin-1").strip()
    return None


def body_of(flow: Flow, direction: Direction, at: float | None, complete: bool = True) -> MessageRow:
    """The message that carries a flow's request or response body, with the type and coding that its headers state."""
    asked = direction == "request"
    headers = flow.request_headers if asked else flow.response_headers
    return MessageRow(
        flow.flow,
        flow.run,
        0 if asked else 1,
        direction,
        "body",
        flow.request_body if asked else flow.response_body,
        flow.request_length if asked else flow.response_length,
        at,
        complete,
        media=stated(headers, b"content-type"),
        coding=None if flow.bodies_decoded else stated(headers, b"content-encoding"),
    )


def trailers_of(
    flow: Flow, direction: Direction, trailers: Headers, at: float | None, store: Callable[[bytes], str]
) -> Iterator[MessageRow]:
    """The message that carries a flow's trailers, a line each, if it has any (a WebSocket has none)."""
    if trailers:
        block = b"".join(name + b": " + value + b"\r\n" for name, value in trailers)
        seq = TRAILERS[direction]
        yield MessageRow(flow.flow, flow.run, seq, direction, "trailer", store(block), len(block), at, True)


def marked(response_headers: Headers, cert_issuer: str | None) -> bool:
    """Whether an exchange carries the lab's mark."""
    if cert_issuer and SIMULATED_WORD in cert_issuer:
        return True
    return stated(response_headers, SIMULATED_HEADER) is not None


def digest_of(file: Path, verified: bool) -> str:
    """SHA-256 of a capture; where its manifest has just been verified, that says it."""
    if verified:
        try:
            files = json.loads((file.parent / MANIFEST).read_text(encoding="utf-8"))["files"]
            return str(files[file.name]["sha256"])
        except (OSError, ValueError, KeyError, TypeError):
            pass  # broken off without a manifest, or a file that was added later
    with open(file, "rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
