"""promptrail import, trace, show: from files to sightings, and back to the bytes."""

import argparse
import json
import sys
from pathlib import Path
from typing import Any

from promptrail.case import Case
from promptrail.cli.speech import safe, say, tell_problems
from promptrail.errors import CaseError
from promptrail.model import Problem

COLUMNS = (
    "id",
    "probe",
    "text",
    "kind",
    "decoy",
    "run",
    "flow",
    "source_ref",
    "host",
    "method",
    "url",
    "direction",
    "part",
    "path",
    "chain",
    "offset",
    "length",
    "raw_offset",
    "raw_length",
    "tier",
    "simulated",
)


def add(commands: Any) -> None:
    take = commands.add_parser("import", help="take captures into a case: .mitm, .har, .pcap, .pcapng")
    take.add_argument("case", metavar="CASE")
    take.add_argument("files", metavar="FILE", nargs="+", type=Path)
    take.add_argument(
        "--keys",
        metavar="KEYLOG",
        type=Path,
        help="TLS key log (SSLKEYLOGFILE) that opens the packet captures",
    )
    take.set_defaults(run=import_files)
    trace = commands.add_parser("trace", help="find the probes in everything that was captured")
    trace.add_argument("case", metavar="CASE")
    trace.add_argument(
        "--json", action="store_true", help="one JSON object a line and nothing else on standard output"
    )
    trace.set_defaults(run=trace_case)
    show = commands.add_parser("show", help="a sighting's bytes, each layer that was undone, and the hit")
    show.add_argument("case", metavar="CASE")
    show.add_argument("sighting", metavar="SIGHTING", help="its id, such as S-1880a7c0ffee")
    show.set_defaults(run=show_sighting)


def import_files(options: argparse.Namespace) -> int:
    from promptrail import frames, ingest, pipeline

    case = Case.open(options.case)
    with case.locked():
        placed = [ingest.place(case, file, options.keys) for file in options.files]
    problems = pipeline.ensure(case, say)
    mine = {p.run for p in placed}
    for run in placed:
        rows = case.flows[case.flows["run"] == run.run]
        simulated = " SIMULATED" if len(rows) and rows["simulated"].any() else ""
        told = f"{len(rows)} flows to {rows['host'].nunique()} hosts"
        again = "" if run.new else ", was there already"
        print(f"{run.run}: {told} ({run.source}{again}){simulated}")
    if not problems:  # nothing was read anew: tell what was met when it was
        before = case.problems[case.problems["run"].isin(mine)]
        problems = [Problem(*row) for row in frames.rows(before)]
    return 3 if tell_problems(p for p in problems if p.run in mine) else 0


def trace_case(options: argparse.Namespace) -> int:
    from promptrail import frames, pipeline

    case = Case.open(options.case)
    tell_problems(pipeline.ensure(case, say))
    rows = case.sightings
    if options.json:
        for row in frames.rows(rows[list(COLUMNS)]):
            record = {k: _plain(v) for k, v in zip(COLUMNS, row, strict=True)}
            sys.stdout.write(json.dumps(record, ensure_ascii=True) + "\n")
        return 0
    real = rows[~rows["decoy"].astype(bool)]
    if not case.declared_probes:
        print(
            f"No probe is declared. `promptrail probe add {case.path} --kind prompt --text …` declares one."
        )
        return 0
    if case.simulated:
        print("SIMULATED: fictional app, companies and hosts.")
    groups = real.groupby(["kind", "probe", "host", "direction", "part", "tier"], sort=True)
    for key, group in groups:
        kind, probe, host, direction, part, tier = (str(k) for k in key)
        runs = group["run"].nunique()
        times = f"{len(group):>4} in {runs} run{'s' if runs > 1 else ''}"
        print(f"{safe(probe):<6} {kind:<10} {direction:<8} {safe(host):<32} {part:<7} {tier:<7} {times}")
    decoys = rows[rows["decoy"].astype(bool)]
    print(
        f"{len(real)} sightings; {decoys['probe'].nunique()} of {int(case.probes['decoy'].sum())} decoys matched."
    )
    return 0


def _plain(value: Any) -> Any:
    if hasattr(value, "tolist"):
        return value.tolist()
    return None if value is None or value != value else value


def show_sighting(options: argparse.Namespace) -> int:
    from promptrail import frames, pipeline
    from promptrail.trace.show import layers

    case = Case.open(options.case)
    pipeline.ensure(case, say)
    found = [s for s in frames.rows(case.sightings) if s.id == options.sighting]
    if not found:
        raise CaseError(
            f"{case.path}: no sighting {options.sighting!r}. `promptrail trace {case.path} --json` lists them."
        )
    s = found[0]
    mark = "  SIMULATED" if s.simulated else ""
    print(
        f"{s.id}: {s.kind} {s.probe}, tier {s.tier}{mark}\n  run {safe(s.run)}, flow {s.flow} ({safe(s.source_ref)})"
    )
    print(f"  {s.direction} {safe(str(s.method))} {safe(str(s.url))}")
    print(f"  {s.part} {safe(s.path)}, chain {' > '.join(s.chain) or 'none'}")
    for depth, layer in enumerate(layers(case, s, most=10_000)):
        pad = "  " * (depth + 1)
        size = f"{len(layer.data)} bytes, hit at {layer.offset}, length {layer.length}"
        print(f"{pad}[{layer.step}] {safe(layer.path)} {size}")
        print(f"{pad}  {_around(layer.data, layer.offset, layer.length, layer.binary)}")
    return 0


def _around(data: bytes, offset: int, length: int, binary: bool, reach: int = 60) -> str:
    if binary:
        return data[max(0, offset) : offset + 24].hex(" ") + " …"
    before, hit, after = (
        data[max(0, offset - reach) : offset],
        data[offset : offset + length],
        data[offset + length :][:reach],
    )
    parts = [part.decode("utf-8", "replace").replace("\n", "\\n") for part in (before, hit[:400], after)]
    return safe(
        f"{'…' if offset > reach else ''}{parts[0]}»{parts[1]}{'…' if length > 400 else ''}«{parts[2]}"
    )
