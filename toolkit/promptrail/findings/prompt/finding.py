"""Question 01: which content that was typed reached which host, and who holds it?

The claim under test: typed content reached somebody other than the app's maker. A host whose holder nobody has stated
counts as other, and the sentence says that its holder is not known.
"""

from typing import Any, NamedTuple

import pandas as pd

from promptrail.case import Case
from promptrail.findings import false_discovery
from promptrail.findings.controls import controls
from promptrail.findings.delivered import only_delivered
from promptrail.findings.ledger import Ledger, ledger
from promptrail.findings.mask import Mask
from promptrail.findings.parameters import ASIDE, CASE, RUN, SHOW_VALUES, Parameter, chosen_runs
from promptrail.findings.prompt import words
from promptrail.findings.stating import Asked, state
from promptrail.findings.words import evidence_rows
from promptrail.language import mark
from promptrail.model import Control, Finding

ID, VERSION, NOTEBOOK = "prompt-to-host", "1", "01-prompt-to-host"
QUESTION = mark("Which content typed into {app} reached which host, and who holds it?")
TYPED = ("prompt", "draft")
SEEN = ("exact", "normalised", "reassembled")
"""Tiers that show the content itself; a digest or a part is told apart and does not decide."""
NOT_THE_APP = ("C0", *ASIDE)
PARAMETERS = [
    CASE,
    RUN,
    Parameter("probe", str, "", "only this probe, such as p1; empty: all prompts, drafts and file names"),
    SHOW_VALUES,
]


class Studied(NamedTuple):
    """What the finding rests on."""

    runs: pd.DataFrame
    """Rows of the runs in which the app itself was given text."""
    probes: pd.DataFrame
    seen: pd.DataFrame
    """Sightings of the content itself, in requests of those runs."""
    others: list[str]
    """Hosts, not stated to be the maker's, that content reached; most content first."""
    own: list[str]
    book: Ledger


def find(case: Case, *, run: str = "", probe: str = "", show_values: bool = False) -> Finding:
    """The finding; `run` is a pattern of run names, `probe` an id."""
    chosen = chosen_runs(case.runs, run)
    names = _with_typing(case, chosen_runs(case.runs, run, NOT_THE_APP))
    mask = Mask(case.declared_probes, show_values)
    probes = case.probes[case.probes["kind"].isin(words.CONTENT) & ~case.probes["decoy"].astype(bool)]
    if probe:
        probes = probes[probes["probe"] == probe]
    hits = sightings(case)
    hits = hits[hits["probe"].isin(probes["probe"])]
    typed = case.events[case.events["probe"].notna()]
    checks = controls(case, hits[hits["kind"].isin(TYPED)], typed, chosen)
    part = hits[hits["run"].isin(names)]
    seen = part[part["tier"].isin(SEEN)]
    own = {h for h in seen["host"].dropna().unique() if _own(case, h)}
    counts = seen["host"].value_counts().sort_index().sort_values(ascending=False, kind="stable")
    ranked = [str(host) for host in counts.index]
    studied = Studied(
        case.runs[case.runs["run"].isin(names)],
        probes,
        seen,
        [h for h in ranked if h not in own],
        [h for h in ranked if h in own],
        ledger(case, names),
    )
    verdict = _verdict(studied, checks, bool(typed["run"].isin(names).any()))
    decisive = seen[seen["host"].isin(studied.others or studied.own)]
    return state(
        Asked(ID, VERSION, NOTEBOOK, QUESTION),
        case,
        mask,
        verdict=verdict,
        sentence=words.sentence(case, studied, verdict) + words.failed(checks),
        grade=None if verdict == "cannot tell" else _grade(decisive, checks),
        licence=words.licence(case, studied, verdict),
        evidence=evidence_rows(part, mask),
        controls=checks,
        unseen=studied.book.as_rows(),
        objections=words.objections(checks, studied.book),
        parameters={"run": run, "probe": probe, "show_values": show_values},
        facts=_facts(case, studied, part),
    )


def _with_typing(case: Case, runs: list[str]) -> list[str]:
    """Those in which something was typed: where the events say that nothing was, it had nothing to travel."""
    events = case.events
    told = set(events["run"])
    typed = set(events.loc[events["probe"].notna(), "run"])
    return [run for run in runs if run in typed or run not in told] or runs


def sightings(case: Case) -> pd.DataFrame:
    """Sightings of typed content in requests that reached a server, decoys left out, of every run."""
    s = only_delivered(case, case.sightings)
    return s[s["kind"].isin(words.CONTENT) & (s["direction"] == "request") & ~s["decoy"].astype(bool)]


def _own(case: Case, host: str) -> bool:
    stated = case.recipients.loc[case.recipients["host"] == host, "own"].dropna()
    return bool(len(stated) and stated.iloc[0])


def _verdict(studied: Studied, checks: list[Control], recorded: bool) -> str:
    """Absence needs a ledger that allows it, typing that was recorded, and the text seen at the maker's."""
    if not len(studied.probes) or any(c.result == "fail" for c in checks):
        return "cannot tell"
    if studied.others:
        return "supported"
    return "not observed" if studied.own and recorded and studied.book.allows_absence else "cannot tell"


def _grade(seen: pd.DataFrame, checks: list[Control]) -> str | None:
    if not len(seen):
        return None
    if not (seen["path"].fillna("") != "").any():
        return "E2"
    held = {c.control: c.result for c in checks}
    needed = (held["Decoys"], held["C0, no prompt"], held["C1 and C2, swapped prompt"])
    if any(result != "pass" for result in needed) or "fail" in held.values():
        return "E3"
    repeats = seen.groupby(["probe", "host"])["run"].nunique().max()
    return "E5" if repeats >= 3 else "E4"


def _facts(case: Case, studied: Studied, hits: pd.DataFrame) -> dict[str, Any]:
    return {
        "runs": len(studied.runs),
        "run_names": sorted(studied.runs["run"]),
        "probes": {k: int((studied.probes["kind"] == k).sum()) for k in words.CONTENT},
        "sightings_by_tier": {str(t): int(n) for t, n in hits["tier"].value_counts().sort_index().items()},
        **false_discovery.facts(case, list(studied.runs["run"])),
        **studied.book.facts(),
    }
