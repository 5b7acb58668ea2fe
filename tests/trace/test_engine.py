"""hyperscan and its fall-back tell the same: same needles found, same looks, same hits."""

import random

import pytest

from chains import chain
from promptrail.model import Probe
from promptrail.trace import scout as scout_module
from promptrail.trace import sieve as sieve_module
from promptrail.trace.engine import AhoCorasick, Hyperscan, Literal, Pattern
from promptrail.trace.scout import Scout
from promptrail.trace.search import Search

TEXTS = [
    "May I record a meeting? plover-6612",
    "회의를 녹음해도 될까요? 너울가지 3154",
    "请把会议纪要写成邮件 机密编号 5521",
]


def test_both_engines_find_the_same() -> None:
    """Literals with overlaps and in either case, yes-or-no patterns, every-end patterns: equal sets."""
    literals = [Literal(b"abab"), Literal(b"bab"), Literal(b"Key", caseless=True), Literal("회의".encode())]
    patterns = [Pattern(rb"[0-9]{3}"), Pattern(rb"\x1f\x8b\x08", True), Pattern(rb"\A<")]
    chance = random.Random(3)
    pieces = [
        b"abab",
        b"bab",
        b"kEy",
        b"KEY",
        "회의".encode(),
        b"123",
        b"\x1f\x8b\x08",
        b"<",
        b" ",
        b"\xff\0",
    ]
    for _ in range(300):
        data = b"".join(chance.choice(pieces) for _ in range(chance.randint(0, 30)))
        fast, slow = Hyperscan(literals, patterns).scan(data), AhoCorasick(literals, patterns).scan(data)
        told = [{(n, end) for n, end in found if n != len(literals)} for found in (fast, slow)]
        assert told[0] == told[1]
        yes = [any(n == len(literals) for n, _ in found) for found in (fast, slow)]
        assert yes[0] == yes[1]


def test_a_scout_sees_the_same_with_either(monkeypatch: pytest.MonkeyPatch) -> None:
    """Over random nestings both engines lead to the same answer and the same ledger of what stayed shut."""
    search = Search([Probe(f"p{n}", "prompt", text) for n, text in enumerate(TEXTS)])
    fast = Scout(search.needles)
    for module in (scout_module, sieve_module):
        monkeypatch.setattr(module, "engine", AhoCorasick)
    slow = Scout(search.needles)
    chance = random.Random(9)
    held = 0
    for n in range(120):
        _, data = chain(TEXTS[n % 3], chance, chance.randint(1, 4))
        one, other = fast.look(data, joins=True), slow.look(data, joins=True)
        assert one == other
        held += bool(one.holds)
    assert held > 110
