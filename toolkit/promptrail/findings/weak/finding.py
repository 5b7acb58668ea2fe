"""Question 07: was anything sent without protection that holds, against a reader on the way or whoever has the app?

The claim under test: it was. What stands inside TLS is not readable on the way, however weak its own encryption: there
it only does not hide anything from whoever has the app. Each check is found, not found, or not testable in this case.
"""

from dataclasses import dataclass
from typing import Any

from promptrail.case import Case
from promptrail.findings import false_discovery
from promptrail.findings.cited import Cited, cited_rows
from promptrail.findings.ledger import Ledger, ledger
from promptrail.findings.mask import Mask
from promptrail.findings.parameters import ASIDE, CASE, RUN, SHOW_VALUES, chosen_runs
from promptrail.findings.stating import Asked, state
from promptrail.findings.weak import words
from promptrail.findings.weak.checks import CHECKS, PASSIVE, material
from promptrail.findings.weak.checks.check import ON_THE_WAY, OUTSIDE, Answer, Check, Material, Row
from promptrail.findings.weak.controls import controls
from promptrail.findings.words import evidence_rows
from promptrail.language import mark
from promptrail.model import Control, Finding

ID, VERSION, NOTEBOOK = "weak-protection", "1", "07-weak-cryptography"
QUESTION = mark(
    "Did {app} send anything without protection that holds against a reader on the way, or whoever has the app?"
)
PARAMETERS = [CASE, RUN, SHOW_VALUES]
NOT_THE_APP = ASIDE
"""A run with an untrusted CA serves one check alone, and is no part of what the page counts."""
ONLY_EVIDENCE = True
REPLICATED = 3
NEEDED = ("Decoys", "Known answers")
"""Controls that have to have been run, and to hold, for E4."""
NEEDED_FOR = {
    "cleartext": ("Decoys", "Without a proxy"),
    "old-tls": ("Decoys",),
    "wrong-ca": ("Decoys", "The wrong CA is wrong"),
}
"""The same by check, where it differs."""


@dataclass(frozen=True, slots=True)
class Studied:
    """What the finding rests on."""

    material: Material
    answers: list[tuple[Check, Answer]]
    book: Ledger
    grades: dict[str, str]
    """By check, of what it found; filled once the controls are known."""

    def decisive(self, on_the_way: bool | None = None) -> list[tuple[Check, Row]]:
        """Rows that decide; of those on the way, or of those inside TLS."""
        return [
            (check, row)
            for check, answer in self.answers
            for row in answer.rows
            if row.decides and on_the_way in (None, exposed(check, row))
        ]

    def status(self, status: str) -> list[Check]:
        return [check for check, answer in self.answers if answer.status == status]


def exposed(check: Check, row: Row) -> bool:
    """Whether somebody on the way can make use of it."""
    return check.against == ON_THE_WAY or row.tls == OUTSIDE[False]


def find(case: Case, *, run: str = "", show_values: bool = False) -> Finding:
    """The finding; runs with an untrusted CA serve one check alone, and no figure counts them."""
    studied = study(case, run)
    runs = studied.material.runs
    mask = Mask(case.declared_probes, show_values)
    checks = controls(case, studied)
    for check, answer in studied.answers:
        if rows := [row for row in answer.rows if row.decides]:
            needed = NEEDED_FOR.get(check.id, NEEDED)
            studied.grades[check.id] = _graded(case, rows, checks, needed)
    verdict = _verdict(studied, checks)
    decisive = studied.decisive()
    flows = {flow for _, row in decisive for flow in row.flows}
    hits = case.sightings[case.sightings["flow"].isin(flows) & (case.sightings["direction"] == "request")]
    hits = hits[~hits["decoy"].astype(bool)]
    return state(
        Asked(ID, VERSION, NOTEBOOK, QUESTION),
        case,
        mask,
        verdict=verdict,
        grade=_grade(studied) if verdict == "supported" else None,
        sentence=words.sentence(case, studied, verdict, checks),
        licence=words.licence(case, studied, verdict),
        evidence=[*evidence_rows(hits, mask), *cited_rows(case, _cited(decisive), mask)],
        controls=checks,
        unseen=studied.book.as_rows(),
        objections=words.objections(studied, checks),
        parameters={"run": run, "show_values": show_values},
        facts={
            "runs": len(runs),
            "untrusted_runs": len(studied.material.untrusted),
            "checks": [_about(check, answer, studied.grades) for check, answer in studied.answers],
            "rows": _rows(case, studied, mask),
            **false_discovery.facts(case, runs),
            **studied.book.facts(),
        },
    )


def _cited(decisive: list[tuple[Check, Row]]) -> list[Cited]:
    """What decides, and where it stands."""
    return [Cited(row.what, row.run, row.host, "; ".join(row.cites)) for _, row in decisive]


def study(case: Case, run: str = "") -> Studied:
    """Every check over the chosen runs."""
    seen = material(case, chosen_runs(case.runs, run, ("C3",)))
    return Studied(seen, [(check, check.look(seen)) for check in CHECKS], ledger(case, seen.runs), {})


def _verdict(studied: Studied, checks: list[Control]) -> str:
    """Absence needs the ledger's permission, and the checks that need no more than a capture."""
    if any(check.result == "fail" for check in checks):
        return "cannot tell"
    if studied.decisive():
        return "supported"
    ran = {check.id for check, answer in studied.answers if answer.status == "not found"}
    return "not observed" if studied.book.allows_absence and ran.issuperset(PASSIVE) else "cannot tell"


def _grade(studied: Studied) -> str:
    """Of what is said first: on the way, if anything was; else inside TLS. The best that one check reached."""
    leading = studied.decisive(True) or studied.decisive(False)
    return max(studied.grades[check.id] for check, _ in leading)


def _graded(case: Case, rows: list[Row], checks: list[Control], needed: tuple[str, ...]) -> str:
    """E1 a handshake alone; E2 a message was read; E3 a declared value stood in one; E4, E5 as everywhere."""
    flows = {flow for row in rows for flow in row.flows}
    if not flows:
        return "E1"
    hits = case.sightings[case.sightings["flow"].isin(flows) & (case.sightings["direction"] == "request")]
    hits = hits[~hits["decoy"].astype(bool)]
    if not len(hits):
        return "E2"
    held = {check.control for check in checks if check.result == "pass"}
    if not held.issuperset(needed):
        return "E3"
    return "E5" if hits.groupby("host")["run"].nunique().max() >= REPLICATED else "E4"


def _about(check: Check, answer: Answer, grades: dict[str, str]) -> dict[str, Any]:
    return {
        "check": check.id,
        "title": check.title,
        "against": check.against,
        "needs": check.needs,
        "status": answer.status,
        "looked": answer.looked,
        "fresh": answer.fresh,
        "grade": grades.get(check.id),
        "hosts": None if answer.hosts is None else sorted(answer.hosts),
    }


def _rows(case: Case, studied: Studied, mask: Mask) -> list[dict[str, Any]]:
    """What was met, put together by check, host and words, in the order of the checks."""
    hits = case.sightings[(case.sightings["direction"] == "request") & ~case.sightings["decoy"].astype(bool)]
    kinds = {str(flow): set(map(str, part["kind"])) for flow, part in hits.groupby("flow")}
    run_of = dict(zip(case.flows["flow"], case.flows["run"], strict=True))
    found: dict[tuple[object, ...], dict[str, Any]] = {}
    for check, answer in studied.answers:
        for row in answer.rows:
            host = None if row.host is None else mask.text(row.host)
            key = (check.id, host or "", row.what, row.tls, row.decides)
            one = found.setdefault(
                key,
                {
                    "check": check.id,
                    "title": check.title,
                    "host": host,
                    "what": mask.text(row.what),
                    "tls": row.tls,
                    "decides": row.decides,
                    "on_the_way": exposed(check, row),
                    "chance": row.chance,
                    "times": 0,
                    "runs": set(),
                    "kinds": set(),
                    "cites": [],
                },
            )
            one["times"] += max(len(row.flows), 1)
            one["runs"] |= {run_of[flow] for flow in row.flows if flow in run_of} or {row.run}
            one["kinds"] |= set().union(*(kinds.get(flow, set()) for flow in row.flows))
            one["cites"] += [cite for cite in row.cites if cite not in one["cites"]][
                : words.CITED - len(one["cites"])
            ]
    order = {check.id: n for n, check in enumerate(CHECKS)}
    put = [one | {"runs": sorted(one["runs"]), "kinds": sorted(one["kinds"])} for one in found.values()]
    return sorted(
        put, key=lambda one: (order[one["check"]], not one["decides"], one["host"] or "", one["what"])
    )
