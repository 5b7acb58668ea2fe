"""One ZIP file, read with mistrust: an open file in, its entries' names and bounded contents out.

It refuses what is no ZIP file. An entry that is encrypted, damaged, packed by an unknown method, or larger than the
limits is `Unreadable` with its reason; nothing is ever written to disk under a name from the archive.
"""

import zipfile
import zlib
from collections import Counter
from dataclasses import dataclass, field
from typing import IO

from promptrail.apk.end_record import directories
from promptrail.apk.identity import Unread
from promptrail.apk.limits import DIRECTORY, ENTRIES, ENTRY, MIB, RATIO, RATIO_FROM, TEXT, TOTAL
from promptrail.errors import InputError

FAULTS = (
    zipfile.BadZipFile,
    zlib.error,
    EOFError,
    OSError,
    ValueError,
    NotImplementedError,
    RuntimeError,
    KeyError,
    OverflowError,
)
"""What zipfile raises on files that were made to break it; RuntimeError is its word for encryption."""
ENCRYPTED = 1
"""Bit 0 of the general purpose flags (APPNOTE 6.3.10, section 4.4.4)."""


class Unreadable(Exception):
    """A part cannot be read; the text is the reason, for a person."""


@dataclass(slots=True)
class Budget:
    """What all archives of one app together may still unpack, and what of them was not read."""

    left: int = TOTAL
    unread: list[Unread] = field(default_factory=list)

    def missing(self, file: str, part: str, reason: str) -> None:
        """One part that was not read; said once, in words that fit on a line."""
        entry = Unread(file, shown(part), shown(reason))
        if entry not in self.unread:
            self.unread.append(entry)


class Archive:
    """The entries of a ZIP file. Of two entries with one name the last counts, as the directory has it."""

    def __init__(self, name: str, source: IO[bytes], budget: Budget) -> None:
        self.name, self.budget = name, budget
        if any(size > DIRECTORY for _, size in directories(source)):
            raise InputError(
                f"{name}: its directory has more than {DIRECTORY // MIB} MiB, and that of an app a few. "
                f"It was not read: it is damaged, or made to exhaust its reader."
            )
        try:
            self._zip = zipfile.ZipFile(source)
        except FAULTS as fault:
            raise InputError(
                f"{name}: not a ZIP file that can be read, so no Android package: {fault}. Check that it is whole."
            ) from fault
        infos = self._zip.infolist()
        self._infos = {info.filename: info for info in infos if not info.is_dir()}
        twice = [name for name, n in Counter(info.filename for info in infos).items() if n > 1]
        if twice:
            budget.missing(
                name, twice[0], f"{len(twice)} names stand more than once; the last entry was read"
            )
        self.names = sorted(self._infos)
        if len(self.names) > ENTRIES:
            reason = f"{len(self.names):,} entries; the first {ENTRIES:,} by name were searched for addresses"
            budget.missing(name, "entries", reason)

    def __contains__(self, name: str) -> bool:
        return name in self._infos

    def close(self) -> None:
        self._zip.close()

    def size(self, name: str) -> int:
        """What the directory says of an entry's length; it may lie."""
        return self._infos[name].file_size

    def read(self, name: str, limit: int = ENTRY) -> bytes:
        """An entry's bytes; Unreadable with the reason. No more is unpacked than the directory says."""
        with self.stream(name, min(limit, self.budget.left)) as stream:
            try:
                data = stream.read()
            except FAULTS as fault:
                raise Unreadable(f"damaged: {fault}") from fault
        self.budget.left -= len(data)
        return data

    def found(self, name: str, limit: int = ENTRY) -> bytes | None:
        """An entry's bytes, or None, and then its reason is among the unread."""
        try:
            return self.read(name, limit)
        except Unreadable as fault:
            self.budget.missing(self.name, name, str(fault))
            return None

    def stream(self, name: str, limit: int) -> IO[bytes]:
        """An entry as an open stream of at most `limit` bytes; Unreadable with the reason."""
        info = self._infos[name]
        if info.flag_bits & ENCRYPTED:
            raise Unreadable("encrypted")
        if info.file_size > RATIO_FROM and info.compress_size * RATIO < info.file_size:
            raise Unreadable(f"{info.file_size:,} bytes packed more than {RATIO} times: not unpacked")
        if info.file_size > limit:
            raise Unreadable(f"{info.file_size:,} bytes unpacked, and the limit is {limit:,}")
        try:
            return self._zip.open(info)
        except FAULTS as fault:
            raise Unreadable(f"damaged: {fault}") from fault


def shown(text: str) -> str:
    """A text out of a package, as long as can be told; it is made harmless where it is shown."""
    return text if len(text) <= TEXT else text[: TEXT - 1] + "…"
