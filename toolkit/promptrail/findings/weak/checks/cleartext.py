"""Exchanges that anybody on the way could read: http:// and ws:// requests, and raw streams of readable text.

In: delivered flows. Out: one row an exchange. DNS is not counted, nor what stays on the device. What a system sends in
clear on purpose, to find out whether it is online or whether a certificate was revoked, is told and does not decide.
"""

import fnmatch
import ipaddress

from promptrail import frames
from promptrail.findings.weak.checks.check import OUTSIDE, Answer, Material, Row, answered, not_testable
from promptrail.language import mark, say, say_n

OF_THE_SYSTEM = (
    ("connectivitycheck.*", "*/generate_204", mark("a system's check whether it is online")),
    ("captive.apple.com", "*", mark("a system's check whether it is online")),
    ("www.msftconnecttest.com", "*", mark("a system's check whether it is online")),
    ("detectportal.firefox.com", "*", mark("a browser's check whether it is online")),
    ("ocsp.*", "*", mark("the status of a certificate, which is signed (RFC 6960)")),
    ("crl.*", "*", mark("a list of revoked certificates, which is signed (RFC 5280)")),
)
"""Host, path, what it is: AOSP's captive portal probe, Apple's and Microsoft's vendor pages, seen 2026-11."""


def look(material: Material) -> Answer:
    """Every flow without TLS that has content of its own."""
    flows = material.flows
    if not len(flows) and not len(material.connections):
        return not_testable(say("no exchange was recorded"))
    texts = {one.flow for one in material.carried.met if one.seen.text}
    rows = []
    for flow in frames.rows(flows):
        if material.tls[flow.flow] or on_the_device(flow.host or flow.dest_ip):
            continue
        if flow.kind in ("http", "websocket"):
            what = say(
                "{kind} without TLS ({method}), readable as sent", kind=flow.kind, method=flow.method or "GET"
            )
        elif flow.flow in texts and not _multicast(flow.dest_ip):
            what = say("a raw {kind} stream of readable text", kind=flow.kind)
        else:
            continue
        purpose = _of_the_system(flow.host, flow.url)
        rows.append(
            Row(
                flow.run,
                flow.host or flow.dest_ip,
                f"{what}: {say(purpose)}" if purpose else what,
                (f"flow {flow.flow}",),
                (flow.flow,),
                OUTSIDE[False],
                decides=purpose is None,
            )
        )
    looked = say_n(
        "{n:,} exchange, of which {bare:,} without TLS",
        "{n:,} exchanges, of which {bare:,} without TLS",
        len(flows),
        bare=len(rows),
    )
    return answered(rows, looked)


def on_the_device(host: str | None) -> bool:
    """Whether a host is the device itself: nothing travels."""
    if host is None:
        return False
    name = host.strip("[]").rstrip(".").lower()
    try:
        return ipaddress.ip_address(name).is_loopback
    except ValueError:
        return name == "localhost" or name.endswith(".localhost")


def _multicast(address: str | None) -> bool:
    """Names and services announced on the local network (mDNS, SSDP): no recipient was chosen."""
    try:
        return address is not None and ipaddress.ip_address(address).is_multicast
    except ValueError:
        return False


def _of_the_system(host: str | None, url: str | None) -> str | None:
    path = "/" + (url or "").partition("://")[2].partition("/")[2]
    for name, place, words in OF_THE_SYSTEM:
        if fnmatch.fnmatchcase((host or "").lower(), name) and fnmatch.fnmatchcase(path, place):
            return words
    return None
