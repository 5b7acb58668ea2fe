"""Plans and the runs that followed them: what was changed, lost or followed twice is told, and never used."""

import json
from pathlib import Path
from typing import Any

import pytest

from factories import Rows
from findings.opaque_cases import CHAT, follow, heartbeat, keep, small
from promptrail.case import Case
from promptrail.errors import ParameterError
from promptrail.findings.opaque.plans import chosen, first_party, plans_of
from promptrail.infer import plan as plans


def case_of(folder: Path, *runs: tuple[str, Any], kept: tuple[Any, ...] = (), **more: Any) -> Case:
    rows = Rows()
    for n, (run, plan) in enumerate(runs):
        follow(rows, plan, {CHAT: heartbeat}, run, 1000.0 * n, **more)
    return keep(rows.write(folder), *kept)


def test_a_plan_with_its_runs_and_the_time_of_its_draw(tmp_path: Path) -> None:
    """The event names it, the folder has it, the log says when."""
    plan, other = small(), small(seed="22" * 16)
    found = plans_of(case_of(tmp_path / "c", ("r1", plan), ("r2", plan), kept=(plan, other)))
    (one,) = found.followed
    assert (one.plan, one.digest, one.runs) == (plan, plans.digest(plan), ("r1", "r2"))
    assert one.drawn == "2026-09-21T14:03:20Z"
    assert (found.files, found.faults) == (2, ())


def test_a_case_without_plans_has_none(tmp_path: Path) -> None:
    """Neither a folder nor an event is an error."""
    assert plans_of(Rows().write(tmp_path / "c")).followed == ()


def changed(path: Path) -> None:
    held = json.loads(path.read_text())
    held["slots"][0]["length"] += 1
    path.write_text(json.dumps(held))


@pytest.mark.parametrize(
    ("harm", "told"),
    [
        (changed, "so it was changed or renamed"),
        (lambda path: path.unlink(), "is not in the case, so what was drawn is not known"),
        (lambda path: path.write_text("[]"), "not a plan"),
        (lambda path: path.write_bytes(b"\xff\x00"), "not a plan"),
        (lambda path: path.write_bytes(plans.canonical(small(seed="33" * 16))), "changed or renamed"),
    ],
    ids=["changed", "lost", "no plan", "no text", "another one"],
)
def test_a_plan_that_is_not_as_it_was_drawn_is_a_fault(tmp_path: Path, harm: Any, told: str) -> None:
    """It is not used, and the sentence names file and runs and no folder of this machine."""
    plan = small()
    case = case_of(tmp_path / "c", ("r1", plan), kept=(plan,))
    harm(case.path / "plans" / f"{plans.digest(plan)[:12]}.json")
    found = plans_of(case)
    assert found.followed == ()
    (fault,) = found.faults
    assert told in fault and fault.startswith("run r1 followed the plan ") and str(tmp_path) not in fault


@pytest.mark.parametrize("label", ["../../etc/passwd", "", "a" * 64, "é/\n"])
def test_a_run_may_name_anything(tmp_path: Path, label: str) -> None:
    """A label is captured text: it opens no file outside the folder of the plans."""
    found = plans_of(case_of(tmp_path / "c", ("r1", small()), label=label))
    assert found.followed == () and len(found.faults) == 1


def test_a_log_that_was_damaged_still_tells_the_rest(tmp_path: Path) -> None:
    """Lines that are no JSON are passed over; the first line of a digest counts."""
    plan = small()
    case = case_of(tmp_path / "c", ("r1", plan), kept=(plan,))
    with open(case.path / "log.jsonl", "ab") as out:
        out.write(b"\xff{\n[1]\n" + b"[" * 3000 + b"\n")
        line = {"t": "2030-01-01T00:00:00Z", "action": "plan", "digest": plans.digest(plan)}
        out.write(json.dumps(line).encode() + b"\n")
    assert plans_of(case).followed[0].drawn == "2026-09-21T14:03:20Z"


def test_of_several_plans_one_has_to_be_named(tmp_path: Path) -> None:
    """Nothing is chosen for the reader; a name that fits none is an error that lists them."""
    one, two, third = small(), small(seed="22" * 16), small("contrast", "11" * 16)
    case = case_of(tmp_path / "c", ("r1", one), ("r2", two), ("r3", third), kept=(one, two, third))
    found = plans_of(case)
    assert chosen(found, "dose", "") is None
    assert chosen(found, "differential", "") is None
    picked = chosen(found, "dose", f"{plans.digest(two)[:8].upper()}, {plans.digest(third)[:8]}")
    assert picked is not None and picked.plan == two
    contrast = chosen(found, "contrast", plans.digest(two)[:8])
    assert contrast is not None and contrast.plan == third
    with pytest.raises(ParameterError, match=plans.digest(one)[:12]):
        chosen(found, "dose", "nothing")


@pytest.mark.parametrize(
    ("host", "positive", "own"),
    [
        ("chat.parley.test", "chat.parley.test", True),
        ("chat.parley.test", "parley.test", True),
        ("notparley.test", "parley.test", False),
        ("parley.test.evil.example", "parley.test", False),
        ("chat.parley.test", "", False),
    ],
)
def test_who_is_the_first_party(host: str, positive: str, own: bool) -> None:
    """The host itself or what lies under its domain; a name that only ends alike is another's."""
    assert first_party(host, positive) is own
