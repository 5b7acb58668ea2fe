"""Findings: out of executed notebooks, and into findings.json. The same findings give the same bytes.

A notebook says its finding by its last cell, under a MIME type of its own, so it does not matter who ran it:
Shift-Enter, papermill and `promptrail run` leave the same object behind.
"""

import dataclasses
import json
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from promptrail.errors import NotebookError
from promptrail.language import current
from promptrail.model import Finding

if TYPE_CHECKING:  # nbformat takes seconds to import, and every notebook imports this file
    from nbformat import NotebookNode

MIME = "application/vnd.promptrail.finding+json"
PLOTLY = "application/vnd.plotly.v1+json"
"""Of a figure, as JupyterLab draws it."""
SCHEMA = 1
"""Of findings.json: within a schema fields may be added, never renamed, removed or given another meaning."""


def as_json(finding: Finding) -> dict[str, Any]:
    """A finding as plain JSON values: what the MIME bundle and findings.json hold."""
    plain: dict[str, Any] = json.loads(
        json.dumps(dataclasses.asdict(finding), default=_plain, allow_nan=False)
    )
    return plain


def canonical(findings: Iterable[dict[str, Any]]) -> bytes:
    """A list of findings as bytes: sorted keys, UTF-8, one line end at the end."""
    text = json.dumps(list(findings), sort_keys=True, ensure_ascii=False, indent=1, allow_nan=False)
    return (text + "\n").encode("utf-8", "backslashreplace")


def document(findings: Iterable[dict[str, Any]]) -> bytes:
    """What findings.json holds: the findings in the order of their notebooks (see findings.schema.json)."""
    text = json.dumps(
        {"schema": SCHEMA, "language": current(), "findings": list(findings)},
        sort_keys=True,
        ensure_ascii=False,
        indent=1,
        allow_nan=False,
    )
    return (text + "\n").encode("utf-8", "backslashreplace")


def finding_of(nb: "NotebookNode", name: str) -> dict[str, Any]:
    """The finding that an executed notebook shows. NotebookError if it shows none, or more than one."""
    found = [o["data"][MIME] for c in nb.cells for o in c.get("outputs", []) if MIME in o.get("data", {})]
    if len(found) != 1:
        raise NotebookError(
            f"{name}: shows {len(found)} findings, and a notebook states one. Let its last cell be page.finding()."
        )
    plain: dict[str, Any] = json.loads(json.dumps(found[0]))
    return plain


def _plain(value: Any) -> Any:
    """Numbers of numpy, and null for pandas' missing value."""
    if hasattr(value, "item"):
        return value.item()
    if hasattr(value, "tolist"):
        return value.tolist()
    if value != value or str(value) == "<NA>":
        return None
    raise TypeError(f"{type(value).__name__} has no place in a finding")
