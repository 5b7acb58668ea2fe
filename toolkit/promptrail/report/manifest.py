"""The list of a report's files: a folder and its results in, manifest.json out, each file with size and SHA-256.

Whoever was sent a file of the report can tell by it whether it is the one that was written.
"""

import hashlib
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from promptrail import __version__
from promptrail.case import Case
from promptrail.pipeline import captures_digest

if TYPE_CHECKING:
    from promptrail.report.publish import Result

MANIFEST, SCHEMA = "manifest.json", 1
FOR_ALL = ("findings.json", "index.html")


def manifest(case: Case, folder: Path, results: "list[Result]") -> bytes:
    """The manifest's bytes; what lies in the folder beside the report is not named."""
    files = [folder / name for name in FOR_ALL]
    for result in results:
        files += [
            file for file in (result.executed, result.html, result.still, result.pdf) if file is not None
        ]
    whole: dict[str, Any] = {
        "schema": SCHEMA,
        "case": case.name,
        "simulated": case.simulated,
        "captures_sha256": captures_digest(case),
        "promptrail": __version__,
        "files": [_row(file) for file in sorted(files)],
    }
    return (json.dumps(whole, ensure_ascii=False, indent=1) + "\n").encode()


def _row(file: Path) -> dict[str, Any]:
    data = file.read_bytes()
    return {"file": file.name, "bytes": len(data), "sha256": hashlib.sha256(data).hexdigest()}
