"""Tables of a user's own, made for tests: CSV texts, and MaxMind databases written byte by byte.

The format is MaxMind's "MaxMind DB File Format", version 2.0: a search tree of 24-bit records, 16 zero bytes, the data
section, the metadata.
"""

import ipaddress
import struct
from collections.abc import Mapping
from pathlib import Path
from typing import Any

UINT16, UINT32, UINT64 = 5, 6, 9
MARK = b"\xab\xcd\xefMaxMind.com"
ALIBABA = "43.109.0.0,43.109.255.255,24429,Zhejiang Taobao Network Co. Ltd\n"
"""What @ip-location-db/asn says about the address of domain.md, section 3.3."""


def write(file: Path, text: str) -> Path:
    file.write_text(text, encoding="utf-8")
    return file


def country(code: str) -> dict[str, Any]:
    return {"country": {"iso_code": code}}


def network(number: int, name: str) -> dict[str, Any]:
    return {"autonomous_system_number": number, "autonomous_system_organization": name}


def write_mmdb(
    file: Path, records: Mapping[str, Any], kind: str = "Test-Country", built: int = 1_790_000_000
) -> Path:
    """A database for IPv6, IPv4 networks in ::/96 as MaxMind has them."""
    data, places = b"", {}
    for cidr, record in records.items():
        places[cidr] = len(data)
        data += encode(record)
    nodes: list[list[Any]] = [[None, None]]
    for cidr, place in places.items():
        _insert(nodes, cidr, place)
    count = len(nodes)
    tree = b""
    for left, right in nodes:
        for value in (left, right):
            number = count if value is None else value[1] + count + 16 if isinstance(value, tuple) else value
            tree += number.to_bytes(3)
    about = {
        "binary_format_major_version": (UINT16, 2),
        "binary_format_minor_version": (UINT16, 0),
        "build_epoch": (UINT64, built),
        "database_type": kind,
        "description": {"en": kind},
        "ip_version": (UINT16, 6),
        "languages": ["en"],
        "node_count": count,
        "record_size": (UINT16, 24),
    }
    file.write_bytes(tree + bytes(16) + data + MARK + encode(about))
    return file


def _insert(nodes: list[list[Any]], cidr: str, place: int) -> None:
    net = ipaddress.ip_network(cidr)
    length = net.prefixlen + (96 if net.version == 4 else 0)
    at = 0
    for depth in range(length):
        bit = int(net.network_address) >> (127 - depth) & 1
        if depth == length - 1:
            nodes[at][bit] = ("data", place)
        else:
            if nodes[at][bit] is None:
                nodes.append([None, None])
                nodes[at][bit] = len(nodes) - 1
            at = nodes[at][bit]


def encode(value: Any) -> bytes:
    """A value in the format's data types: map, array, text, unsigned number."""
    if isinstance(value, dict):
        return _head(7, len(value)) + b"".join(encode(k) + encode(v) for k, v in value.items())
    if isinstance(value, list):
        return _head(11, len(value)) + b"".join(map(encode, value))
    if isinstance(value, str):
        raw = value.encode()
        return _head(2, len(raw)) + raw
    kind, number = value if isinstance(value, tuple) else (UINT32, value)
    raw = struct.pack(">Q", number).lstrip(b"\0")
    return _head(kind, len(raw)) + raw


def _head(kind: int, size: int) -> bytes:
    extra = b"" if size < 29 else bytes([size - 29])
    low = min(size, 29)
    return bytes([kind << 5 | low]) + extra if kind < 8 else bytes([low, kind - 7]) + extra
