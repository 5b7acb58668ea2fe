"""Identifiers and marks that every reader derives alike, so that one capture gives the same rows whoever read it."""

import hashlib

from promptrail.model import SIMULATED_HEADER, SIMULATED_WORD, Headers


def flow_id(run: str, source_ref: str) -> str:
    """F- and 12 hex digits."""
    return "F-" + hashlib.sha256(f"{run}\0{source_ref}".encode("utf-8", "surrogatepass")).hexdigest()[:12]


def connection_id(run: str, source_ref: str) -> str:
    """C- and 12 hex digits."""
    return "C-" + hashlib.sha256(f"{run}\0{source_ref}".encode("utf-8", "surrogatepass")).hexdigest()[:12]


def marked(response_headers: Headers, cert_issuer: str | None) -> bool:
    """Whether an exchange carries the lab's mark."""
    if cert_issuer and SIMULATED_WORD in cert_issuer:
        return True
    return any(name.lower() == SIMULATED_HEADER for name, _ in response_headers)
