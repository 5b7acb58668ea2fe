"""Vendors' own envelopes in, what they hold out: inside TLS they hide nothing, for the key travels with the message.

One row an envelope: its magic, what is known about it, and its published vector in the tests. Used on the traffic of
one's own devices. To add one, add a row to ENVELOPES and its vector to tests/decode/test_envelopes.py.
"""

import hashlib
from collections.abc import Iterator
from typing import NamedTuple

from promptrail.decode.layer import Layer, Piece, Undecodable

SEED, DIGEST, BLOCK = 32, 64, 16


class Envelope(NamedTuple):
    """An AppLog envelope: magic | seed | AES-128-CBC of (SHA-512 of the content | content), padded as PKCS #7 says."""

    magic: bytes
    salt: bytes
    """Constant of the app's encryptor library, hashed together with the seed."""
    source: str


ENVELOPES = [
    Envelope(
        bytes.fromhex("123920200203"),
        bytes.fromhex(
            "490cc21292b05d0cc06ccbe91fb92e21b5a7c538811dc85e27a96e28104e1cf6"
            "9c7166efab232807390da78a8b91e49c44b49a43feb941a1e46f2656e613e47b"
        ),
        "ByteDance AppLog, libEncryptorP, as device_register of an Android app sends it (analysis published in 2026)",
    ),
    Envelope(
        bytes.fromhex("746305100000"),
        bytes.fromhex(
            "4dd4c2e6b83162090e52b3c7a6733ba41cb2462b829ab58a196b39db57177524"
            "f49baf7f08e8d68d26a72e37c1a95a2f1f05a51892aef2949732b62a38aadd58"
        ),
        "ByteDance AppLog, the older form (magic `tc`), as desktop clients keep it too (several published analyses)",
    ),
]


def key_and_iv(seed: bytes, salt: bytes) -> tuple[bytes, bytes]:
    """The first 32 bytes of SHA-512(SHA-512(seed) | salt)."""
    derived = hashlib.sha512(hashlib.sha512(seed).digest() + salt).digest()
    return derived[:16], derived[16:32]


def opened(data: bytes, envelope: Envelope) -> bytes | None:
    """The content of one envelope; None if its digest does not fit, so that nothing is invented."""
    from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

    begin = len(envelope.magic) + SEED
    key, iv = key_and_iv(data[len(envelope.magic) : begin], envelope.salt)
    context = Cipher(algorithms.AES(key), modes.CBC(iv)).decryptor()
    plain = context.update(data[begin:]) + context.finalize()
    plain = plain[: len(plain) - plain[-1]] if plain and plain[-1] <= BLOCK else plain
    content = plain[DIGEST:]
    return content if hashlib.sha512(content).digest() == plain[:DIGEST] else None


def tt(layer: Layer) -> Iterator[Piece]:
    """ByteDance AppLog's `tt` envelope; its content is gzip as a rule, which goes on as a layer."""
    data = layer.data
    for envelope in ENVELOPES:
        if data.startswith(envelope.magic):
            begin = len(envelope.magic) + SEED
            if len(data) < begin + DIGEST or (len(data) - begin) % BLOCK:
                raise Undecodable("incomplete", "a `tt` envelope that is cut short")
            content = opened(data, envelope)
            if content is None:
                raise Undecodable("encoding", "a `tt` envelope under another key than the published one")
            yield Piece(content, 0, len(data))
