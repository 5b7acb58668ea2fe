"""What hooks saw an app do with cryptography: the frame `hooks` in, one operation a record out, key and IV as bytes.

A transformation is told as the app named it, and as what it means: javax.crypto takes a bare `AES` for ECB. A record
that names no algorithm, or whose details cannot be read, is passed over: it supports nothing.
"""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from promptrail import frames
from promptrail.case import Case

AGENTS = frozenset({"java-crypto"})
"""Agents that tell operations of a crypto library."""
RECORDS = frozenset({"start", "hooked", "crypto"})
ASYMMETRIC = frozenset({"RSA", "EC", "ECIES", "ELGAMAL", "SM2"})
DEFAULT = {"ARCFOUR": "STREAM", "RC4": "STREAM", "CHACHA20": "STREAM", "CHACHA20-POLY1305": "POLY1305"}
"""The mode of a bare name where it is not ECB (Java Security Standard Algorithm Names, 2024; `Cipher`, OpenJDK 17)."""


@dataclass(frozen=True, slots=True)
class Operation:
    """One operation. `family`, `chaining`: AES and CBC of `AES/CBC/PKCS5Padding`, upper case."""

    run: str
    agent: str
    seq: int | None
    pid: int | None
    mode: str
    """encrypt, decrypt, mac, digest, sign, verify."""
    algorithm: str
    key: bytes | None
    iv: bytes | None
    input: str | None
    """SHA-256 of what went in."""
    output: str | None
    """SHA-256 of what came out."""
    size: int | None
    """Bytes that went in."""
    code: str | None
    """The class that asked for it."""

    @property
    def ref(self) -> str:
        """As a row cites it."""
        return f"hook {self.agent} {'without number' if self.seq is None else self.seq} in {self.run}"

    @property
    def family(self) -> str:
        return re.split(r"[/_]", self.algorithm.upper(), maxsplit=1)[0]

    @property
    def chaining(self) -> str:
        """The mode of a cipher as its library takes it."""
        parts = self.algorithm.upper().split("/")
        return parts[1] if len(parts) > 1 else DEFAULT.get(self.family, "ECB")

    @property
    def symmetric(self) -> bool:
        return self.family not in ASYMMETRIC and not self.family.startswith("PBE")


def operations(case: Case, runs: list[str]) -> tuple[list[Operation], list[str]]:
    """The operations of some runs in order of the frame, and the runs in which such hooks ran at all."""
    rows = case.hooks[case.hooks["run"].isin(runs) & case.hooks["agent"].isin(AGENTS)]
    hooked = sorted(set(rows.loc[rows["type"].isin(RECORDS), "run"]))
    return list(_read(rows[rows["type"] == "crypto"])), hooked


def _read(rows: Any) -> Iterator[Operation]:
    for row in frames.rows(rows):
        said = _object(row.detail)
        mode = said.get("mode")
        if not row.algorithm or not isinstance(mode, str):
            continue
        size = said.get("input_length")
        yield Operation(
            row.run,
            row.agent,
            row.seq,
            row.pid,
            mode,
            str(row.algorithm),
            _bytes(said.get("key")),
            _bytes(said.get("iv")),
            row.body,
            row.output,
            size if isinstance(size, int) and not isinstance(size, bool) else row.length,
            str(said["class"]) if said.get("class") else None,
        )


def _object(detail: str | None) -> dict[str, Any]:
    try:
        said = json.loads(detail or "{}")
    except ValueError:
        return {}
    return said if isinstance(said, dict) else {}


def _bytes(value: object) -> bytes | None:
    """Hex as `detail` holds it; None where it is none."""
    try:
        return bytes.fromhex(value) if isinstance(value, str) and value else None
    except ValueError:
        return None
