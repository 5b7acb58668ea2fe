"""Identifiers and marks that every reader derives alike, so that one capture gives the same rows whoever read it."""

import hashlib

from promptrail.model import SIMULATED_HEADER, SIMULATED_WORD, Direction, Flow, Headers, Message


def flow_id(run: str, source_ref: str) -> str:
    """F- and 12 hex digits."""
    return "F-" + hashlib.sha256(f"{run}\0{source_ref}".encode("utf-8", "surrogatepass")).hexdigest()[:12]


def connection_id(run: str, source_ref: str) -> str:
    """C- and 12 hex digits."""
    return "C-" + hashlib.sha256(f"{run}\0{source_ref}".encode("utf-8", "surrogatepass")).hexdigest()[:12]


def stated(headers: Headers, name: bytes) -> str | None:
    """The value of the first header of that name, as text; None if there is none."""
    return next((v.decode("latin-1").strip() for n, v in headers if n.lower() == name), None)


def body_of(flow: Flow, direction: Direction, at: float | None, complete: bool = True) -> Message:
    """The message that carries a flow's request or response body, with the type and coding that its headers state."""
    asked = direction == "request"
    headers = flow.request_headers if asked else flow.response_headers
    return Message(
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


def marked(response_headers: Headers, cert_issuer: str | None) -> bool:
    """Whether an exchange carries the lab's mark."""
    if cert_issuer and SIMULATED_WORD in cert_issuer:
        return True
    return any(name.lower() == SIMULATED_HEADER for name, _ in response_headers)
