"""Whether a key stands in the message that it encrypts, or follows from a value there: key and values in, words out.

Tried are the values themselves, as sent and decoded, and what the plain digests make of them, whole or cut to the key's
length. A key that is derived in another way is not found: nothing here says that a key is safe.
"""

import hashlib
from collections.abc import Iterable

from promptrail.language import say

SHORTEST = 4
"""Bytes of a value of which a key may be made."""
DIGESTS = ("md5", "sha1", "sha256", "sha512")


def in_sight(key: bytes, values: Iterable[bytes]) -> str | None:
    """In words how the key follows from one of the values; None where it does not."""
    written = {key.hex().encode(), key.hex().upper().encode()}
    for value in values:
        if value == key:
            return say("it stands in the message")
        if value in written:
            return say("it stands in the message, in hex")
        if len(value) < SHORTEST:
            continue
        if len(key) >= SHORTEST * 2 and len(value) > len(key) and key in value:
            return say("it stands in the message")
        for name in DIGESTS:
            digest = hashlib.new(name, value, usedforsecurity=False)
            raw, text = digest.digest(), digest.hexdigest().encode()
            if key in (raw, raw[: len(key)], text, text[: len(key)]):
                return say("it is made of the {digest} of a value in the message", digest=name.upper())
    return None


def is_written(key: bytes) -> bool:
    """Whether a key is printable text: of random keys of 16 bytes one in 7 million is."""
    return len(key) >= 8 and all(0x20 <= byte < 0x7F for byte in key)
