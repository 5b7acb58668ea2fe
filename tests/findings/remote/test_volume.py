"""Amounts: what is counted, in which phase, over which runs; and the intervals beside them."""

from pathlib import Path
from typing import Any

import pytest

from factories import Rows, compact
from promptrail.case import Case
from promptrail.findings.comparable import about
from promptrail.findings.remote.volume import volume
from promptrail.findings.remote.volume_groups import Amounts, amounts
from promptrail.findings.resampling import difference, interval

CLOUD, OWN = "ingest.brightmoor.test", "chat.parley.test"


def recorded(folder: Path, counts: list[int], quiet: list[int] = [], events: bool = True) -> Case:  # noqa: B006
    """Runs with a prompt, and C0 runs without: so many requests go to the cloud after second 14."""
    rows = Rows()
    rows.probe("p1", "prompt", "a prompt with a rare word plover-6612")
    rows.recipient(OWN, True, service_operator="Parley Labs")
    rows.recipient(CLOUD, False, service_operator="Brightmoor")
    for n, count in enumerate([*counts, *quiet]):
        typed = n < len(counts)
        run = rows.run(f"r{n}", app="Parley", app_version="1", control="C1" if typed else "C0")
        if events:
            rows.event(run, 5, "consent")
            for at, event in ((10, "typing"), (12, "sent")) if typed else ():
                rows.event(run, at, event, "p1")
            rows.event(run, 40, "end")
        rows.flow(run, OWN, compact({"n": n}), 1)
        for k in range(count):
            rows.flow(run, CLOUD, compact({"k": k, "n": n}), 14 + k / 10)
    return rows.write(folder)


def of(case: Case) -> Amounts:
    found = amounts(case, about(case, list(case.runs["run"])))
    assert found
    return found


@pytest.mark.parametrize(
    ("at", "phase"),
    [
        (1, "before the answer"),
        (5.5, "at the answer"),
        (8, "idle"),
        (10.5, "typing"),
        (12.1, "after a prompt"),
        (21.9, "after a prompt"),
        (22.1, "idle"),
    ],
)
def test_phases_of_a_run(tmp_path: Path, at: float, phase: str) -> None:
    """From consent and keystrokes; a prompt's own time ends after ten seconds, or with what the person does next."""
    rows = Rows()
    rows.probe("p1", "prompt", "a prompt with a rare word plover-6612")
    rows.run("r0")
    for when, event in ((0.5, "launch"), (5, "consent"), (10, "typing"), (12, "sent"), (40, "end")):
        rows.event("r0", when, event, "p1" if when in (10, 12) else None)
    rows.flow("r0", CLOUD, b"{}", at)
    assert list(volume(rows.write(tmp_path / "case"), ["r0"])["phase"]) == [phase]


@pytest.mark.parametrize(("more", "phase"), [({"started": None}, "no time"), ({}, "no steps known")])
def test_what_has_no_phase_is_told_as_that(tmp_path: Path, more: dict[str, Any], phase: str) -> None:
    """A capture without events, and an exchange without a time; with events and without a consent it is idle."""
    rows = Rows()
    rows.run("r0")
    rows.flow("r0", CLOUD, b"{}", 1, **more)
    assert list(volume(rows.write(tmp_path / "case"), ["r0"])["phase"]) == [phase]


def test_after_a_refusal_is_a_phase(tmp_path: Path) -> None:
    """The person said no, and something was sent."""
    rows = Rows()
    rows.run("r0")
    rows.event("r0", 5, "refused")
    rows.flow("r0", CLOUD, b"{}", 9)
    assert list(volume(rows.write(tmp_path / "case"), ["r0"])["phase"]) == ["after refusal"]


def test_bytes_are_url_headers_and_messages_as_sent(tmp_path: Path) -> None:
    """Counted by hand; an unread connection is one of those, and no bytes."""
    rows = Rows()
    rows.run("r0")
    rows.flow("r0", CLOUD, b"12345", 1, url=f"https://{CLOUD}/a?q=1", request_headers=[(b"A", b"bc")])
    rows.connection("r0", CLOUD, "pinned", bytes_out=900)
    rows.flow("r0", CLOUD, b"xx", 1, status=None, dest_ip=None)
    read, unread = volume(rows.write(tmp_path / "case"), ["r0"]).to_dict("records")
    assert (read["requests"], read["bytes"], read["unread"]) == (1, len(f"https://{CLOUD}/a?q=1") + 7 + 5, 0)
    assert (unread["requests"], unread["bytes"], unread["unread"]) == (0, 0.0, 1)


def test_like_runs_are_taken_together_and_held_against_c0(tmp_path: Path) -> None:
    """Mean and interval of the typed runs, and how much more than the runs without a prompt."""
    found = of(recorded(tmp_path / "case", [4, 6, 8], [1, 1, 1]))
    assert (found.runs, found.quiet, found.prompts) == (["r0", "r1", "r2"], ["r3", "r4", "r5"], 1)
    facts: Any = found.as_facts()
    cloud = next(row for row in facts["whole"] if row["organisation"] == "Brightmoor")
    assert cloud["requests"] == {"values": [4.0, 6.0, 8.0], "mean": 6.0, "low": 4.0, "high": 8.0, "runs": 3}
    assert cloud["requests_against"]["mean"] == 5.0 and cloud["requests_against"]["low"] == 3.0
    own = next(row for row in facts["whole"] if row["own"])
    assert (own["requests_against"]["low"], own["requests_against"]["high"]) == (0.0, 0.0)
    assert facts["others"]["requests"]["mean"] == 6.0
    assert [row["requests"]["mean"] for row in facts["each_prompt"]] == [6.0]


@pytest.mark.parametrize(
    ("counts", "quiet", "mean", "against"),
    [([4, 6], [], None, None), ([4, 6, 8], [], 4.0, None), ([4, 6, 8], [1], 4.0, "too few")],
)
def test_too_few_runs_have_no_interval(
    tmp_path: Path, counts: list[int], quiet: list[int], mean: float | None, against: str | None
) -> None:
    """Nor has a difference to too few: the number stands alone."""
    facts: Any = of(recorded(tmp_path / "case", counts, quiet)).as_facts()
    cloud = next(row for row in facts["whole"] if row["organisation"] == "Brightmoor")
    assert cloud["requests"]["low"] == mean
    told = cloud["requests_against"]
    assert (told is None) if against is None else (told["mean"] == 5.0 and told["low"] is None)


def test_a_capture_without_events_is_counted_whole(tmp_path: Path) -> None:
    """Who got how much is known; when in the session it was is not."""
    found = of(recorded(tmp_path / "case", [4, 6, 8], events=False))
    assert {row.phase for row in found.by_phase} == {"no steps known"} and found.each_prompt == []


def test_nothing_is_made_of_nothing() -> None:
    """No values, no interval; the same values, no width; a seed, the same ends."""
    assert interval([]) is None and difference([1.0], []) is None
    same, ends = interval([5.0] * 4), interval([1.0, 2.0, 9.0])
    assert same and (same.low, same.high) == (5.0, 5.0)
    assert ends == interval([1.0, 2.0, 9.0]) and ends and ends.low == 1.0 and ends.high == 9.0


def test_intervals_hold_the_mean_about_as_often_as_they_say() -> None:
    """Of samples of twelve from a known mean, 9 of 10 and more intervals hold it (a bootstrap is a little narrow)."""
    import numpy as np

    rng = np.random.default_rng(5)
    held = 0
    for _ in range(100):
        told = interval(rng.poisson(6.0, 12).tolist())
        assert told and told.low is not None and told.high is not None
        held += told.low <= 6.0 <= told.high
    assert held >= 85
