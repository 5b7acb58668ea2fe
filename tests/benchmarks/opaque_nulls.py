"""Records runs of the opaque lab in which only the first party gets prompts, for fitting noise. Asserts nothing.

    .venv/bin/python tests/benchmarks/opaque_nulls.py CASE [RUNS] [quiet|moderate|loud]

Each run follows a dose plan of its own (65 slots of 0.4 s, 30 s in all); needs root for tcpdump. Into CASE/noise/ go
bursts.parquet and events.parquet of all runs, as the frames of those names, and the plans lie in CASE/plans/.
"""

import sys
import time
from pathlib import Path

from promptrail import pipeline
from promptrail.case import Case
from promptrail.cli.lab_opaque import COMPRESSED, told
from promptrail.infer import plan as plans
from promptrail.lab.opaque.record import record_opaque


def main() -> None:
    folder = Path(sys.argv[1])
    runs = int(sys.argv[2]) if len(sys.argv) > 2 else 20
    noise = sys.argv[3] if len(sys.argv) > 3 else "quiet"
    case = Case.open(folder) if (folder / "case.toml").is_file() else Case.create(folder, simulated=True)
    before = len(case.run_folders())
    for n in range(before, before + runs):
        plan = plans.draw("dose", **COMPRESSED)
        plans.write(plan, case.path / "plans")
        began = time.monotonic()
        record_opaque(case, told(plan, noise=noise, sends=False), f"null-{noise}-{n:03d}")
        print(f"null-{noise}-{n:03d}: {time.monotonic() - began:.1f} s", flush=True)
    pipeline.ensure(case)
    (folder / "noise").mkdir(exist_ok=True)
    for name in ("bursts", "events"):
        case.frame(name).to_parquet(folder / "noise" / f"{name}.parquet")
    print(f"{len(case.bursts)} bursts of {case.runs['run'].nunique()} runs in {folder / 'noise'}")


if __name__ == "__main__":
    main()
