"""A case's frames, up to date: ingest, trace and attribute, each only where its inputs have changed.

`frames/stamp.json` holds what each stage was made from. Notebooks, commands and scripts all go through `ensure`.
"""

import hashlib
import json
from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from promptrail import __version__, attribute, decode, frames, ingest, trace
from promptrail.attribute import frozen, recipients
from promptrail.case import Case
from promptrail.ingest.packets import tshark
from promptrail.ingest.sink import no_room
from promptrail.model import Problem
from promptrail.trace import sightings

STAMP = "stamp.json"
Say = Callable[[str], None]


def captures_digest(case: Case) -> str:
    """SHA-256 over the captures: each run's name and its manifest, or its files where it broke off without one."""
    digest = hashlib.sha256()
    for folder in case.run_folders():
        manifest = folder / "manifest.json"
        for file in [manifest] if manifest.is_file() else sorted(p for p in folder.iterdir() if p.is_file()):
            digest.update(f"{folder.name}/{file.name}\0".encode())
            with open(file, "rb") as stream:
                digest.update(hashlib.file_digest(stream, "sha256").digest())
    return digest.hexdigest()


def ensure(case: Case, say: Say = lambda line: None) -> list[Problem]:
    """Make what is missing or out of date; returns what ingest lost or remarked, if it ran."""
    wanted = _keys(case)
    if _stamp(case) == wanted:
        return []
    with case.locked():
        had, problems = _stamp(case), []
        if had.get("ingest") != wanted["ingest"]:
            say("reading captures")
            problems = ingest.frames_of(case, say)
            had = {"ingest": wanted["ingest"]}
        if had.get("trace") != wanted["trace"]:
            say("tracing probes")
            made = trace.trace(case)
            for name, frame in made._asdict().items():
                _write(case, name, frame)
        if had.get("attribute") != wanted["attribute"]:
            say("attributing hosts")
            _write(case, "recipients", attribute.attribute(case))
        _write_text(case.frames_folder / STAMP, json.dumps(wanted, indent=1, sort_keys=True) + "\n")
    case.forget()
    return problems


def _keys(case: Case) -> dict[str, str]:
    captures = captures_digest(case)
    probes = [(p.probe, p.kind, p.text) for p in case.declared_probes]
    decoders = [(d.id, d.version) for d in decode.DECODERS]
    declared = json.dumps(case.declared_recipients, sort_keys=True, default=str)
    return {
        "promptrail": __version__,
        "ingest": _sha(captures, ingest.VERSION, sorted(frames.FRAMES.items()), bool(tshark.installed())),
        "trace": _sha(captures, sightings.VERSION, decoders, probes),
        "attribute": _sha(captures, recipients.VERSION, declared, frozen.revision(case)),
    }


def _sha(*facts: object) -> str:
    return hashlib.sha256(repr(facts).encode("utf-8", "surrogatepass")).hexdigest()


def _stamp(case: Case) -> dict[str, str]:
    try:
        found: dict[str, str] = json.loads((case.frames_folder / STAMP).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return found if found.get("promptrail") == __version__ else {}


def _write(case: Case, name: str, frame: pa.Table) -> None:
    """A frame, whole or not at all."""
    target = case.frames_folder / f"{name}.parquet"
    fresh = target.with_suffix(".tmp")
    try:
        pq.write_table(frame, fresh, compression="zstd")
        fresh.replace(target)
    except OSError as fault:
        fresh.unlink(missing_ok=True)
        raise no_room(fault, target) from fault


def _write_text(target: Path, text: str) -> None:
    try:
        target.write_text(text, encoding="utf-8")
    except OSError as fault:
        raise no_room(fault, target) from fault
