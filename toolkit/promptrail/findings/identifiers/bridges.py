"""The same value at two organisations: messages in, one row a value out, with who showed it first.

Only values of `BRIDGES` bits and more that look like an identifier; dates, addresses, media types, versions and what
the dictionary calls a device or a setting derive from the same phone and prove nothing. The same value in two places
is no proof that anybody joins them.
"""

import re
from dataclasses import dataclass, field
from typing import Any

from promptrail import frames
from promptrail.case import Case
from promptrail.findings.identifiers.fields import Field, Sent
from promptrail.findings.identifiers.names import constants, name_all, plain
from promptrail.findings.identifiers.strength import BRIDGES, about
from promptrail.findings.identifiers.values import Value
from promptrail.findings.mask import HEADER, Mask
from promptrail.findings.words import either
from promptrail.language import say

SHAPE = re.compile(r"[0-9A-Za-z][0-9A-Za-z_.:+/=@~-]{7,126}[0-9A-Za-z=]")
NO_IDENTIFIER = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}.*|1[0-9]{9}(?:[0-9]{3}){0,2}|[+-]?[0-9]*\.[0-9]+(?:e-?[0-9]+)?|[a-z]+/[a-z0-9.+-]+"
    r"|[0-9.]+|[A-Za-z][A-Za-z0-9_-]*(?:\.[A-Za-z0-9_-]+){2,}",
    re.I,
)
"""Dates, times in seconds or milliseconds, fractions, media types, addresses and versions, dotted names."""
DERIVED = ("device", "setting", "network")
COMMON_HEADERS = re.compile(
    r"accept(?:-.+)?|host|authority|cache-control|connection|content-.+|date|etag|expires|if-.+|last-modified|location"
    r"|origin|pragma|range|referer|server|strict-transport-security|te|traceparent|transfer-encoding|upgrade"
    r"|user-agent|vary|via|sec-.+|x-promptrail-simulated"
)
"""Of a request or answer by itself (RFC 9110, RFC 6455, W3C Trace Context), not of device or account."""
RESPONSE = "response"
NO_TIMES, COOKIE = "not known: no times", "given out in a cookie of"
ANSWER, REQUEST = "given out in an answer of", "first seen in a request to"
"""How a value was met first."""


@dataclass(slots=True)
class _Seen:
    """One value at one host."""

    host: str
    at: float
    direction: str
    part: str
    path: str
    flows: set[str] = field(default_factory=set)
    secret: bool = False


class Bridges:
    """Collects messages; `rows` tells which values reached two organisations."""

    def __init__(self) -> None:
        self._seen: dict[str, dict[str, _Seen]] = {}

    def add(self, message: Sent) -> None:
        told = name_all([(one.path, one.text) for one in message.fields])
        for one, named in zip(message.fields, told, strict=True):
            if (named and named.term.kind in DERIVED) or not _eligible(message, one):
                continue
            at = float("inf") if message.at is None else message.at
            hosts = self._seen.setdefault(one.text, {})
            seen = hosts.get(message.host)
            if seen is None or (at, message.direction == RESPONSE) < (seen.at, seen.direction == RESPONSE):
                kept = seen.flows if seen else set()
                seen = _Seen(message.host, at, message.direction, message.part, one.path, kept)
                hosts[message.host] = seen
            seen.flows.add(message.flow)
            seen.secret |= bool(HEADER.match(one.path.rpartition("/")[2]))

    def rows(self, case: Case, values: list[Value], mask: Mask, show_values: bool) -> list[dict[str, Any]]:
        """Values met at hosts of two organisations and more, and sent to one of them at least; masked."""
        holders = _holders(case)
        probes = {plain(value.text): value.probe for value in values}
        found: list[tuple[str, dict[str, Any]]] = []  # with what a row is sorted by, in every language
        for text, hosts in self._seen.items():
            who = {host: holders.get(host, (host, False)) for host in hosts}
            names = {name for name, _ in who.values()}
            if len(names) < 2:
                continue
            order = sorted(hosts.values(), key=lambda s: (s.at, s.direction == RESPONSE, s.host))
            first = order[0]
            if not any(s.direction == "request" for s in order if who[s.host][0] != who[first.host][0]):
                continue
            probe = probes.get(plain(text))
            shown = mask.text(text) if probe or (show_values and not any(s.secret for s in order)) else None
            row = {
                "value": say("[{n} characters]", n=len(text)) if shown is None else shown,
                "probe": probe,
                "bits": round(about(text)),
                "first": first.host,
                "first_by": who[first.host][0],
                "how": _how(first),
                "hosts": [_host(s, who[s.host], mask) for s in order],
                "organisations": sorted(names),
            }
            found.append((f"[{len(text)}" if shown is None else shown, row))
        found.sort(key=lambda f: (-len(f[1]["organisations"]), f[1]["probe"] or "~", f[1]["first"], f[0]))
        return [row for _, row in found]


def _host(seen: _Seen, who: tuple[str, bool], mask: Mask) -> dict[str, Any]:
    return {
        "host": seen.host,
        "who": who[0],
        "known": who[1],
        "place": mask.text(f"{seen.part} {seen.path}"),
        "direction": seen.direction,
        "flows": len(seen.flows),
    }


def _how(first: _Seen) -> str:
    if first.at == float("inf"):
        return NO_TIMES
    if first.direction == RESPONSE:
        return COOKIE if first.part == "cookie" else ANSWER
    return REQUEST


def _eligible(message: Sent, one: Field) -> bool:
    text = one.text
    if message.part == "header" and COMMON_HEADERS.fullmatch(one.path.partition(" > ")[0]):
        return False
    if not SHAPE.fullmatch(text) or NO_IDENTIFIER.fullmatch(text) or plain(text) in constants():
        return False
    return about(text) >= BRIDGES


def _holders(case: Case) -> dict[str, tuple[str, bool]]:
    """Host -> (who runs it, else who owns its domain, else the domain itself; whether anybody has said so)."""
    out: dict[str, tuple[str, bool]] = {}
    for row in frames.rows(case.recipients):
        out.setdefault(row.host, (row.registrable_domain or row.host, False))
    for question in ("domain_owner", "service_operator"):
        told = case.recipients[(case.recipients["question"] == question) & case.recipients["answer"].notna()]
        for host, part in told.groupby("host"):
            out[str(host)] = (either(dict.fromkeys(map(str, part["answer"]))), True)
    return out
