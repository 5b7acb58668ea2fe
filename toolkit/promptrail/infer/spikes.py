"""Would this very host, in this very recording, have been found had it been sent the text? Added uploads in, power out.

Under the null the recorded bytes do not depend on the draw, so a fresh draw of the same lengths plus made-up uploads is
a draw from the experiment in which the host was sent the text. Each trial is the test itself at the level of the first
step of Holm, with so many reassignments as that level needs, at most MOST: in families of more than 20 hosts at alpha
0.01 the level of a trial is then 1 / (MOST + 1). An alternative counts as excluded where NEEDED of the trials found it,
or where all bytes that the host received cannot hold it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from promptrail.infer.alternatives import FLOOR, HEAD, Upload
from promptrail.infer.doses import Doses
from promptrail.infer.lines import Piles
from promptrail.infer.randomisation import keys
from promptrail.infer.reassign import Counts, Numbers, Reassignments, shuffled, stream, uniform
from promptrail.infer.response import Traffic
from promptrail.infer.statistics import Rows, Seen, line_votes, values

NEEDED = 0.95
MOST = 1_999
SPREAD = 10.0
"""Standard deviation of the size of a made-up upload's head, bytes."""
RECORD, PER_RECORD = 16_384, 22
"""Bytes of text in a TLS record, and what each record adds (RFC 8446 5.2: header, content type, tag)."""
SHARES = (0.05, 0.1, 0.2, 0.3, 0.5, 0.75, 1.0)
"""Of the text, sent with every prompt: the grid on which the least detectable slope is sought."""
ENOUGH = 0.9
AT_ONCE = 200 << 20
"""Bytes of memory that the hosts of one round may take."""


@dataclass(frozen=True)
class Power:
    """Trials that found the upload, of all. `counted`: no trial was needed, the bytes cannot hold it."""

    found: int
    trials: int
    counted: bool = False

    @property
    def excluded(self) -> bool:
        return self.counted or (self.trials > 0 and self.found >= NEEDED * self.trials)

    @property
    def share(self) -> float:
        return 1.0 if self.counted else self.found / max(self.trials, 1)


@dataclass(frozen=True)
class Trials:
    """Everything of a round of trials that does not depend on the host."""

    doses: Doses
    drawn: Counts
    """[trial, prompt]: the fresh draw."""
    others: Counts
    """[row, prompt]: the reassignments that each trial is compared with."""
    seed: str

    @classmethod
    def of(cls, doses: Doses, seed: str, level: float, trials: int) -> "Trials":
        rows = min(MOST, int(np.ceil(1 / level)) - 1)
        source = stream(seed, "spikes")
        return cls(doses, shuffled(source, trials, doses.count), shuffled(source, rows, doses.count), seed)

    def rows(self, trial: int) -> Rows:
        return Rows(self.doses, Reassignments(np.vstack([self.drawn[trial][None, :], self.others])))

    def bursts(self, upload: Upload, trial: int) -> tuple[Counts, Numbers]:
        """(prompt, size) of the uploads that this trial adds."""
        source = stream(self.seed, f"upload {upload} {trial}")
        count = self.doses.count
        chance = uniform(source, 3, count)
        # A normal head by Box and Muller 1958, from numbers whose stream is fixed.
        head = HEAD + SPREAD * np.sqrt(-2 * np.log(chance[0])) * np.cos(2 * np.pi * chance[1])
        length = self.doses.length[self.drawn[trial]]
        text = upload.slope * np.minimum(length, np.inf if upload.cap is None else upload.cap)
        size = head + text
        size += PER_RECORD * np.ceil(size / RECORD)
        sent = np.flatnonzero(chance[2] < upload.share)
        return sent.astype(np.int64), size[sent]


def powers(
    doses: Doses,
    hosts: Mapping[str, Traffic],
    uploads: Sequence[Upload],
    seed: str,
    level: float,
    trials: int,
) -> dict[str, list[Power]]:
    """For every host the power to find each upload, in their order; a host that misses too often is given up early."""
    round_ = Trials.of(doses, seed, level, trials)
    per_host = 4 * 2 * (len(round_.others) + trials) * 1200
    size = max(1, AT_ONCE // per_host)
    names = list(hosts)
    out: dict[str, list[Power]] = {}
    for at in range(0, len(names), size):
        some = {name: hosts[name] for name in names[at : at + size]}
        known = {name: _Host.of(round_, traffic) for name, traffic in some.items()}
        for upload in uploads:
            for name, power in _round(round_, known, upload).items():
                out.setdefault(name, []).append(power)
    return out


def held(doses: Doses, traffic: Traffic, upload: Upload) -> bool:
    """Whether all that the host received could hold the upload's text; of a share of the prompts any host could."""
    text = float(np.minimum(doses.length, np.inf if upload.cap is None else upload.cap).sum())
    return upload.share < 1 or traffic.total >= min(upload.slope, FLOOR) * text


def detectable(doses: Doses, traffic: Traffic, seed: str, level: float, trials: int) -> float | None:
    """The least share of the text, as bytes per character, found in ENOUGH of the trials; None: not even the whole."""
    low, high = -1, len(SHARES)
    while high - low > 1:
        middle = (low + high) // 2
        power = powers(doses, {"": traffic}, [Upload(SHARES[middle])], seed, level, trials)[""][0]
        if power.share >= ENOUGH:
            high = middle
        else:
            low = middle
    return SHARES[high] if high < len(SHARES) else None


@dataclass(frozen=True)
class _Host:
    """A host's own piles under the shared reassignments, made once for all trials."""

    traffic: Traffic
    others: list[Piles]
    drawn: list[Piles]

    @classmethod
    def of(cls, trials: Trials, traffic: Traffic) -> "_Host":
        tables = line_votes(trials.doses, traffic)
        return cls(
            traffic,
            [v.piles(Reassignments(trials.others)).coarse() for v in tables],
            [v.piles(Reassignments(trials.drawn)).coarse() for v in tables],
        )

    def lines(self, trial: int, added: list[tuple[Piles, Piles]]) -> list[Numbers]:
        """Columns of the line statistics of its own bursts and the added ones, the trial's draw first."""
        return [
            np.concatenate([drawn.row(trial).highest(plus=first), others.highest(plus=rest)])
            for drawn, others, (first, rest) in zip(self.drawn, self.others, added, strict=True)
        ]


def _round(trials: Trials, hosts: Mapping[str, _Host], upload: Upload) -> dict[str, Power]:
    """All trials of one upload; a host that can no longer reach NEEDED is left out of the rest."""
    count = len(trials.drawn)
    found = dict.fromkeys(hosts, 0)
    done = {name: count if held(trials.doses, host.traffic, upload) else 0 for name, host in hosts.items()}
    allowed = count - int(np.ceil(NEEDED * count))
    for trial in range(count):
        open_ = [name for name in hosts if done[name] > trial]
        if not open_:
            break
        prompt, size = trials.bursts(upload, trial)
        rows = trials.rows(trial)
        added = _added(trials.doses, rows, prompt, size)
        for name in open_:
            host = hosts[name]
            seen = Seen.of(trials.doses, _with(trials.doses, host.traffic, prompt, size))
            key = keys(values(rows, seen, host.lines(trial, added)))
            found[name] += bool((key[1:] > key[0]).all())
            if trial + 1 - found[name] > allowed:
                done[name] = trial + 1
    return {
        name: Power(found[name], done[name], counted=not held(trials.doses, host.traffic, upload))
        for name, host in hosts.items()
    }


def _with(doses: Doses, traffic: Traffic, prompt: Counts, size: Numbers) -> Traffic:
    """The host's traffic and the added bursts."""
    window = doses.window[prompt]
    return replace(
        traffic,
        sent=traffic.sent + np.bincount(window, weights=size, minlength=doses.windows),
        window=np.concatenate([traffic.window, window]),
        size=np.concatenate([traffic.size, size]),
    )


def _added(doses: Doses, rows: Rows, prompt: Counts, size: Numbers) -> list[tuple[Piles, Piles]]:
    """Piles of the added bursts alone, of the trial's draw and of the others: the same for every host."""
    nothing = np.zeros(doses.windows)
    none = Traffic(nothing, nothing, nothing, np.zeros(0, np.int64), np.zeros(0), 0.0)
    piles = [v.piles(rows.draws).coarse() for v in line_votes(doses, _with(doses, none, prompt, size))]
    return [(pile.row(0), Piles(pile.votes[1:], pile.expected)) for pile in piles]
