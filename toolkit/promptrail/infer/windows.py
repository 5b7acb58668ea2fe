"""The windows of one run of a plan: its events in, bounds and slots out.

A window is the time up to a slot's end, from the end of the slot before it: the paste before a send is its own slot's.
An event that names no number of a slot gives a window that belongs to no slot.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd


@dataclass(frozen=True)
class Timeline:
    """One run: bounds of its windows, the first of them, and where each slot starts."""

    bounds: list[float]
    starts: list[float]
    slots: list[int]
    first: int = 0


def number(label: object) -> int:
    """A slot's number as its event tells it; -1 for what is none."""
    told = str(label)
    return int(told) if told.isdecimal() and len(told) < 9 else -1


def again(rows: pd.DataFrame, slot: int) -> bool:
    """Whether the slot was begun once more after it failed."""
    mine = rows[rows["label"] == str(slot)]
    kinds = list(mine.loc[mine["event"].isin(("slot", "slot-failed")), "event"])
    return bool(kinds) and kinds[-1] == "slot"


def timeline(rows: pd.DataFrame, begin: float) -> Timeline:
    """Windows of a run from its events `slot` and `slot-end`; a slot without an end lasts until the next one starts."""
    bounds, starts, slots = [begin], list[float](), list[int]()
    wanted = rows[rows["event"].isin(("slot", "slot-end")) & (rows["at"] >= begin)]
    ended = True
    for event, at, label in zip(wanted["event"], wanted["at"], wanted["label"], strict=True):
        if event == "slot":
            if not ended:
                bounds.append(at)
            starts.append(at)
            slots.append(number(label))
            ended = False
        elif not ended:
            bounds.append(at)
            ended = True
    if not ended:
        drains = rows.loc[(rows["event"] == "drain") & (rows["at"] >= bounds[-1]), "at"]
        bounds.append(float(drains.iloc[0]) if len(drains) else np.inf)
    return Timeline(bounds, starts, slots)
