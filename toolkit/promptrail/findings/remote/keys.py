"""Keys of settings, and what went with them: answers and behaviour of runs in, changes and pairs with their p out.

A pair is a key and something that the app did in other measure where the key had another value. Only runs that did the
same are held against each other, and every way to deal the values out to them is tried. A pair is never a cause.
"""

import re
from collections import defaultdict
from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from promptrail.case import Case
from promptrail.findings.before_after.items import CONTACT, NOUNS, SEEN, look
from promptrail.findings.comparable import About, strata
from promptrail.findings.delivered import only_delivered
from promptrail.findings.exact import dealt, holm
from promptrail.findings.ledger import shown
from promptrail.findings.mask import HEADER, Mask
from promptrail.findings.remote.received import Received, place
from promptrail.language import mark, say
from promptrail.model import PROBE_KINDS

MOST, LONG = 4, 48
"""Values of one key that are shown, and letters of one."""
ALMOST = 1e-9
CONSTANT, EVERY, CHANGED = mark("the same in every run"), mark("another in every run"), mark("changed")
ITEMS = [NOUNS.get(kind, kind) for kind in PROBE_KINDS]
REQUESTS = re.compile(r"(\S+) requests to (.*)", re.S)

Values = dict[tuple[str, str, str], dict[str, str]]
"""(host, place, key) -> by run, its value; several in one run joined in their order."""


def values(found: list[Received]) -> Values:
    out: dict[tuple[str, str, str], dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
    for one in found:
        for key, value in one.values.items():
            told = out[one.host, one.place, key][one.run]
            if value not in told:
                told.append(value)
    return {key: {run: " → ".join(told) for run, told in runs.items()} for key, runs in out.items()}


def change(told: Mapping[str, str]) -> str:
    """What a key did between runs; of one run alone nothing can be said but that it was there."""
    different = len(set(told.values()))
    if different < 2:
        return CONSTANT
    return EVERY if different == len(told) > 2 else CHANGED


def rows(known: Values, mask: Mask) -> list[dict[str, Any]]:
    """One a key, those that changed first; masked."""
    out = []
    for (host, where, key), told in known.items():
        secret = bool(HEADER.match(key.rpartition("/")[2]))
        different = list(dict.fromkeys(told.values()))
        out.append(
            {
                "host": host,
                "place": mask.text(where),
                "key": mask.text(key),
                "values": [_value(v, secret, mask) for v in different[:MOST]],
                "by_run": {run: _value(v, secret, mask) for run, v in sorted(told.items())},
                "different": len(different),
                "runs": len(told),
                "change": change(told),
            }
        )
    order = [CHANGED, CONSTANT, EVERY]
    return sorted(out, key=lambda row: (row["host"], row["place"], order.index(row["change"]), row["key"]))


def _value(value: str, secret: bool, mask: Mask) -> str:
    return say("[{n} characters]", n=len(value)) if secret else mask.text(value)[:LONG]


class Pair(NamedTuple):
    """Keys that changed together, and one thing that the app did."""

    host: str
    place: str
    keys: list[str]
    value: str
    """Of the first of these keys, in the first group; every other value is the second group."""
    behaviour: str
    here: float
    """Mean over runs with the value."""
    elsewhere: float
    points: tuple[list[float], list[float]]
    """What was done in each run, with the value and with another."""
    p: float
    holm: float

    @property
    def runs(self) -> tuple[int, int]:
        return len(self.points[0]), len(self.points[1])

    def as_row(self, mask: Mask) -> dict[str, Any]:
        return self._asdict() | {
            "place": mask.text(self.place),
            "keys": [mask.text(key) for key in self.keys],
            "value": mask.text(self.value)[:LONG],
            "behaviour": mask.text(self.behaviour),
            "points": [list(points) for points in self.points],
            "here": round(self.here, 3),
            "elsewhere": round(self.elsewhere, 3),
            "p": round(self.p, 6),
            "holm": round(self.holm, 6),
        }


def behaviour(case: Case, runs: list[str], since: dict[str, float]) -> dict[str, dict[str, float]]:
    """What was done, by name, in each run: requests to each place after the settings came, and each kind of value at
    a host. What is the same in all runs is left out."""
    flows = only_delivered(case, case.flows[case.flows["run"].isin(runs) & (case.flows["kind"] != "dns")])
    out: dict[str, dict[str, float]] = defaultdict(lambda: dict.fromkeys(runs, 0.0))
    for run, host, method, url, at in zip(
        *(flows[c] for c in ("run", "host", "method", "url", "started")), strict=True
    ):
        if isinstance(host, str) and not (pd.notna(at) and at < since.get(run, float("-inf"))):
            verb, _, path = place(method, url).partition(" ")
            out[f"{verb} requests to {host}{path}"][run] += 1
    for item, cells in look(case, runs, named=False).cells.items():
        if item.kind != CONTACT:
            noun = NOUNS.get(item.kind, item.kind)
            for run, word in cells.items():
                out[f"{f'{noun} {item.name}'.strip()} at {item.host}"][run] = float(word == SEEN)
    return {name: told for name, told in sorted(out.items()) if len(set(told.values())) > 1}


def in_words(behaviour: str) -> str:
    """A behaviour by its name, as a sentence or a page says it."""
    if requests := REQUESTS.fullmatch(behaviour):
        return say("{method} requests to {place}", method=requests[1], place=requests[2])
    item, _, host = behaviour.partition(" at ")
    noun = next((noun for noun in ITEMS if item.startswith(noun)), item)
    said = f"{say(noun)}{item.removeprefix(noun)}"
    return say("{item} at {host}", item=said, host=shown(host))


def pairs(known: Values, done: dict[str, dict[str, float]], about: dict[str, About]) -> list[Pair]:
    """Every group of keys with everything that differed between runs that did the same, smallest p first."""
    every = list(about.values())
    alike = [sorted({*a, *b}) for a, b in strata(every, every, ())]
    found: list[Pair] = []
    for (host, where, first, rest), keys in _grouped(known, alike).items():
        groups = [[run for run in group if run in first | rest] for group in alike]
        groups = [group for group in groups if {run in first for run in group} == {True, False}]
        order = [run for group in groups for run in group]
        numbers = np.array([n for n, group in enumerate(groups) for _ in group])
        side = np.array([run in first for run in order], dtype=bool)
        labels = dealt(side.tolist(), numbers.tolist()).labels if order else side
        value = known[host, where, keys[0]][min(first)]
        for name, told in done.items():
            if all(len({told[run] for run in group}) == 1 for group in groups):
                continue
            amounts = np.array([told[run] for run in order])
            p = _p(amounts, side, numbers, labels)
            here, elsewhere = (float(amounts[side == yes].mean()) for yes in (True, False))
            points = (amounts[side].tolist(), amounts[~side].tolist())
            found.append(Pair(host, where, keys, value, name, here, elsewhere, points, p, 1.0))
    adjusted = holm([one.p for one in found])
    told_all = [one._replace(holm=p) for one, p in zip(found, adjusted, strict=True)]
    return sorted(told_all, key=lambda one: (one.p, one.host, one.place, one.keys, one.behaviour))


def _grouped(
    known: Values, alike: list[list[str]]
) -> dict[tuple[str, str, frozenset[str], frozenset[str]], list[str]]:
    """Keys whose values part the runs in the same way. A key that differs in every run parts nothing."""
    out: dict[tuple[str, str, frozenset[str], frozenset[str]], list[str]] = defaultdict(list)
    usable = {run for group in alike for run in group}
    for (host, where, key), told in sorted(known.items()):
        here = {run: value for run, value in told.items() if run in usable}
        if change(here) != CHANGED:
            continue
        counts: dict[str, int] = defaultdict(int)
        for value in here.values():
            counts[value] += 1
        most = min(counts, key=lambda value: (-counts[value], value))
        first = frozenset(run for run, value in here.items() if value == most)
        out[host, where, first, frozenset(here) - first].append(key)
    return out


def _p(amounts: np.ndarray, side: np.ndarray, numbers: np.ndarray, labels: np.ndarray) -> float:
    """Exact and two-sided: of all ways to deal the values out within like runs, the share that parts as much."""
    level = amounts.astype(float).copy()
    for number in set(numbers.tolist()):
        level[numbers == number] -= level[numbers == number].mean()
    seen = abs(level[side].sum())
    return float((np.abs((labels * level).sum(axis=1)) >= seen - ALMOST).mean())
