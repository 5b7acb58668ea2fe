"""Sentences of findings: lists, plurals, a host with its holder, evidence rows. Plain words, the same everywhere."""

from collections.abc import Iterable
from typing import Any

import pandas as pd

from promptrail import frames
from promptrail.case import Case
from promptrail.case.settings import NOT_STATED
from promptrail.findings.mask import Mask
from promptrail.language import say
from promptrail.model import PERSONAL_KINDS


def app(case: Case) -> str:
    """The app's name, or what stands for it."""
    return case.app["name"] if case.app["name"] != NOT_STATED else say("the app")


def listed(items: list[str]) -> str:
    """a, b and c."""
    if len(items) < 2:
        return items[0] if items else say("nothing")
    return say("{some} and {last}", some=", ".join(items[:-1]), last=items[-1])


def answer(case: Case, host: str, question: str) -> str | None:
    """What is said of one question; where sources disagree, all that they say."""
    rows = case.recipients[(case.recipients["host"] == host) & (case.recipients["question"] == question)][
        "answer"
    ].dropna()
    return either(dict.fromkeys(map(str, rows))) or None


def either(items: Iterable[str]) -> str:
    """a or b or c: what several sources say of one thing."""
    return say(" or ").join(items)


def place(case: Case, host: str) -> str:
    """A host with who runs it and where its address lies, as far as anybody has said."""
    operator = answer(case, host, "service_operator")
    owner = answer(case, host, "domain_owner")
    country = answer(case, host, "address_country")
    if operator:
        who = operator
    else:
        who = say("domain of {owner}, operator not known", owner=owner) if owner else say("holder not known")
    if country:
        return say("{host} ({who}, address in {country})", host=host, who=who, country=country)
    return f"{host} ({who})"


def upper_bound(n: int) -> float:
    """Per cent: what happens in more than this share of runs is seen at least once in n (95 % confidence)."""
    return 100 * (1 - 0.05 ** (1 / n)) if n else 100.0


def evidence_rows(hits: pd.DataFrame, mask: Mask, limit: int = 2000) -> list[dict[str, Any]]:
    """Sightings as rows of a finding, masked; prompts stand in full, personal kinds as labels."""
    out = []
    for s in frames.rows(hits.head(limit)):
        shown = mask.text(s.text) if s.kind in PERSONAL_KINDS else s.text
        out.append(
            {
                "sighting": s.id,
                "probe": s.probe,
                "kind": s.kind,
                "text": shown,
                "run": s.run,
                "flow": s.flow,
                "source_ref": s.source_ref,
                "host": mask.text(s.host) if isinstance(s.host, str) else s.host,
                "method": _text(s.method),
                "url": mask.url(s.url) if isinstance(s.url, str) else None,
                "direction": s.direction,
                "part": s.part,
                "path": mask.text(s.path),
                "chain": list(s.chain),
                "offset": int(s.offset),
                "length": int(s.length),
                "raw_offset": int(s.raw_offset),
                "raw_length": int(s.raw_length),
                "tier": s.tier,
                "at": None if pd.isna(s.at) else float(s.at),
                "body": _text(s.body),
                "simulated": bool(s.simulated),
            }
        )
    return out


def _text(value: object) -> str | None:
    return value if isinstance(value, str) else None
