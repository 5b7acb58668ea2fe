"""Vendors' envelopes, held against their published vectors."""

# ruff: noqa: E501 (tables: one way a line)

import base64
import gzip
import hashlib
import json
from typing import Any

import pytest
from cryptography.hazmat.primitives import padding
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from decode.unwrapping import KOREAN, TEXTS, below, found
from promptrail.decode.envelopes import ENVELOPES, Envelope, key_and_iv
from promptrail.decode.layer import Layer

VECTORS = [  # seed, key, IV: read out of a running app with Frida, and computed from a captured request; published in 2026
    (
        "1b4e68c80d69855f8183da3ede0c0684177657975cecbe9af87479900c40f127",
        "b7b6b498f368ea5d848a44db2df048ac",
        "4ba0d2cb4fd0b7a5cda9603c44df7251",
    ),
    (
        "39bc87917fb17bcef28b52b92feaa1171097b3d73604c573d2c82b1fdcd69b15",
        "9b31d1459f1d1feb5fd26cd980eac163",
        "1da77910668aacbf3f48a31012c1ac32",
    ),
]


def sealed(content: bytes, envelope: Envelope, seed: bytes = bytes(range(32))) -> bytes:
    """An envelope as the app makes it."""
    derived = hashlib.sha512(hashlib.sha512(seed).digest() + envelope.salt).digest()
    padder = padding.PKCS7(128).padder()
    plain = padder.update(hashlib.sha512(content).digest() + content) + padder.finalize()
    context = Cipher(algorithms.AES(derived[:16]), modes.CBC(derived[16:32])).encryptor()
    return envelope.magic + seed + context.update(plain) + context.finalize()


@pytest.mark.parametrize(("seed", "key", "iv"), VECTORS)
def test_key_and_iv_are_the_published_ones(seed: str, key: str, iv: str) -> None:
    """The derivation gives what the app itself was seen to use."""
    assert key_and_iv(bytes.fromhex(seed), ENVELOPES[0].salt) == (bytes.fromhex(key), bytes.fromhex(iv))


def test_the_published_lengths_hold() -> None:
    """Three bytes make an envelope of 118, as the published table says."""
    assert [len(sealed(b"\0" * n, ENVELOPES[0])) for n in (3, 16, 64, 38)] == [118, 134, 182, 150]


@pytest.mark.parametrize("envelope", ENVELOPES, ids=["12 39 20 20 02 03", "tc 05 10"])
@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS)
def test_an_envelope_is_opened(envelope: Envelope, text: str) -> None:
    """As a body, and as the `tt_info` of a URL: base64url in lines of 76."""
    packet = sealed(gzip.compress(json.dumps({"magic_tag": "ss_app_log", "q": text}).encode()), envelope)
    assert found(text, packet) == [(("tt", "gzip", "json"), "/q")]
    encoded = base64.urlsafe_b64encode(packet).decode()
    lines = "%0A".join(encoded[n : n + 76] for n in range(0, len(encoded), 76)) + "%0A"
    url = f"https://app.test/register?aid=1&tt_info={lines}".encode()
    assert found(text, url) == [(("url", "base64", "tt", "gzip", "json"), "?tt_info > /q")]


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (lambda p: p[:-1], "incomplete"),
        (lambda p: p[:40], "incomplete"),
        (lambda p: p[:60] + b"\0" + p[61:], "encoding"),
    ],
)
def test_another_envelope_stays_shut_and_is_counted(change: Any, reason: str) -> None:
    """Cut, or under another key: the digest does not fit, and nothing is invented."""
    faults: list[Any] = []
    below(Layer(change(sealed(KOREAN.encode() * 9, ENVELOPES[0]))), faults)
    assert [f.reason for f in faults] == [reason]
