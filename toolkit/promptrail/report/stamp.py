"""What went into a report: case, finding and notebook in, the table "About this run" and the notebook's metadata out.

What differs from one run to the next (when, how long, by which machine) stays apart and stands in no page.
"""

import hashlib
import platform
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import pandas as pd

from promptrail import __version__
from promptrail.case import Case
from promptrail.pipeline import captures_digest
from promptrail.report.collect import canonical

PACKAGES = ("mitmproxy", "pandas", "plotly", "papermill", "nbconvert", "pyarrow")
MOST = 20
"""Runs named one by one; the digest over all captures is there in any case."""

Stamp = dict[str, dict[str, str]]


def about(case: Case, finding: dict[str, Any], source: Path, title: str, stills: bool) -> dict[str, Any]:
    """What a page says about itself: title, case, a line for its head, simulated, and the stamp."""
    app = (
        " ".join(v for v in (case.app["name"], case.app["version"]) if v != "not stated") or "app not stated"
    )
    started = case.runs["started"].dropna()
    day = (
        pd.to_datetime(float(started.min()), unit="s", utc=True).strftime("%Y-%m-%d")
        if len(started)
        else None
    )
    line = f"{case.name} · {app} · " + (f"recorded {day}" if day else "time of recording not known")
    simulated = bool(case.simulated or finding["simulated"])
    made = stamp(case, finding, source, stills)
    return {"title": title, "case": case.name, "line": line, "simulated": simulated, "stamp": made}


def stamp(case: Case, finding: dict[str, Any], source: Path, stills: bool) -> Stamp:
    """Inputs by hash, parameters as they took effect, versions: the same inputs give the same page."""
    runs = case.runs.sort_values("run", kind="stable")
    captures = {"all captures, sha256": captures_digest(case)}
    for row in runs.head(MOST).itertuples():
        captures[f"{row.run}, sha256"] = str(row.sha256)
    settings = case.path / "case.toml"
    return {
        "Case": {
            "app": f"{case.app['name']}, version {case.app['version']}, package {case.app['package']}",
            "device": case.device,
            "examined by": case.examiner,
            "on the basis of": case.basis,
            "case.toml, sha256": _sha256(settings.read_bytes()),
        },
        "Captures": captures,
        "Finding": {
            "id": f"{finding['id']}, version {finding['version']}",
            "sha256": _sha256(canonical([finding])),
        },
        "Notebook": {"name": source.name, "sha256": _sha256(source.read_bytes())},
        "Parameters": {k: repr(v) for k, v in finding["parameters"].items()} or {"none": ""},
        "Pictures": {
            "still": "drawn by Chromium" if stills else "none: no Chromium was found; drawn live only"
        },
        "Software": {"promptrail": __version__, "python": platform.python_version()} | _versions(),
    }


def _versions() -> dict[str, str]:
    found = {}
    for name in PACKAGES:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            found[name] = "not installed"
    return found


def _sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()
