"""Simulated recordings of a plan: hosts that send the text, hosts that do not, and noise, as arrays per host.

Every host here is made up. `host` gives one host's traffic over a plan's slots, `recording` several as `Recorded`;
`frames` writes the same as the events and bursts that a run leaves, for what reads those.
"""

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from promptrail.infer.noise import Noise, drawn
from promptrail.infer.plan import Plan, digest, draw
from promptrail.infer.reassign import Counts, Numbers
from promptrail.infer.response import Recorded, Traffic

Chance = np.random.Generator
SEED = "5eed" * 8


def dose(
    per_length: int = 10,
    seed: str = SEED,
    *,
    draws: int = 1_999,
    positive: str = "chat.example",
    **given: object,
) -> Plan:
    return draw("dose", seed, per_length=per_length, draws=draws, positive=positive, **given)  # type: ignore[arg-type]


@dataclass
class Sending:
    """Bursts as they are added, per window; the last window of a plan is the drain."""

    plan: Plan
    window: list[Counts] = field(default_factory=list)
    size: list[Numbers] = field(default_factory=list)

    @property
    def windows(self) -> int:
        return len(self.plan.slots) + 1

    @property
    def length(self) -> Numbers:
        """Characters sent per window: drafts and controls send none."""
        sent = [s.length if s.kind == "prompt" else 0 for s in self.plan.slots]
        return np.array([*sent, 0], np.float64)

    @property
    def wide(self) -> Numbers:
        return np.array([*(2.0 if s.alphabet == "wide" else 1.0 for s in self.plan.slots), 1.0])

    def add(self, window: object, size: object) -> None:
        where, what = np.broadcast_arrays(np.atleast_1d(window), np.atleast_1d(size))
        keep = what > 0
        self.window.append(where[keep].astype(np.int64))
        self.size.append(what[keep].astype(np.float64))

    def traffic(self, chance: Chance, merged: float = 0.15) -> Traffic:
        """A share of the bursts cannot be told from their neighbour."""
        window = np.concatenate([np.zeros(0, np.int64), *self.window])
        size = np.concatenate([np.zeros(0), *self.size])
        order = np.lexsort((chance.random(len(window)), window))
        window, size = window[order], size[order]
        sent = np.bincount(window, weights=size, minlength=self.windows)
        if len(window):
            glued = np.zeros(len(window), bool)
            glued[1:] = (window[1:] == window[:-1]) & (chance.random(len(window) - 1) < merged)
            group = np.cumsum(~glued) - 1
            window, size = window[~glued], np.bincount(group, weights=size)
        none = np.full(self.windows, np.nan)
        return Traffic(sent, np.zeros(self.windows), none, window, size, float(sent.sum()))


Behaviour = Callable[[Sending, Chance], None]


def noise(profile: str) -> Behaviour:
    """Traffic that no prompt moves: heartbeats and an event for each send; batches; bursts of a replay; extremes."""

    def add(out: Sending, chance: Chance) -> None:
        count = out.windows
        every = np.arange(count)
        for _ in range(2):
            out.add(every, np.where(chance.random(count) < 0.25, chance.normal(180, 10, count), 0))
        out.add(every, np.where(out.length > 0, chance.normal(420, 15, count), 0))
        if profile in ("moderate", "loud"):
            out.add(
                every, np.where(chance.random(count) < 0.5, chance.lognormal(np.log(2500), 0.6, count), 0)
            )
            out.add(every, np.where(chance.random(count) < 0.1, chance.uniform(600, 1900, count), 0))
        if profile == "loud":
            out.add(
                every, np.where(chance.random(count) < 0.6, chance.lognormal(np.log(20000), 1.0, count), 0)
            )
        if profile == "pareto":
            out.add(every, chance.pareto(0.9, count) * 800)
        if profile == "drift":
            out.add(every, 40 * every + 1500 * (1 + np.sin(every / 7)))

    return add


def on_wire(payload: Numbers, layer: str = "tls") -> Numbers:
    """Payload as the observer counts it."""
    if layer.startswith("pad"):
        block = int(layer[3:])
        return np.ceil(payload / block) * block
    if layer == "quic":
        return payload + np.ceil(payload / 1160) * 40
    return payload + np.ceil(payload / 16384) * 22


ENCODED: dict[str, Callable[[Numbers, Numbers], Numbers]] = {
    "raw": lambda length, wide: length * wide,
    "base64": lambda length, wide: np.ceil(length * wide / 3) * 4,
    "hex": lambda length, wide: 2 * length * wide,
    # zlib level 6 of the plan's own texts, as tests/infer/test_alternatives.py measures them
    "deflate": lambda length, wide: length * np.where(wide > 1, 1.055, 0.757) + 12,
    "escaped": lambda length, wide: length * np.where(wide > 1, 6, 1),
}


def uploader(
    encoding: str = "raw",
    *,
    cap: float = np.inf,
    share: float = 1.0,
    part: float = 1.0,
    late: float = 0.0,
    batch: int = 0,
    layer: str = "tls",
) -> Behaviour:
    """Sends the text, or its first `cap` characters, or a part of it; in the next window for a share `late`."""

    def add(out: Sending, chance: Chance) -> None:
        window = np.flatnonzero(out.length > 0)
        window = window[chance.random(len(window)) < share]
        text = np.minimum(part * out.length[window], cap)
        body = ENCODED[encoding](text, out.wide[window])
        if batch:
            pending = 0.0
            for where, size in zip(window, body, strict=True):
                pending += size
                if chance.random() < 1 / batch:
                    out.add(where + 1, on_wire(np.array([pending + 350]), layer))
                    pending = 0.0
            out.add(out.windows - 1, pending)
            return
        size = on_wire(body + chance.normal(350, 10, len(body)), layer)
        where = window + (chance.random(len(window)) < late)
        out.add(where, size)
        again = chance.random(len(window)) < 0.02
        out.add(where[again], size[again])

    return add


def keystrokes(mode: str = "pasted") -> Behaviour:
    """90 bytes for 12 % of the key events; a paste is one event."""

    def add(out: Sending, chance: Chance) -> None:
        events = out.length if mode == "typed" else 1.0 * (out.length > 0)
        out.add(np.arange(out.windows), chance.poisson(events * 0.12) * 90.0)

    return add


def constant(size: float, spread: float) -> Behaviour:
    """One request of about this size for every prompt: a hash, an event, a category."""

    def add(out: Sending, chance: Chance) -> None:
        sizes = chance.normal(size, spread, out.windows)
        out.add(np.arange(out.windows), np.where(out.length > 0, sizes, 0))

    return add


def length_field(out: Sending, chance: Chance) -> None:
    digits = np.floor(np.log10(np.maximum(out.length, 1))) + 1
    out.add(np.arange(out.windows), np.where(out.length > 0, 350 + digits, 0))


def layout(out: Sending, chance: Chance) -> None:
    """One event of 38 bytes for every rendered line of 45 characters."""
    out.add(np.arange(out.windows), np.ceil(out.length / 45) * 38.0)


def waiting(out: Sending, chance: Chance) -> None:
    """60 bytes a second while the answer is awaited; other characters are more tokens."""
    tokens = out.length * np.where(out.wide > 1, 1.6, 1.0)
    wait = np.where(out.length > 0, 1.5 + tokens / 2000 + chance.exponential(0.7, out.windows), 0)
    out.add(np.arange(out.windows), chance.poisson(wait) * 60.0)


def focus(out: Sending, chance: Chance) -> None:
    """A heartbeat while the field has the focus, 20 s before every send of a paste."""
    out.add(np.arange(out.windows), chance.poisson(20.0 * (out.length > 0)) * 110.0)


def answers(out: Sending, chance: Chance) -> None:
    """Uploads the answer, whose length does not follow the prompt's."""
    size = 350 + chance.normal(24, 5, out.windows)
    out.add(np.arange(out.windows), np.where(out.length > 0, size, 0))


NULLS: dict[str, Behaviour] = {
    "nothing": lambda out, chance: None,
    "hash": constant(414, 8),
    "keystrokes, pasted": keystrokes(),
    "focus": focus,
    "answers": answers,
    "acknowledgements": lambda out, chance: out.add(
        np.arange(out.windows), chance.poisson(0.4 * (out.length > 0)) * 40.0
    ),
}


def host(plan: Plan, chance: Chance, *behaviours: Behaviour, profile: str = "quiet") -> Traffic:
    out = Sending(plan)
    for behaviour in (noise(profile), *behaviours):
        behaviour(out, chance)
    return out.traffic(chance)


def recorded(plan: Plan, hosts: dict[str, Traffic]) -> Recorded:
    return Recorded(
        len(plan.slots) + 1, np.arange(len(plan.slots)), dict(sorted(hosts.items())), runs=("run-1",)
    )


def frames(plan: Plan, hosts: dict[str, Traffic], run: str = "run-1") -> tuple[pd.DataFrame, pd.DataFrame]:
    """(events, bursts) of one run in which the slots follow each other; a burst begins in the middle of its window."""
    at = 1_800_000_000.0
    events = [(run, at, "plan", None, digest(plan))]
    for slot in plan.slots:
        start = at + slot.slot * plan.seconds
        events.append((run, start + 1, "slot", None, str(slot.slot)))
        events.append((run, start + plan.seconds, "slot-end", None, str(slot.slot)))
    end = at + len(plan.slots) * plan.seconds
    events.append((run, end, "drain", None, ""))
    rows = []
    for name, traffic in hosts.items():
        for n, (window, size) in enumerate(zip(traffic.window, traffic.size, strict=True)):
            when = at + (window + 0.25 + 0.5 * (n % 8) / 8) * plan.seconds
            rows.append((run, name, f"{name}:{n}", when, "request", round(float(size)), 1))
        for window, size in enumerate(traffic.received):
            if size:
                rows.append(
                    (run, name, f"{name}:0", at + (window + 0.9) * plan.seconds, "response", int(size), 1)
                )
    columns = ["run", "host", "connection", "at", "direction", "size", "records"]
    return (
        pd.DataFrame(events, columns=["run", "at", "event", "probe", "label"]),
        pd.DataFrame(rows, columns=columns),
    )


def fitted_host(plan: Plan, noise_: Noise, behaviour: Behaviour, chance: Chance, purpose: str) -> Traffic:
    """A host whose noise was fitted to a recording, and what a bystander adds to it."""
    out = Sending(plan)
    behaviour(out, chance)
    beside = drawn(noise_, out.length > 0, plan.seed, purpose)
    out.add(beside.window, beside.size)
    return out.traffic(chance)
