"""Do bursts of many prompts lie on one line, size = head + slope * min(length, cap)? Bursts in, piles of votes out.

For a slope and a cap every burst votes, with its prompt's weight, for the head that it would need. The statistic is the
highest pile of votes over all heads and slopes. From every pile its expectation over all reassignments is taken off: a
burst of constant size lies on every capped line, whatever the lengths, and would hide the host that cuts the text off.
The piles of two sets of bursts add up, so that spike-ins need count only what they add.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from promptrail.infer.doses import Doses
from promptrail.infer.reassign import Counts, Numbers, Reassignments
from promptrail.infer.response import Traffic

COMPRESSED, RAW, QUIC, BASE64, HEX = 0.757, 1.0, 1.035, 4 / 3, 2.0
"""Bytes a character of the plan's text takes: zlib level 6, as it is, in datagrams of 1,200 bytes, and as named."""
HALF = 0.5
"""A channel of part of the text, which no encoding gives; without it none below COMPRESSED is found in loud noise."""
WHOLE: list[tuple[float, float]] = [(slope, np.inf) for slope in (HALF, COMPRESSED, RAW, QUIC, BASE64, HEX)]
CAPPED: list[tuple[float, float]] = [
    (slope, cap) for slope in (COMPRESSED, RAW, BASE64, HEX) for cap in (256.0, 1024.0)
]
LINES = WHOLE + CAPPED
LEAST, STEP, HEADS = -150.0, 75.0, 44
"""Heads from -150 bytes in steps of 75: request lines and headers of up to 3,150 bytes."""
GRAIN = 8.0
"""Sizes are rounded to this many bytes, so that a host with a million bursts costs no more than its distinct sizes."""
WIDTH = HEADS + 2
Votings = NDArray[np.float64] | NDArray[np.float32]


def weight(length: Numbers) -> Numbers:
    """Short prompts say nothing about a slope: 0 at 64 characters and below, 1 from 1,024."""
    return np.clip(np.log2(np.maximum(length, 1) / 64.0) / 4.0, 0.0, 1.0)


@dataclass(frozen=True)
class Piles:
    """`votes[row, line * WIDTH + head]` under each reassignment, smoothed over neighbours, and their expectation."""

    votes: Votings
    expected: Votings

    def highest(self, *, plus: "Piles | None" = None) -> Numbers:
        """[row; whole, capped]: the highest pile above its expectation, in its standard deviations.

        With `plus` those of both sets of bursts together.
        """
        expected = self.expected if plus is None else self.expected + plus.expected
        above = self.votes - expected
        if plus is not None:
            above += plus.votes
        above *= (1 / np.sqrt(expected + 1.0)).astype(above.dtype)
        return np.maximum.reduceat(above, [0, len(WHOLE) * WIDTH], axis=1).astype(np.float64)

    def row(self, number: int) -> "Piles":
        return Piles(self.votes[number : number + 1], self.expected)

    def coarse(self) -> "Piles":
        """In half the memory, for what is no p: seven digits."""
        return Piles(self.votes.astype(np.float32), self.expected.astype(np.float32))


@dataclass(frozen=True)
class Votes:
    """`table[prompt, length, line * WIDTH + head]`: what the prompt's bursts vote for if it had that length."""

    table: Numbers

    @classmethod
    def of(cls, doses: Doses, prompt: Counts, size: Numbers) -> "Votes":
        count = doses.count
        longest = max(slope for slope, _ in LINES) * doses.length.max(initial=0.0)
        prompt, size, times = rounded(prompt, size, longest)
        table = np.zeros((count, count, len(LINES), WIDTH))
        cells = table.reshape(-1)
        voice = weight(doses.length)
        loud = np.flatnonzero(voice)
        for n, (slope, cap) in enumerate(LINES):
            text = slope * np.minimum(doses.length[loud], cap)
            at = (size[:, None] - text[None, :] - LEAST) / STEP
            burst, which = np.nonzero((at >= 0) & (at < HEADS))
            at = at[burst, which]
            head = at.astype(np.int64)
            whole = voice[loud[which]] * times[burst]
            upper = (at - head) * whole
            place = ((prompt[burst] * count + loud[which]) * len(LINES) + n) * WIDTH + head
            np.add.at(cells, place, whole - upper)
            np.add.at(cells, place + 1, upper)
        return cls(table.reshape(count, count, -1))

    def piles(self, draws: Reassignments) -> Piles:
        return Piles(smoothed(draws.sums(self.table)), smoothed(self.table.mean(axis=1).sum(axis=0)))


def smoothed(votes: Numbers) -> Numbers:
    """Each head with half of either neighbour; the outermost heads stay empty."""
    piles = votes.reshape(*votes.shape[:-1], len(LINES), WIDTH)
    out = np.zeros_like(piles)
    out[..., 1:HEADS] = piles[..., 1:HEADS] + 0.5 * (piles[..., : HEADS - 1] + piles[..., 2 : HEADS + 1])
    return out.reshape(votes.shape)


def rounded(prompt: Counts, size: Numbers, largest: float) -> tuple[Counts, Numbers, Numbers]:
    """(prompt, size, how many) of the distinct bursts that any line could hold, sizes rounded to GRAIN."""
    near = size <= largest + LEAST + STEP * HEADS
    steps = np.round(size[near] / GRAIN).astype(np.int64)
    span = int(steps.max(initial=0)) + 1
    code, times = np.unique(prompt[near] * span + steps, return_counts=True)
    return code // span, (code % span) * GRAIN, times.astype(np.float64)


def votes(doses: Doses, traffic: Traffic, *, following: bool) -> Votes:
    """Of a host's bursts in the prompts' windows, with `following` also of those in the windows behind them."""
    return Votes.of(doses, *doses.bursts(traffic, following=following))
