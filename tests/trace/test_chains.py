"""Nestings that nobody listed: recall over random chains, with the scout and without, and no decoy in any of them."""

import random
import sys
from collections import Counter
from itertools import pairwise

import pytest

from chains import chain
from promptrail.decode.parts import body_part
from promptrail.model import Probe
from promptrail.trace.decoys import decoys
from promptrail.trace.scout import Scout
from promptrail.trace.search import Search
from promptrail.trace.walk import Walk

TEXTS = [
    "My daughter is 8 and has a fever of 39.4, how much ibuprofen? kestrel-4417",
    "우리 팀의 3분기 구조조정 계획을 요약해 줘. 너울가지 8850",
    "请把这份并购备忘录改写成给董事会的邮件，机密编号 7731",
]
PROBES = [Probe(f"p{n}", "prompt", text) for n, text in enumerate(TEXTS)]
RECALL = 0.99


def run(count: int, seed: int) -> tuple[float, list[list[str]], int]:
    """(recall, chains that were missed, decoys matched) of a walk that a scout leads."""
    search = Search([*PROBES, *decoys(PROBES)])
    scout = Scout(search.needles)
    chance = random.Random(seed)
    missed: list[list[str]] = []
    matched = 0
    for n in range(count):
        probe = n % len(PROBES)
        names, data = chain(TEXTS[probe], chance, chance.randint(1, 5))
        hits = Walk(search, scout).part(body_part(data, "body", "request"))
        if not any(h.needle.probe == probe and h.needle.tier in ("exact", "normalised") for h in hits):
            missed.append(names)
        matched += sum(search.probes[h.needle.probe].decoy for h in hits)
    return 1 - len(missed) / count, missed, matched


def told(recall: float, missed: list[list[str]]) -> str:
    """The figure and what was missed, by the pairs of wrappings in the missed chains."""
    pairs = Counter(f"{b} of {a}" for names in missed for a, b in pairwise(names))
    worst = ", ".join(f"{pair} ({n})" for pair, n in pairs.most_common(8))
    return f"recall {recall:.4f}, missed {len(missed)}: {worst}\n" + "\n".join(
        " > ".join(m) for m in missed[:20]
    )


@pytest.mark.parametrize("seed", [1, 2])
def test_random_chains_are_opened(seed: int) -> None:
    """Of 300 random chains of one to five wrappings at least 99 in 100 are found, and no decoy."""
    recall, missed, matched = run(300, seed)
    assert recall >= RECALL, told(recall, missed)
    assert matched == 0


@pytest.mark.long
def test_five_thousand_random_chains() -> None:
    """The published figure: printed, with every miss."""
    recall, missed, matched = run(5000, 20261121)
    print(told(recall, missed), file=sys.stderr)
    assert recall >= RECALL, told(recall, missed)
    assert matched == 0
