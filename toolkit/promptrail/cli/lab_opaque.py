"""promptrail lab opaque: the simulated app follows a plan, drawn here or given, before vendors that nobody can read."""

import argparse
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from promptrail.case import Case
from promptrail.cli.speech import say

PLANS = "plans"
COMPRESSED: dict[str, Any] = {"positive": "parley.test", "seconds": 0.4, "dwell": 0.02, "drain": 1.0}
"""What the lab's plans differ in from those for a phone: its slots need no minute."""


DRAWS = 1999
"""Of a story's plans: enough for 0.01 after correction for the lab's seven hosts, and quick."""


def add(lab: Any) -> None:
    """To the commands of `promptrail lab`."""
    opaque = lab.add_parser(
        "opaque",
        help="record the simulated app under a plan, with vendors whose traffic is not decrypted (as root)",
        description="Draws a plan of the kind --stage, or takes one that `promptrail plan` wrote, and records it: the "
        "packets, and the first party by the proxy. What each vendor does lies beside the recording.",
    )
    opaque.add_argument("case", metavar="CASE")
    what = opaque.add_mutually_exclusive_group()
    what.add_argument("--plan", metavar="FILE", type=Path, help="a plan of CASE/plans/")
    what.add_argument(
        "--stage",
        choices=("dose", "contrast", "differential"),
        default="dose",
        help="dose: lengths of text; contrast: two alphabets; differential: the same prompts twice",
    )
    opaque.add_argument("--seed", metavar="HEX", help="32 hex digits for the draw; without it a new one")
    opaque.add_argument("--noise", choices=("quiet", "moderate", "loud"), default="quiet")
    opaque.add_argument("--typed", action="store_true", help="the texts are typed key by key, not pasted")
    opaque.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    from promptrail.cli.recording import lab_case  # which adds this command, so it is imported first
    from promptrail.infer import plan as plans
    from promptrail.lab.opaque.record import record_opaque

    folder = Path(options.case)
    if options.plan:
        plan = plans.read(options.plan)
    else:
        plan = plans.draw(options.stage, options.seed, **COMPRESSED)
    case = lab_case(folder)
    keep(case, plan)
    way = "typed" if options.typed else "paste"
    for name in record_opaque(case, told(plan, options.noise, way), say=say):
        print(name)
    return 0


def drawn(case: Case, kinds: Iterable[str], sends: bool = True) -> list[dict[str, Any]]:
    """Plans for a story of the lab, kept in the case and told as data; the same for every recording of it."""
    from promptrail.infer import plan as plans

    made = [plans.draw(kind, f"{n:032x}", draws=DRAWS, **COMPRESSED) for n, kind in enumerate(kinds, 1)]
    for plan in made:
        keep(case, plan)
    return [told(plan, sends=sends) for plan in made]


def keep(case: Case, plan: Any) -> Path:
    """The plan's file in the case, and its digest in the case's log: before anything is recorded."""
    from promptrail.infer import plan as plans

    path = plans.write(plan, case.path / PLANS)
    case.log("plan", digest=plans.digest(plan), kind=plan.kind, file=f"{PLANS}/{path.name}")
    return path


def told(plan: Any, noise: str = "quiet", way: str = "paste", sends: bool = True) -> dict[str, Any]:
    """A plan as the lab is given it: data, with the texts."""
    from promptrail.infer import plan as plans

    return {
        "digest": plans.digest(plan),
        "kind": plan.kind,
        "seed": plan.seed,
        "seconds": plan.seconds,
        "dwell": plan.dwell,
        "drain": plan.drain,
        "begins": list(plan.begins),
        "slots": [
            {"slot": s.slot, "kind": s.kind, "text": plans.typed(plan, s), "input": s.input}
            for s in plan.slots
        ],
        "input": way,
        "noise": noise,
        "sends": sends,
    }
