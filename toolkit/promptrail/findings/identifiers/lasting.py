"""Whether a value lasts: its sightings in, in how many runs it was seen and what clearing the app did to it out.

A run after another is a restart. Between them lies a reinstall where an event says that the app was cleared or
installed; where none says so, what a reinstall does is not known.
"""

from bisect import bisect_right
from typing import NamedTuple

import pandas as pd

from promptrail.case import Case
from promptrail.language import say_n

ANEW = ("cleared", "installed")


class Lasting(NamedTuple):
    runs: int
    """In which it was seen."""
    of: int
    resets: int
    """Times that the app was cleared or installed between runs or in one."""
    survived: bool | None
    """Seen before and after one of them; None where there was none."""

    @property
    def words(self) -> str:
        seen = say_n("seen in {runs} of {n} run", "seen in {runs} of {n} runs", self.of, runs=self.runs)
        if self.survived is None:
            return seen
        if self.survived:
            return say_n(
                "{seen}; the same after {n} reset of the app",
                "{seen}; the same after {n} resets of the app",
                self.resets,
                seen=seen,
            )
        return say_n(
            "{seen}; not seen on both sides of {n} reset of the app",
            "{seen}; not seen on both sides of {n} resets of the app",
            self.resets,
            seen=seen,
        )


def resets(case: Case, runs: list[str]) -> list[float]:
    """When the app was as new, in order; a reset before anything was recorded divides nothing."""
    events = case.events[case.events["run"].isin(runs) & case.events["event"].isin(ANEW)]
    flows = case.flows[case.flows["run"].isin(runs)]
    first = flows["started"].min()
    return sorted({float(at) for at in events["at"].dropna() if pd.notna(first) and at > first})


def lasting(hits: pd.DataFrame, runs: list[str], new: list[float]) -> Lasting:
    """`hits`: sightings of one value, anywhere or at one host; `new`: see `resets`."""
    sides = {bisect_right(new, float(at)) for at in hits["at"].dropna()}
    return Lasting(int(hits["run"].nunique()), len(runs), len(new), len(sides) > 1 if new else None)
