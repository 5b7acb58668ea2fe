"""Which plans of a case were followed by which runs: CASE/plans/*.json and the event `plan` in, pairs and faults out.

A run names its plan by the plan's digest. A plan that was changed, renamed or lost is a fault, in a sentence: what was
drawn before the recording is then not known.
"""

import json
from dataclasses import dataclass
from pathlib import Path

from promptrail.case import Case
from promptrail.case.folder import LOG
from promptrail.errors import InputError, ParameterError
from promptrail.infer import plan as plans
from promptrail.infer.plan import Plan
from promptrail.language import mark, say

KINDS = (mark("dose"), mark("contrast"), mark("differential"))
FOLDER = "plans"
EVENT = "plan"
LOGGED = "plan"
"""The action under which `promptrail plan` writes a digest to the log of the case."""
LONGEST_LINE = 1 << 16


@dataclass(frozen=True, slots=True)
class Followed:
    """A plan with the runs that say they followed it, in order of their names."""

    plan: Plan
    digest: str
    runs: tuple[str, ...]
    drawn: str | None
    """When the log of the case says that it was drawn, UTC; None: the log does not say."""


@dataclass(frozen=True, slots=True)
class Plans:
    followed: tuple[Followed, ...]
    """In order of their digests."""
    files: int
    """Plans that lie in the case, followed or not."""
    faults: tuple[str, ...]

    def of(self, kind: str) -> list[Followed]:
        return [one for one in self.followed if one.plan.kind == kind]


def plans_of(case: Case) -> Plans:
    """Every plan that a run of the case names."""
    files = sorted((case.path / FOLDER).glob("*.json"))
    named = case.events[case.events["event"] == EVENT].dropna(subset=["label"])
    log = _log(case)
    followed, faults = [], []
    for digest, rows in named.groupby("label", sort=True):
        runs = tuple(sorted(set(rows["run"])))
        try:
            one = _file(case.path / FOLDER, str(digest))
        except InputError as fault:
            told = str(fault).replace(f"{case.path}/", "")  # no path of this machine in a finding
            faults.append(
                say(
                    "{runs} followed the plan {plan}, but {fault}",
                    runs=_runs(runs),
                    plan=str(digest)[:12],
                    fault=told,
                )
            )
            continue
        followed.append(Followed(one, str(digest), runs, log.get(str(digest))))
    return Plans(tuple(followed), len(files), tuple(faults))


def chosen(found: Plans, kind: str, asked: str) -> Followed | None:
    """The one plan of this kind that was followed, or that which `asked` names; None where none or several are left.

    `asked`: first letters of digests with commas between. ParameterError where they name no plan that was followed.
    """
    named = [word.strip().lower() for word in asked.split(",") if word.strip()]
    for word in named:
        if not any(one.digest.startswith(word) for one in found.followed):
            there = ", ".join(f"{one.digest[:12]} ({one.plan.kind})" for one in found.followed) or "none"
            raise ParameterError(f"no plan that was followed begins with {word!r}. The case has: {there}.")
    mine = found.of(kind)
    fitting = [one for one in mine if any(one.digest.startswith(word) for word in named)] or mine
    return fitting[0] if len(fitting) == 1 else None


def first_party(host: str, positive: str) -> bool:
    """Whether a host is the positive control's, or lies under its domain."""
    return bool(positive) and (host == positive or host.endswith(f".{positive}"))


def _file(folder: Path, digest: str) -> Plan:
    """The plan of this digest; InputError where it is not there as it was drawn."""
    path = folder / f"{digest[:12]}.json"
    if not digest.isalnum() or not path.is_file():
        file = f"{FOLDER}/{digest[:12]}.json"
        raise InputError(say("{file} is not in the case, so what was drawn is not known.", file=file))
    one = plans.read(path)
    if plans.digest(one) != digest:
        file = f"{FOLDER}/{path.name}"
        raise InputError(
            say("{file} holds another plan: its digest is not the one that they name.", file=file)
        )
    return one


def _runs(runs: tuple[str, ...]) -> str:
    return say("run {run}", run=runs[0]) if len(runs) == 1 else say("{n} runs", n=len(runs))


def _log(case: Case) -> dict[str, str]:
    """By digest, the time of its first line in the log; lines that are no JSON are passed over."""
    told: dict[str, str] = {}
    try:
        lines = (case.path / LOG).read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return told
    for line in lines:
        try:
            said = json.loads(line[:LONGEST_LINE])
        except (ValueError, RecursionError):
            continue
        if isinstance(said, dict) and said.get("action") == LOGGED and isinstance(said.get("digest"), str):
            told.setdefault(said["digest"], str(said.get("t")))
    return told
