"""ByteDance AppLog's envelope as its kit writes it: content in, an encrypted packet that carries its own key out.

    magic | seed | AES-128-CBC( SHA-512(content) | content )        key | IV = SHA-512( SHA-512(seed) | constant )

The constant ships in every app that has the kit, so the packet is obfuscated and not confidential.
"""

import hashlib

MAGIC = bytes.fromhex("123920200203")
CONSTANT = bytes.fromhex(
    "490cc21292b05d0cc06ccbe91fb92e21b5a7c538811dc85e27a96e28104e1cf6"
    "9c7166efab232807390da78a8b91e49c44b49a43feb941a1e46f2656e613e47b"
)
BLOCK = 16


def key_and_iv(seed: bytes) -> tuple[bytes, bytes]:
    """What a seed of 32 bytes stands for."""
    stretched = hashlib.sha512(hashlib.sha512(seed).digest() + CONSTANT).digest()
    return stretched[:BLOCK], stretched[BLOCK : 2 * BLOCK]


def tt(content: bytes, seed: bytes) -> bytes:
    """The packet; its content is gzip'd JSON as a rule."""
    from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

    key, iv = key_and_iv(seed)
    plain = hashlib.sha512(content).digest() + content
    missing = BLOCK - len(plain) % BLOCK
    context = Cipher(algorithms.AES(key), modes.CBC(iv)).encryptor()
    return MAGIC + seed + context.update(plain + bytes([missing]) * missing) + context.finalize()
