"""Checks that could prove a finding about identifiers wrong: decoys, chance, another app, another device.

A control that was not recorded is "not run", never passed.
"""

import json
from collections.abc import Iterable

import pandas as pd

from promptrail.case import Case
from promptrail.findings.controls import MISSING
from promptrail.findings.false_discovery import decoys
from promptrail.findings.identifiers.strength import ALLOTTED, TELLS
from promptrail.findings.identifiers.values import Value
from promptrail.findings.words import listed
from promptrail.language import mark, say, say_n
from promptrail.model import PERSONAL_KINDS, Control

Pairs = set[tuple[str, str]]
"""(probe, host)."""


def controls(
    case: Case, values: list[Value], decisive: pd.DataFrame, hits: pd.DataFrame, runs: list[str]
) -> list[Control]:
    """`decisive`: sightings of these runs that would decide; `hits`: those of declared values in all runs."""
    return [
        decoys(case, runs, PERSONAL_KINDS),
        _chance(values, hits[hits["run"].isin(runs)]),
        _other_app(case, decisive, hits),
        _other_device(case, values, hits),
    ]


def pairs(hits: pd.DataFrame) -> Pairs:
    return set(zip(hits["probe"], hits["host"], strict=True))


def from_another_app(case: Case, hits: pd.DataFrame) -> Pairs:
    """What another app on the same device (C3) sent to the same host."""
    other = set(case.runs.loc[case.runs["control"] == "C3", "run"])
    return pairs(hits[hits["run"].isin(other)])


def _chance(values: list[Value], seen: pd.DataFrame) -> Control:
    met = [value for value in values if value.probe in set(seen["probe"])]
    weak = [value.probe for value in met if not value.strength.identifies]
    bits = [v.strength.bits for v in met if v.strength.identifies and v.strength.bits is not None]
    told = [say("the smallest has about {bits:.0f} bits", bits=min(bits))] if bits else []
    if any(v.kind in ALLOTTED for v in met):
        told.append(say("addresses and numbers are allotted"))
    if weak:
        told.append(say("left out: {values}", values=listed(weak)))
    return Control(
        mark("Chance and constants"),
        say("could another device have the same value?"),
        say("what decides has {bits} bits or more, or is allotted, and is no known constant", bits=TELLS),
        "; ".join(told) or say("no declared value was seen"),
        "not run" if not met else "fail" if len(weak) == len(met) else "pass",
    )


def _other_app(case: Case, decisive: pd.DataFrame, hits: pd.DataFrame) -> Control:
    ran = bool((case.runs["control"] == "C3").any())
    mine = pairs(decisive)
    shared = mine & from_another_app(case, hits)
    told = say_n(
        "{shared} of {n} pair of value and host came from it too",
        "{shared} of {n} pairs of value and host came from it too",
        len(mine),
        shared=len(shared),
    )
    return Control(
        mark("C3, another app"),
        say("is it this app, not another one or the system?"),
        say("on the same device another app does not send the same values to all of these hosts"),
        told if ran else say(MISSING),
        "not run" if not ran or not mine else "fail" if shared == mine else "pass",
    )


def _other_device(case: Case, values: list[Value], hits: pd.DataFrame) -> Control:
    device = devices(case, case.runs["run"])
    count = len(set(device.values()))
    own = [value.probe for value in values if value.kind == "identifier" and value.strength.identifies]
    told = hits[hits["probe"].isin(own) & hits["run"].isin(device)]
    seen = told.assign(device=[device[run] for run in told["run"]])
    spread = seen.groupby("probe")["device"].nunique()
    same = sorted(str(probe) for probe, n in spread.items() if n > 1)
    if count < 2:
        observed = say("the case holds runs of no second device")
    elif same:
        observed = say("on both: {values}", values=listed(same))
    else:
        observed = say("{n} devices, none in common", n=count)
    return Control(
        mark("Another device"),
        say("is the value this device's alone?"),
        say("no identifier is seen from two devices"),
        observed,
        "not run" if count < 2 else "fail" if same else "pass",
    )


def devices(case: Case, runs: Iterable[str]) -> dict[str, str]:
    """Run -> its device as the run's own record tells it; runs that say nothing are left out."""
    out = {}
    for run in runs:
        try:
            facts = json.loads((case.captures / run / "run.json").read_text(encoding="utf-8"))
        except (OSError, ValueError, RecursionError):
            continue
        about = facts.get("device") if isinstance(facts, dict) else None
        if isinstance(about, dict) and (named := [str(about[k]) for k in ("model", "build") if about.get(k)]):
            out[run] = " ".join(named)
    return out
