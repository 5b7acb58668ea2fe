"""Policies for tests: a text and one reading of it, written into a folder as an annotator would."""

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from factories import sha256

TEXT = """Parley: privacy policy

Parley Labs receives what you type and what your device is called.
Tidedesk answers your questions and gets your e-mail address.
We share device information with partners. We share nothing with third parties.
Nobody gets your drafts.
"""
POLICY = {
    "title": "Parley: privacy policy",
    "company": "Parley Labs",
    "url": "https://parley.test/privacy",
    "language": "en",
    "captured": "2026-09-21",
    "in_force": "2026-01-01",
    "simulated": True,
}
"""The runs of `factories` are of 2026-09-21."""


def statement(data: str, entity: str, says: str = "collects", **more: Any) -> dict[str, Any]:
    """One row; its quote stands in TEXT."""
    row = {"id": f"{data}, {entity}, {says}", "quote": "Parley Labs receives what you type", "data": [data]}
    return row | {"entity": [entity], "says": says} | more


def reading(
    folder: Path,
    *statements: dict[str, Any],
    by: str = "Anna",
    text: str = TEXT,
    file: str = "app.txt",
    **more: Any,
) -> Path:
    """The file of a reading in `folder`; `more`: other tables by name, and fields of [policy] as `policy`."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / file).write_text(text, encoding="utf-8")
    about = {**POLICY, "file": file, "sha256": sha256(text.encode()), **more.pop("policy", {})}
    lines = [*_table("[policy]", about), *_table("[annotation]", {"by": by, "on": "2026-11-21"})]
    for name, rows in {**more, "statement": statements}.items():
        lines += [line for row in rows for line in _table(f"[[{name}]]", row)]
    target = folder / f"{file.removesuffix('.txt')}.{by}.toml"
    target.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return target


def _table(head: str, row: dict[str, Any]) -> Iterable[str]:
    yield head
    yield from (f"{key} = {json.dumps(value, ensure_ascii=False)}" for key, value in row.items())
    yield ""
