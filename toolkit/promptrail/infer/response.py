"""What every host was sent and answered in every slot of a plan: events and bursts of its runs in, arrays per host out.

Each run has a window for every slot (`windows`) and one more behind the last, the drain. Bytes are counted where their
burst began. What has no host is a host of its own, what has no time or size is counted as unplaced.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

import numpy as np
import pandas as pd

from promptrail.infer.plan import Plan, Slot, digest
from promptrail.infer.reassign import Counts, Numbers
from promptrail.infer.windows import Timeline, again, number, timeline

GAP = 0.3
"""Records of one direction of one connection closer than this are one burst."""
UNKNOWN = "(host not known)"


@dataclass(frozen=True)
class Traffic:
    """One host. `sent` and `received` per window; each burst of requests with its window and size, in bytes."""

    sent: Numbers
    received: Numbers
    answered: Numbers
    """Seconds from the start of the window's slot to its last answer burst; NaN: none."""
    window: Counts
    size: Numbers
    total: float
    """All that was sent in these runs, before the first slot and outside the plan included."""


@dataclass(frozen=True)
class Recorded:
    """A plan as it was carried out. `window_of[slot]` is the slot's window, -1 where it was not recorded."""

    windows: int
    window_of: Counts
    hosts: Mapping[str, Traffic]
    runs: tuple[str, ...] = ()
    broken: tuple[str, ...] = ()
    """Runs whose capture is not complete."""
    failed: tuple[int, ...] = ()
    """Slots whose prompt visibly failed (event `slot-failed`): not used."""
    unplaced: int = 0
    """Bursts without a time or a size."""

    def slots(self, plan: Plan, kind: str) -> list[Slot]:
        """Slots of this kind that were recorded and did not fail, in order."""
        gone = set(self.failed)
        return [
            s for s in plan.slots if s.kind == kind and self.window_of[s.slot] >= 0 and s.slot not in gone
        ]


def observe(
    plan: Plan,
    events: pd.DataFrame,
    bursts: pd.DataFrame,
    runs: pd.DataFrame | None = None,
    *,
    gap: float | None = None,
) -> Recorded:
    """The runs whose event `plan` has this plan's digest, in order of time. `runs` tells which are not complete.

    `gap` in seconds is GAP, and less for slots of under two seconds, as the lab's.
    """
    gap = min(GAP, plan.seconds / 6) if gap is None else gap
    times = events.assign(at=_numbers(events["at"]))
    times = times[np.isfinite(times["at"])].sort_values(["at", "run", "event", "label"], kind="stable")
    told = times[(times["event"] == "plan") & (times["label"] == digest(plan))]
    names = tuple(dict.fromkeys(told["run"]))
    timelines: dict[str, Timeline] = {}
    windows, failed = 0, set[int]()
    window_of = np.full(len(plan.slots), -1, np.int64)
    for name in names:
        rows = times[times["run"] == name]
        line = replace(timeline(rows, float(told.loc[told["run"] == name, "at"].iloc[0])), first=windows)
        known = [(n, slot) for n, slot in enumerate(line.slots) if 0 <= slot < len(plan.slots)]
        for n, slot in known:
            window_of[slot] = windows + n
        failed |= {number(label) for label in rows.loc[rows["event"] == "slot-failed", "label"]}
        failed -= {slot for _, slot in known if again(rows, slot)}
        timelines[name] = line
        windows += len(line.slots) + 1
    complete = {} if runs is None else dict(zip(runs["run"], runs["complete"].fillna(False), strict=True))
    used = bursts[bursts["run"].isin(names)]
    hosts, unplaced = _hosts(used, timelines, windows, gap)
    return Recorded(
        windows=windows,
        window_of=window_of,
        hosts=hosts,
        runs=names,
        broken=tuple(name for name in names if not complete.get(name, True)),
        failed=tuple(sorted(slot for slot in failed if 0 <= slot < len(plan.slots))),
        unplaced=unplaced,
    )


def grouped(recorded: Recorded, groups: Mapping[str, Iterable[str]]) -> Recorded:
    """The same recording by organisation: the hosts of a group are added up under its name."""
    hosts = {}
    for name, members in groups.items():
        if parts := [recorded.hosts[host] for host in members if host in recorded.hosts]:
            window = np.concatenate([part.window for part in parts])
            size = np.concatenate([part.size for part in parts])
            order = np.lexsort((size, window))
            hosts[name] = Traffic(
                sent=np.sum([part.sent for part in parts], axis=0),
                received=np.sum([part.received for part in parts], axis=0),
                answered=np.fmax.reduce([part.answered for part in parts]),
                window=window[order],
                size=size[order],
                total=sum(part.total for part in parts),
            )
    return replace(recorded, hosts=dict(sorted(hosts.items())))


@dataclass
class _Sums:
    windows: int
    sent: Numbers = field(init=False)
    received: Numbers = field(init=False)
    answered: Numbers = field(init=False)
    window: list[Counts] = field(default_factory=list)
    size: list[Numbers] = field(default_factory=list)
    total: float = 0.0

    def __post_init__(self) -> None:
        self.sent, self.received = np.zeros(self.windows), np.zeros(self.windows)
        self.answered = np.full(self.windows, np.nan)


def _hosts(
    bursts: pd.DataFrame, timelines: dict[str, Timeline], windows: int, gap: float
) -> tuple[dict[str, Traffic], int]:
    """(traffic per host in order of name, bursts without time or size)"""
    at, size = _numbers(bursts["at"]), _numbers(bursts["size"])
    held = np.isfinite(size) & (size >= 0)
    placed = held & np.isfinite(at)
    table = pd.DataFrame(
        {
            "run": bursts["run"].to_numpy(object),
            "host": bursts["host"].fillna(UNKNOWN).replace("", UNKNOWN).to_numpy(object),
            "connection": bursts["connection"].fillna("").to_numpy(object),
            "direction": bursts["direction"].to_numpy(object),
            "at": at,
            "size": size,
        }
    )
    sums: dict[str, _Sums] = {}
    requests = table[held & (table["direction"] == "request").to_numpy()]
    for host, total in requests.groupby("host")["size"].sum().items():
        sums.setdefault(str(host), _Sums(windows)).total = float(total)
    for (run, host, direction), rows in _merged(table[placed], gap).groupby(["run", "host", "direction"]):
        line = timelines[str(run)]
        mine = sums.setdefault(str(host), _Sums(windows))
        times, sizes = rows["at"].to_numpy(), rows["size"].to_numpy()
        place = np.searchsorted(line.bounds, times, side="right") - 1
        inside = place >= 0
        place, times, sizes = place[inside], times[inside], sizes[inside]
        window = line.first + np.minimum(place, len(line.slots))
        counted = np.bincount(window, weights=sizes, minlength=windows)
        if direction == "request":
            mine.sent += counted
            mine.window.append(window)
            mine.size.append(sizes)
        else:
            mine.received += counted
            late = place < len(line.slots)
            since = times[late] - np.array(line.starts)[place[late]]
            np.fmax.at(mine.answered, window[late][since >= 0], since[since >= 0])
    return {host: _traffic(sums[host]) for host in sorted(sums)}, int((~placed).sum())


def _traffic(sums: _Sums) -> Traffic:
    window = np.concatenate([np.zeros(0, np.int64), *sums.window])
    size = np.concatenate([np.zeros(0), *sums.size])
    order = np.lexsort((size, window))
    return Traffic(sums.sent, sums.received, sums.answered, window[order], size[order], sums.total)


def _merged(table: pd.DataFrame, gap: float) -> pd.DataFrame:
    """Bursts of one direction of one connection that follow each other within the gap, as one."""
    by = ["run", "host", "connection", "direction"]
    table = table.sort_values([*by, "at", "size"], kind="stable")
    fresh = (table[by] != table[by].shift()).any(axis=1) | (table["at"].diff() >= gap)
    group = fresh.cumsum()
    merged = table.groupby(group, sort=False).agg(
        {**dict.fromkeys(by, "first"), "at": "first", "size": "sum"}
    )
    return merged.reset_index(drop=True)


def _numbers(column: pd.Series) -> Numbers:
    """Floats; what is missing or no number is NaN."""
    out: Numbers = pd.to_numeric(column, errors="coerce").to_numpy(np.float64, na_value=np.nan)
    return out
