"""What grows when bytes follow the drawn lengths: doses and a host's traffic in, one number a statistic and row out.

Each statistic is larger the more the response grows with length. They differ in what they are good at: sums for whole
texts in quiet noise, ranks for heavy tails, knees for texts that are cut off, ratios for a share of the prompts, flush
for batches, lines (`lines.py`) for bursts that can be told apart in loud noise. A further one is one more row of TESTS.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from promptrail.infer.doses import Doses, centred, ranked
from promptrail.infer.lines import Votes, votes
from promptrail.infer.reassign import Counts, Numbers, Reassignments
from promptrail.infer.response import Traffic

KNEES = (256.0, 1024.0)
BINS, LEAST_RATIO, LARGEST_RATIO = 64, np.log(0.05), np.log(20.0)
RISEN, FLUSHED = 200.0, 600.0
"""Bytes above the ordinary window (its lowest fifth) from which a window counts as a response, or as a flush."""


@dataclass(frozen=True)
class Rows:
    """Lengths under every reassignment, made once for all hosts."""

    doses: Doses
    draws: Reassignments

    @cached_property
    def lengths(self) -> Numbers:
        return self.doses.length[self.draws.rows]

    @cached_property
    def logarithms(self) -> Numbers:
        return np.log(self.doses.length)[self.draws.rows]

    @cached_property
    def linear(self) -> Numbers:
        return self.lengths - self.doses.length.mean()

    @cached_property
    def rank(self) -> Numbers:
        return self.doses.ranks[self.draws.rows]

    @cached_property
    def knees(self) -> list[Numbers]:
        return [centred(np.minimum(self.doses.length, cap))[self.draws.rows] for cap in KNEES]


@dataclass(frozen=True)
class Seen:
    """One host's traffic, seen from the prompts."""

    traffic: Traffic
    responses: Numbers
    ranks: Numbers

    @classmethod
    def of(cls, doses: Doses, traffic: Traffic) -> "Seen":
        responses = doses.responses(traffic.sent)
        return cls(traffic, responses, np.stack([ranked(row) for row in responses]))


Test = Callable[[Rows, Seen], Numbers]
"""[row] or [row, statistic]"""


def linear(rows: Rows, seen: Seen) -> Numbers:
    """Sum of length times bytes."""
    out: Numbers = rows.linear @ centred(seen.responses).T
    return out


def rank(rows: Rows, seen: Seen) -> Numbers:
    """The same of ranks."""
    out: Numbers = rows.rank @ centred(seen.ranks).T
    return out


def knee(rows: Rows, seen: Seen) -> Numbers:
    """Capped lengths times ranks, for the same window and for both."""
    picked = centred(seen.ranks[[0, 2]]).T
    return np.concatenate([cut @ picked for cut in rows.knees], axis=1)


def ratio(rows: Rows, seen: Seen) -> Numbers:
    """How many windows rose by one common number of bytes per character: same, next, both."""
    out = []
    for response in seen.responses:
        base = np.quantile(response, 0.2)
        risen = np.flatnonzero(response > base + RISEN)
        out.append(_common(response[risen] - base, rows.logarithms[:, risen]))
    return np.stack(out, axis=1)


def flush(rows: Rows, seen: Seen) -> Numbers:
    """The same, against the sum of the lengths since the flush before."""
    sent = seen.traffic.sent
    base = np.quantile(sent, 0.2)
    flushes = np.flatnonzero(sent > base + FLUSHED)
    last: Counts = np.searchsorted(rows.doses.window, flushes, side="right")
    sums = np.concatenate([np.zeros((len(rows.lengths), 1)), np.cumsum(rows.lengths, axis=1)], axis=1)
    gathered = np.diff(sums[:, np.concatenate([[0], last])], axis=1)
    with np.errstate(divide="ignore"):
        return _common(sent[flushes] - base, np.log(gathered))


def _common(excess: Numbers, logarithms: Numbers) -> Numbers:
    """[row]: the highest smoothed pile of log(excess / length); what lies outside, or has no length, has no vote."""
    rows = len(logarithms)
    at = (np.log(excess) - logarithms - LEAST_RATIO) * (BINS / (LARGEST_RATIO - LEAST_RATIO))
    np.copyto(at, BINS, where=~((at >= 0) & (at < BINS - 1)))
    lower = at.astype(np.int64)
    at -= lower
    lower += np.arange(rows)[:, None] * (BINS + 2)
    place, upper = lower.ravel(), at.ravel()
    piles = np.bincount(place, weights=1 - upper, minlength=rows * (BINS + 2))
    piles += np.bincount(place + 1, weights=upper, minlength=rows * (BINS + 2))
    piles = piles.reshape(rows, BINS + 2)
    piles[:, BINS:] = 0
    smooth = piles[:, 1:BINS] + 0.5 * (piles[:, : BINS - 1] + piles[:, 2 : BINS + 1])
    out: Numbers = smooth.max(axis=1)
    return out


TESTS: list[tuple[tuple[str, ...], Test]] = [
    (("linear, same window", "linear, next", "linear, both"), linear),
    (("rank, same window", "rank, next", "rank, both"), rank),
    (("ratio, same window", "ratio, next", "ratio, both"), ratio),
    (("flush",), flush),
    (("knee 256, same window", "knee 256, both", "knee 1,024, same window", "knee 1,024, both"), knee),
]
LINE_NAMES = ("line, same window", "capped line, same window", "line, both", "capped line, both")
NAMES = tuple(name for names, _ in TESTS for name in names) + LINE_NAMES


def line_votes(doses: Doses, traffic: Traffic) -> tuple[Votes, Votes]:
    """Of the bursts in the prompts' windows, and of those in the next ones too."""
    return votes(doses, traffic, following=False), votes(doses, traffic, following=True)


def values(rows: Rows, seen: Seen, lines: Sequence[Numbers]) -> Numbers:
    """[row, statistic], rounded so that equal values of two rows are equal in spite of the order of summation.

    `lines` are the columns of LINE_NAMES, which take most of the time and are made by whoever can share them.
    """
    parts = [np.reshape(test(rows, seen), (len(rows.lengths), -1)) for _, test in TESTS]
    parts += lines
    out: Numbers = np.round(np.concatenate(parts, axis=1), 6)
    return out
