"""Bounds without a model of noise: on a share of prompts, on a slope, and on what so few bytes can hold at all."""

import numpy as np

from promptrail.infer.alternatives import FLOOR
from promptrail.infer.reassign import Numbers

CONFIDENCE = 0.99


def share(hits: int, of: int, confidence: float = CONFIDENCE) -> tuple[float, float]:
    """Exact limits of a share (Clopper and Pearson 1934); nothing observed allows everything."""
    from scipy.stats import beta

    tail = (1 - confidence) / 2
    low = float(beta.ppf(tail, hits, of - hits + 1)) if hits else 0.0
    high = float(beta.ppf(1 - tail, hits + 1, of - hits)) if hits < of else 1.0
    return low, high


def silence(of: int, confidence: float = CONFIDENCE) -> float:
    """The largest share that none in `of` units leaves possible."""
    return 1 - (1 - confidence) ** (1 / of) if of else 1.0


def slope(length: Numbers, response: Numbers) -> tuple[float, float, float]:
    """(slope, lower, upper): median of the slopes of all pairs with its rank limits (Theil 1950, Sen 1968), 99 %.

    Not to be read as "nothing": where fewer than half of the prompts are answered, it is 0.
    """
    from scipy.stats import theilslopes

    if len(length) < 3 or np.ptp(length) == 0:
        return 0.0, -np.inf, np.inf
    found = theilslopes(response, length, alpha=CONFIDENCE)
    return float(found[0]), float(found[2]), float(found[3])


def ceiling(total: float, characters: float) -> float:
    """Share of the text that all these bytes could hold, by counting alone: random text cannot be sent in fewer bytes
    than its entropy, whatever the encoding, delay or sampling. 1 and more is no limit."""
    return float(total / (FLOOR * characters)) if characters else float("inf")
