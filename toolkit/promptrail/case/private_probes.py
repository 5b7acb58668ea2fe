"""Identifiers of a recorded device, as probes that are kept in CASE/private/probes.toml, apart from case.toml.

Who passes a case on without private/ passes none of them on. In reports they are masked like every identifier.
"""

import os
import re
from pathlib import Path

import tomlkit

from promptrail.case import settings
from promptrail.model import Probe

FILE = "probes.toml"
KIND = "identifier"


def read(case: Path) -> list[Probe]:
    """In the order of the file; none if there is no such file."""
    file = case / "private" / FILE
    try:
        there = file.is_file()
    except PermissionError:
        return []  # who may not look into private/ traces the other probes
    return settings.probes(settings.read(file)) if there else []


def add(folder: Path, name: str, text: str) -> str:
    """Keep one; its id is made of its name. CaseError if it is too short to be traced."""
    settings.check_probe(KIND, text)
    file = folder / FILE
    document = settings.read(file) if file.is_file() else tomlkit.document()
    taken = {str(row["id"]) for row in document.get("probe", [])}
    stem = f"device-{re.sub(r'[^a-z0-9]+', '-', name.lower()).strip('-')}".strip("-")
    chosen = next(
        one for n in range(1, len(taken) + 2) if (one := f"{stem}-{n}" if n > 1 else stem) not in taken
    )
    settings.append(document, "probe", {"id": chosen, "kind": KIND, "text": text, "name": name})
    draft = file.with_suffix(".new")
    with open(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as out:
        out.write(tomlkit.dumps(document))
    draft.replace(file)
    return chosen
