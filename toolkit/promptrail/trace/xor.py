"""A text under a constant one-byte key: neighbouring bytes XORed with each other show neither key nor its absence.

A simple cipher is a guess, so what is found is tier `obfuscated`.
"""

import json

import numpy as np

SHORTEST = 12


def forms(text: str) -> list[bytes]:
    """The text as it is and as JSON writes it: what is ciphered is often a JSON text."""
    ways = (text, json.dumps(text, ensure_ascii=False)[1:-1], json.dumps(text)[1:-1])
    return list(dict.fromkeys(way.encode("utf-8", "surrogatepass") for way in ways))


def differences(data: bytes) -> bytes:
    """Each byte XORed with the next; equal for a text and for the same text under any one-byte key."""
    values = np.frombuffer(data, np.uint8)
    return bytes(np.bitwise_xor(values[1:], values[:-1]))


def key_of(data: bytes, start: int, plain: bytes) -> int:
    """The key under which `plain` stands at this place."""
    return data[start] ^ plain[0]
