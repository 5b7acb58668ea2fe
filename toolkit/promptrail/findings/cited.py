"""Evidence that is no sighting (an exchange, a connection, a hook record, an experiment), as rows to look up.

A row says what it shows, in which run, at which host, and where it stands; the run's capture is named by its SHA-256.
"""

from collections.abc import Iterable
from typing import Any, NamedTuple

from promptrail.case import Case
from promptrail.findings.mask import Mask

MOST = 2000


class Cited(NamedTuple):
    what: str
    run: str
    host: str | None
    reference: str
    """Where it stands: `exchange ID`, `connection ID`, `hook AGENT NUMBER`, `plan DIGEST`."""


def cited_rows(case: Case, rows: Iterable[Cited], mask: Mask) -> list[dict[str, Any]]:
    """In order of run, host, reference and words; masked."""
    digests = case.runs.set_index("run")["sha256"].to_dict()
    simulated = case.runs.set_index("run")["simulated"].to_dict()
    ordered = sorted(set(rows), key=lambda row: (row.run, row.host or "", row.reference, row.what))
    return [
        {
            "what": mask.text(row.what),
            "run": row.run,
            "host": None if row.host is None else mask.text(row.host),
            "reference": mask.text(row.reference),
            "capture_sha256": str(digests.get(row.run, "")),
            "simulated": bool(simulated.get(row.run, case.simulated)),
        }
        for row in ordered[:MOST]
    ]
