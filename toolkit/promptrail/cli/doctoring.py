"""promptrail doctor: what is missing on this machine and device, with the evidence and the next command."""

import argparse
import json
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from promptrail import __version__
from promptrail.case import Case
from promptrail.cli.speech import safe
from promptrail.errors import ParameterError

if TYPE_CHECKING:
    from promptrail.device.doctor.bench import Bench
    from promptrail.device.doctor.check import Evidence, Row

MARKS = {"ok": "ok", "fault": "FAULT", "not checked": "?"}


def add(commands: Any) -> None:
    doctor = commands.add_parser(
        "doctor",
        help="what is missing on this machine and device, and the next command",
        description="Ends with 0 only if every required check is ok. What cannot be checked is never ok.",
    )
    doctor.add_argument("--json", action="store_true", help="one JSON object on stdout, and nothing else")
    doctor.add_argument(
        "--fix",
        action="store_true",
        help="put right what a broken-off session left on the device: the proxy setting, tunnels that lead nowhere",
    )
    doctor.add_argument("--serial", help="the device, as `adb devices` names it, if there are several")
    doctor.add_argument("--case", metavar="CASE", help="also whether the device trusts the CA of this case")
    doctor.add_argument("--apk", metavar="FILE", type=Path, help="also whether this app fits the device")
    doctor.add_argument("--port", type=int, default=8080, help="where the proxy is to listen; 8080")
    doctor.add_argument(
        "--transcript",
        metavar="FILE",
        type=Path,
        help="write down each call of adb and its answer, to send with a question; it names the device",
    )
    doctor.add_argument(
        "--explain",
        metavar="TEXT",
        help="no checks: what this text of adb, the emulator, Frida or the proxy means",
    )
    doctor.set_defaults(run=examine)


def examine(options: argparse.Namespace) -> int:
    from promptrail.device import doctor

    if options.explain is not None:
        return explain(options.explain)
    case = Case.open(options.case) if options.case else None
    bench = doctor.Bench(serial=options.serial, case=case, apk=options.apk, port=options.port)
    if case is not None:
        bench.folder = case.path
    with recorded(bench, options.transcript):
        rows = doctor.examine(bench, fix=options.fix)
    passed = all(row.passed for row in rows)
    if options.json:
        found = {"promptrail": __version__, "passed": passed, "checks": [row.as_json() for row in rows]}
        print(json.dumps(found, ensure_ascii=False))
    else:
        tell(rows)
    return 0 if passed else 1


@contextmanager
def recorded(bench: "Bench", file: Path | None) -> Iterator[None]:
    """What is said to adb in this block goes to the file, if there is one."""
    from promptrail.device.adb import Adb, Program
    from promptrail.device.transcript import Recording

    if file is None:
        yield
        return
    with ExitStack() as closing:
        try:
            recording = closing.enter_context(Recording(Program(), file))
        except OSError as fault:
            raise ParameterError(f"--transcript {file}: cannot be made: {fault.strerror}.") from fault
        bench.adb = lambda: Adb(runner=recording)
        yield


def explain(text: str) -> int:
    """The remedy for what a program said; 1 if no row knows it."""
    from promptrail.device import adb_faults
    from promptrail.device.doctor import texts

    found = adb_faults.known(text, texts.ALL)
    print(f"{found.id}: {found.remedy}." if found else "This text is not known. Nothing is guessed about it.")
    return 0 if found else 1


def tell(rows: "list[Row]") -> None:
    """A line a check; below what is not ok the evidence and what to do."""
    width = max(len(row.check.id) for row in rows)
    for row in rows:
        print(
            f"{MARKS[row.result.state]:5}  {row.severity:11}  {row.check.id:{width}}  {safe(row.result.told)}"
        )
        for one in row.fixed:
            print(f"       done: {safe(one.command)}")
        if row.result.state == "ok":
            continue
        for one in row.result.evidence:
            tell_evidence(one)
        if row.result.remedy:
            print(f"       To do: {safe(row.result.remedy)}.")
    missing = [row.check.id for row in rows if not row.passed]
    print(f"\nRequired, and not ok: {', '.join(missing)}." if missing else "\nEverything required is ok.")


def tell_evidence(one: "Evidence") -> None:
    code = "" if one.code is None else f"  (exit code {one.code})"
    print(f"       $ {safe(one.command)}{code}")
    for line in one.lines:
        print(f"         {safe(line)}")
