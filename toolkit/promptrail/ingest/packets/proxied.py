"""What a client asked a proxy for before its TLS began: CONNECT (RFC 9110, 9.3.6), SOCKS 4a, SOCKS 5 (RFC 1928).

In: the client's bytes up to its ClientHello. Out: host and port, None where it asked no proxy.
"""

import ipaddress
import re

from promptrail.ingest.authority import taken_apart, text

CONNECT = re.compile(rb"(?:\A|(?<=\r\n\r\n))CONNECT ([^ \r\n]{1,300}) HTTP/1\.[01]\r\n", re.DOTALL)
IPV4, NAME, IPV6 = 1, 3, 4


def asked(sent: bytes) -> tuple[str, int] | None:
    """The last CONNECT counts: a proxy may have asked for a password first."""
    if tunnels := CONNECT.findall(sent):
        host, port = taken_apart(text(tunnels[-1]))
        return host, port or 443
    if sent[:1] == b"\x05":
        return _socks5(sent)
    if sent[:2] == b"\x04\x01":
        return _socks4(sent)
    return None


def _socks5(sent: bytes) -> tuple[str, int] | None:
    """The greeting, perhaps a password (RFC 1929), then the request."""
    at = 2 + sent[1] if len(sent) > 1 else len(sent)
    if sent[at : at + 1] == b"\x01" and len(sent) > at + 1:
        user = sent[at + 1]
        at += 3 + user + (sent[at + 2 + user] if len(sent) > at + 2 + user else 0)
    head = sent[at : at + 5]
    if len(head) < 5 or head[:3] != b"\x05\x01\x00":
        return None
    start = at + 5 if head[3] == NAME else at + 4
    size = {IPV4: 4, NAME: head[4], IPV6: 16}.get(head[3], 0)
    address, port = sent[start : start + size], sent[start + size : start + size + 2]
    if not size or len(port) < 2:
        return None
    host = text(address) if head[3] == NAME else str(ipaddress.ip_address(address))
    return host, int.from_bytes(port)


def _socks4(sent: bytes) -> tuple[str, int] | None:
    if len(sent) < 9:
        return None
    _, _, rest = sent[8:].partition(b"\0")
    name, closed, _ = rest.partition(b"\0")
    by_name = sent[4:7] == b"\0\0\0" and sent[7] != 0
    host = text(name) if by_name and closed else str(ipaddress.IPv4Address(sent[4:8]))
    return host, int.from_bytes(sent[2:4])
