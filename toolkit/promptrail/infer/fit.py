"""How much a host's bursts grow with the length: the line through them, where it stops, and which prompts carry it.

The line chosen is the one whose pile of prompts most exceeds what reassigned lengths give, over a grid of slopes and
caps; then least squares through one burst a prompt. None where fewer than four prompts carry it.
"""

from dataclasses import dataclass

import numpy as np

from promptrail.infer import intervals
from promptrail.infer.doses import Doses
from promptrail.infer.lines import GRAIN, HEADS, LEAST, STEP, rounded, weight
from promptrail.infer.reassign import Counts, Flags, Numbers, stream, uniform
from promptrail.infer.response import Traffic

CAPS = (128.0, 256.0, 512.0, 1024.0, 2048.0, 4096.0, np.inf)
SLOPES = np.exp(np.arange(np.log(0.1), np.log(8.0), 0.015))
HEADS_AT = LEAST + STEP * np.arange(1, HEADS)
EARNED = 0.93
"""A cap has to explain more than the line without one."""
NEAR, NEAR_SHARE = 75.0, 0.01
"""A burst lies on the line within so many bytes and this share of the text's."""
VISIBLE = 400.0
"""Bytes of text below which a prompt's burst cannot be told from others: such prompts say nothing about the share."""
LEAST_CARRIERS, BOOTSTRAP = 4, 200
ROUGH_CAP, RIVAL_SLOPE, RIVAL = 256.0, 0.05, 0.95
WIDEST = 0.02
"""Heads and records vary by more than chance: no interval is narrower than this share to either side."""


@dataclass(frozen=True)
class Fit:
    """size = head + slope * min(length, cap), bytes and characters; 99 % limits."""

    slope: float
    low: float | None
    high: float | None
    """None where the line is rough: a cap of ROUGH_CAP and below, or another line that explains nearly as much."""
    head: float
    cap: int | None
    carriers: int
    """Of the eligible prompts, those with a burst on the line: a lower bound, as bursts merge."""
    eligible: int
    share_low: float
    share_high: float

    def size(self, length: Numbers) -> Numbers:
        return self.head + self.slope * np.minimum(length, np.inf if self.cap is None else self.cap)

    def on_line(self, size: Numbers, length: Numbers) -> Flags:
        """Whether a burst of this size lies where a text of this length would put it."""
        text = self.slope * np.minimum(length, np.inf if self.cap is None else self.cap)
        near: Flags = np.abs(size - self.head - text) < NEAR + NEAR_SHARE * text
        return near


def fit(doses: Doses, traffic: Traffic, seed: str) -> Fit | None:
    """Through the bursts of each prompt's window and the next."""
    prompt, size = doses.bursts(traffic, following=True)
    if doses.count < LEAST_CARRIERS or not len(size):
        return None
    found = [
        line
        for start in _starts(doses, prompt, size)
        if (line := _refined(doses, prompt, size, *start)) is not None
    ]
    if not found:
        return None
    worth = [_excess(doses, prompt, size, *line) for line in found]
    cap, slope, head, chosen = found[int(np.argmax(worth))]
    rivals = [
        w for w, line in zip(worth, found, strict=True) if abs(line[1] - slope) > RIVAL_SLOPE * abs(slope)
    ]
    rough = cap <= ROUGH_CAP or max(rivals, default=0.0) > RIVAL * max(worth)
    text = np.minimum(doses.length, cap)
    low, high = _bootstrap(text[prompt[chosen]], size[chosen], seed)
    visible = doses.length * max(slope, 0.0) > VISIBLE
    carriers, eligible = int(visible[prompt[chosen]].sum()), int(visible.sum())
    share_low, share_high = intervals.share(carriers, eligible) if eligible else (0.0, 1.0)
    return Fit(
        slope=slope,
        low=None if rough else min(low, slope - WIDEST * abs(slope)),
        high=None if rough else max(high, slope + WIDEST * abs(slope)),
        head=head,
        cap=None if np.isinf(cap) else int(cap),
        carriers=carriers,
        eligible=eligible,
        share_low=share_low,
        share_high=share_high,
    )


def _starts(doses: Doses, prompt: Counts, size: Numbers) -> list[tuple[float, float, float]]:
    """For each cap (cap, slope, head) of the highest pile above its expectation, in votes and in standard deviations.

    The first finds the text of every prompt, the second that of few: there most of the pile is chance.
    """
    voice = weight(doses.length)
    pile = _piles(doses, prompt, size)
    by_chance = pile.mean(axis=0)
    every = np.arange(doses.count)[:, None]
    out = []
    for cap in CAPS:
        best = [(-np.inf, 1.0, 0.0)] * 2
        for slope in SLOPES:
            needed = slope * np.minimum(doses.length, cap)[:, None] + HEADS_AT - LEAST
            place = np.round(needed / GRAIN).astype(np.int64)
            expected = voice @ by_chance[place]
            gain = voice @ pile[every, place] - expected
            for n, worth in enumerate((gain, gain / np.sqrt(expected + 1.0))):
                at = int(np.argmax(worth))
                if worth[at] > best[n][0]:
                    best[n] = (float(worth[at]), float(slope), float(HEADS_AT[at]))
        out += [(cap, slope, head) for _, slope, head in best]
    return out


def _piles(doses: Doses, prompt: Counts, size: Numbers) -> Numbers:
    """[prompt, bytes above LEAST in steps of GRAIN]: how many of its bursts have about that size.

    Counted once; what a line collects, and what it would with any other lengths, is then one look-up a prompt and head.
    """
    largest = float(SLOPES[-1] * doses.length.max())
    prompt, size, times = rounded(prompt, size, largest)
    places = round((largest + (HEADS + 2) * STEP - LEAST) / GRAIN) + 1
    reach = round(2 * STEP / GRAIN)
    near = np.clip(1 - np.abs(np.arange(-reach, reach + 1)) * GRAIN / (2 * STEP), 0, None)
    out = np.zeros((doses.count, places + 2 * reach))
    place = np.round((size - LEAST) / GRAIN).astype(np.int64)
    inside = place < places
    np.add.at(out, (prompt[inside], place[inside] + reach), times[inside])
    return np.stack([np.convolve(row, near, mode="same")[reach : reach + places] for row in out])


def _refined(
    doses: Doses, prompt: Counts, size: Numbers, cap: float, slope: float, head: float
) -> tuple[float, float, float, Counts] | None:
    """(cap, slope, head, bursts on the line, one a prompt) after three rounds of least squares."""
    text = np.minimum(doses.length, cap)
    chosen: Counts = np.zeros(0, np.int64)
    for _ in range(3):
        off = np.abs(size - head - slope * text[prompt])
        near = np.flatnonzero(off < NEAR + NEAR_SHARE * abs(slope) * text[prompt])
        near = near[np.lexsort((near, off[near]))]
        _, first = np.unique(prompt[near], return_index=True)
        chosen = near[first]
        if len(chosen) < LEAST_CARRIERS or np.ptp(text[prompt[chosen]]) == 0:
            return None
        slope, head = _least_squares(text[prompt[chosen]], size[chosen])
    if (slope * doses.length[prompt[chosen]] > VISIBLE).sum() < LEAST_CARRIERS:
        return None
    return cap, slope, head, chosen


def _excess(
    doses: Doses, prompt: Counts, size: Numbers, cap: float, slope: float, head: float, chosen: Counts
) -> float:
    """Weight of the bursts on the line above what any assignment of the lengths gives."""
    text = slope * np.minimum(doses.length, cap)
    voice = weight(doses.length)
    on_line = np.abs(size[:, None] - head - text[None, :]) < NEAR + NEAR_SHARE * np.abs(text)[None, :]
    votes = on_line * voice[None, :]
    gain = votes[np.arange(len(size)), prompt].sum() - votes.sum() / doses.count
    return float(gain * (1.0 if np.isinf(cap) else EARNED))


def _least_squares(x: Numbers, y: Numbers) -> tuple[float, float]:
    middle = x - x.mean()
    slope = float(middle @ y / (middle @ middle))
    return slope, float(y.mean() - slope * x.mean())


def _bootstrap(x: Numbers, y: Numbers, seed: str) -> tuple[float, float]:
    """99 % limits of the slope over prompts drawn with replacement."""
    picked = (uniform(stream(seed, "bootstrap"), BOOTSTRAP, len(x)) * len(x)).astype(np.int64)
    slopes = [_least_squares(x[row], y[row])[0] for row in picked if np.ptp(x[row]) > 0]
    tail = (1 - intervals.CONFIDENCE) / 2
    low, high = np.quantile(slopes, [tail, 1 - tail])
    return float(low), float(high)
