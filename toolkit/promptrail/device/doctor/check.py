"""A check and what it found: its state, what was seen of it, and what to do; nothing unseen is ever `ok`."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Literal, NamedTuple

from promptrail.device.adb import Answer, told_as
from promptrail.device.doctor.bench import Bench

Severity = Literal["required", "recommended", "optional"]
State = Literal["ok", "fault", "not checked"]
LINES, WIDTH = 4, 200


class Evidence(NamedTuple):
    """One command that was run, as it can be run again."""

    command: str
    code: int | None
    """None if it was not a program's."""
    lines: tuple[str, ...]
    """The first that it said."""


@dataclass(frozen=True)
class Result:
    state: State
    told: str
    """What is so, without a full stop; for `not checked` why."""
    remedy: str = ""
    evidence: tuple[Evidence, ...] = ()


@dataclass(frozen=True)
class Check:
    """`run` looks. What is in `needs` has to be ok first. `fix` undoes what a broken-off session left, if told to.

    Where it was not `asked` for, nothing hangs on it, whatever its severity.
    """

    id: str
    severity: Severity
    run: Callable[[Bench], Result]
    needs: tuple[str, ...] = ()
    fix: Callable[[Bench], Evidence] | None = None
    asked: Callable[[Bench], bool] = lambda bench: True


@dataclass(frozen=True)
class Row:
    """A check with its result; `fixed` is what was done about a fault before it was looked at again."""

    check: Check
    result: Result
    severity: Severity
    fixed: tuple[Evidence, ...] = field(default=())

    @property
    def passed(self) -> bool:
        return self.severity != "required" or self.result.state == "ok"

    def as_json(self) -> dict[str, Any]:
        return {
            "id": self.check.id,
            "severity": self.severity,
            "state": self.result.state,
            "told": self.result.told,
            "remedy": self.result.remedy,
            "evidence": [_as_json(one) for one in self.result.evidence],
            "fixed": [_as_json(one) for one in self.fixed],
        }


def ok(told: str, *evidence: Evidence) -> Result:
    return Result("ok", told, "", evidence)


def fault(told: str, remedy: str, *evidence: Evidence) -> Result:
    return Result("fault", told, remedy, evidence)


def not_checked(why: str, *evidence: Evidence, remedy: str = "") -> Result:
    return Result("not checked", why, remedy, evidence)


def seen(command: str, answer: Answer) -> Evidence:
    """What a program said, as evidence."""
    lines = [line.rstrip()[:WIDTH] for line in answer.said.splitlines() if line.strip()]
    return Evidence(command, answer.code, tuple(lines[:LINES]))


def seen_of_adb(bench: Bench, answer: Answer, *arguments: str) -> Evidence:
    """The same for a call of adb, with the serial of the device that was asked."""
    serial = ("-s", bench.device.serial) if bench.device else ()
    return seen(told_as((*serial, *arguments)), answer)


def _as_json(one: Evidence) -> dict[str, Any]:
    return {"command": one.command, "exit": one.code, "lines": list(one.lines)}
