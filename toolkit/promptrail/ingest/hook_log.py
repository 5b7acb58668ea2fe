"""The log that `promptrail hook` writes: for now its run is told, and its records stay where they are."""

import hashlib
from pathlib import Path

from promptrail.ingest.sink import Sink
from promptrail.model import Run

NAME = "hook"
FILE = "hook.jsonl"


def read(folder: Path, sink: Sink) -> None:
    """Read captures/RUN/hook.jsonl: one run, no flow; a warning says that its records are in no frame yet."""
    where = f"captures/{folder.name}/{FILE}"
    data = (folder / FILE).read_bytes()
    sink.problem(
        "warning",
        where,
        f"{data.count(bytes([10]))} records",
        "are kept as they are and not read into frames yet",
    )
    sink.add(Run(folder.name, NAME, where, hashlib.sha256(data).hexdigest(), tool="frida"))
