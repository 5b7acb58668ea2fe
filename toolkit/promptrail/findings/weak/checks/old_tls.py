"""Connections whose TLS is older than 1.2, or whose suite does not hold: connections in, one row a connection out.

Versions below 1.2 are deprecated (RFC 7568 for SSL 3.0, RFC 8996 for TLS 1.0 and 1.1). Through a proxy the version is
the one that the app and the proxy agreed, so that it shows what the app accepts and not what the server does. A
handshake that failed sent nothing and is told alone. Suites without encryption, for export, or with RC4, RC2, IDEA,
DES or 3DES count (RFC 7465; RFC 9325, 4.1) where they were agreed, not where a hello offers them.
"""

import re

from promptrail import frames
from promptrail.findings.weak.checks.check import Answer, Material, Row, answered, not_testable
from promptrail.language import mark, say, say_n

OLD = {"SSLv2", "SSLv3", "TLSv1", "TLSv1.0", "TLSv1.1", "DTLSv1", "DTLSv1.0"}
OFFERED = {"s2": "SSLv2", "s3": "SSLv3", "10": "TLSv1", "11": "TLSv1.1", "d1": "DTLSv1"}
"""What a JA4 says of the highest version that its hello offers, for old ones (FoxIO, JA4.md)."""
JA4 = re.compile(r"[tqd](s2|s3|1[01]|d1)[di]\d{4}")
STRAIGHT, RECORDED = mark("with the server"), mark("as recorded")
WITH = (("proxy", mark("with the proxy")), ("packets", STRAIGHT), ("hook", mark("as a hook saw it")))
"""With whom the version was agreed, by the first of the witnesses that saw the connection."""
NAMED = re.compile(r"NULL|EXP|RC4|RC2|IDEA|DES", re.I)
"""In OpenSSL's names of suites: NULL-SHA, EXP-RC4-MD5, DES-CBC3-SHA."""
NUMBERED = (
    "0000-001c 001e-002e 003b 0060-0066 0082-0083 008a-008b 008e-008f 0092-0093 00b0-00b1 00b4-00b5 00b8-00b9 "
    "c001-c003 c006-c008 c00b-c00d c010-c012 c015-c017 c01a-c01c c033-c034 c039-c03b c0b4-c0b5"
)
"""The same by number (IANA, TLS Cipher Suites, 2026-11)."""
RANGES = [(int(one[:4], 16), int(one[-4:], 16)) for one in NUMBERED.split()]
FAILED = {"tls-failed", "pinned", "not-reached"}


def weak_suite(suite: str | None) -> bool:
    """Whether a suite does not hold, by OpenSSL's name or by 0x and its number."""
    if suite is None or not suite.startswith("0x"):
        return suite is not None and NAMED.search(suite) is not None
    return any(first <= int(suite, 16) <= last for first, last in RANGES)


def look(material: Material) -> Answer:
    """Every connection whose version is known, from the handshake or from the hello's fingerprint."""
    rows, known, straight = [], 0, 0
    hosts: set[str] = set()
    for one in frames.rows(material.connections):
        offered = JA4.match(one.ja4 or "")
        if one.tls_version is None and offered is None:
            continue
        known += 1
        hosts.add(str(one.host))
        saw = set(one.witnesses if one.witnesses is not None else ())
        whom = next((words for witness, words in WITH if witness in saw), RECORDED)
        straight += whom == STRAIGHT
        version = one.tls_version or (
            say("at most {version}", version=OFFERED[offered[1]]) if offered else ""
        )
        weak = weak_suite(one.cipher)
        if one.tls_version not in OLD and offered is None and not weak:
            continue
        failed = one.outcome in FAILED
        told = f"{version}, {say(whom)}"
        if weak:
            told = say("{version}, suite {suite}, {whom}", version=version, suite=one.cipher, whom=say(whom))
        if failed:
            told = say("{told}, and nothing was sent: the handshake failed", told=told)
        rows.append(
            Row(
                one.run,
                one.host or one.dest_ip,
                told,
                (f"connection {one.connection}",),
                tuple(material.flows.loc[material.flows["connection"] == one.connection, "flow"]),
                decides=not failed,
            )
        )
    if not known:
        return not_testable(say("no TLS version was recorded: packets or a proxy's own record tell it"))
    looked = say_n(
        "{n:,} TLS connection, {straight:,} straight with a server, by version and suite",
        "{n:,} TLS connections, {straight:,} straight with a server, by version and suite",
        known,
        straight=straight,
    )
    return answered(rows, looked, hosts=hosts)
