"""Which runs are alike, what is read of them, and how two groups are chosen."""

import json
from pathlib import Path
from typing import Any

import pytest

from factories import BEGAN, Rows
from promptrail.case import Case
from promptrail.errors import ParameterError
from promptrail.findings.comparable import NOT_STATED, about, strata, unlike
from promptrail.findings.sides import Sides, sides


def written(folder: Path, *runs: dict[str, Any], prompts: bool = True) -> Case:
    """Runs r0, r1, ..., each of version 1 unless it says more; `typed` names what was typed in it."""
    rows = Rows()
    rows.probe("p1", "prompt", "a prompt with a rare word plover-6612")
    rows.probe("p2", "prompt", "another one with a rare word dunlin-8850")
    for n, more in enumerate(runs):
        values = {"app": "Parley", "app_version": "1", "began": BEGAN + 100 * n} | more
        typed = values.pop("typed", "p1")
        rows.run(f"r{n}", values.pop("began"), **values)
        if typed and prompts:
            rows.event(f"r{n}", 1, "consent")
            rows.event(f"r{n}", 2, "typed", typed)
    return rows.write(folder)


def known(case: Case) -> Any:
    return about(case, list(case.runs["run"]))


@pytest.mark.parametrize(
    "more",
    [
        {"app_version": "2"},
        {"app": "Other"},
        {"typed": "p2"},
        {"typed": None},
        {"route": "tun"},
        {"witnesses": ["proxy", "hook"]},
        {"source": "har"},
    ],
)
def test_runs_that_differ_have_no_stratum(tmp_path: Path, more: dict[str, Any]) -> None:
    """In app, version, steps or the way of recording; each difference is named."""
    one, two = known(written(tmp_path / "case", {}, more)).values()
    assert strata([one], [two], ()) == []
    assert len(unlike(one, [two], ())) == 1


def test_what_is_compared_need_not_be_equal(tmp_path: Path) -> None:
    """Versions apart, everything else alike: one stratum; order and time of the steps do not matter."""
    found = list(known(written(tmp_path / "case", {}, {"app_version": "2"}, {})).values())
    assert strata(found[:1], found[1:2], ("version",)) == [(["r0"], ["r1"])]
    assert strata([found[0], found[2]], found[1:2], ("version",)) == [(["r0", "r2"], ["r1"])]


@pytest.mark.parametrize(
    ("name", "told", "expected"),
    [
        ("run.json", {"meta": {"mode": "private"}}, ("private", NOT_STATED)),
        ("run.json", {"egress": "KR", "meta": {}}, (NOT_STATED, "KR")),
        ("manifest.json", {"meta": {"region": "XB", "mode": "normal"}}, ("normal", "XB")),
        ("manifest.json", {"meta": ["mode"]}, (NOT_STATED, NOT_STATED)),
        ("run.json", {"meta": {"mode": 3, "region": None}}, (NOT_STATED, NOT_STATED)),
        ("run.json", [1], (NOT_STATED, NOT_STATED)),
    ],
)
def test_mode_and_region_come_from_the_record_of_a_run(
    tmp_path: Path, name: str, told: Any, expected: tuple[str, str]
) -> None:
    """Of run.json or of the sealed manifest; what is no text is not stated."""
    case = written(tmp_path / "case", {})
    (case.captures / "r0").mkdir(parents=True)
    (case.captures / "r0" / name).write_text(json.dumps(told), encoding="utf-8")
    facts = known(case)["r0"].facts
    assert (facts["mode"], facts["region"]) == expected


@pytest.mark.parametrize("data", [b"", b"{", b"\xff\xfe", b"[" * 100_000])
def test_a_broken_record_states_nothing(tmp_path: Path, data: bytes) -> None:
    """Empty, cut short, noise, nested too deep."""
    case = written(tmp_path / "case", {})
    (case.captures / "r0").mkdir(parents=True)
    (case.captures / "r0" / "run.json").write_bytes(data)
    assert known(case)["r0"].facts["mode"] == NOT_STATED


def test_without_events_texts_that_were_sent_stand_for_the_steps(tmp_path: Path) -> None:
    """A HAR has no events: two runs that sent the same prompt did the same, as far as anybody can know."""
    rows = Rows()
    rows.probe("p1", "prompt", "a prompt with a rare word plover-6612")
    for run in ("r0", "r1", "r2"):
        rows.run(run, source="har")
        flow = rows.flow(run, "chat.parley.test", b"{}")
        if run != "r2":
            rows.sighting(flow, "p1", b"{}", 1)
    facts = {run: one.facts["steps"] for run, one in known(rows.write(tmp_path / "case")).items()}
    assert facts["r0"] == facts["r1"] == "no events; seen to be sent: p1"
    assert facts["r2"] == NOT_STATED


def chosen(case: Case, a: str = "", b: str = "", by: str = "") -> Sides | str:
    return sides(known(case), a, b, by)


def test_the_two_versions_with_most_runs_are_chosen_and_it_is_said(tmp_path: Path) -> None:
    """Of three; the one that was recorded first is A."""
    runs = [{"app_version": v} for v in ("9", "9", "1", "2", "2")]
    found = chosen(written(tmp_path / "case", *runs))
    assert isinstance(found, Sides)
    assert (found.a.label, found.b.label) == ("version 9", "version 2")
    assert found.apart == ("version",) and "two of 3 versions with most runs" in found.how


def test_where_nothing_differs_there_is_nothing_to_compare(tmp_path: Path) -> None:
    """One version, mode and region: a sentence, not an error."""
    assert "of one version (1), mode (not stated)" in str(chosen(written(tmp_path / "case", {}, {})))
    assert "of one day (2026-09-21)" in str(chosen(written(tmp_path / "again", {}, {}), by="day"))


def test_a_scenario_is_compared_only_when_it_is_asked_for(tmp_path: Path) -> None:
    """Its name may say what a run was for, or only what was typed."""
    case = written(tmp_path / "case", {"scenario": "x"}, {"scenario": "y"})
    assert isinstance(chosen(case), str)
    assert isinstance(chosen(case, by="scenario"), Sides)


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"by": "moon"}, "Runs can be compared by version, mode, region, day, scenario"),
        ({"a": "r0"}, "needs both a and b"),
        ({"a": "r0", "b": "x*"}, "no run fits 'x\\*'. The case has: r0, r1"),
        ({"a": "r*", "b": "r1"}, "r1 fits a \\(r\\*\\) and b \\(r1\\)"),
    ],
)
def test_parameters_that_name_no_two_groups_are_refused(
    tmp_path: Path, given: dict[str, str], said: str
) -> None:
    """And the message says what would be right."""
    with pytest.raises(ParameterError, match=said):
        chosen(written(tmp_path / "case", {}, {}), **given)


def test_patterns_compare_whatever_one_thing_sets_them_apart(tmp_path: Path) -> None:
    """One version against another; where nothing or two things differ, nothing may differ."""
    case = written(tmp_path / "case", {}, {"app_version": "2"}, {})
    (case.captures / "r1").mkdir(parents=True)
    one, none = chosen(case, "r0", "r1"), chosen(case, "r0", "r2")
    assert isinstance(one, Sides) and one.apart == ("version",)
    assert isinstance(none, Sides) and none.apart == ()
    (case.captures / "r1" / "run.json").write_text('{"meta": {"mode": "private"}}', encoding="utf-8")
    two = chosen(case, "r0", "r1")
    assert isinstance(two, Sides) and two.apart == () and "differ in version and mode" in two.how
