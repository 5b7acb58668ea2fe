"""A flow file shared by several processes: each reads a range, and the rows come together as one process gives them.

In: a flow file and how many processes. Out: the same rows, bodies and figures in the same order as from one. A process
that fails is made good by reading its range here. Run as a module it is the other process (not a fork and not
multiprocessing: a notebook or a script without a guard could not stand these).
"""

import json
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from promptrail.ingest.flow_file import FlowFile, Record
from promptrail.ingest.flow_format import is_direct
from promptrail.ingest.reading import Reading
from promptrail.ingest.sink import Sink

FIGURES = "figures.json"


def read_shards(flows: FlowFile, file: Path, reading: Reading, count: int) -> None:
    """Read a flow file by this process and `count - 1` others."""
    first = next(flows.walk(), None)
    # Older formats hold WebSockets in two flows each, which only one process sees together.
    alone = count < 2 or not isinstance(first, Record) or not is_direct(flows.data, first.start, first.stop)
    (low, high), *others = [(0, flows.size)] if alone else flows.shards(count)
    with tempfile.TemporaryDirectory(prefix=".shard-", dir=reading.sink.folder) as folder:
        started = [_start(file, reading, Path(folder, str(n)), *part) for n, part in enumerate(others)]
        try:
            reading.range(flows, low, high)
            for n, (process, part) in enumerate(zip(started, others, strict=True)):
                if process.wait() == 0:
                    _take(reading, Path(folder, str(n)))
                else:
                    reading.range(flows, *part)
        finally:
            for process in started:
                process.kill()
                process.wait()


def _start(file: Path, reading: Reading, folder: Path, low: int, high: int) -> subprocess.Popen[bytes]:
    folder.mkdir()
    what = json.dumps([str(file), low, high, str(folder), reading.flows.run])
    return subprocess.Popen(
        [sys.executable, "-m", __name__, what], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )


def _take(reading: Reading, folder: Path) -> None:
    """What another process read, as if it had been read here."""
    sink = reading.sink
    for name in ("flows", "messages"):
        with pq.ParquetFile(folder / f"{name}.parquet") as part:
            for group in range(part.num_row_groups):
                sink.extend(name, part.read_row_group(group))
    with pq.ParquetFile(folder / "connections.parquet") as part:
        for batch in part.iter_batches():
            fresh = [reading.connections.new(name.encode()) for name in batch["connection"].to_pylist()]
            sink.extend("connections", pa.Table.from_batches([batch]).filter(pc.equal(pa.array(fresh), True)))
    with pq.ParquetFile(folder / "bodies.parquet") as part:
        for group in range(part.num_row_groups):
            batch = part.read_row_group(group)
            for sha256, length, at, data in zip(
                *(column.to_pylist() for column in batch.columns), strict=True
            ):
                sink.piece(bytes.fromhex(sha256), length, at, data)
    figures = json.loads((folder / FIGURES).read_text(encoding="utf-8"))
    reading.count += figures["count"]
    reading.simulated |= figures["simulated"]
    reading.odd_certificates += figures["odd_certificates"]
    reading.spans(figures["started"], figures["ended"])
    for lost in figures["lost"]:
        reading.lose(*lost)
    reading.untold += figures["untold"]


def main(what: str) -> None:
    """The other process: one range into a folder of its own."""
    file, low, high, folder, run = json.loads(what)
    sink = Sink(Path(folder), passing=True)
    reading = Reading("", run, sink)
    with FlowFile(Path(file)) as flows:
        reading.range(flows, low, high)
    sink.close()
    reading.connections.close()
    names = ("count", "simulated", "odd_certificates", "started", "ended", "lost", "untold")
    figures: dict[str, Any] = {name: getattr(reading, name) for name in names}
    Path(folder, FIGURES).write_text(json.dumps(figures), encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1])
