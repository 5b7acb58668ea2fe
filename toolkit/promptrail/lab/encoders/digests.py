"""Hashes by the `cryptography` package: a name and bytes in, the digest out."""

NAMES = (
    *("md5", "sha1", "sha224", "sha256", "sha384", "sha512"),
    *("sha3_224", "sha3_256", "sha3_384", "sha3_512", "blake2b", "blake2s"),
)
SIZED = {"blake2b": 64, "blake2s": 32}
"""The lengths that these have when nobody says otherwise (RFC 7693), in bytes."""


def digest(name: str, data: bytes) -> bytes:
    """One of NAMES over the data."""
    from cryptography.hazmat.primitives import hashes

    kind = getattr(hashes, name.upper().replace("BLAKE2B", "BLAKE2b").replace("BLAKE2S", "BLAKE2s"))
    context = hashes.Hash(kind(SIZED[name]) if name in SIZED else kind())
    context.update(data)
    return context.finalize()


def xor(data: bytes, key: int) -> bytes:
    """Every byte under the same key of one byte."""
    return bytes(byte ^ key for byte in data)
