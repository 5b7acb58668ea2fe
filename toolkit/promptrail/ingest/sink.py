"""Records in, Parquet files out, in batches: memory holds one batch of rows and of bodies, never a capture.

Bodies are stored once each, by the SHA-256 of the bytes as the capture holds them. A full disk raises InputError with
the remedy; the caller removes the half-written folder.
"""

import errno
import hashlib
import operator
from collections.abc import Callable
from pathlib import Path
from typing import Any, Literal

import pyarrow as pa
import pyarrow.parquet as pq

from promptrail import frames
from promptrail.errors import InputError
from promptrail.ingest.columns import table
from promptrail.ingest.hook_record import HookRecord
from promptrail.ingest.packets.bursts import Burst
from promptrail.ingest.rows import ConnectionRow, FlowRow, MessageRow
from promptrail.ingest.seen import Seen
from promptrail.model import EMPTY, Clock, Connection, Event, Flow, Message, Problem, Run

FRAME_OF: dict[type, str] = {
    Run: "runs",
    Flow: "flows",
    FlowRow: "flows",
    Connection: "connections",
    ConnectionRow: "connections",
    Message: "messages",
    MessageRow: "messages",
    Event: "events",
    HookRecord: "hooks",
    Clock: "clocks",
    Burst: "bursts",
    Problem: "problems",
}
ROW_OF: dict[type, Callable[[Any], tuple[Any, ...]]] = {
    record: operator.attrgetter(*(column.name for column in frames.FRAMES[name]))
    for record, name in FRAME_OF.items()
    if not issubclass(record, tuple)
}
ROWS, BODY_BYTES, HEAVY = 5_000, 16_000_000, 128_000_000
"""A frame is written in groups of so many rows, the bodies in groups of so many bytes, rows of heavy headers sooner."""


def no_room(fault: OSError, place: Path) -> InputError:
    """The sentence for a disk that is full or may not be written."""
    if fault.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
        return InputError(
            f"{place}: no space left on this disk. Free some and run the command again; nothing was changed."
        )
    return InputError(f"{place}: cannot be written: {fault.strerror or fault}. Nothing was changed.")


class Sink:
    """What a reader writes to. `run` names the run that is being read; `intact`: its files are as they were sealed, and
    its recorder does not say that it broke off.

    `passing`: what is written goes into another sink soon, so bodies are not compressed.
    """

    def __init__(self, folder: Path, passing: bool = False) -> None:
        self.folder = folder
        self.passing = passing
        self.run = ""
        self.intact = True
        self._rows: dict[str, list[Any]] = {name: [] for name in (*FRAME_OF.values(), "bodies")}
        self._tables: dict[str, list[pa.Table]] = {name: [] for name in self._rows}
        self._due: dict[str, int] = dict.fromkeys(self._rows, ROWS)
        self._writers: dict[str, pq.ParquetWriter] = {}
        self._bodies = Seen()
        self._fresh = False
        self._weight: dict[str, int] = dict.fromkeys(self._rows, 0)
        self._held = 0
        self.problems: list[Problem] = []
        self.counts: dict[str, int] = dict.fromkeys(FRAME_OF.values(), 0)

    def add(
        self,
        record: Run | Flow | Connection | Message | Event | HookRecord | Clock | Burst | Problem,
        weight: int = 0,
    ) -> None:
        """One row. `weight`: about how many bytes it holds, where that may be many."""
        kind = type(record)
        name = FRAME_OF[kind]
        self.counts[name] += 1
        rows = self._rows[name]
        rows.append(ROW_OF[kind](record) if kind in ROW_OF else record)
        self._weight[name] += weight
        if len(rows) >= self._due[name] or self._weight[name] >= HEAVY:
            self._flush(name)

    def extend(self, name: str, part: pa.Table) -> None:
        """Rows of a frame that another sink wrote. They are grouped as if they had been added one by one."""
        self.counts[name] += part.num_rows
        if self._rows[name]:
            self._tables[name].append(table(name, self._rows[name]))
            self._rows[name] = []
        self._tables[name].append(part.cast(frames.schema(name)))
        self._due[name] = ROWS - sum(one.num_rows for one in self._tables[name])
        if self._due[name] <= 0:
            self._flush(name)

    def body(self, data: bytes) -> str:
        """Store a body; returns its SHA-256."""
        if not data:
            return EMPTY
        digest = hashlib.sha256(data).digest()
        self.keep(digest, data)
        return digest.hex()

    def keep(self, digest: bytes, data: bytes) -> None:
        """Store a body whose SHA-256 is known."""
        for at in range(0, len(data), BODY_BYTES):
            self.piece(digest, len(data), at, data[at : at + BODY_BYTES] if len(data) > BODY_BYTES else data)

    def piece(self, digest: bytes, length: int, at: int, data: bytes) -> None:
        """Store what begins at a byte of a body; its pieces come in order, none between them."""
        if not at:
            self._fresh = self._bodies.new(digest)
        if self._fresh:
            self._rows["bodies"].append((digest.hex(), length, at, data))
            self._held += len(data)
            if self._held >= BODY_BYTES:
                self._flush("bodies")

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
            self._flush(name, last=True)
        self._bodies.close()
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

    def _flush(self, name: str, last: bool = False) -> None:
        """Write the rows that wait, as whole groups; those of a last group that is not full wait on."""
        rows, self._rows[name] = self._rows[name], []
        if name == "bodies":
            self._held = 0
        self._weight[name] = 0
        try:
            if name not in self._writers:
                self._writers[name] = writer(self.folder / f"{name}.parquet", name, self.passing)
            waiting = self._tables[name] + ([table(name, rows)] if rows else [])
            self._tables[name] = []
            if len(waiting) == 1 and rows:
                self._writers[name].write_table(waiting[0])
            elif waiting:
                whole = pa.concat_tables(waiting)
                full = whole.num_rows if last else whole.num_rows - whole.num_rows % ROWS
                for at in range(0, full, ROWS):
                    self._writers[name].write_table(whole.slice(at, min(ROWS, full - at)))
                if full < whole.num_rows:
                    self._tables[name] = [whole.slice(full)]
            self._due[name] = ROWS - sum(one.num_rows for one in self._tables[name])
        except OSError as fault:
            raise no_room(fault, self.folder) from fault


def writer(file: Path, name: str, passing: bool = False) -> pq.ParquetWriter:
    """A Parquet writer for a frame; bodies without statistics or dictionary, which would cost time and help nobody."""
    if name == "bodies":
        return pq.ParquetWriter(
            file,
            frames.schema(name),
            compression="none" if passing else "zstd",
            compression_level=None if passing else 1,
            use_dictionary=False,
            write_statistics=["sha256"],
        )
    return pq.ParquetWriter(file, frames.schema(name), compression="zstd")


def rewrite(file: Path, name: str, change: Callable[[pa.Table], pa.Table]) -> None:
    """Change the column `simulated`, known only when a run has been read to its end, from it and `run`; group by group.

    A file in which nothing would change is not written again.
    """
    fresh = file.with_suffix(".tmp")
    try:
        told = pq.read_table(file, columns=["run", "simulated"])
        if change(told)["simulated"].equals(told["simulated"]):
            return
        with pq.ParquetFile(file) as old, writer(fresh, name) as out:
            for group in range(old.num_row_groups):
                out.write_table(change(old.read_row_group(group)).cast(frames.schema(name)))
        fresh.replace(file)
    except OSError as fault:
        fresh.unlink(missing_ok=True)
        raise no_room(fault, file) from fault
