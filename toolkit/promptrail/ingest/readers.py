"""All runs of a case into one set of frames, in batches; of each witness that recorded a run, its first reader reads.

Where several witnesses recorded a run, `witnesses` joins what they told. Frames appear whole or not at all: they are
written beside the old ones and moved into place at the end.
"""

import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from promptrail.case import Case, run_record
from promptrail.case.evidence import MANIFEST, verify
from promptrail.errors import InputError
from promptrail.ingest import evidence, har, hook_log, mitm, pcap, witnesses
from promptrail.ingest.identity import HAR, HOOK, PACKETS, PROXY
from promptrail.ingest.sink import Sink, no_room, rewrite
from promptrail.model import Problem


class Reader(NamedTuple):
    witness: str
    """Who recorded; a run's witnesses are believed in the order of READERS."""
    name: str
    file: str
    """The file by which a run folder is known to be its."""
    read: Callable[[Path, Sink], None]


READERS = [
    Reader(PROXY, evidence.NAME, evidence.FILE, evidence.read),
    Reader(HAR, har.NAME, "capture.har", har.read),
    Reader(PROXY, mitm.NAME, "flows.mitm", mitm.read),
    *(Reader(PACKETS, pcap.NAME, file, pcap.read) for file in pcap.FILES),
    Reader(HOOK, hook_log.NAME, hook_log.FILE, hook_log.read),
]


def frames_of(case: Case, say: Callable[[str], None] = lambda line: None) -> list[Problem]:
    """Read every run of the case; returns what was lost or remarked. InputError leaves the old frames as they were."""
    target = case.frames_folder
    try:
        target.mkdir(parents=True, exist_ok=True)
        folder = Path(tempfile.mkdtemp(prefix=".new-", dir=target))
    except OSError as fault:
        raise no_room(fault, target) from fault
    sink = Sink(folder)
    try:
        for run in case.run_folders():
            sink.run = run.name
            wrong = verify(run) if (run / MANIFEST).is_file() else []
            broke = run_record.read(run).broke
            sink.intact = not wrong and broke is None
            if broke is not None:
                remedy = "record the run again if the rest is needed"
                place = f"captures/{run.name}/{run_record.FILE}"
                sink.problem("lost", place, "", f"the recording broke off: {broke}", remedy)
            for what in wrong:
                remedy = "restore the capture from where it was kept"
                sink.problem("lost", f"captures/{run.name}", "", what, remedy)
            known = {r.witness: r for r in reversed(READERS) if (run / r.file).is_file()}
            readers = sorted(known.values(), key=READERS.index)
            if not readers:
                sink.problem(
                    "warning",
                    f"captures/{run.name}",
                    "",
                    "holds no capture that a reader knows",
                    "remove the folder, or put one of these into it: " + ", ".join(r.file for r in READERS),
                )
                continue
            before = sink.counts["flows"]
            if len(readers) == 1:
                _guarded(readers[0], run, sink)
            else:
                _joined(readers, run, sink)
            told = ", ".join(reader.name for reader in readers)
            say(f"{run.name}: {sink.counts['flows'] - before} flows ({told})")
        sink.close()
        _mark_simulated(folder)
        for made in sorted(folder.iterdir()):
            made.replace(target / made.name)
    except OSError as fault:
        raise no_room(fault, target) from fault
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        sink.abandon()
    case.forget()
    return sink.problems


def _guarded(reader: Reader, run: Path, sink: Sink) -> bool:
    """Read one capture; false if it cannot be read at all, which must not hide the others."""
    try:
        reader.read(run, sink)
    except InputError as fault:
        sink.problem("lost", f"captures/{run.name}/{reader.file}", "", str(fault))
        return False
    return True


def _joined(readers: list[Reader], run: Path, sink: Sink) -> None:
    """Each witness into frames of its own, then all of them into the sink."""
    with tempfile.TemporaryDirectory(prefix=".witness-", dir=sink.folder) as scratch:
        told = []
        for reader in readers:
            folder = Path(scratch, reader.witness)
            folder.mkdir()
            part = Sink(folder, passing=True)
            part.run, part.intact = sink.run, sink.intact
            whole = _guarded(reader, run, part)
            part.close()
            for problem in part.problems:
                sink.problem(problem.severity, problem.file, problem.place, problem.what, problem.remedy)
            if whole:
                told.append(witnesses.Told(reader.witness, folder))
        if told:
            witnesses.join(told, run.name, sink, whole=len(told) == len(readers))


def _mark_simulated(folder: Path) -> None:
    """A run that holds one marked exchange is simulated as a whole, and so is all that was seen in it."""
    flows = pq.read_table(folder / "flows.parquet", columns=["run", "simulated"])
    runs = pq.read_table(folder / "runs.parquet", columns=["run", "simulated"])
    marked = {
        run
        for table in (flows, runs)
        for run, flag in zip(table["run"].to_pylist(), table["simulated"].to_pylist(), strict=True)
        if flag
    }

    def mark(table: pa.Table) -> pa.Table:
        column = pc.is_in(table["run"], value_set=pa.array(sorted(marked), pa.string()))
        return table.set_column(table.schema.get_field_index("simulated"), "simulated", column)

    for name in ("runs", "flows", "connections"):
        rewrite(folder / f"{name}.parquet", name, mark)
