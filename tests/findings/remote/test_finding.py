"""Verdict, grade and sentences of finding 11, each in both ways in which it could be wrong."""

from pathlib import Path
from typing import Any

import pytest

from factories import BEGAN, DEVICE, compact
from findings.answered import CLOUD, OWN, PROMPT, SETTINGS, answered, case_rows, runs_with
from promptrail.findings.remote import finding as remote
from promptrail.model import Control, Finding


def control(found: Finding, name: str) -> Control:
    return next(one for one in found.controls if one.control == name)


def test_settings_from_another_company_are_supported(tmp_path: Path) -> None:
    """In every run, and another app on the device is not handed them: E5; the sentence names host, holder and keys."""
    found = remote.find(runs_with(tmp_path / "case", ["on"] * 3, [1] * 3, control="/v1/other"))
    assert (found.verdict, found.grade) == ("supported", "E5")
    assert f"Settings came from {CLOUD} (Brightmoor, address in XB) in 3 of 3 runs: 3 keys" in found.sentence
    assert "which can be changed there without a new version" in found.licensed
    assert "controls the app” or “misuses it" in found.not_licensed
    assert any("Feature flags are normal" in row["objection"] for row in found.objections)


@pytest.mark.parametrize(
    ("runs", "other", "grade"), [(3, None, "E3"), (2, "/v1/other", "E4"), (3, "/v1/other", "E5")]
)
def test_the_grade_follows_controls_and_replication(
    tmp_path: Path, runs: int, other: str | None, grade: str
) -> None:
    """Without another app nobody knows whether the system asked; two runs are no replication."""
    assert remote.find(runs_with(tmp_path / "case", ["on"] * runs, [1] * runs, control=other)).grade == grade


def test_only_the_makers_settings_are_not_observed_with_its_bound(tmp_path: Path) -> None:
    """Everything was read, and the words did find the maker's own."""
    found = remote.find(runs_with(tmp_path / "case", [None] * 3, [1] * 3))
    assert (found.verdict, found.grade) == ("not observed", None)
    assert f"settings were seen to come from the app's maker ({OWN}) alone" in found.sentence
    assert "63 % of runs" in found.licensed and "a name that the list does not know" in found.not_licensed


def test_words_that_find_nobodys_settings_prove_no_absence(tmp_path: Path) -> None:
    """Not even the maker's were known: perhaps the words are wrong."""
    found = remote.find(runs_with(tmp_path / "case", [None] * 3, [1] * 3, own=False))
    assert found.verdict == "cannot tell" and control(found, "The maker's own").result == "not run"
    assert "did not find the maker's own settings either" in found.sentence


@pytest.mark.parametrize("answer", [None, b"\xff\x00\xfe\x01" * 8])
def test_settings_that_were_asked_for_and_not_read_cannot_be_told(
    tmp_path: Path, answer: bytes | None
) -> None:
    """The answer is missing or noise: neither handed out nor not."""
    rows = case_rows()
    rows.run("r0")
    answered(rows, "r0", OWN, "/v1/settings", compact(SETTINGS), 1)
    answered(rows, "r0", CLOUD, "/v1/settings", answer, 2)
    found = remote.find(rows.write(tmp_path / "case"))
    assert found.verdict == "cannot tell"
    assert (
        f"Settings were asked for at {CLOUD}" in found.sentence
        and "not found is not the same" in found.not_licensed
    )


@pytest.mark.parametrize(
    ("more", "said"),
    [({"pinned": True}, "this was not read: 1 connection"), ({"silent": True}, "1 answer of others")],
)
def test_what_was_not_read_forbids_absence(tmp_path: Path, more: dict[str, bool], said: str) -> None:
    """A pinned connection, or an answer of another that could not be decoded, may have been settings."""
    rows = case_rows()
    rows.run("r0")
    answered(rows, "r0", OWN, "/v1/settings", compact(SETTINGS), 1)
    flow = rows.flow("r0", CLOUD, b"{}", 2)
    if more.get("pinned"):
        rows.connection("r0", CLOUD, "pinned", bytes_out=None)
    else:
        rows.undecoded(flow)
        rows.rows["undecoded"][0]["direction"] = "response"
    found = remote.find(rows.write(tmp_path / "case"))
    assert found.verdict == "cannot tell" and said in found.sentence


def test_the_same_settings_in_another_app_turn_the_verdict(tmp_path: Path) -> None:
    """The system may have asked for them."""
    found = remote.find(runs_with(tmp_path / "case", ["on"] * 3, [1] * 3, control="/v1/experiments"))
    assert found.verdict == "cannot tell" and control(found, "C3, another app").result == "fail"
    assert "A control failed" in found.sentence


def test_an_answer_to_a_prompt_called_settings_turns_the_verdict(tmp_path: Path) -> None:
    """The words then find what is none."""
    rows = case_rows()
    rows.run("r0")
    flow = answered(rows, "r0", CLOUD, "/v1/experiments", compact(SETTINGS), 1)
    rows.sighting(flow, "p1", PROMPT.encode(), 1, part="url", path="?q", chain=["percent"], body=None)
    found = remote.find(rows.write(tmp_path / "case"))
    assert found.verdict == "cannot tell" and control(found, "Answers to what was typed").result == "fail"


def test_a_host_whose_holder_nobody_stated_counts_as_another(tmp_path: Path) -> None:
    """And the sentence says that its holder is not known."""
    rows = case_rows()
    rows.run("r0")
    answered(rows, "r0", "cfg.unknown.test", "/v1/settings", compact(SETTINGS), 1)
    found = remote.find(rows.write(tmp_path / "case"))
    assert found.verdict == "supported" and "cfg.unknown.test (holder not known)" in found.sentence


def test_a_case_without_runs_says_so(tmp_path: Path) -> None:
    """No division by nothing."""
    found = remote.find(case_rows().write(tmp_path / "case"))
    assert found.verdict == "cannot tell" and "no run of this app" in found.sentence


def test_a_pair_is_told_with_its_p_and_never_as_a_cause(tmp_path: Path) -> None:
    """Four runs with the one value and four with the other: the app reports more where it was told to."""
    found = remote.find(runs_with(tmp_path / "case", ["often", "seldom"] * 4, [5, 1] * 4))
    assert (
        "was “often”: 5.0 POST requests to ingest.brightmoor.test/v2/batch a run, else 1.0" in found.sentence
    )
    assert "4 and 4 runs, p = 0.029" in found.sentence
    assert "which does not show that the one made the other" in found.sentence
    assert control(found, "Chance").result == "pass"


def test_a_pair_by_chance_stays_out_of_the_sentence(tmp_path: Path) -> None:
    """Two runs each can differ by chance: the pair stands in the table with its p, and nowhere else."""
    found = remote.find(runs_with(tmp_path / "case", ["often", "seldom"] * 2, [5, 1] * 2))
    assert "went together" not in found.sentence and control(found, "Chance").result == "not run"
    (pair,) = found.facts["pairs"]  # type: ignore[misc]
    assert pair["p"] == pytest.approx(1 / 3, abs=1e-4)


def test_values_stand_as_labels(tmp_path: Path) -> None:
    """A device id or a token among settings is masked in keys, figure and sentence."""
    rows = case_rows()
    rows.probe("i1", "identifier", DEVICE)
    rows.run("r0")
    answer = {"experiments": {"unit": DEVICE, "access_token": "tok_5d1c0e8bb0a24c3f9f0d7f5a"}}
    answered(rows, "r0", CLOUD, f"/v1/experiments/{DEVICE}", compact(answer), 1)
    case = rows.write(tmp_path / "case")
    hidden: Any = remote.find(case)
    assert DEVICE not in str(hidden) and "tok_5d1c" not in str(hidden)
    assert "[identifier i1]" in str(hidden.facts["keys"])
    shown = str(remote.find(case, show_values=True))
    assert DEVICE in shown and "tok_5d1c" not in shown


def test_the_same_case_gives_the_same_finding(tmp_path: Path) -> None:
    """Intervals are seeded, ties are broken."""
    case = runs_with(tmp_path / "case", ["often", "seldom"] * 3, [5, 1] * 3)
    assert remote.find(case) == remote.find(case)
    assert case.runs["started"].min() == BEGAN
