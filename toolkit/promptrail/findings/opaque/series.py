"""What the figures of finding 10 draw of one host: its bytes by slot and length, and both under reassigned lengths.

Counts in, plain numbers out. The band is that of `infer.picture`; the histogram holds what the test compares: of each
reassignment, how rare the best of its statistics is.
"""

from typing import Any

import numpy as np

from promptrail.infer.doses import doses
from promptrail.infer.picture import band
from promptrail.infer.plan import Plan
from promptrail.infer.randomisation import keys, table_of
from promptrail.infer.reassign import Reassignments, stream
from promptrail.infer.response import Recorded

DRAWS = 1999
"""Of the reassignments of the test, the first so many are drawn: enough for a picture."""
BARS = 40


def series(plan: Plan, recorded: Recorded, host: str, p: float) -> dict[str, Any]:
    """`points`, `strata` and `null` of one host that was recorded."""
    given, drawn = doses(plan, recorded), band(plan, recorded, host)
    draws = Reassignments.drawn(given.count, min(DRAWS, plan.draws), stream(plan.seed, "test"))
    columns = zip(drawn.lengths, drawn.medians, drawn.low, drawn.high, strict=True)
    return {
        "points": sorted([length, round(size)] for length, size in drawn.points),
        "strata": [
            dict(zip(("length", "median", "low", "high"), map(round, row), strict=True)) for row in columns
        ],
        "null": histogram(keys(table_of(given, recorded.hosts[host], draws)), p),
    }


def histogram(key: "np.ndarray[Any, Any]", p: float) -> dict[str, Any]:
    """Rarity of the best statistic as a power of ten; row 0 is what was recorded. Bars of equal width."""
    rarity = np.log10(len(key) / key)
    reach = float(np.log10(len(key)))
    counts, edges = np.histogram(rarity[1:], bins=BARS, range=(min(0.0, float(rarity.min())), reach))
    return {
        "draws": len(key) - 1,
        "counts": [int(n) for n in counts],
        "edges": [round(float(edge), 6) for edge in edges],
        "observed": round(float(rarity[0]), 6),
        "p": p,
    }
