"""What is alike and is not the prompt: another one that begins the same, one whose end differs, hashes of others.

A trace that takes one of these for the prompt invents a transfer. Each is written in several ways.
"""

from collections.abc import Callable

from promptrail.lab.encoders.compression import gzip
from promptrail.lab.encoders.digests import digest, xor
from promptrail.lab.encoders.text_codes import BASE16, base64, percent, rfc4648
from promptrail.lab.encodings.pieces import keystrokes
from promptrail.lab.encodings.shape import Encoding, Message, body, document, valued

GOES_ON = " — no, forget that; tell me instead how long rice keeps, 5 days or 6"
KEY = 0x5A


def same_beginning(text: str) -> str:
    """Another prompt with the same first half."""
    return text[: len(text) // 2] + GOES_ON


def other_end(text: str) -> str:
    """The prompt with its last two characters changed, both digits as they were."""
    return text[:-2] + "".join(str((int(c) + 3) % 10) for c in text[-2:])


def _query(text: str) -> list[Message]:
    return [Message(tail=f"?q={percent(text.encode())}")]


def _of(name: str, change: Callable[[str], str]) -> list[Encoding]:
    ways: dict[str, Callable[[str], list[Message]]] = {
        "JSON": valued(change),
        "capitals": valued(lambda x: change(x).upper()),
        "base64": valued(lambda x: base64(change(x).encode())),
        "gzip": body(lambda x: gzip(document(change(x))), "application/json", "gzip"),
        "keystrokes": body(lambda x: keystrokes(change(x)), "application/json"),
        "query": lambda x: _query(change(x)),
        "sha256": valued(lambda x: rfc4648(digest("sha256", change(x).encode()), BASE16)),
        "md5 in base64": valued(lambda x: base64(digest("md5", change(x).encode()))),
        "XOR": body(lambda x: xor(change(x).encode(), KEY)),
    }
    return [Encoding(f"near miss: {name}, {way}", (), make, near_miss=True) for way, make in ways.items()]


ENCODINGS = (*_of("same beginning", same_beginning), *_of("other end", other_end))
