"""How fast is a trace, beside mitmproxy's FlowReader on the same file and hyperscan over the same bytes?

python tests/benchmarks/trace.py [--flows 5000] [--probes 200]: CPU seconds of one process, least of three, as ratios.
"""

import argparse
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from benchmarks.traffic import prompts, write
from promptrail import ingest
from promptrail.case import Case
from promptrail.trace import trace
from promptrail.trace.engine import Literal, engine
from promptrail.trace.search import Search


def least(times: int, work: Callable[[], object]) -> float:
    """CPU seconds of the quickest of some runs."""
    best = float("inf")
    for _ in range(times):
        began = time.process_time()
        work()
        best = min(best, time.process_time() - began)
    return best


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--flows", type=int, default=5000)
    options.add_argument("--probes", type=int, default=200)
    options.add_argument("--times", type=int, default=3)
    given = options.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        report(Path(folder), given.flows, given.probes, given.times)


def report(folder: Path, flows: int, probes: int, times: int) -> None:
    from mitmproxy.io import FlowReader

    texts = prompts(probes)
    file = write(folder / "traffic.mitm", flows, texts)
    case = Case.create(folder / "case")
    for text in texts:
        case.add_probe("prompt", text)
    ingest.place(case, file)

    def peer() -> int:
        with open(file, "rb") as stream:
            return sum(1 for _ in FlowReader(stream).stream())

    reader = least(times, peer)
    read = least(1, lambda: ingest.frames_of(case))
    traced = least(times, lambda: trace(case))
    found = trace(case).sightings.to_pandas()
    needles = [Literal(n.data) for n in Search(case.declared_probes).needles]
    matcher = engine(needles, [])
    bodies = [case.bytes_of(b) for b in case.messages["body"].dropna().unique()[:500]]
    plain = least(times, lambda: [matcher.scan(b) for b in bodies]) / sum(map(len, bodies))
    size = file.stat().st_size
    print(f"{flows} flows, {size / 1e6:.0f} MB, {probes} probes with decoys")
    print(f"{len(found)} sightings, {int(found['decoy'].sum())} of decoys")
    print(f"FlowReader, iterating only   {reader:7.2f} CPU s   1.0")
    print(f"import (frames and bodies)   {read:7.2f} CPU s   {read / reader:.2f}")
    print(
        f"trace, compiling included    {traced:7.2f} CPU s   {traced / reader:.2f}   {flows / traced:,.0f} flows/s"
    )
    print(f"{type(matcher).__name__} alone, bodies as sent {plain * size:7.2f} CPU s for as many bytes")


if __name__ == "__main__":
    main()
