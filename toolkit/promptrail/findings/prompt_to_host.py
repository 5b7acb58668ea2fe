"""Question 01: which content that was typed reached which host, and who holds it?

The claim under test: typed content reached somebody other than the app's maker. A host whose holder nobody has stated
counts as other, and the sentence says that its holder is not known.
"""

from typing import Any, NamedTuple

import pandas as pd

from promptrail.case import Case
from promptrail.findings.controls import controls
from promptrail.findings.ledger import Ledger, ledger
from promptrail.findings.mask import Mask
from promptrail.findings.parameters import CASE, RUN, SHOW_VALUES, Parameter, chosen_runs
from promptrail.findings.words import counted, evidence_rows, listed, place, upper_bound
from promptrail.model import Control, Finding

ID, VERSION, NOTEBOOK = "prompt-to-host", "1", "01-prompt-to-host"
QUESTION = "Which content typed into {app} reached which host, and who holds it?"
CONTENT = ("prompt", "draft", "file-name")
TYPED = ("prompt", "draft")
SEEN = ("exact", "normalised", "reassembled")
"""Tiers that show the content itself; a digest or a part is told apart and does not decide."""
PARAMETERS = [
    CASE,
    RUN,
    Parameter("probe", str, "", "only this probe, such as p1; empty: all prompts, drafts and file names"),
    SHOW_VALUES,
]


class Reached(NamedTuple):
    """One host that content reached."""

    host: str
    own: bool | None
    values: dict[str, int]
    """Distinct probes by kind."""
    runs: int


def find(case: Case, *, run: str = "", probe: str = "", show_values: bool = False) -> Finding:
    """The finding; `run` is a pattern of run names, `probe` an id."""
    runs = chosen_runs(case.runs["run"], run)
    studied = [r for r in runs if r not in set(case.runs.loc[case.runs["control"].isin(["C0", "C3"]), "run"])]
    mask = Mask(case.declared_probes, show_values)
    probes = case.probes[case.probes["kind"].isin(CONTENT) & ~case.probes["decoy"].astype(bool)]
    if probe:
        probes = probes[probes["probe"] == probe]
    hits = sightings(case)
    hits = hits[hits["probe"].isin(probes["probe"])]
    typed = case.events[case.events["probe"].notna()]
    checks = controls(case, hits[hits["kind"].isin(TYPED)], typed, runs)
    book = ledger(case, studied)
    seen = hits[hits["run"].isin(studied) & hits["tier"].isin(SEEN)]
    reached = [_reached(case, seen, host) for host in sorted(seen["host"].dropna().unique())]
    others = sorted((r for r in reached if not r.own), key=lambda r: (-sum(r.values.values()), r.host))
    verdict = _verdict(probes, reached, others, book, checks, _recorded(typed, studied))
    app = case.app["name"] if case.app["name"] != "not stated" else "the app"
    licensed, forbidden = _licence(case, app, verdict, others, studied, book, probes, typed)
    return Finding(
        id=ID, version=VERSION, notebook=NOTEBOOK, question=QUESTION.format(app=app), verdict=verdict,
        sentence=mask.text(_sentence(case, verdict, others, reached, studied, probes, book)),
        grade=_grade(seen[~seen["host"].isin([r.host for r in reached if r.own])] if others else seen, checks, reached),
        simulated=case.simulated, licensed=mask.text(licensed), not_licensed=mask.text(forbidden),
        evidence=evidence_rows(hits[hits["run"].isin(studied)], mask), controls=checks, unseen=book.as_rows(),
        objections=_objections(checks, book), parameters={"run": run, "probe": probe, "show_values": show_values},
        facts=_facts(hits[hits["run"].isin(studied)], probes, studied, book, case),
    )  # fmt: skip


def sightings(case: Case) -> pd.DataFrame:
    """Sightings of typed content in requests, decoys left out, of every run."""
    s = case.sightings
    return s[s["kind"].isin(CONTENT) & (s["direction"] == "request") & ~s["decoy"].astype(bool)]


def _reached(case: Case, seen: pd.DataFrame, host: str) -> Reached:
    part = seen[seen["host"] == host]
    own = case.recipients.loc[case.recipients["host"] == host, "own"].dropna()
    kinds = {k: int(n) for k in CONTENT if (n := part.loc[part["kind"] == k, "probe"].nunique())}
    return Reached(host, bool(own.iloc[0]) if len(own) else None, kinds, part["run"].nunique())


def _recorded(typed: pd.DataFrame, studied: list[str]) -> bool:
    """Whether the runs say that anything was typed at all."""
    return bool(typed["run"].isin(studied).any())


def _verdict(
    probes: pd.DataFrame, reached: list[Reached], others: list[Reached], book: Ledger, checks: list[Control], recorded: bool
) -> str:
    if not len(probes) or any(c.result == "fail" for c in checks):
        return "cannot tell"
    if others:
        return "supported"
    seen_at_all = bool(reached)  # a positive control: the same probes, seen where they were expected
    return "not observed" if seen_at_all and recorded and book.allows_absence else "cannot tell"


def _grade(seen: pd.DataFrame, checks: list[Control], reached: list[Reached]) -> str | None:
    if not len(seen):
        return None
    decoded = bool((seen["path"].fillna("") != "").any())
    held = {c.control: c.result for c in checks}
    if not decoded:
        return "E2"
    if any(result == "fail" for result in held.values()) or "not run" in (held["Decoys"], held["C0, no prompt"], held["C1 and C2, swapped prompt"]):
        return "E3"
    repeats = seen.groupby(["probe", "host"])["run"].nunique().max()
    return "E5" if repeats >= 3 else "E4"


def _versions(case: Case, studied: list[str]) -> str:
    part = case.runs[case.runs["run"].isin(studied)]
    names = sorted({f"{a} {v}" for a, v in zip(part["app"], part["app_version"], strict=True) if isinstance(a, str)})
    return f" of {listed(names)}" if names else ""


def _sentence(
    case: Case, verdict: str, others: list[Reached], reached: list[Reached], studied: list[str], probes: pd.DataFrame, book: Ledger
) -> str:
    if not len(probes):
        return f"No probe is declared, so nothing could be looked for. `promptrail probe add {case.path.name} --kind prompt --text …` declares one."
    asked = {k: int((probes["kind"] == k).sum()) for k in CONTENT}
    words = {"prompt": "prompt", "draft": "draft that was deleted unsent", "file-name": "file name"}
    if others:
        told = [
            f"{listed([f'{n} of {asked[k]} {counted(asked[k], words[k])}' for k, n in r.values.items()])} reached "
            f"{place(case, r.host)} in {r.runs} of {len(studied)} {counted(len(studied), 'run')}"
            for r in others
        ]
        return "; ".join(told) + "."
    own = listed([r.host for r in reached])
    if reached and verdict == "not observed":
        return f"In {len(studied)} {counted(len(studied), 'run')} typed content was seen at the app's maker ({own}) and nowhere else, and everything that was sent could be read."
    if reached:
        return f"Typed content was seen at the app's maker ({own}) and nowhere else, but not everything could be read: {book.figure()}."
    return f"None of {len(probes)} {counted(len(probes), 'probe')} was seen in what could be read; unread: {book.figure()}."


def _licence(
    case: Case, app: str, verdict: str, others: list[Reached], studied: list[str], book: Ledger, probes: pd.DataFrame, typed: pd.DataFrame
) -> tuple[str, str]:
    runs = f"{len(studied)} recorded {counted(len(studied), 'run')}{_versions(case, studied)}"
    if verdict == "supported":
        what = "text typed into the message box"
        if any("draft" in r.values for r in others):
            what += ", including text that was deleted before sending,"
        return (
            f"In {runs}, {what} was transmitted to {listed([r.host for r in others])}.",
            f"“{app} sells prompts”, “the recipient stores or uses them”, or “nobody else received them”: use and storage cannot be seen in traffic, "
            f"and this was not read: {book.figure()}.",
        )
    if verdict == "not observed":
        return (
            f"In {runs}, no transmission of the typed text to anybody but the app's maker was observed; with {len(studied)} "
            f"{counted(len(studied), 'run')} this would still be missed if it happens in fewer than {upper_bound(len(studied)):.0f} % of runs (95 % confidence).",
            "“Prompts are not passed on” or “the transfer has ceased”: an app can behave otherwise at another time, place or version, and its maker can pass data on unseen.",
        )
    return (
        f"In {runs}, the recorded traffic does not settle whether typed text reached anybody but the app's maker. Unread: {book.figure()}.",
        "“Prompts are not passed on”: not found is not the same as not sent.",
    )


def _objections(checks: list[Control], book: Ledger) -> list[dict[str, str]]:
    result = {c.control: f"{c.observed} ({c.result})" for c in checks}
    return [
        {"objection": "“Your proxy put it there.”", "answer": f"The run without a prompt: {result['C0, no prompt']}. The recorder writes and does not change requests.",
         "left": "A second, independent recorder was not used."},
        {"objection": "“It is a chance match.”", "answer": f"Decoys of the same shape that were never typed: {result['Decoys']}.",
         "left": "A probe without a rare word of its own can still be met by chance."},
        {"objection": "“The keyboard or the system sent it.”", "answer": f"The same text in another app: {result['C3, another app']}.",
         "left": "Software that watches only this app is not excluded."},
        {"objection": "“The recipient only processes it for the maker.”", "answer": "The finding says who holds the host, each answer with its source, and no more.",
         "left": "Contracts, and what happens behind the host, cannot be seen in traffic."},
        {"objection": "“You did not see everything.”", "answer": f"Unread: {book.figure()}.", "left": "What was not read may hold more, never less."},
    ]  # fmt: skip


def _facts(hits: pd.DataFrame, probes: pd.DataFrame, studied: list[str], book: Ledger, case: Case) -> dict[str, Any]:
    return {
        "runs": len(studied),
        "probes": {k: int((probes["kind"] == k).sum()) for k in CONTENT},
        "sightings_by_tier": {str(t): int(n) for t, n in hits["tier"].value_counts().sort_index().items()},
        "decoys": int(case.probes["decoy"].sum()),
        "decoys_matched": int(case.sightings.loc[case.sightings["decoy"].astype(bool) & case.sightings["run"].isin(studied), "probe"].nunique()),
        "unseen": book.figure(),
        "unseen_share": None if book.share is None else round(100 * book.share, 1),
        "unseen_unknown": book.unknown,
    }
