"""What each format of capture may say otherwise than the evidence of the same traffic, and why; README shows it.

A column that is not named here is equal, exchange by exchange and byte by byte. None of these moves a sighting: which
probe, host, direction, part, path, layers and tier are the same from every format.
"""

from typing import NamedTuple

NAMES = "flow run source_ref connection"
"""Derived from the capture, so every capture has its own."""


class Format(NamedTuple):
    title: str
    differs: dict[str, str]
    """Columns of `flows` and `messages`, separated by spaces, and why they may differ."""
    lacks: str
    """What it cannot hold, in words."""


FORMATS = {
    "mitm": Format(
        "mitmproxy flow file", {}, "connections that failed or were relayed unread; bytes on the wire"
    ),
    "har": Format(
        "HAR, as mitmproxy writes it",
        {
            "bodies_decoded request_body request_length response_body response_length": "Content-Encoding is undone",
            "body length coding": "the same, in messages",
            "started request_ended response_started ended at": "one time, and durations",
            "dest_port sni cert_names cert_issuer": "not in a HAR",
            "response_complete error": "what broke off after the answer had begun is not told",
            "seq": "an empty body and a missing one are not told apart",
        },
        "connections that failed; raw TCP, UDP and DNS; certificates; compressed bodies as they were sent",
    ),
    "pcap": Format(
        "pcap or pcapng with TLS keys",
        {
            "started request_ended response_started ended at": "seen on the wire, not in the proxy: milliseconds",
            "dest_ip dest_port cert_names cert_issuer": "where the packets went: before a proxy, the proxy",
        },
        "TLS whose keys are missing; HTTP/3 with a tshark that cannot open its headers",
    ),
    "hook": Format(
        "hook log (tls-plaintext)",
        {
            "started request_ended response_started ended at": "seen in the app, not in the proxy: milliseconds",
            "dest_ip dest_port cert_names cert_issuer": "what the TLS library says: often nothing",
        },
        "what does not pass through a hooked function; handshakes that failed; bytes on the wire",
    ),
}


def markdown() -> str:
    """The table as README.md holds it."""
    lines = ["| format | may differ, and why | what it cannot hold |", "| --- | --- | --- |"]
    for one in FORMATS.values():
        why = "; ".join(
            f"{', '.join(f'`{c}`' for c in columns.split())}: {reason}"
            for columns, reason in one.differs.items()
        )
        lines.append(f"| {one.title} | {why or 'nothing'} | {one.lacks} |")
    return "\n".join(lines) + "\n"
