"""The user's own data in a case: a country, network or tracker file taken over whole, with hash, date and licence.

A file is read to its end before the case is touched, so that a damaged one changes nothing. It lies in
CASE/attribution/imported/ under its hash and is named in the manifest; from then on each attribution asks it.
"""

import hashlib
import re
import shutil
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

from promptrail.attribute import csv_ranges, mmdb, tracker_list
from promptrail.attribute.dataset import Dataset
from promptrail.attribute.manifest import FOLDER, Manifest, now, sha256_of
from promptrail.attribute.table import Proof
from promptrail.case import Case
from promptrail.errors import CaseError, InputError

READERS: tuple[ModuleType, ...] = (mmdb, csv_ranges, tracker_list)
"""In this order: the first that says a file is its own reads it."""


@dataclass(frozen=True, slots=True)
class Added:
    """What was taken over."""

    dataset: Dataset
    sha256: str
    new: bool


def add(
    case: Case, file: Path, title: str | None = None, as_of: str | None = None, licence: str | None = None
) -> Added:
    """Take a file into the case. InputError names what is wrong with it; the case is then as it was."""
    if not file.is_file():
        raise InputError(f"{file}: no such file. Give the path of an MMDB, a CSV or a list of domains.")
    if as_of is not None and not re.fullmatch(r"\d{4}(-\d\d){0,2}", as_of):
        raise InputError(f"{as_of!r} is no date. Write it as 2026-11-22, 2026-11 or 2026.")
    reader = reader_of(file)
    proof = Proof(title or file.name, as_of or _date_in(file.name), licence)
    found: Dataset = reader.read(file, proof)
    parts = [file, *_beside(reader, file)]
    digest = sha256_of(file)
    with case.locked():
        manifest = Manifest.read(case)
        if any(entry["sha256"] == digest for entry in manifest.imported):
            return Added(found, digest, False)
        folder = case.path / FOLDER / "imported" / digest[:12]
        try:
            folder.mkdir(parents=True, exist_ok=True)
            for part in parts:
                shutil.copyfile(part, folder / part.name)
            manifest.imported.append(_entry(reader, found, file, parts, digest, folder.name))
            manifest.write(case)
        except OSError as fault:
            shutil.rmtree(folder, ignore_errors=True)
            raise CaseError(f"{folder}: cannot be written: {fault.strerror}. Free some room.") from fault
    case.log("attribute add", file=file.name, sha256=digest, reader=found.reader, ranges=found.size)
    return Added(found, digest, True)


def _entry(
    reader: ModuleType, found: Dataset, file: Path, parts: list[Path], digest: str, folder: str
) -> dict[str, Any]:
    return {
        "file": f"imported/{folder}/{file.name}",
        "sha256": digest,
        "with": {part.name: sha256_of(part) for part in parts[1:]},
        "reader": reader.ID,
        "title": found.proof.source,
        "as_of": found.proof.as_of,
        "licence": found.proof.licence,
        "added": now(),
    }


def datasets(case: Case, manifest: Manifest) -> list[Dataset]:
    """The imported files, read again from the case. CaseError where one is not the file that was taken over."""
    out = []
    readers = {reader.ID: reader for reader in READERS}
    for entry in manifest.imported:
        file = case.path / FOLDER / entry["file"]
        manifest.check(file, entry["sha256"])
        for name, digest in entry.get("with", {}).items():
            manifest.check(file.with_name(name), digest)
        proof = Proof(entry["title"], entry["as_of"], entry["licence"])
        out.append(readers[entry["reader"]].read(file, proof))
    return out


def reader_of(file: Path) -> ModuleType:
    """The reader for a file. InputError lists what can be taken."""
    with open(file, "rb") as stream:
        head = stream.read(4096)
    for reader in READERS:
        if reader.fits(file.name, head):
            return reader
    raise InputError(
        f"{file}: neither .mmdb nor .csv nor a list of domains (.txt, .list, .hosts, .json). Unpack an archive first."
    )


def _beside(reader: ModuleType, file: Path) -> list[Path]:
    if reader is csv_ranges and csv_ranges.needs_locations(file):
        return [csv_ranges.locations_of(file)]
    return []


def _date_in(name: str) -> str | None:
    """A date that suppliers put into the names of their files: dbip-country-lite-2026-06.csv, ..._20240618."""
    if hit := re.search(r"(?<!\d)(20\d\d)-(\d\d)(?:-(\d\d))?(?!\d)", name):
        return "-".join(part for part in hit.groups() if part)
    if hit := re.search(r"(?<!\d)(20\d\d)([01]\d)([0-3]\d)(?!\d)", name):
        return "-".join(hit.groups())
    return None


def digest_of(entries: list[dict[str, Any]]) -> str:
    """One digest over the imported files, for the question whether anything has changed."""
    return hashlib.sha256("\n".join(e["sha256"] for e in entries).encode()).hexdigest() if entries else ""
