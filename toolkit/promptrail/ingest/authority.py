"""Host and URL that the client named in an HTTP request of a flow file: the Host header or :authority, else the target.

In: a request's fields as the file holds them. Out: text, equal to mitmproxy's `pretty_host` and `pretty_url` (12.2) in
every case that its tests and ours know. Refuses nothing: an authority that is none stands as it is.
"""

import ipaddress
import re
from functools import lru_cache
from typing import Any

from promptrail.model import Headers

PORTS = {"http": 80, "https": 443}
AUTHORITY = re.compile(r"^([^:]+|\[.+\])(?::(\d+))?$")
LABEL = re.compile(rb"[a-z\d\-_]{1,63}$", re.IGNORECASE)
LONGEST = 4096
"""A longer authority is no name (RFC 1035: 255 bytes) and is not taken apart."""


def text(raw: bytes | str) -> str:
    """Bytes of a header or a request line as text; what is not UTF-8 stays as surrogates (PEP 383)."""
    return raw if isinstance(raw, str) else raw.decode("utf-8", "surrogateescape")


def host_and_url(request: dict[str, Any], method: str, scheme: str) -> tuple[str, str]:
    """The host that the client asked for, and the URL with it."""
    target, port = request["host"], request["port"]
    if isinstance(target, bytes):  # formats before 7
        target = target.decode("idna")
    authority, headers = request["authority"], request["headers"]
    named = ""
    if request["http_version"] in (b"HTTP/2.0", b"HTTP/3"):
        named = spelled(authority)
    named = named or header(headers, b"host") or ""
    host, named_port = taken_apart(named) if named else (target, port)
    if method == "CONNECT":
        return host, spelled(authority)
    port = port if not named else named_port or PORTS.get(scheme) or 443
    place = host if PORTS.get(scheme) == port else f"{host}:{port}"
    path = text(request["path"])
    return host, f"{scheme}://{place}{'' if path == '*' else path}"


def header(headers: Headers, name: bytes) -> str | None:
    """All values of a header, joined as RFC 9110 allows; None if there is none."""
    found = [value for key, value in headers if len(key) == len(name) and key.lower() == name]
    return ", ".join(map(text, found)) if found else None


@lru_cache(maxsize=4096)
def spelled(authority: bytes) -> str:
    """An authority as a person reads it: xn-- labels in their own letters."""
    try:
        return authority.decode("idna") if len(authority) <= LONGEST else text(authority)
    except UnicodeError:
        return text(authority)


@lru_cache(maxsize=4096)
def taken_apart(authority: str) -> tuple[str, int | None]:
    """Host and port; what is no authority stands as a host without port."""
    found = AUTHORITY.match(authority) if len(authority) <= LONGEST else None
    if found is None:
        return authority, None
    host, port = found[1], found[2]
    if host.startswith("[") and host.endswith("]"):
        host = host[1:-1]
    if not is_host(host) or (port and (len(port) > LONGEST or int(port) > 65535)):
        return authority, None
    return host, int(port) if port else None


def is_host(host: str) -> bool:
    """Whether this is a DNS name (underscores allowed) or an address."""
    try:
        raw = host.encode("idna")
        raw.decode("idna")
    except UnicodeError:
        return False
    if len(raw) > 255:
        return False
    raw = raw.removesuffix(b".")
    if all(LABEL.match(label) for label in raw.split(b".")):
        return True
    try:
        ipaddress.ip_address(raw.decode("idna"))
    except ValueError:
        return False
    return True
