"""The verdict on one host from what was found about it: p, fit, power and traffic in, one row with its reason out.

Whether bytes depend on the drawn length was decided before (`randomisation`); here it is by how much, or whether an
upload could have gone unnoticed. No guard is looked at; `decide` does that.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from promptrail.infer import intervals, spikes
from promptrail.infer.alternatives import FLOOR as FLOOR_OF_TEXT
from promptrail.infer.doses import Doses
from promptrail.infer.fit import LEAST_CARRIERS, VISIBLE, Fit
from promptrail.infer.guards import CANNOT_TELL, FLOOR, NOT_SUPPORTED, SUPPORTED
from promptrail.infer.plan import Plan
from promptrail.infer.randomisation import Outcome
from promptrail.infer.response import Recorded, Traffic
from promptrail.infer.spikes import Power
from promptrail.infer.statistics import LINE_NAMES
from promptrail.language import say

NOTHING = 0.01
"""A host whose bytes could hold less than this share of the text was not sent it, whatever a test says."""
LONG = 1024
"""Characters from which a prompt's text would be larger than most other bursts."""
PADDED = 0.75
"""Short prompts whose largest burst is usually this share of the longest text may be padded to one size above all."""


@dataclass(frozen=True, slots=True)
class HostVerdict:
    """Slopes and heads in bytes (per character); shares 0 to 1; 99 % limits. What was not established is None."""

    host: str
    outcome: str
    why: str
    """One clause."""
    p: float
    p_adjusted: float
    slope: float | None
    slope_low: float | None
    slope_high: float | None
    cap: int | None
    """Characters after which bytes no longer rise; None: no such end."""
    head: float | None
    carriers: int
    """Of the eligible prompts, those followed by a burst on the line; a lower bound, as bursts merge."""
    eligible: int
    share_low: float | None
    share_high: float | None
    ceiling: float
    """Share of the text that all bytes to this host could hold; 1 and more is no limit."""
    excluded: tuple[str, ...]
    """Alternatives that this recording would have shown."""
    detectable: float | None
    """Least slope found in 9 of 10 trials, where it cannot be told; None: not even that of the whole text."""
    padded: bool
    bytes: int
    """All that the runs sent to this host."""
    stage2: str | None
    p_stage2: float | None
    """Corrected for the number of hosts in stage 2."""
    power: tuple[tuple[str, int, int], ...] = ()
    """(alternative, trials that found it, trials); no trials where counting alone excludes it."""
    share_most: float | None = None
    """Not supported or cannot tell: no more of the prompts can have been followed by their whole text, in their own
    window or the next (99 %); of the longer prompts, so many had a burst that could hold it."""
    drafts: int | None = None
    """Draft slots with a burst where the draft's text would put it; None: no line, or no drafts."""


def unjudged(name: str, traffic: Traffic, given: Doses, outcome: Outcome, adjusted: float) -> HostVerdict:
    return HostVerdict(
        host=name,
        outcome=CANNOT_TELL,
        why="",
        p=outcome.p,
        p_adjusted=adjusted,
        slope=None,
        slope_low=None,
        slope_high=None,
        cap=None,
        head=None,
        carriers=0,
        eligible=0,
        share_low=None,
        share_high=None,
        ceiling=intervals.ceiling(traffic.total, float(given.length.sum())),
        excluded=(),
        detectable=None,
        padded=padded(given, traffic),
        bytes=round(traffic.total),
        stage2=None,
        p_stage2=None,
    )


def how_much(
    row: HostVerdict, plan: Plan, given: Doses, traffic: Traffic, outcome: Outcome, line: Fit | None
) -> HostVerdict:
    """Bytes follow the drawn length: by how much?"""
    # Any cloud of bursts has a best line. It counts where the statistics of lines alone reject too.
    lines = min(outcome.single[-len(LINE_NAMES) :]) * len(LINE_NAMES)
    low = None if line is None else line.slope if line.low is None else line.low
    if line is not None and line.carriers >= LEAST_CARRIERS and (low or 0.0) > FLOOR and lines <= plan.alpha:
        return replace(
            row,
            outcome=SUPPORTED,
            why=say("bytes rise with the drawn length along one line"),
            slope=line.slope,
            slope_low=line.low,
            slope_high=line.high,
            cap=line.cap,
            head=line.head,
            carriers=line.carriers,
            eligible=line.eligible,
            share_low=line.share_low,
            share_high=line.share_high,
        )
    slopes = [intervals.slope(given.length, response) for response in given.responses(traffic.sent)]
    slope, low, high = max(slopes, key=lambda s: s[1])
    measured = replace(row, slope=slope, slope_low=low, slope_high=high)
    if low > FLOOR:
        return replace(measured, outcome=SUPPORTED, why=say("bytes rise with the drawn length"))
    if max(s[2] for s in slopes) < FLOOR and lines > plan.alpha:
        why = say(
            "bytes follow the drawn length by less than {floor} bytes per character, as a length field does",
            floor=FLOOR,
        )
        return replace(measured, outcome=NOT_SUPPORTED, why=why)
    return replace(measured, why=say("bytes follow the drawn length, by how much was not established"))


def would_have_shown(
    row: HostVerdict, plan: Plan, given: Doses, traffic: Traffic, power: Mapping[str, Power], family: int
) -> HostVerdict:
    """Bytes do not follow the drawn length: would they have, had the text been sent?"""
    row = replace(
        row,
        excluded=tuple(name for name, p in power.items() if p.excluded),
        power=tuple((name, p.found, p.trials) for name, p in power.items() if p.trials or p.counted),
    )
    if given.count == 0:
        return replace(row, excluded=(), why=say("no prompt was recorded"))
    row = replace(row, share_most=_share_most(given, traffic))
    if row.ceiling < NOTHING:
        why = say("all its bytes could hold at most {share:.2%} of the text", share=row.ceiling)
        return replace(row, outcome=NOT_SUPPORTED, why=why)
    if row.padded:
        why = say("even short prompts are followed by bursts that could hold the longest text")
        return replace(row, why=why)
    first = next(iter(power.values()), None)
    if first is not None and first.excluded:
        return replace(row, outcome=NOT_SUPPORTED, why=say("bytes do not follow the drawn length"))
    least = spikes.detectable(given, traffic, plan.seed, plan.alpha / family, max(1, plan.spikes // 3))
    why = say("its traffic is too irregular to show an upload of the whole text")
    return replace(row, detectable=least, why=why)


def _share_most(given: Doses, traffic: Traffic) -> float | None:
    """Upper limit of the share of prompts whose whole text a burst could hold; a prompt stands for all like it."""
    long = given.length >= LONG
    if not long.any():
        return None
    largest = np.zeros(given.count)
    prompt, size = given.bursts(traffic, following=True)
    np.maximum.at(largest, prompt, size)
    hits, of = int((largest >= FLOOR_OF_TEXT * given.length)[long].sum()), int(long.sum())
    return intervals.silence(of) if not hits else intervals.share(hits, of)[1]


def padded(given: Doses, traffic: Traffic) -> bool:
    """Whether the largest burst after most of the shortest quarter of the prompts could hold the longest text."""
    if not given.count:
        return False
    largest = np.zeros(given.count)
    prompt, size = given.bursts(traffic, following=False)
    np.maximum.at(largest, prompt, size)
    short = given.length <= np.quantile(given.length, 0.25)
    return bool(np.median(largest[short]) >= PADDED * given.length.max())


def drafts(plan: Plan, recorded: Recorded, traffic: Traffic, line: Fit | None) -> int | None:
    """Drafts whose text would stand out and has a burst on the line in its own window."""
    slots = recorded.slots(plan, "draft")
    if line is None or not slots:
        return None
    found = 0
    for slot in slots:
        size = traffic.size[traffic.window == recorded.window_of[slot.slot]]
        stands_out = line.slope * slot.length > VISIBLE
        found += bool(stands_out and line.on_line(size, np.array([slot.length])).any())
    return found
