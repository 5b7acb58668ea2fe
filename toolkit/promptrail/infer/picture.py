"""What a figure of one host shows: its prompts as points, and the band that reassigned lengths give.

It comes from the plan's seed with DRAWS reassignments; it illustrates the test and is not the test.
"""

from dataclasses import dataclass

import numpy as np

from promptrail.infer.doses import doses, stratum
from promptrail.infer.plan import Plan
from promptrail.infer.reassign import Reassignments, stream
from promptrail.infer.response import Recorded

DRAWS = 1_999
BAND = (0.005, 0.995)


@dataclass(frozen=True, slots=True)
class Band:
    """Points (characters, bytes in the prompt's window); per stratum its median length, the median of its bytes, and
    99 % of the medians that reassigned lengths give."""

    points: tuple[tuple[int, float], ...]
    lengths: tuple[float, ...]
    medians: tuple[float, ...]
    low: tuple[float, ...]
    high: tuple[float, ...]


def band(plan: Plan, recorded: Recorded, host: str) -> Band:
    given = doses(plan, recorded)
    response = recorded.hosts[host].sent[given.window]
    groups = np.array([stratum(int(length)) for length in given.length])
    rows = Reassignments.drawn(given.count, DRAWS, stream(plan.seed, "band")).rows
    lengths, medians, low, high = [], [], [], []
    for group in sorted(set(groups.tolist())):
        mine = groups == group
        lengths.append(float(np.median(given.length[mine])))
        medians.append(float(np.median(response[mine])))
        # rows[r, i] is whose length prompt i takes, so the prompts of the stratum are where that length is of it.
        taken = np.nonzero(mine[rows])[1].reshape(len(rows), -1)
        spread = np.median(response[taken], axis=1)
        low.append(float(np.quantile(spread, BAND[0])))
        high.append(float(np.quantile(spread, BAND[1])))
    points = tuple((int(x), float(y)) for x, y in zip(given.length, response, strict=True))
    return Band(points, tuple(lengths), tuple(medians), tuple(low), tuple(high))
