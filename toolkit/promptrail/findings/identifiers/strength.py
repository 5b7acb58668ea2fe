"""How well a value tells one device or account from others: kind and text in, an estimate in bits and words out.

The estimate is a lower one: the smaller of what the alphabet allows and what the value's own characters show (Shannon,
1948), with 1.3 bits for each letter of a word (the most that English has: Shannon, 1951). It refuses to call small
values or known constants identifiers. An address or number that is allotted to one person needs no chance.
"""

import math
import re
from collections import Counter
from typing import NamedTuple

from promptrail.findings.identifiers.names import constants, plain
from promptrail.language import say

TELLS = 20
"""Bits below which a value tells too few devices apart: a million values."""
BRIDGES = 40
"""Bits from which the same value in two places is no chance."""
ALLOTTED = ("email", "phone")
WORD = re.compile(r"[A-Z]?[a-z]{3,}|[A-Z]{4,}")
LETTER_OF_A_WORD = 1.3
SIGNS = re.compile(r"(?<=[0-9])x(?=[0-9])|[^0-9A-Za-z]")
"""What says nothing: separators, and the sign between two measures."""
ALPHABETS = (
    (re.compile(r"[0-9]+"), 10),
    (re.compile(r"[0-9a-f]+|[0-9A-F]+"), 16),
    (re.compile(r"[0-9a-z]+"), 36),
)


class Strength(NamedTuple):
    bits: float | None
    """None: allotted to one person, whatever its digits."""
    identifies: bool
    why: str

    @property
    def words(self) -> str:
        return self.why if self.identifies else say("no identifier: {why}", why=self.why)


def strength(kind: str, text: str) -> Strength:
    """`kind`: of the probe, or identifier for a value that nobody declared."""
    bare = SIGNS.sub("", text)
    if what := constants().get(plain(text)):
        return Strength(0.0, False, say(what))
    if len(set(bare)) < 2:
        return Strength(0.0, False, say("one character over and over"))
    if kind in ALLOTTED:
        return Strength(None, True, say("allotted to one person"))
    bits = about(text)
    if bits < TELLS:
        return Strength(bits, False, say("about {bits:.0f} bits, fewer than {least}", bits=bits, least=TELLS))
    return Strength(bits, True, say("about {bits:.0f} bits", bits=bits))


def about(text: str) -> float:
    """Bits."""
    bare = SIGNS.sub("", text)
    if not bare:
        return 0.0
    alphabet = next((size for pattern, size in ALPHABETS if pattern.fullmatch(bare)), 62)
    words = [] if alphabet <= 16 else [m[0] for m in WORD.finditer(text)]
    lettered = sum(map(len, words))
    rest = len(bare) - lettered
    counts = Counter(bare)
    own = -sum(n / len(bare) * math.log2(n / len(bare)) for n in counts.values())
    return LETTER_OF_A_WORD * lettered + rest * min(math.log2(alphabet), own)
