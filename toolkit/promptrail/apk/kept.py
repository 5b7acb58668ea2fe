"""The identities that a case keeps: `CASE/apk/PACKAGE-VERSIONCODE.json`, and what a new one changes against them.

An identity is never overwritten by one of other files: it is kept beside it under a name with its digest.
"""

import os
import re
import tempfile
from dataclasses import dataclass
from pathlib import Path

from promptrail.apk.identity import Identity
from promptrail.case import Case
from promptrail.errors import CaseError, InputError

FOLDER = "apk"
NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]*(?:\.[A-Za-z][A-Za-z0-9_]*)+\Z")
"""A package name as Android allows it; everything else never becomes the name of a file."""
LONGEST = 120


@dataclass(frozen=True, slots=True)
class Kept:
    """Where an identity is kept, whether it was new there, and what to know about those kept before."""

    file: Path
    new: bool
    warnings: tuple[str, ...]


def keep(case: Case, identity: Identity) -> Kept:
    """Keep an identity in a case. CaseError where that cannot be written."""
    folder = case.path / FOLDER
    before = [(file, one) for file, one in identities(case) if one.package == identity.package]
    file = folder / f"{_stem(identity)}.json"
    other = next((one for kept, one in before if kept == file), None)
    if other is not None and _digests(other) != _digests(identity):
        file = folder / f"{_stem(identity)}-{_digests(identity)[0][:12]}.json"
    new = not file.exists()
    try:
        folder.mkdir(exist_ok=True)
        _write(file, identity.to_json())
        case.log("apk", file=file.name, package=identity.package, sha256=list(_digests(identity)))
    except OSError as fault:
        raise CaseError(
            f"{file}: cannot be written: {fault.strerror}. Free some space, or mend the folder."
        ) from fault
    return Kept(
        file, new, tuple(_differs(identity, kept, one) for kept, one in before if _resigned(identity, one))
    )


def identities(case: Case) -> list[tuple[Path, Identity]]:
    """Every identity that a case keeps, by name of its file. InputError names one that cannot be read."""
    folder = case.path / FOLDER
    files = sorted(folder.glob("*.json")) if folder.is_dir() else []
    return [(file, Identity.from_json(_text(file), str(file))) for file in files]


def _text(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as fault:
        raise InputError(f"{file}: cannot be read: {fault}. Read the app anew.") from fault


def _stem(identity: Identity) -> str:
    package = identity.package or ""
    if not NAME.match(package) or len(package) > LONGEST:
        package = f"unnamed-{_digests(identity)[0][:12]}"
    version = "unknown" if identity.version_code is None else str(identity.version_code)
    return f"{package}-{version}"


def _digests(identity: Identity) -> tuple[str, ...]:
    """The SHA-256 of every file, the base first."""
    return tuple(file.sha256 for file in identity.files)


def _signers(identity: Identity) -> set[str]:
    return {certificate.sha256 for certificate in identity.certificates}


def _resigned(one: Identity, other: Identity) -> bool:
    return _signers(one) != _signers(other)


def _differs(identity: Identity, file: Path, other: Identity) -> str:
    def signers(one: Identity) -> str:
        return ", ".join(sorted(_signers(one))) or "no certificate"

    return (
        f"{identity.package} is signed by {signers(identity)}, and in {file.name} (version "
        f"{other.version_name}) by {signers(other)}. Another signer is another maker, or a repackaged app: "
        f"compare them only if you know why."
    )


def _write(file: Path, text: str) -> None:
    """Whole or not at all."""
    number, part = tempfile.mkstemp(dir=file.parent, prefix=".apk-")
    try:
        with open(number, "w", encoding="utf-8", newline="\n") as out:
            out.write(text)
        os.replace(part, file)
    except OSError:
        os.unlink(part)
        raise
