"""Records in, Parquet files out, in batches: memory holds one batch of rows and of bodies, never a capture.

Bodies are stored once each, by the SHA-256 of the bytes as the capture holds them. A full disk raises InputError with
the remedy; the caller removes the half-written folder.
"""

import errno
import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import Any, Literal

import pyarrow as pa
import pyarrow.parquet as pq

from promptrail import frames
from promptrail.errors import InputError
from promptrail.model import EMPTY, Connection, Event, Flow, Message, Problem, Run

FRAME_OF: dict[type, str] = {
    Run: "runs",
    Flow: "flows",
    Connection: "connections",
    Message: "messages",
    Event: "events",
    Problem: "problems",
}
ROWS, BODY_BYTES = 5_000, 16_000_000


def no_room(fault: OSError, place: Path) -> InputError:
    """The sentence for a disk that is full or may not be written."""
    if fault.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
        return InputError(
            f"{place}: no space left on this disk. Free some and run the command again; nothing was changed."
        )
    return InputError(f"{place}: cannot be written: {fault.strerror or fault}. Nothing was changed.")


class Sink:
    """What a reader writes to. `run` names the run that is being read; `intact`: its files are as they were sealed."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.run = ""
        self.intact = True
        self._rows: dict[str, list[Any]] = {name: [] for name in (*FRAME_OF.values(), "bodies")}
        self._writers: dict[str, pq.ParquetWriter] = {}
        self._bodies: set[bytes] = set()
        self._held = 0
        self.problems: list[Problem] = []
        self.counts: dict[str, int] = dict.fromkeys(FRAME_OF.values(), 0)

    def add(self, record: Run | Flow | Connection | Message | Event | Problem) -> None:
        """One row."""
        name = FRAME_OF[type(record)]
        self.counts[name] += 1
        self._rows[name].append(record)
        if len(self._rows[name]) >= ROWS:
            self._flush(name)

    def body(self, data: bytes) -> str:
        """Store a body; returns its SHA-256."""
        if not data:
            return EMPTY
        digest = hashlib.sha256(data)
        if digest.digest() not in self._bodies:
            self._bodies.add(digest.digest())
            self._rows["bodies"].append({"sha256": digest.hexdigest(), "length": len(data), "data": data})
            self._held += len(data)
            if self._held >= BODY_BYTES:
                self._flush("bodies")
        return digest.hexdigest()

    def problem(
        self, severity: Literal["lost", "warning"], file: str, place: str, what: str, remedy: str = ""
    ) -> None:
        """Something that was lost, or a remark about a file that was read whole."""
        found = Problem(self.run, severity, file, place, what, remedy)
        self.problems.append(found)
        self.add(found)

    def close(self) -> None:
        """Write what is left; every frame gets a file, an empty one too."""
        for name in self._rows:
            self._flush(name)
        try:
            for writer in self._writers.values():
                writer.close()
        except OSError as fault:
            raise no_room(fault, self.folder) from fault

    def abandon(self) -> None:
        """Let go of half-written files, after their folder was removed and without a word: the fault was told."""
        for writer in self._writers.values():
            try:
                writer.close()
            except OSError:
                writer.is_open = (
                    False  # else pyarrow tries once more when it forgets the writer, and complains
                )

    def _flush(self, name: str) -> None:
        rows, self._rows[name] = self._rows[name], []
        if name == "bodies":
            self._held = 0
        try:
            if name not in self._writers:
                self._writers[name] = writer(self.folder / f"{name}.parquet", name)
            if rows:
                self._writers[name].write_table(frames.to_arrow(name, rows))
        except OSError as fault:
            raise no_room(fault, self.folder) from fault


def writer(file: Path, name: str) -> pq.ParquetWriter:
    """A Parquet writer for a frame; bodies without statistics or dictionary, which would cost time and help nobody."""
    if name == "bodies":
        return pq.ParquetWriter(
            file,
            frames.schema(name),
            compression="zstd",
            compression_level=1,
            use_dictionary=False,
            write_statistics=["sha256"],
        )
    return pq.ParquetWriter(file, frames.schema(name), compression="zstd")


def rewrite(file: Path, name: str, change: Callable[[pa.Table], pa.Table]) -> None:
    """Change a written frame batch by batch, for what is known only when a run has been read to its end."""
    fresh = file.with_suffix(".tmp")
    try:
        with pq.ParquetFile(file) as old, writer(fresh, name) as out:
            for group in range(old.num_row_groups):
                out.write_table(change(old.read_row_group(group)).cast(frames.schema(name)))
        fresh.replace(file)
    except OSError as fault:
        fresh.unlink(missing_ok=True)
        raise no_room(fault, file) from fault
