"""What a finding says, made fit to be published: the one place where a `model.Finding` is made.

Nothing personal and no credential is in it, wherever it stood: a device's identifier may be part of a host, and a host
stands in sentences, controls, objections, the ledger and facts. Rows of evidence are masked by those who make them,
because prompts stand there in full.
"""

from dataclasses import replace
from typing import Any, NamedTuple

from promptrail.case import Case
from promptrail.findings.mask import Mask
from promptrail.findings.words import app
from promptrail.language import say
from promptrail.model import Control, Finding


class Asked(NamedTuple):
    """What a finding's module states of itself."""

    id: str
    version: str
    notebook: str
    question: str
    """A marked message, in which `{app}` is the app."""


def state(
    asked: Asked,
    case: Case,
    mask: Mask,
    *,
    verdict: str,
    grade: str | None,
    sentence: str,
    licence: tuple[str, str],
    evidence: list[dict[str, Any]],
    controls: list[Control],
    unseen: list[dict[str, Any]],
    objections: list[dict[str, str]],
    parameters: dict[str, Any],
    facts: dict[str, Any],
) -> Finding:
    """The finding, masked. `licence`: the sentence that may be written, and the one that may not."""
    licensed, forbidden = licence
    return Finding(
        id=asked.id,
        version=asked.version,
        notebook=asked.notebook,
        question=say(asked.question, app=app(case)),
        verdict=verdict,
        grade=grade,
        sentence=mask.text(sentence),
        simulated=case.simulated,
        licensed=mask.text(licensed),
        not_licensed=mask.text(forbidden),
        evidence=evidence,
        controls=[replace(check, observed=mask.text(check.observed)) for check in controls],
        unseen=mask.every(unseen),
        objections=mask.every(objections),
        parameters=parameters,
        facts=mask.every(facts),
    )


def objection_rows(rows: list[tuple[str, str, str]]) -> list[dict[str, str]]:
    """What a sceptic says, what answers it, and what is left, as rows of a finding."""
    return [{"objection": said, "answer": answer, "left": left} for said, answer, left in rows]


def results(checks: list[Control]) -> dict[str, str]:
    """By the name of each control: what was observed, and its result, as objections quote it."""
    return {
        check.control: say("{observed} ({result})", observed=check.observed, result=say(check.result))
        for check in checks
    }
