"""Sightings against the lab's answer key: recall by planting, and decoys that matched. The key is read as data.

A planting is found when a sighting names the same run, probe, host, direction and part; whether the chain of
unwrappings is the one that the app used is counted apart.
"""

import json
from typing import Any, NamedTuple

from promptrail import frames
from promptrail.case import Case
from promptrail.errors import CaseError

KEY = "answer-key.jsonl"
PARTS = {"header", "cookie", "url", "ws", "sse", "body"}
"""Words of the key that name where a value stands, not how it was wrapped."""
FOUND = {"exact", "normalised", "reassembled"}


class Score(NamedTuple):
    planted: int
    found: int
    chains: int
    """Found, and unwrapped in the way that the app wrapped it."""
    missed: list[dict[str, Any]]
    decoys: int
    decoys_matched: list[str]
    unseen: list[tuple[str, str]]
    """(host, outcome) of connections that could not be read."""


def score(case: Case) -> Score:
    """CaseError if no run of this case has an answer key."""
    plantings = list(_plantings(case))
    if not plantings:
        raise CaseError(
            f"{case.path}: no run has an {KEY}: only the lab's runs can be scored. `promptrail lab record` makes some."
        )
    seen: dict[tuple[Any, ...], set[tuple[str, ...]]] = {}
    for s in frames.rows(case.sightings):
        if not s.decoy and s.tier in FOUND:
            seen.setdefault((s.run, s.probe, s.host, s.direction, s.part), set()).add(_wrapping(s.chain))
    missed, found, chains = [], 0, 0
    for planting in plantings:
        ways = seen.get(tuple(planting[k] for k in ("run", "probe", "host", "direction", "part")))
        if ways is None:
            missed.append(planting)
            continue
        found += 1
        chains += _wrapping(planting["chain"]) in ways
    decoys = case.sightings[case.sightings["decoy"].astype(bool)]
    shut = case.connections[case.connections["outcome"] != "read"]
    return Score(
        len(plantings),
        found,
        chains,
        missed,
        int(case.probes["decoy"].sum()),
        sorted(set(decoys["probe"])),
        sorted({(str(h), str(o)) for h, o in zip(shut["host"], shut["outcome"], strict=True)}),
    )


def _plantings(case: Case) -> Any:
    for folder in case.run_folders():
        file = folder / KEY
        if file.is_file():
            for number, line in enumerate(file.read_text(encoding="utf-8").splitlines(), 1):
                try:
                    planting = json.loads(line)
                    yield planting | {
                        "chain": [
                            w
                            for w in planting["chain"]
                            if w not in (planting["part"], "header", "cookie", "url")
                        ]
                    }
                except (ValueError, KeyError, TypeError) as fault:
                    raise CaseError(f"{file}: line {number} is not a planting: {fault}.") from fault


def _wrapping(chain: Any) -> tuple[str, ...]:
    """A chain without the words that only name a part."""
    return tuple(str(word) for word in chain if word not in PARTS)
