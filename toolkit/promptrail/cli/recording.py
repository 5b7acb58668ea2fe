"""promptrail hook and promptrail lab record | score."""

import argparse
import json
from pathlib import Path
from typing import Any

from promptrail.case import Case, lawful
from promptrail.cli import lab_opaque
from promptrail.cli.speech import safe, say, tell_problems
from promptrail.errors import CaseError, ParameterError


def add(commands: Any) -> None:
    hook = commands.add_parser(
        "hook",
        help="load Frida agents into a process and keep what they send",
        description="Options first: what stands behind -- is the command, or the package, that --spawn starts.",
    )
    hook.add_argument("target", nargs="+", metavar="PID|NAME|PACKAGE")
    hook.add_argument(
        "--spawn",
        action="store_true",
        help="start it, hooked from its first instruction: --spawn ... -- COMMAND ARGUMENT..., or -- PACKAGE",
    )
    hook.add_argument(
        "--device",
        default="local",
        metavar="usb|HOST:PORT|ID",
        help="where it runs: a device on USB, a frida-server over TCP, an id of frida-ls-devices; this machine",
    )
    hook.add_argument(
        "--ca",
        metavar="FILE",
        help="the one authority that unpinning agents accept (PEM); without it the case's own proxy's",
    )
    hook.add_argument("--case", required=True, metavar="CASE")
    hook.add_argument(
        "--agents",
        metavar="NAME|FILE",
        nargs="+",
        required=True,
        help="agents by name, such as tls-plaintext, or as .js or .ts files",
    )
    hook.add_argument(
        "--parameters",
        metavar="JSON",
        default="{}",
        help="for the agents' init, such as '{\"content\": false}'",
    )
    hook.add_argument(
        "--because", metavar="TEXT", help="why another process than the case's is hooked; it is logged"
    )
    hook.add_argument("--seconds", type=float, help="how long; without it until Ctrl-C")
    hook.set_defaults(run=hook_process)
    lab = commands.add_parser("lab", help="the simulated app and its vendors").add_subparsers(
        metavar="WHAT", required=True
    )
    make = lab.add_parser("record", help="record the simulated app through a real mitmdump")
    make.add_argument("case", metavar="CASE")
    what = make.add_mutually_exclusive_group()
    what.add_argument(
        "--scenario", action="append", help="only this run, such as before-c1-1; may be given again"
    )
    what.add_argument(
        "--story",
        metavar="NAME",
        help="a whole case with its policy and packages, and verdicts that follow from how it was written: reference, "
        "restrained, sealed and others; an unknown name lists them",
    )
    make.add_argument(
        "--witness",
        action="append",
        choices=("packets", "hook", "unpin"),
        default=[],
        help="who else records: packets (tcpdump with the TLS keys, as root), hook (Frida in the app), unpin (hook, "
        "and the app's pinned kit is made to accept the case's CA); may be given again",
    )
    make.add_argument(
        "--edition",
        choices=("native", "java"),
        default="native",
        help="java: the app's pinned kit runs in a JVM and encrypts its report; needs a JDK",
    )
    make.set_defaults(run=lab_record)
    lab_opaque.add(lab)
    score = lab.add_parser("score", help="recall and false discovery against the answer key")
    score.add_argument("case", metavar="CASE")
    form = score.add_mutually_exclusive_group()
    form.add_argument("--json", action="store_true", help="one JSON object on stdout, and nothing else")
    form.add_argument(
        "--markdown",
        action="store_true",
        help="the table by encoding as README.md holds it, and nothing else",
    )
    score.set_defaults(run=lab_score)


def hook_process(options: argparse.Namespace) -> int:
    from promptrail.device import hook, hook_device

    case = Case.open(options.case)
    parameters = hook_parameters(case, options)
    if len(options.target) > 1 and not options.spawn:
        raise ParameterError(f"{' '.join(options.target)}: give one process, or --spawn to start a command.")
    device = hook_device.device(options.device)
    if options.spawn:
        lawful.permit(case, hook_device.called(options.target), options.because, "hook")
        target = hook_device.spawn(options.target, device)
    else:
        target = hook_device.find(options.target[0], device)
        lawful.permit(case, target.name, options.because, "hook")
    print(f"Hooking {target}. {'Ctrl-C ends it.' if options.seconds is None else ''}", flush=True)

    def tell(line: str) -> None:
        print(safe(line), flush=True)

    print(f"Written: {hook.hook(case, target, options.agents, options.seconds, parameters, tell)}")
    return 0


def hook_parameters(case: Case, options: argparse.Namespace) -> dict[str, Any]:
    """What the agents' init is given: --parameters, and the authority that unpinning ones accept."""
    from promptrail.device.authority import CERTIFICATE

    try:
        parameters = json.loads(options.parameters)
    except ValueError as fault:
        raise ParameterError(f"--parameters {options.parameters}: is no JSON: {fault}.") from fault
    if not isinstance(parameters, dict):
        raise ParameterError(f"--parameters {options.parameters}: is no JSON object, such as {{}}.")
    file = Path(options.ca) if options.ca else case.private / "mitmproxy" / CERTIFICATE
    if options.ca or file.is_file():
        try:
            parameters.setdefault("ca", file.read_text(encoding="ascii"))
        except (OSError, UnicodeDecodeError) as fault:
            raise ParameterError(f"--ca {file}: cannot be read as PEM: {fault}.") from fault
    return parameters


def lab_record(options: argparse.Namespace) -> int:
    from promptrail.lab.record import record

    if options.story:
        return lab_story(options)
    case = lab_case(Path(options.case))
    for run in record(case, options.scenario, say=say, witnesses=options.witness, edition=options.edition):
        print(run)
    return 0


def lab_story(options: argparse.Namespace) -> int:
    """Who records it, and in which edition, is part of a story."""
    from promptrail.lab.telling import story, tell

    if options.witness or options.edition != "native":
        raise ParameterError(
            "--story says itself who records, and in which edition: leave the other options out."
        )
    told = story(options.story)
    case = lab_case(Path(options.case))
    for run in tell(case, options.story, say=say, plans=lab_opaque.drawn(case, told.plans, told.sends)):
        print(run)
    return 0


def lab_case(folder: Path) -> Case:
    """The lab's case in this folder, made if none is there; who records into it fills it.

    CaseError for a case about a real app: what the lab adds would pass for something of it, or mark it as simulated.
    """
    if not (folder / "case.toml").is_file():
        return Case.create(folder, simulated=True)
    case = Case.open(folder)
    if not case.settings["case"].get("simulated") and (case.declared_probes or any(case.captures.glob("*"))):
        raise CaseError(f"{folder}: holds a case that is not the lab's. Give it a folder of its own.")
    return case


def lab_score(options: argparse.Namespace) -> int:
    from promptrail import pipeline

    case = Case.open(options.case)
    tell_problems(pipeline.ensure(case, say))
    if options.markdown:
        return tell_markdown(case)
    return tell_score(case, options.json, table=True)


def tell_markdown(case: Case) -> int:
    """Print the table by encoding as README.md holds it; the exit code is that of `tell_score`."""
    from promptrail.trace import score as scoring

    result = scoring.score(case)
    print(scoring.as_markdown(result.table), end="")
    return int(result.wrong)


def tell_score(case: Case, as_json: bool = False, table: bool = False) -> int:
    """Print the score, encoding by encoding if asked for; 1 if a planting was missed, or something found wrongly."""
    import json

    from promptrail.trace import score as scoring

    result = scoring.score(case)
    if as_json:
        print(json.dumps(scoring.as_json(result), ensure_ascii=False))
        return int(result.wrong)
    if table:
        _tell_table(result.table)
    print(
        f"Plantings found: {result.found} of {result.planted}, {result.chains} of them unwrapped as they were wrapped."
    )
    for planting in result.missed:
        where = " ".join(str(planting[k]) for k in ("run", "probe", "host", "direction", "part"))
        print(f"  missed: {safe(where)} {safe(planting['encoding'])}: {safe(' > '.join(planting['chain']))}")
    if result.near_misses:
        print(f"Near misses taken for a probe: {len(result.near_misses_found)} of {result.near_misses}.")
    for planting in result.near_misses_found:
        print(f"  wrongly found: {safe(planting['probe'])} {safe(planting['encoding'])}")
    print(f"Decoys matched: {len(result.decoys_matched)} of {result.decoys}.")
    for host, outcome in result.unseen:
        print(f"Unseen: {safe(host)} ({outcome}).")
    return int(result.wrong)


def _tell_table(rows: list[Any]) -> None:
    """One line an encoding; Korean and Chinese names do not occur, so columns align."""
    width = max(len(row.encoding) for row in rows)
    print(f"{'encoding':{width}}  {'expected':11}  planted  found  chain right  tier right")
    for row in rows:
        counts = f"{row.planted:7}  {row.found:5}  {row.chains:11}  {row.tiers:10}"
        print(f"{safe(row.encoding):{width}}  {safe(row.tier):11}  {counts}")
    print()
