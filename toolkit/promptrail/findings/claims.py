"""Claims of others against this capture, claim by claim: supported, contradicted, not observed, cannot tell.

A case, a pack and some runs in; one outcome a claim out, with its reason. "Not observed" needs a ledger that allows it
for the hosts in question, and a search that is shown to work: the same kind of value must have been found somewhere.
An outcome speaks of these runs alone, never of what others measured.
"""

import datetime
from dataclasses import asdict, dataclass, field
from typing import Any

import pandas as pd

from promptrail.case import Case
from promptrail.findings.claims_pack import ANY, TESTS, Claim, Pack
from promptrail.findings.delivered import only_delivered
from promptrail.findings.ledger import NOT_A_LOSS, ledger
from promptrail.findings.words import counted, listed, upper_bound

SUPPORTED, CONTRADICTED, NOT_OBSERVED, CANNOT_TELL = (
    "supported",
    "contradicted",
    "not observed",
    "cannot tell",
)
CONTACT = ("E0", "E1")
"""Grades whose claims say no more than that a host is contacted."""
GUESS = "obfuscated"
"""The tier that is a guess at a cipher: it supports nothing."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What these runs say to one claim."""

    verdict: str
    why: str
    grade: str | None = None
    """Of what was met here."""
    runs: list[str] = field(default_factory=list)
    """The runs that the claim speaks about."""
    contacted: list[str] = field(default_factory=list)
    """Fitting hosts that were contacted."""
    sightings: list[str] = field(default_factory=list)


def outcomes(case: Case, pack: Pack, runs: list[str]) -> list[dict[str, Any]]:
    """One row a claim, in the pack's order: the claim's own words, and the outcome."""
    out = []
    for claim in pack.claims:
        said = {k: v for k, v in asdict(claim).items() if k not in ("grade", "untestable")}
        plain = {k: list(v) if isinstance(v, tuple) else v for k, v in said.items()}
        found = asdict(judge(case, claim, runs))
        out.append(plain | {"their_grade": claim.grade, "asks": TESTS[claim.test]} | found)
    return out


def judge(case: Case, claim: Claim, runs: list[str]) -> Outcome:
    """The outcome of one claim."""
    if claim.test == "untestable":
        return Outcome(CANNOT_TELL, str(claim.untestable))
    mine = _runs(case, claim, runs)
    if not mine:
        return Outcome(CANNOT_TELL, f"no run of {_when(claim)} is in this case")
    tests = {"contact": _contact, "content": _content, "absence": _absence, "cleartext": _cleartext}
    return tests[claim.test](case, claim, mine)


def _contact(case: Case, claim: Claim, runs: list[str]) -> Outcome:
    hosts = _contacted(case, claim, runs)
    if hosts:
        more = "" if claim.grade in CONTACT else "; contact alone: what was sent is not asked here"
        return Outcome(SUPPORTED, f"{listed(hosts)} contacted{more}", "E1", runs, hosts)
    if why := _blind(case, runs):
        return Outcome(CANNOT_TELL, f"no contact seen, but {why}", None, runs)
    return Outcome(NOT_OBSERVED, f"no contact in {_in(runs)}", None, runs)


def _content(case: Case, claim: Claim, runs: list[str]) -> Outcome:
    hosts, hits = _contacted(case, claim, runs), _hits(case, claim, runs)
    if len(hits):
        tiers = listed(sorted(set(hits["tier"])))
        kinds = listed(sorted(set(hits["kind"])))
        at = listed(sorted(set(hits["host"])))
        why = f"{kinds} in requests to {at}, in {hits['run'].nunique()} of {_in(runs)} ({tiers})"
        return Outcome(SUPPORTED, why, "E3", runs, hosts, sorted(hits["id"]))
    if blind := _unfit(case, claim, runs):
        return Outcome(CANNOT_TELL, blind, None, runs, hosts)
    if not hosts:
        return Outcome(NOT_OBSERVED, f"none of the hosts was contacted in {_in(runs)}", None, runs)
    return Outcome(
        NOT_OBSERVED, f"all requests to {listed(hosts)} were read, in {_in(runs)}", None, runs, hosts
    )


def _absence(case: Case, claim: Claim, runs: list[str]) -> Outcome:
    found = _content(case, claim, runs)
    if found.verdict == SUPPORTED:
        return Outcome(CONTRADICTED, found.why, found.grade, runs, found.contacted, found.sightings)
    if found.verdict == CANNOT_TELL:
        return found
    bound = f"; with {_in(runs)} alone, up to {upper_bound(len(runs)):.0f} % of runs may still do it (95 % confidence)"
    # A claim that something is not sent is never supported by not seeing it: it was not contradicted.
    return Outcome(NOT_OBSERVED, f"{found.why}{bound}", None, runs, found.contacted)


def _cleartext(case: Case, claim: Claim, runs: list[str]) -> Outcome:
    flows = only_delivered(case, case.flows[case.flows["run"].isin(runs)])
    open_ = [f for f in flows[flows["scheme"] == "http"]["host"].dropna() if claim.fits(str(f))]
    hosts = _contacted(case, claim, runs)
    if open_:
        why = f"{len(open_)} requests to {listed(sorted(set(open_)))} not encrypted"
        return Outcome(SUPPORTED, why, "E2", runs, hosts)
    if blind := _blind(case, runs):
        return Outcome(CANNOT_TELL, f"none seen, but {blind}", None, runs, hosts)
    if not hosts:
        return Outcome(NOT_OBSERVED, f"none of the hosts was contacted in {_in(runs)}", None, runs)
    return Outcome(
        NOT_OBSERVED, f"{listed(hosts)}: every request over TLS, in {_in(runs)}", None, runs, hosts
    )


def _contacted(case: Case, claim: Claim, runs: list[str]) -> list[str]:
    """Fitting hosts that a connection or a request reached, or that DNS was asked for."""
    flows = case.flows[case.flows["run"].isin(runs)]
    connections = case.connections[case.connections["run"].isin(runs)]
    reached = connections[~connections["outcome"].isin(list(NOT_A_LOSS))]
    names = set(flows["host"].dropna()) | set(reached["host"].dropna()) | set(reached["sni"].dropna())
    return sorted(str(n) for n in names if claim.fits(str(n)))


def _hits(case: Case, claim: Claim, runs: list[str]) -> pd.DataFrame:
    """Sightings of these kinds in delivered requests to fitting hosts; guesses are left out."""
    s = only_delivered(case, _asked(case, claim))
    s = s[s["run"].isin(runs)]
    return s[[claim.fits(h) if isinstance(h, str) else False for h in s["host"]]]


def _asked(case: Case, claim: Claim) -> pd.DataFrame:
    s = case.sightings
    wanted = s["kind"].isin(list(claim.kinds)) & ~s["decoy"].astype(bool) & (s["direction"] == "request")
    return s[wanted & (s["tier"] != GUESS)]


def _unfit(case: Case, claim: Claim, runs: list[str]) -> str | None:
    """Why the absence of a value says nothing here; None: it may be said."""
    probes = case.probes[~case.probes["decoy"].astype(bool)]
    missing = sorted(set(claim.kinds) - set(probes["kind"]))
    if missing:
        return f"nothing of the kind {listed(missing)} was looked for: declare a probe"
    if not len(_asked(case, claim)):
        return "values of these kinds were found nowhere in this case, so the search is not shown to work"
    book = ledger(case, runs)
    unread = sorted(
        {
            host
            for row in book.rows
            if row.reason not in NOT_A_LOSS
            for host in row.hosts
            if _open(claim, host)
        }
    )
    if unread:
        return f"traffic to {listed(unread)} could not be read"
    return f"{listed(book.lost)} broke off" if book.lost else None


def _open(claim: Claim, host: str) -> bool:
    return ANY in claim.hosts or claim.fits(host) or host == "unknown host"


def _blind(case: Case, runs: list[str]) -> str | None:
    """Why a contact could have been missed."""
    broken = case.runs.loc[case.runs["run"].isin(runs) & ~case.runs["complete"].astype(bool), "run"]
    if len(broken):
        return f"{listed(sorted(broken))} broke off"
    mine = case.connections[case.connections["run"].isin(runs)]
    nameless = int(mine["host"].isna().sum())
    return f"{nameless} {counted(nameless, 'connection')} told no host" if nameless else None


def _runs(case: Case, claim: Claim, runs: list[str]) -> list[str]:
    """The runs of the versions and days that the claim speaks about."""
    out = []
    for run, started, version in zip(
        case.runs["run"], case.runs["started"], case.runs["app_version"], strict=True
    ):
        day = None
        if not pd.isna(started):
            day = datetime.datetime.fromtimestamp(float(started), datetime.UTC).date().isoformat()
        fits = not claim.app_versions or version in claim.app_versions
        fits = fits and not (claim.since and (day is None or day < claim.since))
        if run in runs and fits and not (claim.until and (day is None or day > claim.until)):
            out.append(str(run))
    return sorted(out)


def _when(claim: Claim) -> str:
    said = [f"version {listed(list(claim.app_versions))}"] if claim.app_versions else []
    said += [f"{claim.since} or later"] if claim.since else []
    said += [f"{claim.until} or before"] if claim.until else []
    return ", ".join(said) or "this app"


def _in(runs: list[str]) -> str:
    return f"{len(runs)} {counted(len(runs), 'run')}"
