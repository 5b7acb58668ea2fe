"""promptrail plan: draws an experiment and writes it into the case, its hash into the log, before it is recorded."""

import argparse
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from promptrail.case import Case
from promptrail.case.settings import NOT_STATED
from promptrail.cli import lab_opaque, planned_scenario
from promptrail.cli.speech import safe
from promptrail.errors import CaseError, ParameterError

if TYPE_CHECKING:
    from promptrail.infer.plan import Plan

KINDS = ("dose", "contrast", "differential")
NOISE = ("quiet", "moderate", "loud")


def _count(text: str) -> int:
    if not text.isdecimal():
        raise argparse.ArgumentTypeError(f"{text!r} is no whole number from 0 on")
    return int(text)


NUMBERS: dict[str, tuple[Callable[[str], float], str]] = {
    "per_length": (_count, "dose: prompts of each length (10)"),
    "controls": (_count, "slots in which nothing is typed (10)"),
    "drafts": (_count, "dose: texts that are pasted and deleted unsent (5)"),
    "length": (_count, "contrast, differential: characters of a prompt (4,096; 256)"),
    "per_alphabet": (_count, "contrast: prompts of each alphabet (12)"),
    "inputs": (_count, "differential: prompts, each typed in two runs (7)"),
    "sessions": (_count, "dose, contrast: over so many runs, such as fresh installations (1)"),
    "alpha": (float, "chance of a false alarm over all hosts together (0.01)"),
    "draws": (_count, "reassignments of the test (19,999)"),
    "seconds": (float, "of a slot, from the send on (50)"),
    "dwell": (float, "seconds between text and send (20)"),
    "drain": (float, "seconds recorded after the last slot of a run (1,200)"),
}
"""Options that go to the draw as they are; without one the value in brackets holds."""


def add(commands: Any) -> None:
    plan = commands.add_parser(
        "plan",
        help="draw an experiment for hosts that cannot be read: random texts, hashed before the first prompt",
        description="Writes CASE/plans/DIGEST.json, its hash into the case's log, and the scenario that follows it.",
    )
    plan.add_argument("case", metavar="CASE")
    plan.add_argument(
        "kind",
        choices=KINDS,
        help="dose: does what a host is sent follow the length of the prompts; contrast: does it follow the "
        "characters, at equal lengths; differential: which readable fields follow the prompt",
    )
    plan.add_argument(
        "--positive",
        metavar="HOST",
        help="the first party, which gets every prompt, by host or domain; without it the case's recipient that is own",
    )
    plan.add_argument("--seed", metavar="HEX", help="32 hex digits, to draw a known plan again")
    plan.add_argument(
        "--lengths", metavar="N,N,...", type=_lengths, help="dose: characters (32,128,512,2048,8192)"
    )
    for name, (kind, words) in NUMBERS.items():
        plan.add_argument(f"--{name.replace('_', '-')}", metavar="N", type=kind, help=words)
    plan.add_argument(
        "--no-forecast", action="store_true", help="do not simulate what the plan would find (up to a minute)"
    )
    plan.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    from promptrail.infer import plan as plans

    case = Case.open(options.case)
    given = {name: getattr(options, name) for name in (*NUMBERS, "lengths")}
    chosen = {name: value for name, value in given.items() if value is not None}
    plan = plans.draw(options.kind, options.seed, positive=options.positive or _own(case), **chosen)
    try:
        path = lab_opaque.keep(case, plan)
    except OSError as fault:
        raise CaseError(f"{case.path}: the plan cannot be written: {fault.strerror}.") from fault
    digest = plans.digest(plan)
    tell(plan, digest)
    print(f"Written, and its hash logged: {safe(str(path))}")
    print(f"  SHA-256 {digest}")
    tell_scenarios(case, plan, digest)
    if not options.no_forecast:
        tell_power(plan)
    drawn = _drawn(case, plan.kind)
    if drawn > 1:
        print(
            f"This is plan {drawn} of the kind {plan.kind} in this case, and the log has all of them. "
            "Whoever draws until a plan pleases has no proof: record each, or say why not."
        )
    return 0


def tell(plan: "Plan", digest: str) -> None:
    """What will be done, and how long it takes."""
    count = Counter(slot.kind for slot in plan.slots)
    sent = [slot.length for slot in plan.slots if slot.kind == "prompt"]
    runs = len(plan.begins)
    print(f"Plan {digest[:12]}: {plan.kind}, {_of(len(plan.slots), 'slot')} in {_of(runs, 'run')}.")
    between = f"{min(sent):,} to {max(sent):,}" if min(sent) < max(sent) else f"{sent[0]:,}"
    print(
        f"  {_of(count['prompt'], 'prompt')} of {between} characters, {count['control']} slots without one, "
        f"{_of(count['draft'], 'draft')} that are deleted unsent"
    )
    minutes = (len(plan.slots) * (plan.seconds + plan.dwell) + runs * plan.drain) / 60
    print(
        f"  {minutes:,.0f} minutes: {plan.seconds:g} s a slot, {plan.dwell:g} s before each, "
        f"{plan.drain / 60:,.0f} min after each run"
    )


def tell_power(plan: "Plan") -> None:
    """What this plan would find, by how irregular the host's other traffic is; simulated, so it takes some seconds."""
    from promptrail.infer import power

    print(
        f"Forecast for a host among {power.FAMILY} (share of simulated recordings that find what it is sent):"
    )
    for noise in NOISE if plan.kind != "differential" else NOISE[:1]:
        found = power.forecast(plan, noise)
        print(
            f"  where its other traffic is {noise}:"
            if plan.kind != "differential"
            else "  in readable fields:"
        )
        if plan.kind == "dose":
            least = "nothing that was tried" if found.smallest is None else f"{found.smallest:g} and more"
            print(f"    nine times in ten, bytes for each character of a prompt: {least}")
        for what, share in found.power.items():
            print(f"    {what}: {share:.0%}", flush=True)


def tell_scenarios(case: Case, plan: "Plan", digest: str) -> None:
    """Write the scenarios of the plan and say what to do with them."""
    package = case.app["package"]
    if package == NOT_STATED:
        print(
            f"No scenario was written: {case.path}/case.toml names no package. Put it in under [app], then draw the "
            f"same plan again: promptrail plan {case.path} {plan.kind} --seed {plan.seed} ..."
        )
        return
    name = case.app["name"] if case.app["name"] != NOT_STATED else package
    files = planned_scenario.scenarios(plan, digest, package, name)
    paths = planned_scenario.write(files, case.path / lab_opaque.PLANS)
    print(f"{'Scenario' if len(paths) == 1 else f'{len(paths)} scenarios, to be recorded in their order'}:")
    shown: list[Path | str] = [*paths] if len(paths) < 4 else [paths[0], "...", paths[-1]]
    for path in shown:
        print(f"  {safe(str(path))}")
    print("Put in how the app's field and buttons are found, then, as root:")
    print(f"  promptrail record {safe(str(case.path))} --scenario {safe(str(paths[0]))} --interface NAME")
    print("Without --interface no packets are captured, and what is not decrypted cannot be measured.")


def _own(case: Case) -> str:
    own = [str(row["domain"]) for row in case.declared_recipients if row.get("own") is True]
    if len(own) == 1:
        return own[0]
    known = f"names {len(own)} ({', '.join(own)})" if own else "names none"
    raise ParameterError(
        f"Who gets the prompts anyway? That the method finds the first party is the control of every plan, and the "
        f"case {known}: give --positive HOST, such as --positive chat.example.com."
    )


def _drawn(case: Case, kind: str) -> int:
    from promptrail.infer import plan as plans

    files = sorted((case.path / lab_opaque.PLANS).glob("*.json"))
    return sum(plans.read(file).kind == kind for file in files)


def _lengths(text: str) -> tuple[int, ...]:
    try:
        return tuple(_count(word) for word in text.split(","))
    except argparse.ArgumentTypeError:
        raise argparse.ArgumentTypeError(
            f"{text!r}: numbers with commas between them, as 32,128,512"
        ) from None


def _of(count: int, what: str) -> str:
    return f"{count} {what}{'' if count == 1 else 's'}"
