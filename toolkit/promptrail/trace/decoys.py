"""Decoys: values of the same shape as a probe that were never typed, so that a match of one is a false discovery.

Derived from the probe alone, so the same case has the same decoys on every machine.
"""

import random
import unicodedata
from collections.abc import Iterable

from promptrail.model import Probe

PER_PROBE = 10
DIGITS, LOWER, UPPER = "0123456789", "abcdefghijklmnopqrstuvwxyz", "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
HANGUL = (0xAC00, 0xD7A3)


def decoys(probes: Iterable[Probe], each: int = PER_PROBE) -> list[Probe]:
    """`each` decoys for every probe, with ids like p1~3."""
    out = []
    taken = {p.text for p in probes}
    for probe in probes:
        for n in range(each):
            text = _alike(
                probe.text, random.Random(f"promptrail decoy {probe.kind} {n} {probe.text}"), probe.kind
            )
            if text not in taken:
                taken.add(text)
                out.append(Probe(f"{probe.probe}~{n}", probe.kind, text, True, probe.probe))
    return out


def _alike(text: str, chance: random.Random, kind: str) -> str:
    """Each letter or digit replaced by another of its class; separators stay. Hex stays hex."""
    compact = text.replace("-", "").replace(":", "")
    hexadecimal = kind == "identifier" and all(c in "0123456789abcdefABCDEF" for c in compact)
    return "".join(_other(c, chance, hexadecimal) for c in text)


def _other(char: str, chance: random.Random, hexadecimal: bool) -> str:
    if hexadecimal and char.isalnum():
        pool = "0123456789ABCDEF" if char.isupper() else "0123456789abcdef"
        return chance.choice(pool)
    for pool in (DIGITS, LOWER, UPPER):
        if char in pool:
            return chance.choice(pool)
    if HANGUL[0] <= ord(char) <= HANGUL[1]:
        return chr(chance.randint(*HANGUL))
    if unicodedata.category(char) in ("Lo", "Ll", "Lu"):
        for _ in range(50):
            other = chr(ord(char) + chance.randint(-20, 20))
            if unicodedata.category(other) == unicodedata.category(char):
                return other
    return char
