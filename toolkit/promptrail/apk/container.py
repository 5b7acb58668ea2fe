"""The forms an app is handed over in: a path in, its package files out, each open and with its SHA-256.

One .apk; a folder of split .apk files; an archive of them: .apks (bundletool), .xapk, .apkm. By content, not by name.
Packages inside an archive are unpacked to nameless temporary files. It refuses a path that holds no package.
"""

import hashlib
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

from promptrail.apk.archive import FAULTS, Archive, Budget, Unreadable, shown
from promptrail.apk.identity import PackageFile
from promptrail.apk.limits import FILES, MIB, PACKAGE
from promptrail.errors import InputError

MANIFEST = "AndroidManifest.xml"
SUFFIX, EXPANSION = ".apk", ".obb"
BLOCK = MIB


@dataclass(slots=True)
class Package:
    """One package file that is open: what it is called, its ZIP directory, its bytes, its digest."""

    name: str
    archive: Archive
    stream: IO[bytes]
    size: int
    sha256: str


@dataclass(slots=True)
class Handed:
    """What was handed over: the form, every package file, and the archive around them if there is one."""

    form: str
    packages: list[Package] = field(default_factory=list)
    around: PackageFile | None = None


def handed(path: Path, budget: Budget, stack: ExitStack) -> Handed:
    """The package files below a path. InputError where there is none; files stay open as long as `stack`."""
    if path.is_dir():
        return _folder(path, budget, stack)
    if not path.is_file():
        raise InputError(f"{path}: no such file. Check the path.")
    package = _package(path, path.name, budget, stack)
    if MANIFEST in package.archive:
        return Handed("apk", [package])
    around = PackageFile(shown(package.name), "archive", package.size, package.sha256)
    form = path.suffix.lower().lstrip(".")
    found = Handed(form if form in ("apks", "xapk", "apkm") else "archive", around=around)
    for name, stream in _inside(package.archive, budget, stack):
        try:
            found.packages.append(_opened(name, stream, budget, stack))
        except InputError as fault:
            budget.missing(package.name, name, str(fault))
    if not found.packages:
        raise InputError(
            f"{path}: a ZIP file without {MANIFEST} and without packages in it that can be read. "
            f"An app is an .apk, a folder of them, or an .apks, .xapk or .apkm."
        )
    return found


def _folder(path: Path, budget: Budget, stack: ExitStack) -> Handed:
    try:
        names = sorted(file for file in path.iterdir() if file.suffix.lower() == SUFFIX and file.is_file())
    except OSError as fault:
        raise InputError(f"{path}: cannot be read: {fault.strerror}. Check the path.") from fault
    if not names:
        raise InputError(f"{path}: a folder without any .apk in it. Give the folder with the app's splits.")
    if len(names) > FILES:
        budget.missing(str(path), "files", f"{len(names):,} packages; the first {FILES} by name were read")
    found = Handed("folder")
    for file in names[:FILES]:
        try:
            found.packages.append(_package(file, file.name, budget, stack))
        except InputError as fault:
            budget.missing(file.name, "package", str(fault))
    if not found.packages:
        raise InputError(f"{path}: no .apk in it can be read: {budget.unread[0].reason}")
    return found


def _package(file: Path, name: str, budget: Budget, stack: ExitStack) -> Package:
    try:
        stream = stack.enter_context(open(file, "rb"))  # noqa: SIM115
    except OSError as fault:
        raise InputError(f"{file}: cannot be read: {fault.strerror}. Check the path.") from fault
    return _opened(name, stream, budget, stack)


def _opened(name: str, stream: IO[bytes], budget: Budget, stack: ExitStack) -> Package:
    digest, size = hashlib.sha256(), 0
    try:
        while block := stream.read(BLOCK):
            digest.update(block)
            size += len(block)
        stream.seek(0)
    except OSError as fault:
        raise InputError(f"{shown(name)}: cannot be read: {fault.strerror}. Check its disk.") from fault
    archive = Archive(shown(name), stream, budget)
    stack.callback(archive.close)
    return Package(shown(name), archive, stream, size, digest.hexdigest())


def _inside(archive: Archive, budget: Budget, stack: ExitStack) -> Iterator[tuple[str, IO[bytes]]]:
    """Every package in an archive, copied to a temporary file that has no name and ends with `stack`."""
    names = [name for name in archive.names if name.lower().endswith(SUFFIX)]
    for name in archive.names:
        if name.lower().endswith(EXPANSION):
            budget.missing(archive.name, name, "an expansion file: not looked into")
    if len(names) > FILES:
        budget.missing(archive.name, "files", f"{len(names):,} packages; the first {FILES} by name were read")
    left = PACKAGE
    for name in names[:FILES]:
        try:
            target = stack.enter_context(tempfile.TemporaryFile())  # noqa: SIM115
            with archive.stream(name, left) as source:
                left -= _copied(source, target)
        except (Unreadable, *FAULTS) as fault:
            budget.missing(archive.name, name, str(fault) or type(fault).__name__)
            continue
        target.seek(0)
        yield name, target


def _copied(source: IO[bytes], target: IO[bytes]) -> int:
    size = 0
    while block := source.read(BLOCK):
        size += len(block)
        target.write(block)
    return size
