"""How fast is a trace, beside mitmproxy's FlowReader on the same file and hyperscan over the same bytes?

python tests/benchmarks/trace.py [--kind ordinary|heavy] [--flows 20000] [--every N] [--probes 200] [--times 3]
[--file F]: CPU seconds of one process, least of some rounds in which every stage has its turn, as ratios, import and
trace together too; what was planted and found; peak memory of a trace in a process of its own. `--every`: one exchange
in so many holds a probe, where what is found costs more than what is not. A `--file` of somebody else's is searched for
the same probes. Where other work shares the machine, more rounds say more.
"""

import argparse
import re
import resource
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from benchmarks.ingest import scratch
from benchmarks.traffic import KINDS, Sent, prompts, write
from promptrail import ingest
from promptrail.case import Case
from promptrail.decode.compressed import undone
from promptrail.decode.parts import encodings_of
from promptrail.trace import trace
from promptrail.trace.decoys import decoys
from promptrail.trace.engine import Literal, engine
from promptrail.trace.parts import stored
from promptrail.trace.rows import Rows
from promptrail.trace.scout import Scout
from promptrail.trace.search import Search

PEER, IMPORT, TRACE = "FlowReader, iterating only", "import", "trace, compiling included"


def stages(case: Case, file: Path, plain: list[bytes]) -> dict[str, Callable[[], object]]:
    from mitmproxy.io import FlowReader

    probes = [*case.declared_probes, *decoys(case.declared_probes)]
    search = Search(probes)
    matcher = engine([Literal(n.data) for n in search.needles if not n.net], [])

    def peer() -> int:
        with open(file, "rb") as stream:
            return sum(1 for _ in FlowReader(stream).stream())

    return {
        PEER: peer,
        IMPORT: lambda: ingest.frames_of(case),
        "needles compiled": lambda: Scout(Search(probes).needles),
        f"{type(matcher).__name__} alone, decoded bodies": lambda: [matcher.scan(data) for data in plain],
        TRACE: lambda: trace(case),
    }


def bodies(case: Case) -> list[bytes]:
    """Every distinct body without its content codings."""
    coding = {m.body: m.coding for m in Rows(case).messages if m.body}
    return [undone(data, encodings_of(coding.get(sha256)))[0] for sha256, data in stored(case)]


def report(folder: Path, file: Path, texts: list[str], sent: list[Sent], times: int) -> None:
    case = Case.create(folder / "case")
    for text in texts:
        case.add_probe("prompt", text)
    ingest.place(case, file)
    ingest.frames_of(case)
    plain = bodies(case)
    made = stages(case, file, plain)
    best = dict.fromkeys(made, float("inf"))
    for _ in range(times):
        for name, work in made.items():
            began = time.process_time()
            work()
            best[name] = min(best[name], time.process_time() - began)
    best["import and trace"] = best[IMPORT] + best[TRACE]
    found = trace(case).sightings.to_pandas()
    met = set(zip(found["source_ref"], found["text"], strict=True))
    size, count = file.stat().st_size / 1e6, len(case.flows)
    print(f"{count} flows, {size:.0f} MB ({sum(map(len, plain)) / 1e6:.0f} MB of distinct bodies, decoded)")
    print(f"{len(texts)} probes with decoys: {len(found)} sightings, {int(found['decoy'].sum())} of decoys")
    print(f"planted and found: {len(met.intersection(sent))} of {len(sent)}")
    print(f"{'':40s}{'CPU s':>8s}{'ratio':>8s}{'flows/s':>10s}")
    for name, spent in best.items():
        print(f"{name:40s}{spent:8.2f}{spent / best[PEER]:8.2f}{count / spent:10,.0f}")
    print(f"peak memory of the trace: {peak(case)} MB")


PEAK = """
import sys
from pathlib import Path
from promptrail.case import Case
from promptrail.trace import trace
trace(Case.open(sys.argv[1]))
status = Path("/proc/self/status")
print(status.read_text() if status.is_file() else "")
"""


def peak(case: Case) -> int:
    """Peak resident memory, in MB, of a process that does nothing else."""
    told = subprocess.run(
        [sys.executable, "-c", PEAK, case.path], check=True, capture_output=True, text=True
    ).stdout
    if found := re.search(r"VmHWM:\s*(\d+) kB", told):
        return int(found[1]) // 1024
    return resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss >> 20


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--kind", choices=KINDS, default="ordinary")
    options.add_argument("--flows", type=int, default=20_000)
    options.add_argument("--every", type=int, default=0, help="one exchange in so many holds a probe")
    options.add_argument("--probes", type=int, default=200)
    options.add_argument("--times", type=int, default=3)
    options.add_argument("--file", type=Path, help="an existing flow file, instead of making one")
    given = options.parse_args()
    texts = prompts(given.probes)
    sent: list[Sent] = []
    with scratch() as folder:
        file = given.file or write(folder / "traffic.mitm", given.flows, texts, given.kind, sent, given.every)
        report(folder, file, texts, sent, given.times)


if __name__ == "__main__":
    main()
