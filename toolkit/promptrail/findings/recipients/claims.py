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
from promptrail.findings.delivered import only_delivered
from promptrail.findings.ledger import NOT_A_LOSS, UNKNOWN_HOST, ledger, shown
from promptrail.findings.recipients.claims_pack import ANY, TESTS, Claim, Pack
from promptrail.findings.words import listed, upper_bound
from promptrail.language import say, say_n

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
        return Outcome(CANNOT_TELL, say("no run of {which} is in this case", which=_when(claim)))
    tests = {"contact": _contact, "content": _content, "absence": _absence, "cleartext": _cleartext}
    return tests[claim.test](case, claim, mine)


def _contact(case: Case, claim: Claim, runs: list[str]) -> Outcome:
    hosts = _contacted(case, claim, runs)
    if hosts:
        if claim.grade in CONTACT:
            why = say("{hosts} contacted", hosts=listed(hosts))
        else:
            why = say(
                "{hosts} contacted; contact alone: what was sent is not asked here", hosts=listed(hosts)
            )
        return Outcome(SUPPORTED, why, "E1", runs, hosts)
    if blind := _blind(case, runs):
        return Outcome(CANNOT_TELL, say("no contact seen, but {why}", why=blind), None, runs)
    return Outcome(NOT_OBSERVED, say("no contact in {runs}", runs=_in(runs)), None, runs)


def _content(case: Case, claim: Claim, runs: list[str]) -> Outcome:
    hosts, hits = _contacted(case, claim, runs), _hits(case, claim, runs)
    if len(hits):
        kinds = [say(kind) for kind in sorted(set(hits["kind"]))]
        tiers = [say(tier) for tier in sorted(set(hits["tier"]))]
        why = say_n(
            "{kinds} in requests to {hosts}, in {seen} of {n} run ({tiers})",
            "{kinds} in requests to {hosts}, in {seen} of {n} runs ({tiers})",
            len(runs),
            kinds=listed(kinds),
            hosts=listed(sorted(set(hits["host"]))),
            seen=hits["run"].nunique(),
            tiers=listed(tiers),
        )
        return Outcome(SUPPORTED, why, "E3", runs, hosts, sorted(hits["id"]))
    if blind := _unfit(case, claim, runs):
        return Outcome(CANNOT_TELL, blind, None, runs, hosts)
    if not hosts:
        return Outcome(NOT_OBSERVED, _not_met(runs), None, runs)
    why = say("all requests to {hosts} were read, in {runs}", hosts=listed(hosts), runs=_in(runs))
    return Outcome(NOT_OBSERVED, why, None, runs, hosts)


def _absence(case: Case, claim: Claim, runs: list[str]) -> Outcome:
    found = _content(case, claim, runs)
    if found.verdict == SUPPORTED:
        return Outcome(CONTRADICTED, found.why, found.grade, runs, found.contacted, found.sightings)
    if found.verdict == CANNOT_TELL:
        return found
    why = say(
        "{why}; with {runs} alone, up to {share:.0f} % of runs may still do it (95 % confidence)",
        why=found.why,
        runs=_in(runs),
        share=upper_bound(len(runs)),
    )
    # A claim that something is not sent is never supported by not seeing it: it was not contradicted.
    return Outcome(NOT_OBSERVED, why, None, runs, found.contacted)


def _cleartext(case: Case, claim: Claim, runs: list[str]) -> Outcome:
    flows = only_delivered(case, case.flows[case.flows["run"].isin(runs)])
    open_ = [f for f in flows[flows["scheme"] == "http"]["host"].dropna() if claim.fits(str(f))]
    hosts = _contacted(case, claim, runs)
    if open_:
        why = say("{n} requests to {hosts} not encrypted", n=len(open_), hosts=listed(sorted(set(open_))))
        return Outcome(SUPPORTED, why, "E2", runs, hosts)
    if blind := _blind(case, runs):
        return Outcome(CANNOT_TELL, say("none seen, but {why}", why=blind), None, runs, hosts)
    if not hosts:
        return Outcome(NOT_OBSERVED, _not_met(runs), None, runs)
    why = say("{hosts}: every request over TLS, in {runs}", hosts=listed(hosts), runs=_in(runs))
    return Outcome(NOT_OBSERVED, why, None, runs, hosts)


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
        kinds = listed([say(kind) for kind in missing])
        return say("nothing of the kind {kinds} was looked for: declare a probe", kinds=kinds)
    if not len(_asked(case, claim)):
        return say(
            "values of these kinds were found nowhere in this case, so the search is not shown to work"
        )
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
        return say("traffic to {hosts} could not be read", hosts=listed([shown(host) for host in unread]))
    return say("{runs} broke off", runs=listed(book.lost)) if book.lost else None


def _open(claim: Claim, host: str) -> bool:
    return ANY in claim.hosts or claim.fits(host) or host == UNKNOWN_HOST


def _blind(case: Case, runs: list[str]) -> str | None:
    """Why a contact could have been missed."""
    broken = case.runs.loc[case.runs["run"].isin(runs) & ~case.runs["complete"].astype(bool), "run"]
    if len(broken):
        return say("{runs} broke off", runs=listed(sorted(broken)))
    mine = case.connections[case.connections["run"].isin(runs)]
    nameless = int(mine["host"].isna().sum())
    if not nameless:
        return None
    return say_n("{n} connection told no host", "{n} connections told no host", nameless)


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
    said = []
    if claim.app_versions:
        said.append(say("version {versions}", versions=listed(list(claim.app_versions))))
    if claim.since:
        said.append(say("{day} or later", day=claim.since))
    if claim.until:
        said.append(say("{day} or before", day=claim.until))
    return ", ".join(said) or say("this app")


def _in(runs: list[str]) -> str:
    return say_n("{n} run", "{n} runs", len(runs))


def _not_met(runs: list[str]) -> str:
    return say("none of the hosts was contacted in {runs}", runs=_in(runs))
