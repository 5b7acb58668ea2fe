"""All runs of a case into one set of frames, in batches; each run by the first reader that knows its folder.

Frames appear whole or not at all: they are written beside the old ones and moved into place at the end.
"""

import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from promptrail.case import Case
from promptrail.case.evidence import MANIFEST, verify
from promptrail.errors import InputError
from promptrail.ingest import evidence, har, hook_log, mitm
from promptrail.ingest.sink import Sink, no_room, rewrite
from promptrail.model import Problem


class Reader(NamedTuple):
    name: str
    file: str
    """The file by which a run folder is known to be its."""
    read: Callable[[Path, Sink], None]


READERS = [
    Reader(evidence.NAME, evidence.FILE, evidence.read),
    Reader(har.NAME, "capture.har", har.read),
    Reader(mitm.NAME, "flows.mitm", mitm.read),
    Reader(hook_log.NAME, hook_log.FILE, hook_log.read),
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
            sink.intact = not wrong
            for what in wrong:
                remedy = "restore the capture from where it was kept"
                sink.problem("lost", f"captures/{run.name}", "", what, remedy)
            reader = next((r for r in READERS if (run / r.file).is_file()), None)
            if reader is None:
                sink.problem(
                    "warning",
                    f"captures/{run.name}",
                    "",
                    "holds no capture that a reader knows",
                    "remove the folder, or put evidence.jsonl, capture.har or flows.mitm into it",
                )
                continue
            before = sink.counts["flows"]
            try:
                reader.read(run, sink)
            except InputError as fault:  # one bad capture must not hide the others
                sink.problem("lost", f"captures/{run.name}/{reader.file}", "", str(fault))
                continue
            say(f"{run.name}: {sink.counts['flows'] - before} flows ({reader.name})")
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
