"""The record of one run while it grows: facts, changes on the device, notes, files; then run.json and the seal."""

import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from promptrail import __version__
from promptrail.case import run_record
from promptrail.case.evidence import MANIFEST, EvidenceError, clock, finish, seal

SCHEMA = 1


@dataclass
class Record:
    facts: dict[str, Any] = field(default_factory=lambda: {"schema": SCHEMA, "promptrail": __version__})
    changes: list[dict[str, Any]] = field(default_factory=list)
    """what, before, after, undone, left (why it could not be undone)."""
    notes: list[str] = field(default_factory=list)
    files: list[str] = field(default_factory=list)
    """Beside the proxy's own, in the order in which they came."""
    began: dict[str, float] = field(default_factory=clock)

    def undone(self) -> None:
        """All of them."""
        for change in self.changes:
            change |= {"undone": True, "left": None}

    def close(self, folder: Path, reason: str | None, meta: dict[str, Any], **about: Any) -> str | None:
        """run.json, and the seal over everything; why that could not be done."""
        self.facts |= about | {
            "complete": reason is None,
            "reason": reason,
            "meta": meta,
            "changes": self.changes,
            "notes": self.notes,
            "closed": time.time(),
        }
        try:
            run_record.write(folder, self.facts)
            if (folder / MANIFEST).is_file():
                there = [name for name in (*self.files, run_record.FILE) if (folder / name).is_file()]
                seal(folder, dict.fromkeys(there))
            elif reason is None:
                finish(folder, self.began, {}, tool={"promptrail": __version__}, meta=meta)
        except (OSError, EvidenceError) as fault:
            return str(fault)
        return None
