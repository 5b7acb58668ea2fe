"""What each guard asks, tells and voids."""

import numpy as np
import pytest

from infer import simulate
from promptrail.infer import guards
from promptrail.infer.doses import Doses, doses, lost_strata
from promptrail.infer.plan import Plan
from promptrail.infer.response import Recorded, Traffic

PLAN = simulate.dose(6, draws=199)
RECORDED: Recorded = simulate.recorded(PLAN, {})
GIVEN: Doses = doses(PLAN, RECORDED)


def chat(received: np.ndarray, answered: np.ndarray) -> Traffic:
    none = np.zeros(GIVEN.windows)
    return Traffic(none, received, answered, np.zeros(0, np.int64), np.zeros(0), 0.0)


def by_length(a: float, b: float, seed: int = 1) -> np.ndarray:
    """a + b for each character, a tenth of a as noise, per window."""
    out = np.zeros(GIVEN.windows)
    out[GIVEN.window] = (
        a * (1 + 0.1 * np.random.default_rng(seed).normal(size=GIVEN.count)) + b * GIVEN.length
    )
    return out


@pytest.mark.parametrize(("slope", "result"), [(0.0, "pass"), (0.01, "pass"), (0.4, "fail"), (-0.4, "pass")])
def test_answers_may_not_grow(slope: float, result: str) -> None:
    """Less than a twentieth of a byte a character is an acknowledgement; what shrinks uploads nothing."""
    guard = guards.answers(PLAN, GIVEN, chat(by_length(5000, slope), by_length(1, 0)))
    assert guard.result == result and guard.voids == (guards.SUPPORTED,)


@pytest.mark.parametrize(("slope", "result"), [(0.0, "pass"), (0.0001, "pass"), (0.002, "fail")])
def test_answers_may_not_come_later(slope: float, result: str) -> None:
    """Up to a tenth of a slot from the shortest to the longest prompt."""
    guard = guards.latency(PLAN, GIVEN, chat(by_length(100, 0), by_length(1, slope)))
    assert guard.result == result


@pytest.mark.parametrize("missing", [0.2, 1.0])
def test_an_answer_that_never_came_lasted_the_slot(missing: float) -> None:
    """A few without an answer are no hindrance; where most have none, latency was not measured."""
    answered = by_length(1, 0)
    answered[np.random.default_rng(1).random(len(answered)) < missing] = np.nan
    guard = guards.latency(PLAN, GIVEN, chat(by_length(100, 0), answered))
    assert guard.result == ("not run" if missing == 1 else "pass")


def test_without_a_first_party_nothing_is_measured() -> None:
    """No traffic, no bytes received, too few prompts: not run, with its reason."""
    few = Doses(GIVEN.length[:3], GIVEN.window[:3], GIVEN.windows, GIVEN.wide[:3])
    silent = chat(np.zeros(GIVEN.windows), np.full(GIVEN.windows, np.nan))
    for given, traffic in ((GIVEN, None), (GIVEN, silent), (few, chat(by_length(9, 0), by_length(9, 0)))):
        assert guards.answers(PLAN, given, traffic).result == "not run"
        assert guards.latency(PLAN, given, traffic).told == "not measured"


@pytest.mark.parametrize(("failed", "lost"), [(0, []), (1, []), (2, [13]), (6, [13])])
def test_a_stratum_goes_where_a_fifth_failed(failed: int, lost: list[int]) -> None:
    """Of six prompts about 8,192 characters one may fail."""
    long = [s.slot for s in PLAN.slots if s.kind == "prompt" and s.length > 6000]
    recorded = Recorded(RECORDED.windows, RECORDED.window_of, {}, failed=tuple(long[:failed]))
    assert list(lost_strata(PLAN, recorded)) == lost
    assert doses(PLAN, recorded).count == 30 - (6 if lost else failed)


@pytest.mark.parametrize(
    ("name", "host", "outcome", "result"),
    [
        ("", None, None, "not run"),
        ("chat.example", None, None, "fail"),
        ("chat.example", "chat.example", "not supported", "fail"),
        ("chat.example", "chat.example", "cannot tell", "fail"),
        ("example", "chat.example", "supported", "pass"),
    ],
)
def test_the_positive_control(name: str, host: str | None, outcome: str | None, result: str) -> None:
    """Only "supported" passes."""
    assert guards.positive(name, host, outcome).result == result


@pytest.mark.parametrize(("found", "result"), [(None, "not run"), (0, "pass"), (3, "pass")])
def test_drafts_are_told_and_void_nothing(found: int | None, result: str) -> None:
    """That text leaves before it is sent is a finding, not a fault."""
    guard = guards.drafts(PLAN, found)
    assert (guard.result, guard.voids) == (result, ())


def test_a_plan_without_drafts_says_so() -> None:
    """Nothing to look for."""
    bare: Plan = simulate.dose(2, drafts=0)
    assert guards.drafts(bare, 0).result == "not run"
