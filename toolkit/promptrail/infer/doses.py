"""The prompts of a recording as the statistics take them: a plan and what was recorded in, lengths and windows out.

Also the host's traffic seen from the prompts: bytes of a prompt's own window, of the next one, of both, and its bursts.
"""

import math
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from promptrail.infer.plan import Plan
from promptrail.infer.reassign import Counts, Flags, Numbers
from promptrail.infer.response import Recorded, Traffic

STRATUM_LOST = 0.2
"""A stratum of which more than this share failed is left out for every host, before any byte is looked at."""


@dataclass(frozen=True)
class Doses:
    """`length[i]` characters were sent in window `window[i]`, in order of recording; each has a next window."""

    length: Numbers
    window: Counts
    windows: int
    wide: Flags
    """Prompts of the wide alphabet, in a contrast."""

    @property
    def count(self) -> int:
        return len(self.length)

    @cached_property
    def ranks(self) -> Numbers:
        """Of the lengths, centred on 0."""
        return centred(ranked(self.length))

    def responses(self, sent: Numbers) -> Numbers:
        """[same, next, both; prompt]: bytes of each prompt's window, of the one behind it, and of the two."""
        same, following = sent[self.window], sent[self.window + 1]
        return np.stack([same, following, same + following])

    def bursts(self, traffic: Traffic, *, following: bool) -> tuple[Counts, Numbers]:
        """(prompt, size) of each burst in a prompt's window, and with `following` also in the one behind it."""
        prompt_of = np.full(self.windows + 1, -1, np.int64)
        prompt_of[self.window] = np.arange(self.count)
        prompt, size = prompt_of[traffic.window], traffic.size
        if following:
            before = np.where(traffic.window > 0, prompt_of[traffic.window - 1], -1)
            prompt, size = np.concatenate([prompt, before]), np.concatenate([size, size])
        return prompt[prompt >= 0], size[prompt >= 0]


def doses(plan: Plan, recorded: Recorded) -> Doses:
    """The prompts that were recorded and did not fail, without strata that failed too often."""
    lost = lost_strata(plan, recorded)
    used = [s for s in recorded.slots(plan, "prompt") if stratum(s.length) not in lost]
    used.sort(key=lambda s: int(recorded.window_of[s.slot]))
    window = recorded.window_of[[s.slot for s in used]] if used else np.zeros(0, np.int64)
    wide = np.array([s.alphabet == "wide" for s in used], bool)
    return Doses(np.array([s.length for s in used], np.float64), window, recorded.windows, wide)


def stratum(length: int) -> int:
    """Which power of two a length is nearest to: plans draw lengths about 32, 128, 512, 2,048, 8,192."""
    return round(math.log2(max(length, 1)))


def lost_strata(plan: Plan, recorded: Recorded) -> dict[int, float]:
    """Stratum -> share of its prompts that failed, where that is too many."""
    failed = set(recorded.failed)
    groups: dict[int, list[bool]] = {}
    for slot in plan.slots:
        if slot.kind == "prompt":
            groups.setdefault(stratum(slot.length), []).append(slot.slot in failed)
    shares = {key: sum(group) / len(group) for key, group in sorted(groups.items())}
    return {key: share for key, share in shares.items() if share > STRATUM_LOST}


def ranked(values: Numbers) -> Numbers:
    """Ranks from 1, ties at their mean."""
    from scipy.stats import rankdata

    out: Numbers = rankdata(values)
    return out


def centred(values: Numbers) -> Numbers:
    return values - values.mean(axis=-1, keepdims=True)
