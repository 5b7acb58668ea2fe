"""What a walk found in a binary message in, whether it shows that the message is one out."""

from collections.abc import Iterable

from promptrail.decode.layer import Piece
from promptrail.decode.readable import is_plain

SHORTEST = 4
"""Bytes of a text by which a message is believed; once it is, all values are told, for they may be pieces. A shorter
one may be a mark between others: `ok`, `en`."""
NUMBER = 9
"""Bytes that a number takes at most in CBOR and MessagePack."""
NAME = "/? (name)"
"""Ends the path of what stands as a key of a map."""


def is_told(raw: bytes, path: str) -> bool:
    """Whether a value is one; of keys only those that could be."""
    return bool(raw) if not path.endswith(NAME) else len(raw) >= SHORTEST


def has_text(pieces: Iterable[Piece]) -> bool:
    """Whether one of them is a text that is hardly met by chance."""
    return any(len(p.data) >= SHORTEST and is_plain(p.data) for p in pieces if p.exact or p.length > NUMBER)
