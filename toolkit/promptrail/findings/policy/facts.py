"""The figures of finding 04, for its page and for findings.json: what was studied in, plain data out, masked.

Quotes are the policy's own words; each stands beside the reading that it belongs to.
"""

from collections import Counter
from typing import TYPE_CHECKING, Any

from promptrail.case import Case
from promptrail.findings import false_discovery
from promptrail.findings.policy.checklist import Checklist, shipped_items
from promptrail.findings.policy.classes import CLASSES, DISPUTED
from promptrail.findings.policy.controls import agreements
from promptrail.findings.policy.documents import Document
from promptrail.findings.policy.recipients import NO_HOST
from promptrail.findings.policy.statements import Statement
from promptrail.language import mark

if TYPE_CHECKING:
    from promptrail.findings.policy.finding import Studied

NOT_ANNOTATED = mark("not annotated")
FIELDS = 3
"""Paths of fields that a pair names."""


def facts(case: Case, studied: "Studied", items: Checklist | None) -> dict[str, Any]:
    """By name; `findings.json` holds them."""
    chosen = studied.chosen
    document = chosen.document
    counts = Counter(studied.klass(n) for n, p in enumerate(studied.seen.pairs) if p.decides)
    return {
        "runs": len(studied.runs),
        "run_names": studied.runs,
        "runs_left_out": chosen.others if document else [],
        "policy": _about(document) if document else None,
        "policies": chosen.known,
        "changed": chosen.left_aside,
        "classes": {name: counts[name] for name in CLASSES if counts[name]},
        "pairs": [_pair(studied, n) for n in range(len(studied.seen.pairs))],
        "recipients": _recipients(case, studied),
        "declared": [row.as_row() for row in studied.declared],
        "checklist": _checked(studied, items),
        "agreement": [one.as_row() for one in agreements(document, studied.readings)] if document else [],
        **false_discovery.facts(case, studied.runs),
        **studied.book.facts(),
    }


def _about(document: Document) -> dict[str, Any]:
    about = document.about
    return {
        "title": about.title,
        "company": about.company,
        "url": about.url,
        "language": about.language,
        "captured": about.captured,
        "in_force": about.in_force,
        "until": about.until,
        "app_versions": list(about.app_versions),
        "simulated": about.simulated,
        "file": about.file,
        "sha256": about.sha256,
        "annotators": [{"by": one.by, "on": one.on, "file": one.name} for one in document.annotations],
    }


def _recipients(case: Case, studied: "Studied") -> list[dict[str, Any]]:
    """Everybody whose hosts were met in these runs, with or without data: the maker first, then by name."""
    flows = case.flows
    asked = set(flows.loc[flows["run"].isin(studied.runs), "host"].dropna())
    unread = set(studied.book.hosts())
    found = {(one.own is not True, one.name): one for one in studied.seen.holders.values()}
    return [
        {
            "recipient": one.name,
            "own": one.own,
            "hosts": list(one.hosts),
            "reading": "none" if not asked & set(one.hosts) else "part" if unread & set(one.hosts) else "all",
        }
        for _, one in sorted(found.items())
        if one.hosts != (NO_HOST,)
    ]


def _pair(studied: "Studied", n: int) -> dict[str, Any]:
    pair = studied.seen.pairs[n]
    readers = studied.chosen.document.annotations if studied.chosen.document else ()
    return {
        "data": pair.data,
        "recipient": pair.recipient.name,
        "own": pair.recipient.own,
        "hosts": sorted(pair.hosts),
        "basis": pair.basis,
        "decides": pair.decides,
        "runs": len(pair.runs),
        "of": len(studied.runs),
        "sightings": len(pair.sightings),
        "fields": sorted(pair.fields)[:FIELDS],
        "class": studied.klass(n),
        "readings": [
            {
                "by": reader.by,
                "class": one.klass,
                "statements": [_statement(said) for said in one.statements],
            }
            for reader, one in zip(readers, studied.judged.get(n, []), strict=False)
        ],
    }


def _statement(said: Statement) -> dict[str, Any]:
    return {
        "id": said.id,
        "quote": said.quote,
        "says": said.says,
        "purpose": said.purpose or None,
        "country": said.country or None,
    }


def _checked(studied: "Studied", items: Checklist | None) -> dict[str, Any] | None:
    """The items with what each annotator found; None where no checklist was asked for."""
    if items is None:
        return None
    readers = studied.chosen.document.annotations if studied.chosen.document else ()
    rows = []
    for item in items.items:
        found = [
            {
                "by": reader.by,
                "is": answer.status if answer else NOT_ANNOTATED,
                "quote": answer.quote if answer else None,
            }
            for reader in readers
            for answer in [next((a for a in reader.answers if a.item == item.id), None)]
        ]
        told = {one["is"] for one in found}
        status = told.pop() if len(told) == 1 else DISPUTED if told else NOT_ANNOTATED
        rows.append(
            {
                "id": item.id,
                "asks": item.asks,
                "articles": item.articles,
                "source": item.source,
                "checked": item.checked,
                "note": item.note,
                "is": status,
                "readings": found,
            }
        )
    asked = shipped_items() | {item.id for item in items.items}
    return {
        "id": items.id,
        "title": items.title,
        "note": items.note,
        "items": rows,
        "unasked": sorted({a.item for reader in readers for a in reader.answers} - asked),
    }
