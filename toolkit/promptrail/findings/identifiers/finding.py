"""Question 06: which known values of device and account reached which organisation, in which form, and do they last?

The claim under test: a declared identifier reached somebody other than the app's maker. Values too small to tell one
device from others decide nothing, nor does a value that another app on the device sent to the same host. Fields that
are only named like an identifier are told beside it.
"""

from typing import Any, NamedTuple

import pandas as pd

from promptrail.case import Case
from promptrail.findings import false_discovery
from promptrail.findings.identifiers import words
from promptrail.findings.identifiers.bridges import Bridges
from promptrail.findings.identifiers.controls import Pairs, controls, from_another_app, pairs
from promptrail.findings.identifiers.fields import messages
from promptrail.findings.identifiers.lasting import Lasting, lasting, resets
from promptrail.findings.identifiers.named import NamedFields
from promptrail.findings.identifiers.values import DECIDE, Value, declared, own_hosts, rows, sightings
from promptrail.findings.ledger import Ledger, ledger
from promptrail.findings.mask import Mask
from promptrail.findings.parameters import ASIDE, CASE, RUN, SHOW_VALUES, chosen_runs
from promptrail.findings.stating import Asked, state
from promptrail.findings.words import evidence_rows
from promptrail.language import mark
from promptrail.model import PERSONAL_KINDS, Control, Finding

ID, VERSION, NOTEBOOK = "identifiers", "1", "06-identifiers"
QUESTION = mark(
    "Which known values of the device and account reached which organisation from {app}, in which form, "
    "and do they last?"
)
PARAMETERS = [CASE, RUN, SHOW_VALUES]
NOT_THE_APP = ASIDE
ONLY_EVIDENCE = True
REPLICATED = 3


class Studied(NamedTuple):
    """What the finding rests on."""

    runs: list[str]
    values: list[Value]
    decisive: pd.DataFrame
    """Sightings that decide: of values that identify, in tiers that show them, not sent alike by another app."""
    others: list[str]
    """Hosts, not stated to be the maker's, that such values reached; most values first."""
    own: list[str]
    shared: Pairs
    """(probe, host) at other hosts that another app on the device sent too."""
    lasts: dict[str, Lasting]
    """By probe, for those that decide: in how many runs, and over which resets."""
    named: list[dict[str, Any]]
    bridges: list[dict[str, Any]]
    book: Ledger


def find(case: Case, *, run: str = "", show_values: bool = False) -> Finding:
    """The finding; on a case without a declared identifier it tells named fields, and cannot tell more."""
    runs = chosen_runs(case.runs, run, NOT_THE_APP)
    mask = Mask(case.declared_probes, show_values)
    values, hits, own = declared(case), sightings(case), own_hosts(case)
    seen = hits[hits["run"].isin(runs)]
    telling = {value.probe for value in values if value.strength.identifies}
    strong = seen[seen["tier"].isin(DECIDE) & seen["probe"].isin(telling)]
    outside = strong[~strong["host"].isin(own)]
    checks = controls(case, values, outside, hits, runs)
    shared = pairs(outside) & from_another_app(case, hits)
    alone = [pair not in shared for pair in zip(strong["probe"], strong["host"], strict=True)]
    decisive = strong[pd.Series(alone, index=strong.index, dtype=bool)]
    telling_hits, new = decisive[~decisive["host"].isin(own)], resets(case, runs)
    named, bridges = NamedFields(), Bridges()
    for message in messages(case, runs):
        named.add(message)
        bridges.add(message)
    ranked = (
        decisive.groupby("host")["probe"].nunique().sort_index().sort_values(ascending=False, kind="stable")
    )
    studied = Studied(
        runs,
        values,
        decisive,
        [str(host) for host in ranked.index if host not in own],
        [str(host) for host in ranked.index if host in own],
        shared,
        {str(probe): lasting(part, runs, new) for probe, part in telling_hits.groupby("probe", sort=True)},
        named.rows(mask, show_values, len(runs)),
        bridges.rows(case, values, mask, show_values),
        ledger(case, runs),
    )
    verdict = _verdict(studied, checks)
    return state(
        Asked(ID, VERSION, NOTEBOOK, QUESTION),
        case,
        mask,
        verdict=verdict,
        grade=_grade(telling_hits, checks) if verdict == "supported" else None,
        sentence=words.sentence(case, studied, verdict, checks),
        licence=words.licence(case, studied, verdict),
        evidence=evidence_rows(seen, mask),
        controls=checks,
        unseen=studied.book.as_rows(),
        objections=words.objections(checks, studied.book),
        parameters={"run": run, "show_values": show_values},
        facts=_facts(case, studied, seen, mask),
    )


def _verdict(studied: Studied, checks: list[Control]) -> str:
    """Absence needs declared values that were seen somewhere, and a ledger that allows it."""
    if not studied.values or any(check.result == "fail" for check in checks):
        return "cannot tell"
    if studied.others:
        return "supported"
    seen = bool(studied.own) and not studied.shared
    return "not observed" if seen and studied.book.allows_absence else "cannot tell"


def _grade(seen: pd.DataFrame, checks: list[Control]) -> str:
    if not (seen["path"].fillna("") != "").any():
        return "E2"
    held = {check.control: check.result for check in checks}
    if any(held[name] != "pass" for name in ("Decoys", "Chance and constants", "C3, another app")):
        return "E3"
    return "E5" if seen.groupby(["probe", "host"])["run"].nunique().max() >= REPLICATED else "E4"


def _facts(case: Case, studied: Studied, seen: pd.DataFrame, mask: Mask) -> dict[str, Any]:
    met = set(seen["probe"])
    return {
        "runs": len(studied.runs),
        "declared": [
            {
                "probe": value.probe,
                "kind": value.kind,
                "value": mask.text(value.text),
                "strength": value.strength.words,
                "identifies": value.strength.identifies,
                "seen": value.probe in met,
            }
            for value in studied.values
        ],
        "values": rows(case, studied.values, seen, studied.runs, mask),
        "shared": [list(pair) for pair in sorted(studied.shared)],
        "named_fields": studied.named,
        "bridges": studied.bridges,
        "sightings_by_tier": {str(t): int(n) for t, n in seen["tier"].value_counts().sort_index().items()},
        **false_discovery.facts(case, studied.runs, PERSONAL_KINDS),
        **studied.book.facts(),
    }
