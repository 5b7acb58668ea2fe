"""DNS records of a flow file as text, one name or answer a line: the wire form is not kept by mitmproxy.

In: questions and answers as the file holds them (name, type, class, TTL, data). Out: lines, equal to what mitmproxy
12.2 says of them. Data that does not fit its type stands as hex, and says so.
"""

import ipaddress
import struct
from typing import Any

from promptrail.ingest.tnetstring import Damage

TYPES = {1: "A", 2: "NS", 5: "CNAME", 12: "PTR", 16: "TXT", 28: "AAAA", 65: "HTTPS"}
"""Types whose data has a text form here (https://www.iana.org/assignments/dns-parameters)."""
PARAMETERS = ("mandatory", "alpn", "no_default_alpn", "port", "ipv4hint", "ech", "ipv6hint")
"""Service parameters by number (RFC 9460, section 14.3.2)."""


def lines(request: dict[str, Any], response: dict[str, Any] | None) -> tuple[str | None, list[str]]:
    """The first name that was asked for, and the answers."""
    questions, answers = request["questions"], response["answers"] if response else []
    try:
        name = questions[0]["name"] if questions else None
        if not isinstance(name, str | None):
            raise TypeError("a name is no text")
        return name, [f"{a['name']} {answer(a['type'], a['data'])}" for a in answers]
    except (KeyError, TypeError, AttributeError) as fault:
        raise Damage(f"a DNS record is none: {type(fault).__name__} {fault}", 0) from fault


def answer(kind: int, data: bytes) -> str:
    """The data of one record as text."""
    try:
        if kind == 1:
            return str(ipaddress.IPv4Address(data))
        if kind == 28:
            return str(ipaddress.IPv6Address(data))
        if kind in (2, 5, 12):
            name, end = domain(data, 0)
            if end != len(data):
                raise ValueError("bytes are left over")
            return name
        if kind == 16:
            return data.decode("utf-8")
        if kind == 65:
            return str(service(data))
    except (ValueError, IndexError, struct.error):
        return f"0x{data.hex()} (invalid {TYPES[kind]} data)"
    return f"0x{data.hex()}"


def domain(data: bytes, at: int) -> tuple[str, int]:
    """A name of length-prefixed labels (RFC 1035, 3.1) and the offset behind it."""
    labels = []
    while size := data[at]:
        label = data[at + 1 : at + 1 + size]
        if size > 63 or len(label) < size:
            raise ValueError("no label")
        labels.append(label.decode("idna"))
        at += 1 + size
    return ".".join(labels), at + 1


def service(data: bytes) -> dict[str | int, str | int]:
    """A service binding (RFC 9460, 2.2): target, priority, parameters."""
    (priority,) = struct.unpack_from("!h", data)
    target, at = domain(data, 2)
    found: dict[str | int, str | int] = {"target_name": target, "priority": priority}
    while at < len(data):
        key, length = struct.unpack_from("!HH", data, at)
        value = data[at + 4 : at + 4 + length]
        if len(value) < length:
            raise ValueError("a parameter is cut short")
        found[PARAMETERS[key] if key < len(PARAMETERS) else key] = escaped(value)
        at += 4 + length
    return found


def escaped(data: bytes) -> str:
    """Bytes as Python writes them, without quotes; quotes themselves stand bare."""
    return "".join(chr(b) if b in b"'\"" else repr(bytes((b,)))[2:-1] for b in data)
