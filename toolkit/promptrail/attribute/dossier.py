"""The rows about one subject as one object: value, source and date by question, and all that was said.

Where sources give different answers the value is null and the status says `disputed`: the answers stand side by side
in `all`, and none of them wins.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from promptrail.attribute.rows import DETAILS, DISAGREEMENT, DISPUTED, KNOWN, QUESTIONS
from promptrail.attribute.subjects import shown, subject

Cell = dict[str, Any]


def dossiers(rows: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """One object a subject, in the order in which the subjects first appear."""
    grouped: dict[str, list[Mapping[str, Any]]] = {}
    for row in rows:
        grouped.setdefault(str(row["host"]), []).append(row)
    return [dossier(mine) for mine in grouped.values()]


def dossier(rows: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """The object about one subject; `rows` are all of it."""
    first = rows[0]
    meant = subject(str(first["host"]))
    out: dict[str, Any] = {
        "host": first["host"],
        "means": meant.host,
        "in_letters": shown(meant.name) if meant.name else None,
        "fault": meant.fault,
        "registrable_domain": first["registrable_domain"],
        "suffix": first["suffix"],
    }
    for question in (*QUESTIONS, *DETAILS):
        out[question] = cell([r for r in rows if r["question"] == question])
    out["disagreements"] = [
        {"what": r["note"], "says": r["answer"]} for r in rows if r["question"] == DISAGREEMENT
    ]
    return out


def cell(rows: Sequence[Mapping[str, Any]]) -> Cell:
    """One question's answer with its source, and every row of it in `all`."""
    said = [
        {"value": r["answer"], "status": r["status"], "address": r["address"], **_source(r)} for r in rows
    ]
    if not rows:
        return {"value": None, "status": "not known", **NOTHING, "all": []}
    values = {str(r["answer"]) for r in rows if r["answer"]}
    best = next((r for r in rows if r["status"] == KNOWN), rows[0])
    if len(values) > 1:
        return {"value": None, "status": DISPUTED, **NOTHING, "all": said}
    return {"value": best["answer"], "status": best["status"], **_source(best), "all": said}


NOTHING: Cell = {"source": None, "date": None, "licence": None, "url": None, "note": None}


def _source(row: Mapping[str, Any]) -> Cell:
    return {
        "source": row["source"],
        "date": row["as_of"],
        "licence": row["licence"],
        "url": row["url"],
        "note": row["note"],
    }
