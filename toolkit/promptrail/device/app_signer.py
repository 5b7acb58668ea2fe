"""Who signed the app that is recorded: its base package on the device in, the SHA-256 of its certificates out.

A package that is kept with the case (`promptrail apk FILE --case CASE`), or was read for an earlier run, is not copied
again: it is known by its digest. What cannot be read is told, and no fault of the run.
"""

import json
import os
import tempfile
from pathlib import Path
from typing import Any

from promptrail.apk.kept import identities
from promptrail.apk.signing import of_file
from promptrail.case import Case
from promptrail.device.device import Device
from promptrail.errors import PromptrailError

READ = "signers.json"
"""In the private part of the case: digest of a package -> its certificates."""


def signers(case: Case, device: Device, apks: list[dict[str, Any]], base: str | None) -> list[str] | str:
    """The certificates' SHA-256, or in words why they are not known. `base` is the package's path on the device."""
    digest = apks[0]["sha256"] if apks else None
    if base is None or digest is None:
        return "the device does not tell where the package is"
    known = _known(case.private / READ)
    try:
        for _, kept in identities(case):
            if any(file.sha256 == digest for file in kept.files):
                known[digest] = [one.sha256 for one in kept.certificates]
        if digest not in known:
            with tempfile.TemporaryDirectory(dir=case.private, prefix="apk.") as folder:
                copy = Path(folder, "base.apk")
                device.pull(base, copy)
                known[digest] = [one.sha256 for one in of_file(copy)]
            with open(os.open(case.private / READ, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as out:
                json.dump(known, out, indent=1, sort_keys=True)
    except PromptrailError as fault:
        return str(fault)
    return known[digest] or "it bears no signature that Android knows"


def _known(file: Path) -> dict[str, list[str]]:
    try:
        return dict(json.loads(file.read_text(encoding="utf-8")))
    except (OSError, ValueError):
        return {}
