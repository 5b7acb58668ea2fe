"""promptrail case new | show | purge, promptrail probe add."""

import argparse
import shutil
import sys
from pathlib import Path
from typing import Any

from promptrail.case import Case
from promptrail.cli.speech import safe
from promptrail.errors import CaseError
from promptrail.language import check
from promptrail.model import PERSONAL_KINDS, PROBE_KINDS

PURGED = ("apk", "attribution", "captures", "frames", "reports", "private")


def add(commands: Any) -> None:
    case = commands.add_parser("case", help="make, show or purge a case").add_subparsers(
        metavar="WHAT", required=True
    )
    new = case.add_parser("new", help="make a case; never asks: what is not given is marked “not stated”")
    new.add_argument("case", metavar="CASE", help="folder of the case; captures that lie there are kept")
    new.add_argument("--app", help="name of the app under test")
    new.add_argument("--package", help="its package or process name, such as com.example.chat")
    new.add_argument("--app-version", help="its version")
    new.add_argument("--device", help="the device or emulator")
    new.add_argument("--examiner", help="who examines")
    new.add_argument("--basis", help="on what authority: own device, contract, court order, consent, ...")
    new.add_argument("--language", help="of its reports: en, or a translation such as ko")
    new.set_defaults(run=new_case)
    show = case.add_parser("show", help="what a case holds")
    show.add_argument("case", metavar="CASE")
    show.set_defaults(run=show_case)
    purge = case.add_parser(
        "purge", help="delete captures, frames, reports and keys; the log keeps that it was done"
    )
    purge.add_argument("case", metavar="CASE")
    purge.add_argument(
        "--yes", action="store_true", help="really delete; without it, only what would be deleted is shown"
    )
    purge.set_defaults(run=purge_case)
    probe = commands.add_parser("probe", help="declare values to follow").add_subparsers(
        metavar="WHAT", required=True
    )
    one = probe.add_parser("add", help="declare a probe")
    one.add_argument("case", metavar="CASE")
    one.add_argument("--kind", required=True, choices=PROBE_KINDS)
    group = one.add_mutually_exclusive_group(required=True)
    group.add_argument("--text", help="the value")
    group.add_argument("--file", help="a file with one value a line; - for standard input")
    one.set_defaults(run=add_probe)


def new_case(options: argparse.Namespace) -> None:
    case = Case.create(
        options.case,
        app={"name": options.app, "package": options.package, "version": options.app_version},
        examiner=options.examiner,
        basis=options.basis,
        device=options.device,
        language=check(options.language) if options.language else None,
    )
    print(f"{case.path}: a new case. Examiner: {case.examiner}. Basis: {case.basis}.")
    print(f"Both stand in {case.path}/case.toml and in every report.")


def show_case(options: argparse.Namespace) -> None:
    case = Case.open(options.case)
    app = case.app
    print(f"{safe(case.name)}{' (SIMULATED)' if case.simulated else ''}")
    print(f"  app       {safe(app['name'])}, package {safe(app['package'])}, version {safe(app['version'])}")
    print(
        f"  device    {safe(case.device)}\n  examiner  {safe(case.examiner)}\n  basis     {safe(case.basis)}"
    )
    probes = case.declared_probes
    print(f"  probes    {len(probes)}")
    for p in probes:
        text = "(withheld; it stands in case.toml)" if p.kind in PERSONAL_KINDS else safe(p.text)
        print(f"    {p.probe:<4} {p.kind:<11} {text}")
    runs = case.run_folders()
    print(f"  runs      {len(runs)}")
    for run in runs:
        print(f"    {safe(run.name)}")
    if case.has("sightings"):
        seen = case.sightings[~case.sightings["decoy"].astype(bool)]
        tiers = ", ".join(f"{n} {t}" for t, n in seen["tier"].value_counts().items()) or "none"
        print(f"  sightings {tiers}")
    else:
        print(f"  sightings not traced yet: `promptrail trace {case.path}`")


def purge_case(options: argparse.Namespace) -> int:
    case = Case.open(options.case)
    there = [case.path / name for name in PURGED if (case.path / name).exists()]
    files = [f for folder in there for f in folder.rglob("*") if f.is_file()]
    size = sum(f.stat().st_size for f in files)
    told = f"{len(files)} files, {size:,} bytes, in {', '.join(f.name + '/' for f in there) or 'nothing'}"
    if not options.yes:
        print(f"{case.path}: would delete {told}. Nothing was deleted: repeat with --yes to do it.")
        return 0
    for folder in there:
        try:
            shutil.rmtree(folder)
        except OSError as fault:
            raise CaseError(
                f"{folder}: could not be deleted whole: {fault.strerror}. Delete the rest by hand."
            ) from fault
    case.log("case purge", files=len(files), bytes=size)
    print(
        f"{case.path}: deleted {told}. case.toml and log.jsonl are left; delete the folder to remove those too."
    )
    return 0


def add_probe(options: argparse.Namespace) -> None:
    case = Case.open(options.case)
    texts = [options.text] if options.text is not None else _lines(options.file)
    if not texts:
        raise CaseError(f"{options.file}: holds no value: one a line is expected.")
    for text in texts:
        print(f"{case.add_probe(options.kind, text)}: {options.kind}")


def _lines(file: str) -> list[str]:
    try:
        data = sys.stdin.buffer.read() if file == "-" else Path(file).read_bytes()
        text = data.decode("utf-8-sig")
    except OSError as fault:
        raise CaseError(f"{file}: cannot be read: {fault.strerror}.") from fault
    except UnicodeDecodeError as fault:
        raise CaseError(f"{file}: not UTF-8 at byte {fault.start}. Save it as UTF-8.") from fault
    return [line.strip() for line in text.splitlines() if line.strip()]
