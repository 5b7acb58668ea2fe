"""Runs of base64, base32 or hex in a text, each once, and what they may stand for."""

import binascii
import re

from promptrail.decode.text_codes import unbase32

TO_TOKENS = bytes(c if re.match(rb"[A-Za-z0-9+/_-]", bytes([c])) else 32 for c in range(256))
SHORTEST_RUN = 16
DIGESTS = {16, 20, 28, 32, 48, 64}
"""Sizes of hashes and keys, which are not opened."""
LINE = (56, 78)
WRAPPED = re.compile(rb"(?:[A-Za-z0-9+/]{56,78}(?:\r?\n|\\r\\n|\\n))+[A-Za-z0-9+/]*")
LINE_END = re.compile(rb"\r?\n|\\r\\n|\\n")
TO_STANDARD = bytes.maketrans(b"-_", b"+/")
UUID = re.compile(rb"[0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}\Z")
HEX = re.compile(rb"(?:[0-9a-fA-F]{2})+\Z")
BASE32 = re.compile(rb"(?:[A-Z2-7]+|[a-z2-7]+)\Z")
WORDS = re.compile(
    rb"(?:[a-z]+|[A-Z][a-z]*|[A-Z]+)(?:[-_/](?:[a-z]+|[A-Z][a-z]*|[A-Z]+|[0-9.]{1,6}))*\Z|[0-9]+\Z"
)


def runs_of(data: bytes) -> set[bytes]:
    """The runs of a text, each once; lines of wrapped base64 (RFC 2045) joined."""
    runs = {token for token in data.translate(TO_TOKENS).split() if len(token) >= SHORTEST_RUN}
    if any(LINE[0] <= len(t) <= LINE[1] for t in runs):
        runs |= {LINE_END.sub(b"", found[0]) for found in WRAPPED.finditer(data)}
    return runs


def decoded(run: bytes) -> list[bytes]:
    """What a run may stand for: hex, or base64 at its start, or later where a path or word is glued to it."""
    if UUID.match(run) or WORDS.match(run):
        return []
    out = []
    if len(run) % 2 == 0 and HEX.match(run):
        out.append(bytes.fromhex(run.decode()))
        return out
    if BASE32.match(run) and (value := unbase32(run)):
        out.append(value)
    text = run.translate(TO_STANDARD)
    for shift in range(4 if b"/" in run[:24] or b"-" in run[:24] or b"_" in run[:24] else 1):
        part = text[shift:]
        part = part[: len(part) - 1] if len(part) % 4 == 1 else part
        try:
            out.append(binascii.a2b_base64(part + b"=" * (-len(part) % 4)))
        except ValueError:
            pass
    return out
