"""Stage 2: content, or something counted per character? Prompts of one length in two alphabets in, an exact p out.

Letters of the wide alphabet take two bytes in UTF-8, six as escapes, and 1.385 times the bytes after compression, at
the same number of characters, lines and keys. What is counted per character, line or paste does not move.
"""

from dataclasses import dataclass

import numpy as np

from promptrail.infer.doses import Doses, centred, doses, ranked
from promptrail.infer.fit import Fit
from promptrail.infer.guards import DRAWS
from promptrail.infer.plan import Plan
from promptrail.infer.reassign import Counts, Numbers, Reassignments, stream
from promptrail.infer.response import Recorded, Traffic

COMPRESSED_RATIO = 1.385
"""Of zlib level 6 on 4,096 characters of the one alphabet and the other (tests/infer/test_alternatives.py)."""
WIDER = (COMPRESSED_RATIO, 2.0, 6.0)
TEXT = (0.25, 15.0)
"""Bursts of so many bytes per character may be the text."""
CARRIER = 0.6
"""Bytes per character above which a burst counts as one that carries the text."""
NEAR, NEAR_SHARE = 100.0, 0.01
CONTENT, NOT_SHOWN = "content", "not shown"


@dataclass(frozen=True)
class Contrast:
    p: float
    draws: int
    prompts: int


def contrast(plan: Plan, recorded: Recorded, host: str, fit: Fit | None) -> Contrast:
    """p of "the wide alphabet makes no difference to this host". `fit` comes from stage 1, which is other data."""
    given = doses(plan, recorded)
    traffic = recorded.hosts.get(host)
    if traffic is None or given.count < 2 or not 0 < given.wide.sum() < given.count:
        return Contrast(1.0, 0, given.count)
    responses = given.responses(traffic.sent)
    largest = _largest(given, traffic)
    columns = [*responses, *(ranked(row) for row in responses), *(ranked(row) for row in largest)]
    columns += [_among_carriers(row, CARRIER * float(given.length.max())) for row in largest]
    columns += _as_predicted(given, traffic, fit) if fit is not None else []
    draws = Reassignments.drawn(given.count, plan.draws, stream(plan.seed, "contrast"))
    return Contrast(difference(given, np.stack(columns), draws), plan.draws, given.count)


def unbalanced(plan: Plan, recorded: Recorded, host: str) -> bool:
    """Whether the first party's answers grow or take longer with the wide alphabet, which would open a rival cause."""
    given = doses(plan, recorded)
    traffic = recorded.hosts.get(host)
    if traffic is None or given.count < 2:
        return False
    draws = Reassignments.drawn(given.count, DRAWS, stream(plan.seed, "contrast balance"))
    for response, least in (
        (traffic.received, 0.05 * float(given.length.max())),
        (traffic.answered, 0.1 * plan.seconds),
    ):
        mine = response[given.window]
        if not np.isfinite(mine).all():
            continue
        rise = np.median(mine[given.wide]) - np.median(mine[~given.wide])
        if rise > least and difference(given, np.stack([mine, ranked(mine)]), draws) <= plan.alpha:
            return True
    return False


def difference(given: Doses, columns: Numbers, draws: Reassignments) -> float:
    """p: the share of reassignments of the alphabets whose largest standardised sum over wide prompts is as large."""
    wide = given.wide.astype(np.float64)[draws.rows]
    sums = np.round(wide @ centred(columns).T, 6)
    spread = sums.std(axis=0)
    best = np.round((sums / np.where(spread > 1e-9, spread, np.inf)).max(axis=1), 9)
    return float(np.mean(best >= best[0]))


def _largest(given: Doses, traffic: Traffic) -> Numbers:
    """[same, next, both; prompt]: the largest burst that may be the text; 0: none."""
    length = float(given.length.max())
    out = np.zeros((3, given.count))
    for row, following in ((0, False), (2, True)):
        prompt, size = given.bursts(traffic, following=following)
        fits = (size >= TEXT[0] * length) & (size <= TEXT[1] * length)
        np.maximum.at(out[row], prompt[fits], size[fits])
    behind = Doses(given.length, given.window + 1, given.windows + 1, given.wide)
    prompt, size = behind.bursts(traffic, following=False)
    fits = (size >= TEXT[0] * length) & (size <= TEXT[1] * length)
    np.maximum.at(out[1], prompt[fits], size[fits])
    return out


def _among_carriers(largest: Numbers, least: float) -> Numbers:
    """Ranks among the prompts with a burst that carries the text, 0 elsewhere: for hosts that are sent only some."""
    out = np.zeros(len(largest))
    carriers = largest > least
    if carriers.sum() > 1:
        out[carriers] = centred(ranked(largest[carriers]))
    return out


def _as_predicted(given: Doses, traffic: Traffic, fit: Fit) -> list[Numbers]:
    """Per way of being wider: +1 for a burst of the wide size, -1 for one of the narrow size that stage 1 predicts."""
    prompt, size = given.bursts(traffic, following=True)
    text = fit.size(given.length) - fit.head
    narrow = _has(given, prompt, size, fit.head + text)
    return [_has(given, prompt, size, fit.head + wider * text) - narrow for wider in WIDER]


def _has(given: Doses, prompt: Counts, size: Numbers, wanted: Numbers) -> Numbers:
    near = np.abs(size - wanted[prompt]) < NEAR + NEAR_SHARE * np.abs(wanted[prompt])
    out = np.zeros(given.count)
    out[prompt[near]] = 1.0
    return out
