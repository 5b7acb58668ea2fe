"""CASE/attribution/manifest.json: which sources a case is attributed from, each file with its SHA-256.

Without a manifest the installed sources are asked. It names the snapshots of the shipped tables, of which one is in
force, and the files that the user added. It is written whole or not at all.
"""

import datetime
import hashlib
import json
import os
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from promptrail.case import Case
from promptrail.errors import CaseError

FOLDER = "attribution"
FILE = "manifest.json"
VERSION = 1


@dataclass
class Manifest:
    """What the manifest says; `current` is None until something was frozen."""

    current: str | None = None
    snapshots: dict[str, dict[str, Any]] = field(default_factory=dict)
    imported: list[dict[str, Any]] = field(default_factory=list)

    @classmethod
    def read(cls, case: Case) -> "Manifest":
        """The manifest of a case, empty where it has none. CaseError if it cannot be understood."""
        file = case.path / FOLDER / FILE
        try:
            data = json.loads(file.read_text(encoding="utf-8"))
        except FileNotFoundError:
            return cls()
        except (OSError, ValueError) as fault:
            raise CaseError(f"{file}: cannot be read: {fault}. Restore it, or delete {FOLDER}/.") from fault
        if not isinstance(data, dict) or data.get("version") != VERSION:
            raise CaseError(f"{file}: of another version than {VERSION}. Use the promptrail that wrote it.")
        return cls(data["current"], data["snapshots"], data["imported"])

    def write(self, case: Case) -> None:
        """Put the manifest in place, whole or not at all. OSError where there is no room."""
        folder = case.path / FOLDER
        folder.mkdir(exist_ok=True)
        data = {
            "version": VERSION,
            "current": self.current,
            "snapshots": self.snapshots,
            "imported": self.imported,
        }
        with tempfile.NamedTemporaryFile(
            "w", encoding="utf-8", dir=folder, prefix=".manifest-", delete=False, newline="\n"
        ) as out:
            out.write(json.dumps(data, indent=1, sort_keys=True, ensure_ascii=False) + "\n")
        try:
            os.replace(out.name, folder / FILE)
        except OSError:
            os.unlink(out.name)
            raise

    def check(self, file: Path, digest: str) -> None:
        """CaseError if a file of the case is missing or not the one that the manifest names."""
        if not file.is_file():
            raise CaseError(
                f"{file}: is missing, and the manifest names it. Restore it from your copy of the case."
            )
        if sha256_of(file) != digest:
            raise CaseError(
                f"{file}: is not the file that the manifest names (SHA-256 {digest[:12]}…). Restore it, or make a new "
                "snapshot with `promptrail attribute refresh`."
            )


def sha256_of(file: Path) -> str:
    """The SHA-256 of a file."""
    with open(file, "rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def now() -> str:
    """The time, UTC, to the second."""
    return datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
