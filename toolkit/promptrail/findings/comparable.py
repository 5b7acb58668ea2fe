"""Which runs may be compared with which: runs in, what set each apart, and strata of runs that did the same, out.

Two runs are alike where app, version, mode, region, device, route and witnesses are equal, and the person did the same
in both. What nobody stated counts as "not stated", which is not the same as equal, and is told.
"""

import datetime
import json
from collections import Counter
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import pandas as pd

from promptrail import frames
from promptrail.case import Case
from promptrail.case.evidence import MANIFEST
from promptrail.case.run_record import FILE
from promptrail.findings.identifiers.controls import devices
from promptrail.language import mark, say

NOT_STATED = "not stated"
WAYS = ("version", "mode", "region", "day", "scenario")
"""What two groups of runs may be told apart by."""
ALIKE = (
    mark("app"),
    mark("version"),
    mark("region"),
    mark("mode"),
    mark("device"),
    mark("route"),
    mark("witnesses"),
    mark("steps"),
)
"""What must be equal in two runs that are compared, but for what sets the groups apart."""
STEPS = {
    "consent": mark("consent {texts}"),
    "refused": mark("refused {texts}"),
    "typed": mark("typed {texts}"),
    "sent": mark("sent {texts}"),
    "deleted": mark("deleted {texts}"),
    "attached": mark("attached {texts}"),
}
"""Events by which a person's doing is told: what was answered, typed, sent, deleted, attached."""
NO_EVENTS = "no events; seen to be sent: "
CONTENT = ("prompt", "draft", "file-name")


class About(NamedTuple):
    """What is known of one run."""

    run: str
    started: float | None
    facts: dict[str, str]
    """By the names of ALIKE, `day` and `scenario`; NOT_STATED where nobody said."""

    def apart(self, other: "About", but: Iterable[str] = ()) -> list[str]:
        """In what the two differ."""
        skipped = set(but)
        return [name for name in ALIKE if name not in skipped and self.facts[name] != other.facts[name]]


def about(case: Case, runs: list[str]) -> dict[str, About]:
    """By run, in the order of the frame."""
    machines = devices(case, runs)
    doing = steps(case, runs)
    out = {}
    for row in frames.rows(case.runs[case.runs["run"].isin(runs)]):
        said = _said(case.captures / row.run)
        names = [] if row.witnesses is None else sorted(map(str, row.witnesses))
        facts = {
            "app": row.app,
            "version": row.app_version,
            "region": said.get("region") or said.get("egress"),
            "mode": said.get("mode"),
            "device": machines.get(row.run),
            "route": row.route,
            "witnesses": ", ".join([str(row.source), *names]),
            "steps": doing.get(row.run),
            "day": _day(row.started),
            "scenario": row.scenario,
        }
        out[row.run] = About(row.run, row.started, {k: str(v or NOT_STATED) for k, v in facts.items()})
    return out


def _day(started: float | None) -> str | None:
    if started is None or pd.isna(started):
        return None
    return datetime.datetime.fromtimestamp(started, datetime.UTC).date().isoformat()


def _said(folder: Path) -> Mapping[str, Any]:
    """What the record of a run says of itself: run.json of a recording, else the meta of its manifest."""
    out: dict[str, Any] = {}
    for name in (MANIFEST, FILE):
        try:
            found = json.loads((folder / name).read_text(encoding="utf-8"))
        except (OSError, ValueError, RecursionError):
            continue
        if isinstance(found, dict):
            meta = found.get("meta")
            both = (found if name == FILE else {}) | (meta if isinstance(meta, dict) else {})
            out |= {k: both[k] for k in ("region", "egress", "mode") if isinstance(both.get(k), str)}
    return out


def steps(case: Case, runs: list[str]) -> dict[str, str]:
    """By run, what the person did, as its events tell it; without events, which texts were seen to be sent."""
    events = case.events[case.events["run"].isin(runs) & case.events["event"].isin(list(STEPS))]
    out = {}
    for run, part in events.groupby("run", sort=True):
        done = Counter(zip(part["event"], part["probe"].fillna("").map(str), strict=True))
        told = []
        for event in STEPS:
            names = [f"{p} ×{n}" if n > 1 else p for (what, p), n in sorted(done.items()) if what == event]
            if names:
                told.append(f"{event} {', '.join(names)}".strip())
        out[str(run)] = "; ".join(told)
    hits = case.sightings
    texts = hits[
        hits["run"].isin(set(runs) - set(case.events["run"]))
        & hits["kind"].isin(CONTENT)
        & (hits["direction"] == "request")
        & ~hits["decoy"].astype(bool)
    ]
    for run, part in texts.groupby("run", sort=True):
        out[str(run)] = f"{NO_EVENTS}{', '.join(sorted(set(part['probe'])))}"
    return out


def in_words(steps: str) -> list[str]:
    """The fact `steps` as a page shows it, piece by piece."""
    if steps.startswith(NO_EVENTS):
        seen = say("seen to be sent: {texts}", texts=steps.removeprefix(NO_EVENTS))
        return [say("no events"), seen]
    pieces = [(piece, *piece.partition(" ")) for piece in steps.split("; ")]
    return [
        say(STEPS[event], texts=texts).strip() if event in STEPS else say(piece)
        for piece, event, _, texts in pieces
    ]


def strata(a: list[About], b: list[About], but: Iterable[str]) -> list[tuple[list[str], list[str]]]:
    """Runs of A and of B that are alike but for `but`; only where both sides have some."""
    groups: dict[tuple[str, ...], tuple[list[str], list[str]]] = {}
    names = [name for name in ALIKE if name not in set(but)]
    for side, rows in enumerate((a, b)):
        for row in rows:
            key = tuple(row.facts[name] for name in names)
            groups.setdefault(key, ([], []))[side].append(row.run)
    return [groups[key] for key in sorted(groups) if all(groups[key])]


def unlike(one: About, others: list[About], but: Iterable[str]) -> list[str]:
    """In what a run that has no partner differs from the one that is most like it."""
    return min((one.apart(other, but) for other in others), key=lambda names: (len(names), names), default=[])
