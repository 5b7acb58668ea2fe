"""The test: how often does a random reassignment of the lengths fit a host's bytes as well as the one that was drawn?

Under "this host would have been sent the same bytes under every draw" each reassignment is as likely as the drawn one,
so the share of rows that do as well is an exact p whatever the noise. Many statistics become one by the best rank that
a row has in any of them. `holm` corrects for the number of hosts.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from promptrail.infer.doses import Doses
from promptrail.infer.reassign import Numbers, Reassignments, stream
from promptrail.infer.response import Traffic
from promptrail.infer.statistics import NAMES, Rows, Seen, line_votes, values

QUICK, HOPELESS = 199, 0.06
"""A first test of few draws ends it where p is above HOPELESS; a host that stops there is never called dependent."""
CHUNK = 1_000


@dataclass(frozen=True)
class Outcome:
    p: float
    single: tuple[float, ...]
    """Of each statistic alone, in the order of NAMES; not corrected for their number."""
    draws: int


def keys(table: Numbers) -> Numbers:
    """One number a row, the smaller the better the fit: the best rank over the statistics, ties broken by the size.

    The best rank has few different values; without the tie-break many statistics could not reach a small p.
    """
    from scipy.stats import rankdata

    ranks = rankdata(-table, method="max", axis=0)
    spread = table.std(axis=0)
    spread[spread <= 1e-9 * np.abs(table).max(axis=0, initial=1e-300)] = np.inf
    size = ((table - table.mean(axis=0)) / spread).max(axis=1)
    out: Numbers = np.round(ranks.min(axis=1) + 1 / (1.01 + np.maximum(size, 0.0)), 9)
    return out


def share_at_least_as_good(table: Numbers) -> float:
    """The p of row 0."""
    key = keys(table)
    return float(np.mean(key <= key[0]))


def table_of(doses: Doses, traffic: Traffic, draws: Reassignments) -> Numbers:
    """[row, statistic] of all reassignments, made in pieces that stay small."""
    seen = Seen.of(doses, traffic)
    tables = line_votes(doses, traffic)
    pieces = []
    for at in range(0, len(draws.rows), CHUNK):
        piece = Reassignments(draws.rows[at : at + CHUNK])
        pieces.append(values(Rows(doses, piece), seen, [v.piles(piece).highest() for v in tables]))
    return np.concatenate(pieces)


def test(doses: Doses, traffic: Traffic, seed: str, draws: int, *, quick: bool = True) -> Outcome:
    """The exact p of one host. The same seed gives the same reassignments to all hosts."""
    if doses.count < 2 or not traffic.sent.any():
        return Outcome(1.0, (1.0,) * len(NAMES), 0)
    if quick and draws > QUICK:
        first = _outcome(doses, traffic, Reassignments.drawn(doses.count, QUICK, stream(seed, "quick")))
        if first.p > HOPELESS:
            return first
    return _outcome(doses, traffic, Reassignments.drawn(doses.count, draws, stream(seed, "test")))


def _outcome(doses: Doses, traffic: Traffic, draws: Reassignments) -> Outcome:
    table = table_of(doses, traffic, draws)
    single = tuple(float(x) for x in np.mean(table >= table[0], axis=0))
    return Outcome(share_at_least_as_good(table), single, len(draws.rows) - 1)


def holm(p: Sequence[float]) -> list[float]:
    """Adjusted p of each, in the order given (Holm 1979): at most alpha with any false alarm in the whole family."""
    order = sorted(range(len(p)), key=lambda n: (p[n], n))
    out, least = [1.0] * len(p), 0.0
    for place, n in enumerate(order):
        least = max(least, min(1.0, p[n] * (len(p) - place)))
        out[n] = least
    return out
