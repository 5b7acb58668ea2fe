"""Sightings against the lab's answer key: recall by encoding, near misses and decoys that matched. The key is data.

A planting is found when a sighting names the same run, probe, host, path, direction and part, in a tier of the same
worth: the value itself, a hash of it, a part of it, a guess. Chain and tier are compared apart.
"""

import json
from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from promptrail import frames
from promptrail.case import Case
from promptrail.errors import CaseError

KEY = "answer-key.jsonl"
PARTS = {"header", "cookie", "url", "ws", "sse", "body", "zero-width"}
"""Words of the key that name where a value stands, not how it was wrapped."""
WORTH = {"exact": "value", "normalised": "value", "reassembled": "value"}
"""Tiers that show the value itself; each other tier has a worth of its own."""
ESCAPED = str.maketrans({"|": "\\|", "\\": "\\\\", "<": "&lt;", "\n": " ", "\x1b": " "})
"""What would end a cell of a Markdown table, or begin something else."""
Place = tuple[str, ...]
"""Run, probe, host, path, direction, part."""


class Row(NamedTuple):
    """One encoding of the key: how often it was planted, found, and told in the right words."""

    encoding: str
    tier: str
    """What the key expects."""
    planted: int
    found: int
    chains: int
    """Found, and unwrapped in the way that the app wrapped it."""
    tiers: int
    """Found, and in exactly the expected tier."""


class Score(NamedTuple):
    """What `promptrail lab score` tells. Near misses and decoys are what must not be found."""

    planted: int
    found: int
    chains: int
    missed: list[dict[str, Any]]
    decoys: int
    decoys_matched: list[str]
    unseen: list[tuple[str, str]]
    """(host, outcome) of connections that could not be read."""
    table: list[Row]
    """In the order of the key."""
    near_misses: int
    near_misses_found: list[dict[str, Any]]
    otherwise: list[dict[str, Any]]
    """Found, by another chain or tier than the key's: the planting, with what was `told`."""

    @property
    def wrong(self) -> bool:
        """Something was missed, or found where it is not."""
        return bool(self.missed or self.near_misses_found or self.decoys_matched)


def score(case: Case) -> Score:
    """CaseError if no run of this case has an answer key."""
    lines = list(_lines(case))
    plantings = [line for line in lines if not line["near_miss"]]
    near = [line for line in lines if line["near_miss"]]
    if not plantings:
        raise CaseError(
            f"{case.path}: no run has an {KEY}: only the lab's runs can be scored. `promptrail lab record` makes some."
        )
    seen: dict[Place, list[tuple[str, tuple[str, ...]]]] = {}
    for s in frames.rows(case.sightings):
        if not s.decoy:
            path = urlsplit(s.url or "").path
            at = (s.run, s.probe, s.host, path, s.direction, s.part)
            seen.setdefault(at, []).append((s.tier, _wrapping(s.chain)))
    rows: dict[tuple[str, str], list[int]] = {}
    missed, otherwise = [], []
    for planting in plantings:
        tier = planting["tier"]
        told = [t for t in seen.get(_place(planting), []) if WORTH.get(t[0], t[0]) == WORTH.get(tier, tier)]
        chain = any(way == _wrapping(planting["chain"]) for _, way in told)
        exactly = any(t == tier for t, _ in told)
        row = rows.setdefault((planting["encoding"], tier), [0, 0, 0, 0])
        for place, one in enumerate((True, bool(told), chain, exactly)):
            row[place] += one
        if not told:
            missed.append(planting)
        elif not (chain and exactly):
            otherwise.append(planting | {"told": [[t, list(way)] for t, way in told]})
    decoys = case.sightings[case.sightings["decoy"].astype(bool)]
    shut = case.connections[case.connections["outcome"] != "read"]
    table = [Row(*names, *counts) for names, counts in rows.items()]
    return Score(
        len(plantings),
        sum(row.found for row in table),
        sum(row.chains for row in table),
        missed,
        int(case.probes["decoy"].sum()),
        sorted(set(decoys["probe"])),
        sorted({(str(h), str(o)) for h, o in zip(shut["host"], shut["outcome"], strict=True)}),
        table,
        len(near),
        [line for line in near if _place(line) in seen],
        otherwise,
    )


def as_json(result: Score) -> dict[str, Any]:
    """The score as one JSON object; its keys are the fields of Score and Row."""
    return result._asdict() | {"table": [row._asdict() for row in result.table]}


def as_markdown(rows: Iterable[Row]) -> str:
    """The table by encoding, sorted by name, as README.md holds it."""
    ordered = sorted(rows, key=lambda row: (row.encoding.casefold(), row.encoding, row.tier))
    lines = [
        "| encoding | tier | found | unwrapped as it was wrapped | tier right |",
        "| --- | --- | --- | --- | --- |",
        *(
            f"| {row.encoding.translate(ESCAPED)} | {row.tier.translate(ESCAPED)} | {row.found} of {row.planted} |"
            f" {row.chains} | {row.tiers} |"
            for row in ordered
        ),
    ]
    total, found = sum(row.planted for row in ordered), sum(row.found for row in ordered)
    return "\n".join([*lines, f"| all {len(ordered)} | | {found} of {total} | | |"]) + "\n"


def _lines(case: Case) -> Iterator[dict[str, Any]]:
    """The lines of all keys; what older keys leave out is filled in."""
    for folder in case.run_folders():
        file = folder / KEY
        if file.is_file():
            for number, line in enumerate(file.read_text(encoding="utf-8").splitlines(), 1):
                try:
                    planting = json.loads(line)
                    chain = _wrapping(planting["chain"])
                    filled = {
                        "encoding": " > ".join(chain) or "as it is",
                        "tier": "exact",
                        "near_miss": False,
                    }
                    _place(planting)
                    yield filled | planting | {"chain": list(chain)}
                except (ValueError, KeyError, TypeError) as fault:
                    raise CaseError(f"{file}: line {number} is not a planting: {fault}.") from fault


def _place(planting: dict[str, Any]) -> Place:
    return tuple(str(planting[k]) for k in ("run", "probe", "host", "path", "direction", "part"))


def _wrapping(chain: Any) -> tuple[str, ...]:
    """A chain without the words that only name a part."""
    return tuple(str(word) for word in chain if word not in PARTS)
