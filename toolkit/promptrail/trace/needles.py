"""Needles: the encodings of a probe as bytes, searched in every layer as the safety net under decoding.

Reversible ones are tier `exact`; digests are tier `digest`, because a digest shows that the value was known, not sent.
"""

import base64
import binascii
import hashlib
import json
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from typing import NamedTuple
from urllib.parse import quote, quote_plus

from promptrail.model import Probe

SHORTEST = 6
DIGESTS = ("md5", "sha1", "sha256")


class Needle(NamedTuple):
    """One encoding of one probe."""

    probe: int
    """Its place in the list of probes."""
    steps: tuple[str, ...]
    """What a decoder would have added to the chain."""
    tier: str
    data: bytes
    confirm: Callable[[bytes, int, int], bool] | None = None
    """Whether a match at (data, start, end) is one after all, where the needle is a part of what it stands for."""


LEAD, TAIL = (0, 2, 3), (0, 3, 2)
TO_STANDARD = bytes.maketrans(b"-_", b"+/")


def base64_cores(data: bytes) -> Iterator[tuple[bytes, Callable[[bytes, int, int], bool]]]:
    """The characters of base64 that depend on these bytes alone, at each of the three alignments (RFC 4648).

    The first and last byte may be split between a character of the core and one outside it, so a match is confirmed.
    """
    for shift in range(3):
        whole = base64.b64encode(b"\0" * shift + data)
        tail = (len(data) + shift) % 3
        core = whole[LEAD[shift] : len(whole) - TAIL[tail]]
        yield core, partial(_is_base64_of, data, shift, tail)


def _is_base64_of(raw: bytes, shift: int, tail: int, data: bytes, start: int, end: int) -> bool:
    """Whether the characters about a core, one before and one behind where bytes are split, stand for `raw`."""
    before = data[start - 1 : start] if shift and start else b""
    run = (
        b"A" * (LEAD[shift] - len(before)) + before + data[start:end] + (data[end : end + 1] if tail else b"")
    )
    try:
        value = base64.b64decode(run.translate(TO_STANDARD) + b"A" * (-len(run) % 4), validate=True)
    except (binascii.Error, ValueError):
        return False
    return value[shift : shift + len(raw)] == raw


def _exact(text: str) -> Iterator[tuple[tuple[str, ...], bytes]]:
    raw = text.encode("utf-8", "surrogatepass")
    yield (), raw
    escaped = json.dumps(text)[1:-1].encode()
    yield ("json",), escaped
    yield ("json",), json.dumps(text, ensure_ascii=False)[1:-1].encode("utf-8", "surrogatepass")
    yield ("json",), escaped.replace(b"/", b"\\/")
    yield ("json", "json"), json.dumps(escaped.decode())[1:-1].encode()
    for name in ("utf-16-le", "utf-16-be"):
        yield (name,), text.encode(name, "surrogatepass")
    for quoting in (quote, quote_plus):
        for safe in ("", "/", "!'()*~"):
            written = quoting(raw, safe=safe)
            yield ("percent",), written.encode()
            yield ("percent",), _lower(written).encode()
    yield ("hex",), raw.hex().encode()
    yield ("hex",), raw.hex().upper().encode()


def _lower(quoted: str) -> str:
    """%E2 as %e2: both are written."""
    parts = quoted.split("%")
    return parts[0] + "".join(f"%{p[:2].lower()}{p[2:]}" for p in parts[1:])


def _digests(text: str) -> Iterator[tuple[tuple[str, ...], bytes]]:
    for form in dict.fromkeys((text, text.strip().lower())):
        for name in DIGESTS:
            digest = hashlib.new(name, form.encode("utf-8", "surrogatepass"), usedforsecurity=False).digest()
            yield (name,), digest
            yield ("hex", name), digest.hex().encode()
            yield ("hex", name), digest.hex().upper().encode()
            yield ("base64", name), base64.b64encode(digest).rstrip(b"=")
            yield ("base64", name), base64.urlsafe_b64encode(digest).rstrip(b"=")


def needles(probes: Iterable[Probe]) -> list[Needle]:
    """Every needle of every probe; the same bytes for the same probe stand once, under their shortest way."""
    out: dict[tuple[int, bytes], Needle] = {}
    for place, probe in enumerate(probes):
        for tier, forms in (("exact", _exact(probe.text)), ("digest", _digests(probe.text))):
            for steps, data in forms:
                if len(data) >= SHORTEST:
                    known = out.get((place, data))
                    if known is None or len(steps) < len(known.steps):
                        out[place, data] = Needle(place, steps, tier, data)
        for core, confirm in base64_cores(probe.text.encode("utf-8", "surrogatepass")):
            for data in (core, core.translate(bytes.maketrans(b"+/", b"-_"))):
                if len(data) >= SHORTEST:
                    out.setdefault((place, data), Needle(place, ("base64",), "exact", data, confirm))
    return list(out.values())
