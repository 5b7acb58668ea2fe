"""Bodies that an app encrypted inside TLS: opened where a hook saw the operation, counted where none did."""

import base64
import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.padding import PKCS7

from factories import Rows, compact
from promptrail import frames, pipeline
from promptrail.case import Case
from promptrail.ingest.hook_record import HookRecord
from promptrail.trace import show, trace

PROMPT = "Draft my resignation, effective before the audit. corncrake-5521"
PLAIN = compact({"messages": [{"content": PROMPT}]})
GCM, CBC = "AES/GCM/NoPadding", "AES/CBC/PKCS5Padding"


def gcm(plain: bytes) -> bytes:
    return AESGCM(os.urandom(16)).encrypt(os.urandom(12), plain, b"v1")


def cbc(plain: bytes) -> bytes:
    padder, iv = PKCS7(128).padder(), os.urandom(16)
    padded = padder.update(plain) + padder.finalize()
    encryptor = Cipher(algorithms.AES(os.urandom(32)), modes.CBC(iv)).encryptor()
    return encryptor.update(padded) + encryptor.finalize()


def operation(rows: Rows, algorithm: str, mode: str, given: bytes, made: bytes, seq: int = 3) -> None:
    """A record as the hook log's reader makes it."""
    rows.rows["hooks"].append(
        HookRecord(
            "r",
            seq,
            1_790_000_000.0,
            "java-crypto",
            1,
            "app",
            "crypto",
            algorithm=algorithm,
            detail=json.dumps({"mode": mode}),
            body=rows.body(given),
            length=len(given),
            output=rows.body(made),
        )
    )


def traced(folder: Path, rows: Rows) -> tuple[Case, list[Any], list[Any]]:
    """The case, its sightings of probes, and what could not be read."""
    rows.run("r")
    case = rows.write(folder)
    case.add_probe("prompt", PROMPT)
    found = trace(case)
    pipeline._write(case, "sightings", found.sightings)
    sightings = [s for s in frames.rows(frames.to_pandas(found.sightings)) if not s.decoy]
    return case, sightings, list(frames.rows(frames.to_pandas(found.undecoded)))


WRAPPED: dict[str, Callable[[bytes], bytes]] = {
    "as it is": lambda c: c,
    "behind its IV, before a tag": lambda c: os.urandom(12) + c + os.urandom(16),
    "in base64 in JSON": lambda c: compact({"v": 2, "data": base64.b64encode(os.urandom(16) + c).decode()}),
    "in hex in a form": lambda c: b"k=1&payload=" + c.hex().encode(),
}


@pytest.mark.parametrize("wrapped", WRAPPED)
@pytest.mark.parametrize(("algorithm", "encrypt"), [(GCM, gcm), (CBC, cbc)])
def test_what_a_hook_saw_is_opened(
    tmp_path: Path, algorithm: str, encrypt: Callable[[bytes], bytes], wrapped: str
) -> None:
    """The prompt is found under its algorithm; the path names the hook's record, and `show` leads to the plaintext."""
    rows, ciphertext = Rows(), encrypt(PLAIN)
    rows.flow("r", "kit.test", WRAPPED[wrapped](ciphertext))
    operation(rows, algorithm, "encrypt", PLAIN, ciphertext)
    case, (sighting,), undecoded = traced(tmp_path, rows)
    assert list(sighting.chain)[-2:] == [f"javax.crypto {algorithm}", "json"]
    assert "hook java-crypto 3" in sighting.path and sighting.path.endswith("/messages/0/content")
    assert (sighting.tier, sighting.host) == ("exact", "kit.test")
    assert not undecoded
    assert show.layers(case, sighting)[-1].data == PROMPT.encode()


def test_a_key_that_no_hook_saw_stays_undecodable(tmp_path: Path) -> None:
    """Another operation was seen, not this one: nothing is found, and the body is in the ledger with its size."""
    rows, body = Rows(), gcm(PLAIN)
    flow = rows.flow("r", "kit.test", body)
    operation(rows, GCM, "encrypt", b"some other text of the app", gcm(b"some other text of the app"))
    _, sightings, undecoded = traced(tmp_path, rows)
    assert not sightings
    assert [(u.flow, u.reason, u.length) for u in undecoded] == [(flow.flow, "binary", len(body))]


def test_an_answer_that_the_app_decrypted_is_opened(tmp_path: Path) -> None:
    """The other way round: ciphertext in, plaintext out."""
    rows, answer = Rows(), gcm(compact({"answer": PROMPT}))
    rows.flow("r", "kit.test", answer)
    operation(rows, GCM, "decrypt", answer, compact({"answer": PROMPT}))
    _, (sighting,), _ = traced(tmp_path, rows)
    assert list(sighting.chain) == [f"javax.crypto {GCM}", "json"]


@pytest.mark.parametrize("mode", ["mac", "digest", "sign", "wrap", ""])
def test_what_cannot_be_undone_opens_nothing(tmp_path: Path, mode: str) -> None:
    """A MAC's input is not inside its output: seeing the MAC in a message is no sighting of what it was made of."""
    rows, tag = Rows(), os.urandom(32)
    rows.flow("r", "kit.test", tag)
    operation(rows, "HmacSHA256", mode, PLAIN, tag)
    _, sightings, _ = traced(tmp_path, rows)
    assert not sightings


def test_half_a_ciphertext_is_none(tmp_path: Path) -> None:
    """Its first bytes stand there and the rest does not: nothing is claimed of what was not sent."""
    rows, ciphertext = Rows(), gcm(PLAIN)
    rows.flow("r", "kit.test", ciphertext[:-1] + bytes([ciphertext[-1] ^ 1]))
    operation(rows, GCM, "encrypt", PLAIN, ciphertext)
    _, sightings, undecoded = traced(tmp_path, rows)
    assert not sightings and undecoded


def test_encrypted_twice(tmp_path: Path) -> None:
    """One envelope in another, both seen: both are in the chain."""
    rows, inner = Rows(), gcm(PLAIN)
    outer = cbc(compact({"e": base64.b64encode(inner).decode()}))
    rows.flow("r", "kit.test", outer)
    operation(rows, GCM, "encrypt", PLAIN, inner, 3)
    operation(rows, CBC, "encrypt", compact({"e": base64.b64encode(inner).decode()}), outer, 4)
    _, (sighting,), _ = traced(tmp_path, rows)
    assert list(sighting.chain) == [
        f"javax.crypto {CBC}",
        "json",
        "base64",
        f"javax.crypto {GCM}",
        "json",
    ]
