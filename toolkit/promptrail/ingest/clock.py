"""One time base for a run: moments that two witnesses saw in, how far their clocks are apart and how surely out.

The proxy sees a connection some moments after the packet that opens it, so a small difference is no clock's: it is
stated as uncertainty and nothing is shifted.
"""

import statistics
from collections.abc import Iterable

from promptrail.model import Clock


def compared(run: str, witness: str, base: str, moments: Iterable[tuple[float, float]]) -> Clock:
    """The clock of `witness` beside that of `base`, from pairs (base's time, witness's time) of the same moments.

    The offset is the median difference, and 0 where it is within the spread. Uncertainty is the largest distance
    from what was subtracted, in seconds; one pair tells none.
    """
    apart = [theirs - ours for ours, theirs in moments]
    if not apart:
        return Clock(run, witness, 0.0, None, 0, f"no moment that {base} and {witness} both saw")
    middle = statistics.median(apart)
    spread = max(abs(one - middle) for one in apart)
    shifted = len(apart) > 1 and abs(middle) > max(SAME, 2 * spread)
    offset = middle if shifted else 0.0
    return Clock(
        run,
        witness,
        offset,
        max(abs(one - offset) for one in apart) if len(apart) > 1 else None,
        len(apart),
        f"{len(apart)} moments that {base} and {witness} both saw"
        + (f", {abs(middle):.3f} s apart" if shifted else ", within their spread"),
    )


SAME = 0.1
"""Seconds: two clocks that differ by less are taken as one; a busy machine shows as much between two processes."""
