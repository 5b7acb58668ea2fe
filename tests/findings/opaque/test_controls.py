"""Controls of finding 10 that are about the plan: when it was drawn, and how many were followed."""

from pathlib import Path
from typing import Any

import pytest

from factories import Rows
from findings.opaque_cases import CHAT, follow, heartbeat, keep, small
from promptrail.findings.opaque.controls import controls
from promptrail.findings.opaque.plans import plans_of
from promptrail.model import Control


def checked(folder: Path, *kept: Any, logged: float | None = -600.0) -> dict[str, Control]:
    rows = Rows()
    for n, plan in enumerate(kept):
        follow(rows, plan, {CHAT: heartbeat}, f"r{n}", 1000.0 * n)
    case = keep(rows.write(folder / "case"), *kept, logged=logged)
    plans = plans_of(case)
    return {one.control: one for one in controls(case, plans, [plans.followed[0]], None).all}


@pytest.mark.parametrize(
    ("logged", "result", "told"),
    [
        (-600.0, "pass", "dose: logged 10 min before the first slot"),
        (-90_000.0, "pass", "dose: logged 25 h before the first slot"),
        (60.0, "fail", "dose: logged 58 s after the first slot"),
        (None, "not run", "1 plan without a line in the log"),
    ],
)
def test_when_the_plan_was_drawn(tmp_path: Path, logged: float | None, result: str, told: str) -> None:
    """Before the first slot is a pass, after it a failure; a silent log is neither."""
    found = checked(tmp_path, small(), logged=logged)["Plan before recording"]
    assert (found.result, found.observed) == (result, told)


@pytest.mark.parametrize(
    ("alphas", "result"),
    [((0.01,), "pass"), ((0.05,), "pass"), ((0.005, 0.005), "pass"), ((0.01, 0.01), "fail")],
)
def test_several_plans_need_smaller_chances(tmp_path: Path, alphas: tuple[float, ...], result: str) -> None:
    """Two looks at a half of the level each are one design; two at the whole level are a choice made afterwards."""
    plans = [small(seed=f"{n + 1:02d}" * 16, alpha=alpha) for n, alpha in enumerate(alphas)]
    found = checked(tmp_path, *plans)["Plans followed"]
    assert found.result == result
    assert f"1 of {len(alphas)} followed" in found.observed


def test_without_a_plan_there_is_no_control(tmp_path: Path) -> None:
    """An empty list, and no division by nothing."""
    case = Rows().write(tmp_path / "case")
    assert controls(case, plans_of(case), [], None).all == []
