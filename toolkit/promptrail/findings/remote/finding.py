"""Question 11: which settings do others hand to the app, what went with them, and how much is sent when and to whom?

The claim under test: somebody other than the app's maker hands the app settings by which its behaviour can be changed.
Whether it obeys is told as pairs of a key and a behaviour, each with its p, and never as a cause.
"""

from typing import Any, NamedTuple

from promptrail.case import Case
from promptrail.findings.cited import Cited, cited_rows
from promptrail.findings.comparable import About, about
from promptrail.findings.identifiers.values import own_hosts
from promptrail.findings.ledger import Ledger, ledger
from promptrail.findings.mask import Mask
from promptrail.findings.parameters import ASIDE, CASE, RUN, SHOW_VALUES, chosen_runs
from promptrail.findings.remote import words
from promptrail.findings.remote.controls import NEEDED, controls
from promptrail.findings.remote.keys import Pair, behaviour, pairs, rows, values
from promptrail.findings.remote.received import Received, received
from promptrail.findings.remote.volume_groups import Amounts, amounts
from promptrail.findings.stating import Asked, state
from promptrail.language import mark, say
from promptrail.model import Control, Finding

ID, VERSION, NOTEBOOK = "remote-control", "1", "11-remote-control"
QUESTION = mark("Who can change what {app} does by settings, and how much does it send when and to whom?")
NOT_THE_APP = ASIDE
ONLY_EVIDENCE = True
PARAMETERS = [CASE, RUN, SHOW_VALUES]
REPLICATED = 3
SHOWN = 40
"""Pairs that are kept, smallest p first."""


class Studied(NamedTuple):
    """What the finding rests on."""

    runs: list[str]
    about: dict[str, About]
    others: list[Received]
    """From hosts that are not stated to be the maker's, with keys that were read."""
    own: list[Received]
    unread: list[Received]
    """Settings that others were asked for, with an answer of which nothing was read."""
    elsewhere: list[Received]
    """The same, handed to another app (C3)."""
    keys: list[dict[str, Any]]
    pairs: list[Pair]
    amounts: Amounts | None
    book: Ledger
    maker_stated: bool
    """Whether anybody said which hosts are the maker's."""
    silent: int
    """Answers of others whose body could not be read, whatever was asked for."""

    def hosts(self) -> list[str]:
        return sorted({one.host for one in self.others})


def find(case: Case, *, run: str = "", show_values: bool = False) -> Finding:
    """The finding; without an answer that was read it says why it cannot tell."""
    runs = chosen_runs(case.runs, run, NOT_THE_APP)
    mask = Mask(case.declared_probes, show_values)
    studied = study(case, runs, mask)
    checks = controls(case, studied)
    verdict = _verdict(studied, checks)
    return state(
        Asked(ID, VERSION, NOTEBOOK, QUESTION),
        case,
        mask,
        verdict=verdict,
        grade=_grade(studied, checks) if verdict == "supported" else None,
        sentence=words.sentence(case, studied, verdict),
        licence=words.licence(case, studied, verdict),
        evidence=cited_rows(case, _answers(case, studied), mask),
        controls=checks,
        unseen=studied.book.as_rows(),
        objections=words.objections(studied, checks),
        parameters={"run": run, "show_values": show_values},
        facts=_facts(studied, mask),
    )


def study(case: Case, runs: list[str], mask: Mask) -> Studied:
    """Everything that the finding states, from the frames."""
    own = own_hosts(case)
    found, known_runs = received(case, runs), about(case, runs)
    others = [one for one in found if one.host not in own and one.values]
    since: dict[str, float] = {}
    for one in others:
        if one.at is not None:
            since[one.run] = min(one.at, since.get(one.run, one.at))
    known = values(others)
    elsewhere = sorted(case.runs.loc[case.runs["control"].isin(NOT_THE_APP), "run"])
    lost = case.undecoded[case.undecoded["run"].isin(runs) & (case.undecoded["direction"] == "response")]
    return Studied(
        runs,
        known_runs,
        others,
        [one for one in found if one.host in own and one.values],
        [one for one in found if one.host not in own and not one.values],
        [one for one in received(case, elsewhere) if one.host not in own and one.values],
        rows(known, mask),
        pairs(known, behaviour(case, runs, since), known_runs) if known else [],
        amounts(case, known_runs),
        ledger(case, runs),
        bool(own),
        int((~lost["host"].isin(own)).sum()),
    )


def _verdict(studied: Studied, checks: list[Control]) -> str:
    """Absence needs words that found the maker's own settings, answers that were all read, and a ledger that allows."""
    if not studied.runs or any(check.result == "fail" for check in checks):
        return "cannot tell"
    if studied.others:
        return "supported"
    blind = studied.unread or studied.silent or not studied.book.allows_absence
    return "not observed" if studied.own and not blind else "cannot tell"


def _grade(studied: Studied, checks: list[Control]) -> str:
    if any(check.result != "pass" for check in checks if check.control in NEEDED):
        return "E3"
    most = max(len({one.run for one in studied.others if one.host == host}) for host in studied.hosts())
    return "E5" if most >= REPLICATED else "E4"


def _facts(studied: Studied, mask: Mask) -> dict[str, Any]:
    return {
        "runs": len(studied.runs),
        "hosts": len(studied.hosts()),
        "sources": sources(studied, mask),
        "keys": studied.keys,
        "key_runs": sorted({one.run for one in studied.others}),
        "pairs": [one.as_row(mask) for one in studied.pairs[:SHOWN]],
        "pairs_tried": len(studied.pairs),
        "volume": None if studied.amounts is None else studied.amounts.as_facts(),
        **studied.book.facts(),
    }


def _answers(case: Case, studied: Studied) -> list[Cited]:
    """Every answer of others that handed out settings."""
    refs = case.flows.set_index("flow")["source_ref"].to_dict()
    return [
        Cited(
            f"{one.place}: {', '.join(map(say, one.kinds))}",
            one.run,
            one.host,
            f"exchange {refs.get(one.flow, one.flow)}",
        )
        for one in studied.others
    ]


def sources(studied: Studied, mask: Mask) -> list[dict[str, Any]]:
    """One row a host and place that handed out settings, or was asked for them: the others' first."""
    out = []
    every = [("other", studied.others), ("unread", studied.unread), ("own", studied.own)]
    for what, found in every:
        for host, where in sorted({(one.host, one.place) for one in found}):
            here = [one for one in found if (one.host, one.place) == (host, where)]
            keys = {key for one in here for key in one.values}
            changed = [
                row
                for row in studied.keys
                if (row["host"], row["place"], row["change"]) == (host, mask.text(where), "changed")
            ]
            out.append(
                {
                    "host": host,
                    "place": mask.text(where),
                    "who": what,
                    "kinds": list(dict.fromkeys(kind for one in here for kind in one.kinds)),
                    "known_by": sorted({one.known_by for one in here}),
                    "answers": len(here),
                    "runs": len({one.run for one in here}),
                    "of": len(studied.runs),
                    "keys": len(keys),
                    "changed": len(changed),
                    "flows": sorted(one.flow for one in here)[:3],
                }
            )
    return out
