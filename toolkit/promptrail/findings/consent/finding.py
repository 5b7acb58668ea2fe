"""Question 03: what was sent before the person consented, and what after they refused?

The claim under test: before the decision, data went to somebody other than the app's maker. What lies inside the band
around the decision counts for neither side. A connection that could not be read is contact, and no data.
"""

from typing import Any, NamedTuple

import pandas as pd

from promptrail.case import Case
from promptrail.findings.consent import words
from promptrail.findings.false_discovery import decoys
from promptrail.findings.ledger import UNKNOWN_HOST, Ledger, ledger
from promptrail.findings.mask import Mask
from promptrail.findings.parameters import ASIDE, CASE, RUN, SHOW_VALUES, chosen_runs
from promptrail.findings.phases import (
    AFTER_REFUSAL,
    AT,
    BEFORE,
    PHASES,
    TAP,
    UNTIMED,
    Decision,
    decisions,
    sent,
)
from promptrail.findings.stating import Asked, state
from promptrail.findings.words import evidence_rows
from promptrail.language import mark, say, say_n
from promptrail.model import Control, Finding

ID, VERSION, NOTEBOOK = "consent", "1", "03-consent"
QUESTION = mark("What did {app} send before consent was given, and what after it was refused?")
PARAMETERS = [CASE, RUN, SHOW_VALUES]
NOT_THE_APP = ASIDE
ONLY_EVIDENCE = True
FRESH = ("cleared", "installed")
REPLICATED = 3
NEEDED = ("Decoys", "Start of the app", "Clock", "Fresh start")
"""Controls that have to have been run, and to hold, for E4: without a fresh start consent may be an earlier one."""


class Timed(NamedTuple):
    """What the finding rests on."""

    runs: list[str]
    decided: dict[str, Decision]
    rows: pd.DataFrame
    """See `phases.sent`; `own` says whether the host is stated to be the maker's."""
    book: Ledger

    def at_others(self, phase: str, read: bool = True) -> pd.DataFrame:
        rows = self.rows
        return rows[(rows["phase"] == phase) & ~rows["own"].astype(bool) & (rows["read"] == read)]


def find(case: Case, *, run: str = "", show_values: bool = False) -> Finding:
    """The finding; runs without a decision in their events are counted, and say nothing."""
    timed = observe(case, run)
    mask = Mask(case.declared_probes, show_values)
    checks = _controls(case, timed)
    early = timed.at_others(BEFORE)
    verdict = _verdict(timed, checks)
    hits = case.sightings[
        case.sightings["flow"].isin(early["flow"]) & (case.sightings["direction"] == "request")
    ]
    hits = hits[~hits["decoy"].astype(bool)]
    return state(
        Asked(ID, VERSION, NOTEBOOK, QUESTION),
        case,
        mask,
        verdict=verdict,
        grade=_grade(early, checks) if verdict == "supported" else None,
        sentence=words.sentence(case, timed, verdict),
        licence=words.licence(case, timed, verdict),
        evidence=evidence_rows(hits, mask),
        controls=checks,
        unseen=timed.book.as_rows(),
        objections=words.objections(timed, checks),
        parameters={"run": run, "show_values": show_values},
        facts={
            "runs": len(timed.runs),
            "decided": len(timed.decided),
            "refused": sum(not one.accepted for one in timed.decided.values()),
            "hosts": by_host(timed),
            **timed.book.facts(),
        },
    )


def observe(case: Case, run: str = "") -> Timed:
    """The exchanges of the chosen runs by phase."""
    runs = chosen_runs(case.runs, run, NOT_THE_APP)
    decided = decisions(case, runs)
    rows = sent(case, decided)
    stated = case.recipients[case.recipients["own"].fillna(False).astype(bool)]
    rows["own"] = rows["host"].isin(set(stated["host"]))
    return Timed(runs, decided, rows, ledger(case, sorted(decided)))


def by_host(timed: Timed) -> list[dict[str, Any]]:
    """One row a host and phase: runs, exchanges, bytes, kinds of values that were found in them."""
    found = []
    for (host, own, phase), part in timed.rows.groupby(["host", "own", "phase"], sort=True, dropna=False):
        read = part[part["read"]]
        found.append(
            {
                "host": host if isinstance(host, str) else UNKNOWN_HOST,
                "own": bool(own),
                "phase": str(phase),
                "runs": int(part["run"].nunique()),
                "requests": len(read),
                "unread": len(part) - len(read),
                "bytes": int(read["bytes"].fillna(0).sum()),
                "kinds": sorted(set().union(*part["kinds"])),
                "first": None if part["after"].isna().all() else round(float(part["after"].min()), 3),
            }
        )
    return sorted(found, key=lambda row: (row["own"], row["host"], PHASES.index(row["phase"])))


def _verdict(timed: Timed, checks: list[Control]) -> str:
    if not timed.decided or any(check.result == "fail" for check in checks):
        return "cannot tell"
    if len(timed.at_others(BEFORE)):
        return "supported"
    blind = len(timed.at_others(BEFORE, read=False)) or len(timed.at_others(AT))
    return "not observed" if len(timed.rows) and not blind and timed.book.allows_absence else "cannot tell"


def _grade(early: pd.DataFrame, checks: list[Control]) -> str:
    """E3 needs a declared value in a request; E4 that the controls were run and held; E5 three runs of it."""
    named = early[early["probes"].map(bool)]
    if not len(named):
        return "E2"
    if any(check.result != "pass" for check in checks if check.control in NEEDED):
        return "E3"
    runs = named.explode("probes").groupby(["host", "probes"])["run"].nunique().max()
    return "E5" if runs >= REPLICATED else "E4"


def _controls(case: Case, timed: Timed) -> list[Control]:
    return [
        decoys(case, timed.decided),
        _start(case, timed),
        _clock(timed),
        _refusal(timed),
        _fresh(case, timed),
    ]


def _start(case: Case, timed: Timed) -> Control:
    """What comes before the launch is not this app's, or the events are wrong."""
    launched = case.events[case.events["event"] == "launch"].groupby("run")["at"].min()
    known = [run for run in timed.decided if run in launched.index]
    early = sum(
        float(at) < launched[run] - timed.decided[run].uncertainty
        for run, at in zip(timed.rows["run"], timed.rows["time"], strict=True)
        if run in launched.index and pd.notna(at)
    )
    return Control(
        mark("Start of the app"),
        say("is it this app, and do the clocks agree?"),
        say("nothing is sent before the app was started"),
        say("{early} of {all} exchanges came before the start", early=early, all=len(timed.rows))
        if known
        else say("no event marks the start of the app"),
        "not run" if not known else "fail" if early else "pass",
    )


def _clock(timed: Timed) -> Control:
    """Whether before and after can be told apart at all; what falls into the band counts for neither."""
    phases = timed.rows["phase"].value_counts()
    band, early, untimed = (int(phases.get(phase, 0)) for phase in (AT, BEFORE, UNTIMED))
    widest = max((one.uncertainty for one in timed.decided.values()), default=0.0)
    return Control(
        mark("Clock"),
        say("could the order be an error of the clocks?"),
        say("everything has a time, and the clocks agree within {seconds:g} s", seconds=TAP),
        say_n(
            "{n} exchange inside the band, {early} before it, {untimed} without a time; the clocks agree within "
            "{seconds:.2f} s",
            "{n} exchanges inside the band, {early} before it, {untimed} without a time; the clocks agree within "
            "{seconds:.2f} s",
            band,
            early=early,
            untimed=untimed,
            seconds=widest,
        ),
        "not run" if not timed.decided else "fail" if untimed or widest > TAP else "pass",
    )


def _refusal(timed: Timed) -> Control:
    refused = [run for run, one in timed.decided.items() if not one.accepted]
    late = timed.at_others(AFTER_REFUSAL)
    told = say_n(
        "{n} request to others after it, in {runs}",
        "{n} requests to others after it, in {runs}",
        len(late),
        runs=say_n("{n} run", "{n} runs", len(refused)),
    )
    return Control(
        mark("Refusal"),
        say("does the answer change anything?"),
        say("a run in which consent was refused"),
        told if refused else say("no such run was recorded"),
        "pass" if refused else "not run",
    )


def _fresh(case: Case, timed: Timed) -> Control:
    """A consent given in an earlier session would license what this one sends before its dialog."""
    events = case.events[case.events["event"].isin(FRESH)]
    fresh = set(events["run"]) & set(timed.decided)
    n = len(timed.decided)
    return Control(
        mark("Fresh start"),
        say("was consent given earlier?"),
        say("the app was installed or cleared before each run"),
        say("{found} of {all}", found=len(fresh), all=n),
        "pass" if n and len(fresh) == n else "not run",
    )
