"""The records of hook.jsonl, which `promptrail hook` writes: one JSON object a line; addons/README.md lists the kinds.

In: a line. Out: the record and its bytes. Refuses, with ValueError, what is no whole record of a version that is known;
a kind that is not known is a record like any other.
"""

import base64
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from promptrail.model import Direction

FILE = "hook.jsonl"
VERSION = 1
LARGEST = 1 << 20
"""Bytes that one record holds at most; a longer piece is told in several."""
BYTES = frozenset({"data", "key", "iv", "aad", "input", "output"})
"""Fields that are bytes: base64 in the file."""
KEY_LINE = re.compile(r"[A-Z0-9_]{1,64} [0-9a-fA-F]{2,128} [0-9a-fA-F]{2,256}")
"""NSS key log format, as Wireshark reads it."""

Record = dict[str, Any]


@dataclass(frozen=True, slots=True)
class HookRecord:
    """What an agent told besides the content of streams; see the frame `hooks` for each column's meaning."""

    run: str
    seq: int | None
    at: float
    agent: str
    pid: int | None
    process: str | None
    type: str
    connection: str | None = None
    direction: Direction | None = None
    algorithm: str | None = None
    detail: str | None = None
    body: str | None = None
    length: int | None = None
    output: str | None = None
    stack: list[str] | None = None


def line_of(record: Record) -> str:
    """A record as a line; its bytes in base64."""
    said = {k: base64.b64encode(v).decode() if isinstance(v, bytes) else v for k, v in record.items()}
    return json.dumps(said, ensure_ascii=True, separators=(",", ":")) + "\n"


def record_of(line: bytes) -> Record:
    """The record of a line, its bytes as bytes. ValueError if it is none."""
    if not line.endswith(b"\n"):
        raise ValueError("it is cut short")
    try:
        record = json.loads(line)
    except RecursionError as fault:
        raise ValueError("it is nested too deeply") from fault
    if not isinstance(record, dict) or not isinstance(record.get("k"), str):
        raise ValueError("it is no record with a kind")
    if record.get("v") != VERSION:
        raise ValueError(f"its version {record.get('v')!r} is not known here")
    t = record.get("t")
    if isinstance(t, bool) or not isinstance(t, int | float) or not -1e12 < t < 1e12:
        raise ValueError("its time is no number")
    for name in BYTES & record.keys():
        if record[name] is not None:
            record[name] = base64.b64decode(record[name], validate=True)
    return record


def key_lines(folder: Path) -> Iterator[str]:
    """The TLS key lines that a run's hook saw, each once; nothing where the folder holds no hook log."""
    file = folder / FILE
    if not file.is_file():
        return
    seen: set[str] = set()
    with open(file, "rb") as stream:
        for line in stream:
            if b'"keylog"' not in line:
                continue
            try:
                record = record_of(line)
            except (ValueError, TypeError):
                continue  # told by the reader of the log
            said = str(record.get("line")) if record["k"] == "keylog" else ""
            if said not in seen and KEY_LINE.fullmatch(said):
                seen.add(said)
                yield said
