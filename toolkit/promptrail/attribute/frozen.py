"""The sources that a case was attributed from, kept in the case: a re-run years later answers alike.

The first attribution that asks more than the case's own table copies the tables, the public suffix list and the
registry's answers into CASE/attribution/SNAPSHOT/. `refresh` makes a new snapshot from what is installed now and
leaves the old one where it is. A case of reserved names alone keeps nothing: nothing outside of it was asked.
"""

import csv
import hashlib
import io
import os
import shutil
from collections.abc import Mapping
from pathlib import Path

from promptrail import __version__
from promptrail.attribute import domains, imported, networks, registry, table
from promptrail.attribute.domains import Suffixes, reserved
from promptrail.attribute.manifest import FOLDER, Manifest, now, sha256_of
from promptrail.attribute.networks import Networks, special
from promptrail.attribute.observed import Observed
from promptrail.attribute.registry import Registry
from promptrail.attribute.sources import Sources, installed
from promptrail.attribute.subjects import subject
from promptrail.attribute.table import Proof, Table, entries_of
from promptrail.case import Case
from promptrail.errors import CaseError

SUFFIX_LIST, REGISTRY = "public_suffix_list.dat", "registry.csv"
HEADER = ["address", "country"]


def sources(case: Case) -> Sources | None:
    """The sources that the case keeps, with the user's own files; None: it keeps none, ask those that are installed."""
    manifest = Manifest.read(case)
    if manifest.current is None and not manifest.imported:
        return None
    base = _snapshot(case, manifest) if manifest.current else installed()
    data = tuple(imported.datasets(case, manifest))
    return Sources(base.suffixes, base.table, base.networks, base.registry, data)


def keep(case: Case, seen: Mapping[str, Observed], used: Sources) -> None:
    """Copy what was used into the case, or add the registry's new answers to what it keeps."""
    if not _writable(case) or not _outside(seen):
        return
    manifest = Manifest.read(case)
    try:
        if manifest.current is None:
            manifest.current = _write(case, manifest, used.registry)
            manifest.write(case)
        else:
            _add_answers(case, manifest, used.registry)
    except OSError as fault:
        raise CaseError(
            f"{case.path / FOLDER}: cannot be written: {fault.strerror}. Free some room."
        ) from fault


def refresh(case: Case, seen: Mapping[str, Observed]) -> str:
    """A new snapshot from what is installed now, in force from now on; returns its name."""
    fresh = installed()
    for record in seen.values():
        for address in record.addresses:
            if not special(address):
                fresh.registry.country(address)
    manifest = Manifest.read(case)
    try:
        manifest.current = _write(case, manifest, fresh.registry)
        manifest.write(case)
    except OSError as fault:
        raise CaseError(
            f"{case.path / FOLDER}: cannot be written: {fault.strerror}. Free some room."
        ) from fault
    case.log("attribute refresh", snapshot=manifest.current)
    return manifest.current


def revision(case: Case) -> str:
    """What decides whether a case must be attributed anew: a refresh or an added file, not the first freezing."""
    manifest = Manifest.read(case)
    later = manifest.current if len(manifest.snapshots) > 1 else ""
    return f"{later} {imported.digest_of(manifest.imported)}".strip()


def _outside(seen: Mapping[str, Observed]) -> bool:
    """Whether any host or address is one that the shipped sources were asked about."""
    for host, record in seen.items():
        meant = subject(host)
        if meant.name and not reserved(meant.name):
            return True
        if any(not special(a) for a in ([meant.address] if meant.address else record.addresses)):
            return True
    return False


def _writable(case: Case) -> bool:
    return os.access(case.path, os.W_OK) and case.frames_folder.is_relative_to(case.path)


def _write(case: Case, manifest: Manifest, answers: Registry) -> str:
    """A snapshot's folder and its entry; the same content on the same day is the same snapshot."""
    texts = {
        name: text.encode() for name, text in {**table.shipped_files(), **networks.shipped_text()}.items()
    }
    texts[SUFFIX_LIST] = domains.list_file().read_bytes()
    texts[REGISTRY] = _csv(answers.given)
    files = {name: hashlib.sha256(data).hexdigest() for name, data in texts.items()}
    made = now()
    name = f"{made[:10]}-{hashlib.sha256(repr(sorted(files.items())).encode()).hexdigest()[:8]}"
    folder = case.path / FOLDER / name
    fresh = folder.with_name(f".{name}")
    shutil.rmtree(fresh, ignore_errors=True)
    fresh.mkdir(parents=True)
    for file, data in texts.items():
        (fresh / file).write_bytes(data)
    shutil.rmtree(folder, ignore_errors=True)
    fresh.replace(folder)
    proof = answers.proof
    manifest.snapshots[name] = {
        "made": made,
        "promptrail": __version__,
        "suffix_list": domains.list_version(),
        "registry": {
            "source": proof.source,
            "as_of": proof.as_of,
            "licence": proof.licence,
            "url": proof.url,
        },
        "files": files,
    }
    return name


def _add_answers(case: Case, manifest: Manifest, answers: Registry) -> None:
    assert manifest.current
    folder = case.path / FOLDER / manifest.current
    kept = _read_csv(folder / REGISTRY)
    if set(answers.given) <= set(kept):
        return
    data = _csv(kept | answers.given)
    fresh = folder / f".{REGISTRY}"
    fresh.write_bytes(data)
    fresh.replace(folder / REGISTRY)
    manifest.snapshots[manifest.current]["files"][REGISTRY] = sha256_of(folder / REGISTRY)
    manifest.write(case)


def _snapshot(case: Case, manifest: Manifest) -> Sources:
    assert manifest.current
    entry = manifest.snapshots[manifest.current]
    folder = case.path / FOLDER / manifest.current
    for name, digest in entry["files"].items():
        manifest.check(folder / name, digest)
    texts = {
        n: (folder / n).read_text(encoding="utf-8") for n in sorted(entry["files"]) if n.endswith(".toml")
    }
    nets = {n: t for n, t in texts.items() if n == networks.FILE}
    rows = {n: t for n, t in texts.items() if n != networks.FILE}
    said = entry["registry"]
    proof = Proof(said["source"], said["as_of"], said["licence"], said["url"], registry.SHOWS)
    return Sources(
        Suffixes(folder / SUFFIX_LIST),
        Table(entries_of(rows)),
        Networks(nets),
        Registry(_read_csv(folder / REGISTRY), proof),
    )


def _csv(answers: Mapping[str, str | None]) -> bytes:
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(HEADER)
    writer.writerows((address, answers[address] or "") for address in sorted(answers))
    return out.getvalue().encode()


def _read_csv(file: Path) -> dict[str, str | None]:
    with open(file, encoding="utf-8", newline="") as stream:
        return {row[0]: row[1] or None for row in list(csv.reader(stream))[1:]}
