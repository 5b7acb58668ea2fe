"""Needles: the encodings of a probe as bytes, searched in every layer as the safety net under decoding.

Tiers: reversible ones are `exact`; another case, Unicode form or separators `normalised`; a hash is a `digest`, because
it shows that the value was known, not sent; a `fragment` only says where a walk looks for a part of the probe.
Digests are needles as raw bytes alone: the decoders undo the hex or base64 in which they travel.
"""

import base64
import binascii
import hashlib
import json
import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from typing import NamedTuple
from urllib.parse import quote, quote_plus

from promptrail.model import Probe
from promptrail.trace.partial import long_enough

SHORTEST = 6
DIGESTS = (
    "md5",
    "sha1",
    "sha224",
    "sha256",
    "sha384",
    "sha512",
    "sha3_224",
    "sha3_256",
    "sha3_384",
    "sha3_512",
    "blake2b",
    "blake2s",
)
FRAGMENT = 16
"""Bytes of a fragment at least: any part of a probe that is twice as long holds a whole one."""
WRAPPED_FROM = 16
"""From this length on the scout needs no percent-encoded needle: it undoes percent signs. Base64 and hex it looks for
at any length, for a run to which something is glued is not opened."""


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
    net: bool = False
    """A second way to what decoding finds."""
    at: int = 0
    """Of a fragment: its place in the probe's UTF-8."""


LEAD, TAIL = (0, 2, 3), (0, 3, 2)
TO_STANDARD = bytes.maketrans(b"-_", b"+/")
TO_URL = bytes.maketrans(b"+/", b"-_")


def utf8(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")


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


def _plain(text: str) -> Iterator[tuple[tuple[str, ...], bytes]]:
    """Forms that stay as they are when everything around them is decoded."""
    yield (), utf8(text)
    escaped = json.dumps(text)[1:-1].encode()
    yield ("json",), escaped
    yield ("json",), utf8(json.dumps(text, ensure_ascii=False)[1:-1])
    yield ("json",), escaped.replace(b"/", b"\\/")
    yield ("json", "json"), json.dumps(escaped.decode())[1:-1].encode()
    if text[::-1] != text:
        yield ("reversed",), utf8(text[::-1])
    for name in ("utf-16-le", "utf-16-be", "gb18030", "big5", "shift_jis", "euc_kr", "latin-1"):
        try:
            written = text.encode(name)
        except UnicodeEncodeError:
            continue
        if written != utf8(text):
            yield (name,), written


def _wrapped(text: str) -> Iterator[tuple[tuple[str, ...], bytes, Callable[[bytes, int, int], bool] | None]]:
    """Forms that the decoders undo."""
    raw = utf8(text)
    for quoting in (quote, quote_plus):
        for safe in ("", "/", "!'()*~"):
            written = quoting(raw, safe=safe)
            yield ("percent",), written.encode(), None
            yield ("percent",), _lower(written).encode(), None
    for core, confirm in base64_cores(raw):
        yield ("base64",), core, confirm
        yield ("base64",), core.translate(TO_URL), confirm
    yield ("hex",), raw.hex().encode(), None
    yield ("hex",), raw.hex().upper().encode(), None


def _lower(quoted: str) -> str:
    """%E2 as %e2: both are written."""
    parts = quoted.split("%")
    return parts[0] + "".join(f"%{p[:2].lower()}{p[2:]}" for p in parts[1:])


def variants(probe: Probe) -> Iterator[str]:
    """The same value as others write it: case, Unicode form, and for ids and phones their separators."""
    text = probe.text
    yield from (text.lower(), text.upper(), text.casefold())
    for form in ("NFC", "NFD", "NFKC", "NFKD"):
        yield unicodedata.normalize(form, text)
    bare = re.sub(r"[^0-9A-Za-z]", "", text)
    if probe.kind == "phone" and len(bare) >= 8:
        yield from (bare, f"+{bare}", f"00{bare}")
    if probe.kind == "identifier" and len(bare) >= 10:
        yield from (bare, bare.lower(), bare.upper())
        if len(bare) == 12:
            pairs = re.findall("..", bare)
            yield from (
                joint.join(case)
                for joint in ":-"
                for case in (pairs, [p.lower() for p in pairs], [p.upper() for p in pairs])
            )
        if len(bare) == 32:
            uuid = "-".join((bare[:8], bare[8:12], bare[12:16], bare[16:20], bare[20:]))
            yield from (uuid.lower(), uuid.upper())


def digested(probe: Probe) -> Iterator[str]:
    """The texts whose digests are looked for: as given, trimmed, in small letters, and in the usual forms."""
    text = probe.text
    yield from (text, text.strip(), text.strip().lower())
    if probe.kind == "email" and "@" in text:
        name, _, domain = text.strip().lower().rpartition("@")
        yield from (
            f"{name.partition('+')[0]}@{domain}",
            f"{name.partition('+')[0].replace('.', '')}@{domain}",
        )
    if probe.kind in ("phone", "identifier"):
        bare = re.sub(r"[^0-9A-Za-z]", "", text)
        yield from (
            bare,
            bare.lower(),
            bare.upper(),
            *((f"+{bare}", f"00{bare}") if probe.kind == "phone" else ()),
        )


def fragments(text: str) -> Iterator[tuple[int, bytes]]:
    """(place, bytes) of stretches of at least FRAGMENT bytes that lie one behind another."""
    start, held = 0, b""
    for char in text:
        held += utf8(char)
        if len(held) >= FRAGMENT:
            yield start, held
            start, held = start + len(held), b""


def needles(probes: Iterable[Probe]) -> list[Needle]:
    """Every needle of every probe; the same bytes for the same probe stand once, under the first way that is listed."""
    out: dict[tuple[int, bytes], Needle] = {}
    for place, probe in enumerate(probes):
        for needle in _of(place, probe):
            if len(needle.data) >= SHORTEST:
                out.setdefault((place, needle.data), needle)
    return list(out.values())


def _of(place: int, probe: Probe) -> Iterator[Needle]:
    for steps, data in _plain(probe.text):
        yield Needle(place, steps, "exact", data)
    long = len(utf8(probe.text)) >= WRAPPED_FROM
    for steps, data, confirm in _wrapped(probe.text):
        yield Needle(place, steps, "exact", data, confirm, net=long and steps == ("percent",))
    for text in dict.fromkeys(variants(probe)):
        for steps, data in _plain(text) if text != probe.text else ():
            if len(steps) < 2:
                yield Needle(place, steps, "normalised", data)
    for text in dict.fromkeys(digested(probe)):
        for name in DIGESTS:
            yield Needle(
                place, (name,), "digest", hashlib.new(name, utf8(text), usedforsecurity=False).digest()
            )
    if probe.kind in ("prompt", "draft") and len(utf8(probe.text)) >= 2 * FRAGMENT:
        for at, data in fragments(probe.text):
            confirm = partial(long_enough, utf8(probe.text), at)
            yield Needle(place, (), "fragment", data, confirm, at=at)
