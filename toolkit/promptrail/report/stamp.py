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
from promptrail.case.settings import NOT_STATED
from promptrail.language import ENGLISH, current, mark, name_of, say
from promptrail.pipeline import captures_digest
from promptrail.report.collect import canonical

PACKAGES = ("mitmproxy", "pandas", "plotly", "papermill", "nbconvert", "pyarrow")
MOST = 20
"""Runs named one by one; the digest over all captures is there in any case."""

Stamp = dict[str, dict[str, str]]


def about(case: Case, finding: dict[str, Any], source: Path, title: str, stills: bool) -> dict[str, Any]:
    """What a page says about itself: title, case, a line for its head, simulated, and the stamp."""
    started = case.runs["started"].dropna()
    day = (
        pd.to_datetime(float(started.min()), unit="s", utc=True).strftime("%Y-%m-%d")
        if len(started)
        else None
    )
    recorded = say("recorded {day}", day=day) if day else say("time of recording not known")
    line = f"{case.name} · {app_line(case)} · {recorded}"
    simulated = bool(case.simulated or finding["simulated"])
    made = stamp(case, finding, source, stills)
    return {"title": title, "case": case.name, "line": line, "simulated": simulated, "stamp": made}


def app_line(case: Case) -> str:
    """The app's name and version, as far as somebody stated them."""
    return " ".join(v for v in (case.app["name"], case.app["version"]) if v != NOT_STATED) or say(
        "app not stated"
    )


def stated(value: str) -> str:
    """What a case states about itself, or the words that it does not."""
    return say(value) if value == NOT_STATED else value


def stamp(case: Case, finding: dict[str, Any], source: Path, stills: bool) -> Stamp:
    """Inputs by hash, parameters as they took effect, versions: the same inputs give the same page."""
    app = {key: stated(value) for key, value in case.app.items()}
    runs = case.runs.sort_values("run", kind="stable")
    captures = {mark("all captures, sha256"): captures_digest(case)}
    for row in runs.head(MOST).itertuples():
        captures[f"{row.run}, sha256"] = str(row.sha256)
    settings = case.path / "case.toml"
    return {
        mark("Case"): {
            mark("app"): say(
                "{app}, version {version}, package {package}",
                app=app["name"],
                version=app["version"],
                package=app["package"],
            ),
            mark("device"): stated(case.device),
            mark("examined by"): stated(case.examiner),
            mark("on the basis of"): stated(case.basis),
            "case.toml, sha256": _sha256(settings.read_bytes()),
        },
        mark("Captures"): captures,
        mark("Finding"): {
            mark("id"): say("{id}, version {version}", id=finding["id"], version=finding["version"]),
            "sha256": _sha256(canonical([finding])),
        },
        mark("Notebook"): {mark("name"): source.name, "sha256": _sha256(source.read_bytes())},
        mark("Parameters"): {k: repr(v) for k, v in finding["parameters"].items()} or {say("none"): ""},
        mark("Pictures"): {
            mark("still"): say("drawn by Chromium")
            if stills
            else say("none: no Chromium was found; drawn live only")
        },
        mark("Language"): _language(),
        mark("Software"): {"promptrail": __version__, "python": platform.python_version()} | _versions(),
    }


def _language() -> dict[str, str]:
    named = {mark("of this page"): name_of(current())}
    return named if current() == ENGLISH else {**named, mark("authoritative"): name_of(ENGLISH)}


def _versions() -> dict[str, str]:
    found = {}
    for name in PACKAGES:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            found[name] = say("not installed")
    return found


def _sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()
