"""case.toml: what is investigated, by whom, on which basis; probes, recipients, parameters. Comments survive edits.

What was not given stands there as "not stated", so that a report can say so; nothing is ever asked for.
"""

import re
from pathlib import Path
from typing import Any

import tomlkit
from tomlkit.exceptions import TOMLKitError

from promptrail.errors import CaseError
from promptrail.model import PROBE_KINDS, Probe

NOT_STATED = "not stated"
RECIPIENT_KEYS = (
    "domain",
    "domain_owner",
    "service_operator",
    "network_operator",
    "address_country",
    "country",
    "group",
    "role",
    "own",
    "source",
    "as_of",
)
PREFIX = {"prompt": "p", "draft": "d", "identifier": "i", "email": "e", "phone": "t", "file-name": "f"}
MIN_PROBE = 6
"""Shorter values would be met by chance in any traffic."""


def read(file: Path) -> tomlkit.TOMLDocument:
    """The settings of a case; CaseError names the file and the line of a fault."""
    try:
        document = tomlkit.parse(file.read_text(encoding="utf-8"))
    except TOMLKitError as fault:
        raise CaseError(f"{file}: not valid TOML: {fault}. Mend that line, or restore the file.") from fault
    except UnicodeDecodeError as fault:
        raise CaseError(f"{file}: not UTF-8 at byte {fault.start}. Save it as UTF-8.") from fault
    except OSError as fault:
        raise CaseError(f"{file}: cannot be read: {fault.strerror}.") from fault
    seen: set[str] = set()
    for n, row in enumerate(document.get("probe", []), 1):
        for key in ("id", "kind", "text"):
            if not isinstance(row.get(key), str) or not row[key]:
                raise CaseError(f"{file}: probe {n} has no {key}. Each [[probe]] needs id, kind and text.")
        if row["kind"] not in PROBE_KINDS:
            raise CaseError(
                f"{file}: probe {row['id']} has the kind {row['kind']!r}; known: {', '.join(PROBE_KINDS)}."
            )
        if row["id"] in seen:
            raise CaseError(f"{file}: the probe id {row['id']} stands there twice. Give each its own.")
        seen.add(row["id"])
    return document


def fresh(
    name: str,
    created: str,
    app: dict[str, str],
    examiner: str | None,
    basis: str | None,
    device: str | None,
    language: str | None,
    simulated: bool,
) -> tomlkit.TOMLDocument:
    """The settings of a new case; what is missing is marked as not stated."""
    document = tomlkit.document()
    document.add(tomlkit.comment("promptrail case. Edit freely: comments and order are kept."))
    case = tomlkit.table()
    case.add("name", name)
    case.add("created", created)
    case.add("examiner", examiner or NOT_STATED)
    case.add("basis", basis or NOT_STATED)
    case["basis"].comment("on what authority this app and device are examined")
    if language:
        case.add("language", language)
        case["language"].comment("of its reports, unless another one is asked for")
    if simulated:
        case.add("simulated", True)
    document.add("case", case)
    table = tomlkit.table()
    for key in ("name", "package", "version"):
        table.add(key, app.get(key) or NOT_STATED)
    document.add("app", table)
    machine = tomlkit.table()
    machine.add("description", device or NOT_STATED)
    document.add("device", machine)
    document.add("parameters", tomlkit.table())
    return document


def append(document: tomlkit.TOMLDocument, name: str, row: dict[str, Any]) -> None:
    """Add one row to an array of tables (`[[probe]]`, `[[recipient]]`)."""
    rows = document.get(name)
    if rows is None:
        rows = tomlkit.aot()
        document.add(name, rows)
        rows = document[name]
    table = tomlkit.table()
    for key, value in row.items():
        table.add(key, value)
    rows.append(table)


def probes(document: tomlkit.TOMLDocument) -> list[Probe]:
    """The declared probes, in the order of the file."""
    return [Probe(str(r["id"]), str(r["kind"]), str(r["text"])) for r in document.get("probe", [])]


def next_id(document: tomlkit.TOMLDocument, kind: str) -> str:
    """p1, p2, ... for prompts, d1 for drafts, and so on: the first that is free."""
    taken = {str(r["id"]) for r in document.get("probe", [])}
    n = 1
    while f"{PREFIX[kind]}{n}" in taken:
        n += 1
    return f"{PREFIX[kind]}{n}"


def check_probe(kind: str, text: str) -> None:
    """CaseError if nothing could be traced with this value."""
    if kind not in PROBE_KINDS:
        raise CaseError(f"unknown probe kind {kind!r}; known: {', '.join(PROBE_KINDS)}.")
    if len(text.strip()) < MIN_PROBE:
        raise CaseError(
            f"the probe {text!r} is shorter than {MIN_PROBE} characters: it would be met by chance. "
            "Use a longer text, best with a rare word and a number of its own."
        )
    if (
        kind in ("prompt", "draft")
        and text.strip().isascii()
        and len(text.split()) < 3
        and not re.search(r"\d{3}", text)
    ):
        raise CaseError(
            f"the {kind} {text!r} is too common to be traced: others write it too. "
            "Use at least three words, or put a number of its own into it."
        )


def slug(text: str) -> str:
    """A folder name from any text: letters, digits, dot and hyphen only, never hidden, never empty."""
    return re.sub(r"[^A-Za-z0-9.-]+", "-", text).strip("-.")[:60] or "capture"
