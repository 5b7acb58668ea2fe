"""What a host is sent that no prompt moves, as numbers to draw from: three made-up kinds, or fitted to a recording.

A part is a stream of bursts: how likely a window holds 0, 1, 2, ... of them, and their sizes by quantiles. `fitted`
takes both from windows in which nothing was sent to anybody (controls and drafts), or from all windows of a host that
is known not to be sent the text. Times within a window and ties between windows are not kept.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from statistics import NormalDist

import numpy as np

from promptrail.infer.doses import Doses
from promptrail.infer.plan import Plan
from promptrail.infer.reassign import Flags, stream, uniform
from promptrail.infer.response import Recorded, Traffic

AT = tuple((n + 0.5) / 21 for n in range(21))
"""The quantiles that sizes are kept by; between them they are drawn on straight lines."""


@dataclass(frozen=True, slots=True)
class Part:
    counts: tuple[float, ...]
    """Probability that a window holds 0, 1, 2, ... of these bursts."""
    sizes: tuple[float, ...]
    """Bytes, at the quantiles AT."""
    only_sent: bool = False
    """Only in windows of a prompt, as an event for each send."""


@dataclass(frozen=True, slots=True)
class Noise:
    name: str
    parts: tuple[Part, ...]


def _normal(mean: float, deviation: float) -> tuple[float, ...]:
    return tuple(NormalDist(mean, deviation).inv_cdf(at) for at in AT)


def _lognormal(median: float, spread: float) -> tuple[float, ...]:
    return tuple(float(median * np.exp(spread * NormalDist().inv_cdf(at))) for at in AT)


QUIET = (
    Part((0.5625, 0.375, 0.0625), _normal(180, 10)),  # heartbeats
    Part((0.0, 1.0), _normal(420, 15), only_sent=True),  # an event for each send
)
MODERATE = (
    *QUIET,
    Part((0.5, 0.5), _lognormal(2_500, 0.6)),  # batches of telemetry
    Part((0.9, 0.1), tuple(600 + 1300 * at for at in AT)),  # new connections
)
LOUD = (*MODERATE, Part((0.4, 0.6), _lognormal(20_000, 1.0)))  # a replay of the screen
KINDS: dict[str, Noise] = {
    name: Noise(name, parts) for name, parts in (("quiet", QUIET), ("moderate", MODERATE), ("loud", LOUD))
}
"""Made up, not measured: reference points for a plan before anything is recorded."""


def drawn(noise: Noise, sent: Flags, seed: str, purpose: str) -> Traffic:
    """One host's traffic over windows of which `sent` tells which hold a prompt."""
    windows, sizes = [np.zeros(0, np.int64)], [np.zeros(0)]
    for number, part in enumerate(noise.parts):
        source = stream(seed, f"noise {purpose} {number}")
        held = np.searchsorted(np.cumsum(part.counts), uniform(source, len(sent)))
        held = np.minimum(held, len(part.counts) - 1)
        window = np.repeat(np.arange(len(sent)), np.where(sent | (not part.only_sent), held, 0))
        windows.append(window)
        sizes.append(np.maximum(np.interp(uniform(source, len(window)), AT, part.sizes), 1.0))
    window, size = np.concatenate(windows), np.concatenate(sizes)
    order = np.lexsort((size, window))
    total = np.bincount(window, weights=size, minlength=len(sent))
    none = np.full(len(sent), np.nan)
    return Traffic(total, np.zeros(len(sent)), none, window[order], size[order], float(total.sum()))


def fitted(
    name: str, seen: Iterable[tuple[Plan, Recorded]], host: str, *, every_window: bool = False
) -> Noise:
    """From the windows of controls and drafts of some recordings, or from all their slots; without a burst: silent."""
    kinds = ("prompt", "control", "draft") if every_window else ("control", "draft")
    counts, sizes = [np.zeros(0, np.int64)], [np.zeros(0)]
    for plan, recorded in seen:
        windows = [int(recorded.window_of[s.slot]) for kind in kinds for s in recorded.slots(plan, kind)]
        if traffic := recorded.hosts.get(host):
            counts.append(np.bincount(traffic.window, minlength=recorded.windows)[windows])
            sizes.append(traffic.size[np.isin(traffic.window, windows)])
    count, size = np.concatenate(counts), np.concatenate(sizes)
    if not len(size):
        return Noise(name, ())
    share = np.bincount(count) / len(count)
    return Noise(name, (Part(tuple(share.tolist()), tuple(np.quantile(size, AT).tolist())),))


def sent_windows(doses: Doses) -> Flags:
    """Which windows hold a prompt."""
    out = np.zeros(doses.windows, bool)
    out[doses.window] = True
    return out
