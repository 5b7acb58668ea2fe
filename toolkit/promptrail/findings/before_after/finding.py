"""Question 08: what of what was sent changed between two groups of runs, and did all of it stop?

The claim under test: something that was sent in one group was not, or less often, sent in the other, or the reverse.
Only runs that are alike in everything else are compared. What an app's maker passes on behind its server is invisible.
"""

from typing import Any, NamedTuple

import pandas as pd

from promptrail.case import Case
from promptrail.findings.before_after import words
from promptrail.findings.before_after.changes import Change, Statement, changes, statements, was_read
from promptrail.findings.before_after.controls import controls
from promptrail.findings.before_after.items import CONTACT, Seen, look
from promptrail.findings.comparable import About, about, strata, unlike
from promptrail.findings.identifiers.values import own_hosts
from promptrail.findings.ledger import Ledger, ledger
from promptrail.findings.mask import Mask
from promptrail.findings.parameters import ASIDE, CASE, SHOW_VALUES, Parameter, chosen_runs
from promptrail.findings.sides import Sides, sides
from promptrail.findings.stating import Asked, state
from promptrail.findings.words import evidence_rows
from promptrail.language import mark
from promptrail.model import Control, Finding

ID, VERSION, NOTEBOOK = "before-after", "1", "08-before-after"
QUESTION = mark("What of what {app} sent changed between two groups of runs, and did all of it stop?")
NOT_THE_APP = ASIDE
ONLY_EVIDENCE = True
REPLICATED = 3
NEEDED = ("Decoys", "Like with like", "Equal coverage", "Chance")
"""Controls that have to have been run, and to hold, for E4."""
PARAMETERS = [
    CASE,
    Parameter("a", str, "", "pattern of the runs on the one side, such as before-*; empty: chosen by `by`"),
    Parameter("b", str, "", "pattern of the runs on the other side, such as after-*"),
    Parameter(
        "by", str, "", "version, mode, region, day or scenario: the two with most runs; empty: what differs"
    ),
    SHOW_VALUES,
]


class Compared(NamedTuple):
    """What the finding rests on."""

    sides: Sides | str
    """Or why there are no two sides."""
    strata: list[tuple[list[str], list[str]]]
    """Runs of A and of B that did the same."""
    left_out: dict[str, list[str]]
    """Runs without a partner, and in what they differ from the nearest one."""
    seen: Seen
    other_app: Seen
    own: set[str]
    changes: list[Change]
    statements: list[Statement]
    books: tuple[Ledger, Ledger]
    """Of A and of B, compared runs only."""

    def runs(self, side: int) -> list[str]:
        return sorted(run for pair in self.strata for run in pair[side])

    @property
    def changed(self) -> list[Change]:
        return [one for one in self.changes if one.changed]


def find(case: Case, *, a: str = "", b: str = "", by: str = "", show_values: bool = False) -> Finding:
    """The finding; runs that have no partner on the other side are named, and say nothing."""
    every = chosen_runs(case.runs, "", NOT_THE_APP)
    known = about(case, every)
    compared = compare(case, known, a, b, by)
    mask = Mask(case.declared_probes, show_values)
    checks = controls(case, known, compared)
    verdict = _verdict(compared, checks)
    return state(
        Asked(ID, VERSION, NOTEBOOK, QUESTION),
        case,
        mask,
        verdict=verdict,
        grade=_grade(compared, checks) if verdict == "supported" else None,
        sentence=words.sentence(case, compared, verdict, checks),
        licence=words.licence(case, compared, verdict),
        evidence=evidence_rows(_cited(compared), mask),
        controls=checks,
        unseen=[
            row | {"side": side}
            for side, book in zip("AB", compared.books, strict=True)
            for row in book.as_rows()
        ],
        objections=words.objections(compared, checks),
        parameters={"a": a, "b": b, "by": by, "show_values": show_values},
        facts=_facts(known, compared),
    )


def compare(case: Case, known: dict[str, About], a: str, b: str, by: str) -> Compared:
    """Two sides, the runs of both that are alike, and every item in them."""
    chosen = sides(known, a, b, by)
    pairs: list[tuple[list[str], list[str]]] = []
    left: dict[str, list[str]] = {}
    if not isinstance(chosen, str):
        one, two = chosen.a.runs, chosen.b.runs
        pairs = strata(one, two, chosen.apart)
        kept = {run for pair in pairs for side in pair for run in side}
        for rows, others in ((one, two), (two, one)):
            left |= {row.run: unlike(row, others, chosen.apart) for row in rows if row.run not in kept}
    runs = sorted(run for pair in pairs for side in pair for run in side)
    seen, own = look(case, runs), own_hosts(case)
    found = changes(seen, pairs, own)
    books = tuple(ledger(case, sorted(run for pair in pairs for run in pair[n])) for n in (0, 1))
    elsewhere = sorted(case.runs.loc[case.runs["control"].isin(NOT_THE_APP), "run"])
    return Compared(
        chosen,
        pairs,
        left,
        seen,
        look(case, elsewhere),
        own,
        found,
        statements(found, books[1], seen),
        (books[0], books[1]),
    )


def _verdict(compared: Compared, checks: list[Control]) -> str:
    """Absence of change needs items, each of them tested, and ledgers of both sides that allow it."""
    if not compared.strata or any(check.result == "fail" for check in checks):
        return "cannot tell"
    if compared.changed:
        return "supported"
    tested = bool(compared.changes) and all(one.testable for one in compared.changes)
    return "not observed" if tested and all(book.allows_absence for book in compared.books) else "cannot tell"


def _grade(compared: Compared, checks: list[Control]) -> str:
    """By the best of what changed: a value or a named field is E3, contact that was read E2, unread E1."""
    values = [one for one in compared.changed if one.item.kind != CONTACT]
    if not values:
        read = any(was_read(one, compared.seen) for one in compared.changed)
        return "E2" if read else "E1"
    if any(check.result != "pass" for check in checks if check.control in NEEDED):
        return "E3"
    return "E5" if min(len(compared.runs(0)), len(compared.runs(1))) >= REPLICATED else "E4"


def _cited(compared: Compared) -> pd.DataFrame:
    """Sightings of what changed; where nothing did, of what was seen on one side only."""
    changed = {one.item for one in compared.changed}
    items = changed or {one.item for one in compared.changes if not (one.a.k and one.b.k)}
    hits = compared.seen.hits
    return hits[pd.Series([item in items for item in hits["item"]], hits.index, dtype=bool)].drop(
        columns="item"
    )


def _facts(known: dict[str, About], compared: Compared) -> dict[str, Any]:
    chosen = compared.sides
    split = not isinstance(chosen, str)
    runs = [run for pair in compared.strata for side in pair for run in side]
    return {
        "runs": len(known),
        "compared": len(runs),
        "how": chosen.how if not isinstance(chosen, str) else chosen,
        "labels": [chosen.a.label, chosen.b.label] if not isinstance(chosen, str) else [],
        "sides": [compared.runs(0), compared.runs(1)] if split else [[], []],
        "strata": [[list(side) for side in pair] for pair in compared.strata],
        "about": {run: one.facts for run, one in sorted(known.items())},
        "left_out": dict(sorted(compared.left_out.items())),
        "items": [one.as_row(compared.seen.cells[one.item]) for one in compared.changes],
        "statements": [one._asdict() for one in compared.statements],
        "books": [book.facts() for book in compared.books],
        **_together(compared).facts(),
    }


def _together(compared: Compared) -> Ledger:
    """The side of which less could be read: the figure that the page shows."""
    return max(compared.books, key=lambda book: (book.unknown, book.share or 0.0))
