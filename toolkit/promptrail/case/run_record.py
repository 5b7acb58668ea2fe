"""run.json of a run that `promptrail record` made: facts in, the file that closes the run; or why it is not closed.

A recording that was killed leaves no run.json, and its proxy may have sealed the evidence all the same: the manifest
then names run.json among what the run promised, so that a run which broke off never passes for a whole one.
"""

import json
import os
from pathlib import Path
from typing import Any, NamedTuple

from promptrail.case.evidence import MANIFEST

FILE, SCENARIO = "run.json", "scenario.toml"
PROMISE = "record"
"""Key of the run's meta that names the file by which it will be closed."""
KILLED = "the recording was ended before it could close the run"


class Told(NamedTuple):
    broke: str | None
    """Why the run is not whole; None if it is, or if no recorder of ours made it."""
    meta: dict[str, Any]
    """app, app_version, scenario, control, as far as they are known."""


def write(folder: Path, facts: dict[str, Any]) -> None:
    """OSError if it is there already, or cannot be written."""
    with open(os.open(folder / FILE, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as out:
        json.dump(facts, out, indent=1, sort_keys=True)
        out.write("\n")


def read(folder: Path) -> Told:
    """Of any run folder."""
    facts = _table(folder / FILE)
    meta = facts.get("meta")
    known = meta if isinstance(meta, dict) else {}
    if facts.get("complete") is True:
        return Told(None, known)
    if facts:
        return Told(str(facts.get("reason") or "run.json says so, and not why"), known)
    sealed = _table(folder / MANIFEST).get("meta")
    promised = isinstance(sealed, dict) and bool(sealed.get(PROMISE))
    if promised or any((folder / name).exists() for name in (FILE, SCENARIO)):
        return Told(KILLED, sealed if isinstance(sealed, dict) else {})
    return Told(None, {})


def _table(file: Path) -> dict[str, Any]:
    """Nothing for a file that is missing or cut short."""
    try:
        found = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}
