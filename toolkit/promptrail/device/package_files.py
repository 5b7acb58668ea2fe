"""The APKs of one app in whatever form it was handed over: a path in, files of this machine under names of ours out.

An .apk, a folder of splits, .apks (bundletool), .xapk or .apkm. Refuses archives that are none, are encrypted, have
paths that lead out of them, or would unpack to more than the limits; nothing is written under an archive's own names.
"""

import hashlib
import json
import re
import shutil
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from tempfile import TemporaryDirectory
from typing import NamedTuple

from promptrail.errors import InputError

ARCHIVES = (".apks", ".xapk", ".apkm")
MOST, LARGEST, RATIO, RATIO_FROM = 500, 8 << 30, 200, 16 << 20
"""Files, bytes of all together; how many times its packed size an entry may be, once it is so long."""
NOTES = 4 << 20
"""Bytes of a manifest.json."""
ENCRYPTED = 1
"""Bit 0 of an entry's flags (APPNOTE 4.4.4)."""
VARIANT = re.compile(r"(.+)_\d+(\.apk)")
"""bundletool numbers what it makes for newer systems; what has no number is for the oldest, and runs on all."""
PACKAGE = re.compile(r"[A-Za-z]\w*(\.[A-Za-z]\w*)+")
EXPANSION = re.compile(r"(main|patch)\.\d+\.(?P<package>[\w.]+)\.obb")
FAULTS = (zipfile.BadZipFile, OSError, ValueError, NotImplementedError, RuntimeError, EOFError, KeyError)
"""What zipfile raises on archives that were made to break it; RuntimeError is its word for encryption."""


class File(NamedTuple):
    name: str
    """As it was called where it came from."""
    path: Path
    sha256: str


class Files(NamedTuple):
    apks: tuple[File, ...]
    expansions: tuple[File, ...] = ()
    """OBB files, named (main|patch).NUMBER.PACKAGE.obb."""


@contextmanager
def opened(apks: Path) -> Iterator[Files]:
    """The files of an app, there until the block ends. InputError says why it is none."""
    if apks.is_dir():
        found = sorted(apks.glob("*.apk"))
        if not found:
            raise InputError(f"{apks}: no .apk file lies in this folder.")
        yield Files(tuple(_file(one.name, one) for one in found))
    elif not apks.is_file():
        raise InputError(f"{apks}: no such file or folder.")
    elif apks.suffix.lower() in ARCHIVES:
        with TemporaryDirectory(prefix="promptrail-apks-") as folder:
            try:
                with zipfile.ZipFile(apks) as archive:
                    files = _unpacked(apks, archive, Path(folder))
            except FAULTS as fault:
                raise InputError(f"{apks}: cannot be read as an archive of APKs: {fault}.") from fault
            yield files
    elif apks.suffix.lower() == ".apk":
        yield Files((_file(apks.name, apks),))
    else:
        raise InputError(f"{apks}: is no .apk, {', '.join(ARCHIVES)} or folder of .apk files.")


def _unpacked(file: Path, archive: zipfile.ZipFile, folder: Path) -> Files:
    entries = _checked(file, archive)
    apks = [one for one in entries if one.filename.lower().endswith(".apk")]
    names = {one.filename for one in apks}
    apks = [one for one in apks if not ((v := VARIANT.fullmatch(one.filename)) and v[1] + v[2] in names)]
    splits = [one for one in apks if "standalones/" not in one.filename]
    expansions = [one for one in entries if _expansion(one.filename, _package(archive))]
    if not splits:
        raise InputError(f"{file}: no .apk for a device of today is in this archive.")
    out: list[File] = []
    for number, entry in enumerate([*splits, *expansions]):
        path = folder / f"{number:03}{PurePosixPath(entry.filename).suffix.lower()}"
        with archive.open(entry) as source, path.open("wb") as target:
            shutil.copyfileobj(
                source, target, 1 << 20
            )  # zipfile gives no more than the size that was checked
        out.append(_file(entry.filename, path))
    return Files(tuple(out[: len(splits)]), tuple(out[len(splits) :]))


def _checked(file: Path, archive: zipfile.ZipFile) -> list[zipfile.ZipInfo]:
    """Its files in order of their names, if it is one that may be unpacked."""
    entries = sorted((one for one in archive.infolist() if not one.is_dir()), key=lambda one: one.filename)
    names = [one.filename for one in entries]
    if len(names) > MOST:
        raise InputError(f"{file}: has {len(names):,} files, and no app has more than {MOST}.")
    if len(set(names)) < len(names):
        raise InputError(f"{file}: two files in it have one name, so what it installs depends on the reader.")
    for one in entries:
        parts = PurePosixPath(one.filename).parts
        if one.filename.startswith("/") or ".." in parts or "\\" in one.filename or "\0" in one.filename:
            raise InputError(f"{file}: the path {one.filename[:100]!r} in it leads out of the archive.")
        if one.flag_bits & ENCRYPTED:
            raise InputError(f"{file}: {one.filename[:100]!r} in it is encrypted; decrypt the archive first.")
        if one.file_size > RATIO_FROM and one.file_size > RATIO * one.compress_size:
            raise InputError(f"{file}: {one.filename[:100]!r} in it unpacks to over {RATIO} times its size.")
    if sum(one.file_size for one in entries) > LARGEST:
        raise InputError(f"{file}: unpacks to more than {LARGEST >> 30} GiB.")
    return entries


def _package(archive: zipfile.ZipFile) -> str | None:
    """The package that an .xapk says it holds."""
    try:
        entry = archive.getinfo("manifest.json")
        notes = json.loads(archive.read(entry)) if entry.file_size <= NOTES else {}
        name = str(notes.get("package_name", ""))
    except (*FAULTS, AttributeError, RecursionError):
        return None
    return name if PACKAGE.fullmatch(name) else None


def _expansion(name: str, package: str | None) -> bool:
    found = EXPANSION.fullmatch(PurePosixPath(name).name)
    return found is not None and found["package"] == package


def _file(name: str, path: Path) -> File:
    with path.open("rb") as opened_file:
        return File(name, path, hashlib.file_digest(opened_file, "sha256").hexdigest())
