"""How fast is an import, stage by stage, beside mitmproxy's FlowReader merely iterating the same file?

python tests/benchmarks/ingest.py [--flows 20000] [--times 3] [--file F]: CPU seconds, least of some rounds in which
every stage has its turn, as ratios; two processes by wall clock too; peak memory of an import alone. In this traffic
every flow has a connection of its own and no certificate, the worst for us: what is remembered helps nothing.
"""

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from benchmarks.traffic import prompts, write
from promptrail import ingest
from promptrail.case import Case
from promptrail.ingest import mitm
from promptrail.ingest.flow_file import FlowFile
from promptrail.ingest.flow_format import read_flow
from promptrail.ingest.reading import Reading
from promptrail.ingest.sink import Sink

NAMES = {
    "peer": "FlowReader, iterating only",
    "walk": "lengths only",
    "fields": "fields of each flow",
    "rows": "+ rows (bodies not looked at)",
    "frames": "+ hashes and frames on disk",
    "bodies": "+ bodies on disk",
    "import": "whole import, seal checked",
    "shared": "the same by two processes",
}


class Dropped(Sink):
    """Rows are made and forgotten; bodies are not even hashed."""

    def add(self, record: Any, weight: int = 0) -> None:
        pass

    def body(self, data: bytes) -> str:
        return ""


class NoBodies(Sink):
    """Frames are written, bodies hashed and forgotten."""

    def keep(self, digest: bytes, data: bytes) -> None:
        self._bodies.new(digest)


def cpu() -> float:
    """CPU seconds of this process and of those that it waited for."""
    spent = os.times()
    return spent.user + spent.system + spent.children_user + spent.children_system


@contextmanager
def scratch() -> Iterator[Path]:
    with tempfile.TemporaryDirectory() as folder:
        yield Path(folder)


def stages(case: Case, run: Path) -> dict[str, Callable[[], object]]:
    from mitmproxy.io import FlowReader

    file = run / mitm.FILE

    def peer() -> int:
        with open(file, "rb") as stream:
            return sum(1 for _ in FlowReader(stream).stream())

    def walk() -> int:
        with FlowFile(file) as flows:
            return sum(1 for _ in flows.walk())

    def fields() -> None:
        with FlowFile(file) as flows:
            for one in flows.walk():
                data = flows.data[one.start : one.stop]  # type: ignore[union-attr]
                read_flow(data, 0, len(data))

    def into(kind: type[Sink], processes: int = 1) -> None:
        with scratch() as folder:
            sink = kind(folder)
            if kind is Dropped:
                with FlowFile(file) as flows:
                    Reading("", run.name, sink).range(flows, 0, flows.size)
            else:
                mitm.read(run, sink, processes)
            sink.close()

    return {
        "peer": peer,
        "walk": walk,
        "fields": fields,
        "rows": lambda: into(Dropped),
        "frames": lambda: into(NoBodies),
        "bodies": lambda: into(Sink),
        "import": lambda: ingest.frames_of(case),
        "shared": lambda: into(Sink, 2),
    }


def report(folder: Path, file: Path, times: int) -> None:
    case = Case.create(folder / "case")
    run = case.captures / ingest.place(case, file).run
    best = {name: (float("inf"), float("inf")) for name in NAMES}
    for _ in range(times):
        for name, work in stages(case, run).items():
            began, clock = cpu(), time.perf_counter()
            work()
            best[name] = min(best[name], (cpu() - began, time.perf_counter() - clock))
    peer, size = best["peer"][0], file.stat().st_size / 1e6
    count = len(case.flows)
    print(f"{count} flows, {size:.0f} MB, {len(case.messages)} messages; least of {times} rounds")
    print(f"{'':32s}{'CPU s':>8s}{'ratio':>8s}{'wall s':>8s}{'flows/s':>9s}{'MB/s':>7s}")
    for name, (spent, wall) in best.items():
        speed = f"{count / spent:9,.0f}{size / spent:7,.0f}"
        print(f"{NAMES[name]:32s}{spent:8.2f}{spent / peer:8.2f}{wall:8.2f}{speed}")
    for doubled in (1, 4):
        print(f"peak memory of an import, {size * doubled:6.0f} MB: {peak(folder, file, doubled)} MB")


PEAK = """
import re, resource, sys
from pathlib import Path
from promptrail import ingest
from promptrail.case import Case
case = Case.create(sys.argv[1])
ingest.place(case, Path(sys.argv[2]))
ingest.frames_of(case)
status = Path("/proc/self/status")  # ru_maxrss would count what the starting process held
if status.is_file():
    print(int(re.search(r"VmHWM:\\s*(\\d+) kB", status.read_text())[1]) // 1024)
else:
    print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss >> 20)
"""


def peak(folder: Path, file: Path, copies: int) -> int:
    """Peak resident memory, in MB, of a process that imports some copies of a file one behind the other."""
    joined = folder / f"{copies}.mitm"
    with open(joined, "wb") as out:
        for _ in range(copies):
            with open(file, "rb") as stream:
                shutil.copyfileobj(stream, out)
    arguments = [sys.executable, "-c", PEAK, str(folder / f"case-{copies}"), str(joined)]
    told = subprocess.run(arguments, check=True, capture_output=True, text=True).stdout
    joined.unlink()
    return int(told)


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--flows", type=int, default=20_000)
    options.add_argument("--times", type=int, default=3)
    options.add_argument("--file", type=Path, help="an existing flow file, instead of making one")
    given = options.parse_args()
    with scratch() as folder:
        file = given.file or write(folder / "traffic.mitm", given.flows, prompts(200))
        report(folder, file, given.times)


if __name__ == "__main__":
    main()
