"""Simulated cases for finding 07: what a cipher of the tests makes, what a hook would tell of it, and raw streams."""

import base64
import dataclasses
import hashlib
import json
from pathlib import Path
from typing import Any

from cryptography.hazmat.decrepit.ciphers.algorithms import TripleDES
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from factories import BEGAN, Rows, compact, sha256
from promptrail.findings.weak.checks import CHECKS, material
from promptrail.findings.weak.checks.check import Answer
from promptrail.ingest.hook_record import HookRecord
from promptrail.model import Flow

OWN, CLOUD, KIT = "chat.parley.test", "ingest.brightmoor.test", "edge.quillmark.example"
KEY = bytes.fromhex("5d1c0e8bb0a24c3f9f0d7f5a1b2c3d4e")
IV = bytes.fromhex("000102030405060708090a0b0c0d0e0f")
BLOCK = 16


def noise(seed: object, size: int) -> bytes:
    """Bytes without a pattern, the same for the same seed."""
    out = b""
    while len(out) < size:
        out += hashlib.sha256(f"{seed} {len(out)}".encode()).digest()
    return out[:size]


def aes(text: bytes, mode: modes.ECB | modes.CBC | modes.CTR, key: bytes = KEY) -> bytes:
    """AES over a text that is padded with zeros, except where the mode needs no padding."""
    context = Cipher(algorithms.AES(key), mode).encryptor()
    filled = text if isinstance(mode, modes.CTR) else text + bytes(-len(text) % BLOCK)
    return context.update(filled) + context.finalize()


def des3(text: bytes) -> bytes:
    """3DES in ECB mode."""
    context = Cipher(TripleDES(noise("3des", 24)), modes.ECB()).encryptor()
    return context.update(text + bytes(-len(text) % 8)) + context.finalize()


def raw(rows: Rows, run: str, host: str | None, data: bytes, kind: str = "tcp", **more: object) -> Flow:
    """A stream that is no HTTP."""
    known: dict[str, object] = {"method": None, "scheme": None, "url": None, "sni": None, "status": None}
    flow = rows.flow(run, host, data, kind=kind, **(known | more))
    rows.rows["messages"][-1] = dataclasses.replace(rows.rows["messages"][-1], part="raw")
    return flow


def crypto(
    rows: Rows,
    run: str,
    algorithm: str,
    text: bytes,
    output: bytes,
    *,
    key: bytes | None = None,
    iv: bytes | None = None,
    mode: str = "encrypt",
    detail: str | None = None,
) -> int:
    """A record as the agent java-crypto tells it; returns its number."""
    number = len(rows.rows["hooks"])
    said = {"mode": mode, "key": key and key.hex(), "iv": iv and iv.hex(), "input_length": len(text)}
    told = json.dumps({name: value for name, value in said.items() if value is not None})
    rows.rows["hooks"].append(
        HookRecord(
            run,
            number,
            BEGAN + number,
            "java-crypto",
            4242,
            "parley",
            "crypto",
            algorithm=algorithm,
            detail=told if detail is None else detail,
            body=rows.body(text),
            length=len(text),
            output=rows.body(output),
        )
    )
    return number


def hooked(rows: Rows, run: str) -> None:
    """The agent ran, whatever it saw."""
    rows.rows["hooks"].append(HookRecord(run, None, BEGAN, "java-crypto", 4242, "parley", "start"))


def answer(rows: Rows, folder: Path, check: str) -> Answer:
    """What one check says of the case."""
    case = rows.write(folder / sha256(check.encode())[:8])
    (wanted,) = [one for one in CHECKS if one.id == check]
    return wanted.look(material(case, list(case.runs["run"])))


def decided(found: Answer) -> list[bool]:
    """Of each row, whether it decides."""
    return [row.decides for row in found.rows]


def sent(rows: Rows, run: str, output: bytes, host: str = KIT, **fields: str) -> None:
    """A message that carries a ciphertext."""
    rows.flow(run, host, compact({"v": 1, **fields, "data": base64.b64encode(output).decode()}))


def sealed(
    rows: Rows, algorithm: str, text: bytes, *, run: str = "r1", host: str | None = KIT, **known: Any
) -> int:
    """A record of an encryption, and unless there is no host the message with its output."""
    output = noise((algorithm, text, known.get("key"), known.get("iv")), len(text) + 16)
    if host:
        sent(rows, run, output, host, **known.pop("fields", {}))
    return crypto(rows, run, algorithm, text, output, **known)


def hooked_runs(*names: str, fresh: bool = True) -> Rows:
    """Runs in which hooks ran."""
    rows = Rows()
    for name in names or ("r1",):
        hooked(rows, rows.run(name))
        if fresh:
            rows.event(name, 0, "cleared")
    return rows
