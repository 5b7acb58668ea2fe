"""promptrail export: a case's exchanges as HAR 1.2, for other tools; what HAR cannot hold is told.

The file is there whole or not at all, and none is ever overwritten: it might be somebody's capture.
"""

import argparse
import hashlib
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any

from promptrail.case import Case
from promptrail.cli.speech import say, tell_problems
from promptrail.errors import CaseError
from promptrail.model import Problem

BATCH = 1000
"""So many flows are in memory at a time."""


def add(commands: Any) -> None:
    export = commands.add_parser("export", help="write a case's exchanges as HAR 1.2, for other tools")
    export.add_argument("case", metavar="CASE")
    export.add_argument("out", metavar="OUT", type=Path, help="the file to write, such as traffic.har")
    export.add_argument(
        "--run", metavar="RUN", dest="only", help="only this run; otherwise all, one after the other"
    )
    export.set_defaults(run=export_har)


def export_har(options: argparse.Namespace) -> int:
    from promptrail import frames, pipeline
    from promptrail.ingest import har_export

    case = Case.open(options.case)
    pipeline.ensure(case, say)
    runs = sorted(case.runs["run"])
    if options.only is not None and options.only not in runs:
        raise CaseError(f"{case.path}: no run {options.only!r}. It holds: {', '.join(runs) or 'none'}.")
    flows = case.flows if options.only is None else case.flows[case.flows["run"] == options.only]
    simulated = bool(flows["simulated"].any())
    target: Path = options.out
    if target.exists():
        raise CaseError(f"{target}: is there already. Name another file, or remove it first.")
    left = int((~flows["kind"].isin(har_export.KINDS)).sum())
    try:
        with tempfile.TemporaryDirectory(prefix=".export-", dir=target.parent) as folder:
            made = Path(folder) / "export.har"
            with open(made, "w", encoding="utf-8", newline="\n") as out:
                count = har_export.write(out, _entries(case, options.only, Path(folder)), simulated)
            with open(made, "rb") as stream:
                digest = hashlib.file_digest(stream, "sha256").hexdigest()
            with open(target, "x"):  # taken, so that nothing which came meanwhile is replaced
                os.replace(made, target)
    except OSError as fault:
        raise CaseError(f"{target}: cannot be written: {fault.strerror or fault}.") from fault
    case.log("export", file=target.name, run=options.only, entries=count, sha256=digest)
    print(f"{target}: {count} entries{' SIMULATED' if simulated else ''}, {left} other flows left out.")
    print("Not in a HAR:")
    for loss in har_export.LOST:
        print(f"  - {loss.what}")
    met = case.problems if options.only is None else case.problems[case.problems["run"] == options.only]
    return 3 if tell_problems(Problem(*row) for row in frames.rows(met)) else 0


def _entries(case: Case, run: str | None, folder: Path) -> Iterator[dict[str, Any]]:
    import pyarrow.parquet as pq

    from promptrail.ingest import har_export

    chosen = [("run", "=", run)] if run is not None else None
    place = case.frames_folder
    frames: dict[str, list[dict[str, Any]]] = {}
    wanted = pq.read_table(place / "messages.parquet", filters=[*(chosen or []), ("part", "=", "ws")])
    for row in wanted.to_pylist():
        frames.setdefault(row["flow"], []).append(row)
    with open(folder / "bodies", "w+b") as file, pq.ParquetFile(place / "flows.parquet") as flows:
        bodies = Bodies(case, file)
        for batch in flows.iter_batches(BATCH):
            for flow in batch.to_pylist():
                if run in (None, flow["run"]) and flow["kind"] in har_export.KINDS:
                    yield har_export.entry(flow, frames.get(flow["flow"], ()), bodies, undo)


class Bodies:
    """The bodies of a case, laid out in one file so that each can be had by its SHA-256 without holding all."""

    def __init__(self, case: Case, file: IO[bytes]) -> None:
        from promptrail.trace.parts import stored

        self._file = file
        self._place: dict[bytes, tuple[int, int]] = {}
        for sha256, data in stored(case):
            self._place[bytes.fromhex(sha256)] = (file.tell(), len(data))
            file.write(data)

    def __call__(self, sha256: str) -> bytes:
        """The bytes with this SHA-256; none of the empty body."""
        at, length = self._place.get(bytes.fromhex(sha256), (0, 0))
        self._file.seek(at)
        return self._file.read(length)


def undo(data: bytes, coding: str) -> bytes:
    """Bytes without their Content-Encoding; as they are where it cannot be undone whole."""
    from promptrail.decode.compressed import undone
    from promptrail.decode.parts import encodings_of

    plain, faults = undone(data, encodings_of(coding))
    return data if faults else plain
