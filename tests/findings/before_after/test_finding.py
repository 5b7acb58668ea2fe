"""Verdict, grade, statements and sentences of finding 08, each in both ways in which it could be wrong."""

from pathlib import Path
from typing import Any

import pytest

from findings.compared_cases import CLOUD, DESK, two_versions
from promptrail.findings.before_after import finding as before_after
from promptrail.findings.before_after.items import look
from promptrail.model import Finding


def studied(folder: Path, a: list[str], b: list[str], **more: Any) -> Finding:
    return before_after.find(two_versions(folder, a, b, **more))


def item(found: Finding, words: str, host: str = CLOUD) -> Any:
    rows: Any = found.facts["items"]
    return next(row for row in rows if (row["words"], row["host"]) == (words, host))


def control(found: Finding, name: str) -> Any:
    return next(one for one in found.controls if one.control == name)


def test_what_stopped_in_every_run_is_a_change_and_the_rest_goes_on(tmp_path: Path) -> None:
    """Three runs a side, the prompt gone and the id still there: supported, and "all of it stopped" contradicted."""
    found = studied(tmp_path / "case", ["opd"] * 3, ["od"] * 3)
    assert (found.verdict, found.grade) == ("supported", "E5")
    assert f"at {CLOUD} (Brightmoor, address in XB) prompt was not observed in B" in found.sentence
    assert (
        "3 of 3 runs of A, 0 of 3 of B, p = 0.050; up to 63 % of such runs could still have it"
        in found.sentence
    )
    assert (
        f"Not all of it stopped: 1 item went to others in B too, such as identifier i1 at {CLOUD}"
        in found.sentence
    )
    told = {row["statement"]: row["verdict"] for row in found.facts["statements"]}  # type: ignore[attr-defined]
    assert told["All of it stopped"] == "contradicted"
    assert told["Prompts stopped"] == "not observed" and told["Identifiers stopped"] == "contradicted"
    assert "“It ceased”" in found.not_licensed and "ceased" not in found.licensed


def test_the_evidence_is_of_what_changed(tmp_path: Path) -> None:
    """Sightings of the prompt at the cloud, and of nothing else."""
    found = studied(tmp_path / "case", ["opd"] * 3, ["od"] * 3)
    assert [(row["run"], row["kind"], row["host"]) for row in found.evidence] == [
        (f"a{n}", "prompt", CLOUD) for n in range(3)
    ]


def test_what_is_new_is_a_change_too(tmp_path: Path) -> None:
    """The other direction is a question of its own."""
    found = studied(tmp_path / "case", ["o"] * 3, ["ok"] * 3)
    assert found.verdict == "supported" and item(found, "identifier i1", DESK)["status"] == "new"
    assert "identifier i1 was observed in B only (0 of 3 runs of A, 3 of 3 of B" in found.sentence
    assert found.facts["statements"] == []


def test_all_of_it_may_be_called_not_observed_where_everything_was_read(tmp_path: Path) -> None:
    """With its bound, and never "ceased"."""
    found = studied(tmp_path / "case", ["op"] * 3, ["o"] * 3)
    first = found.facts["statements"][0]  # type: ignore[index]
    assert (first["statement"], first["verdict"]) == ("All of it stopped", "not observed")
    assert (
        "Not seen in 3 runs of B; what happens in fewer than 63 % of runs could still be missed"
        in first["why"]
    )


@pytest.mark.parametrize(
    ("b", "why"),
    [
        (["o?"] * 3, "could not be read in every run"),
        (["o!"] * 3, "Contact goes on, and what was sent could not be read."),
        (["ou"] * 3, "could not be read in every run"),
        (["op~"] * 3, "could not be read in every run"),
    ],
)
def test_unread_is_not_gone(tmp_path: Path, b: list[str], why: str) -> None:
    """A pinned connection, one to an unknown host, a body undecoded, a part of the prompt: neither gone nor there."""
    found = studied(tmp_path / "case", ["op"] * 3, b)
    row = item(found, "prompt")
    assert row["status"] == "cannot tell" and not row["changed"]
    prompts = next(row for row in found.facts["statements"] if row["statement"] == "Prompts stopped")  # type: ignore[attr-defined]
    assert prompts["verdict"] == "cannot tell"
    first = found.facts["statements"][0]  # type: ignore[index]
    assert first["verdict"] in ("cannot tell", "contradicted")
    if first["verdict"] == "cannot tell":
        assert why in first["why"]
    assert found.verdict == "cannot tell" and control(found, "Equal coverage").result == "fail"


def test_a_host_that_could_be_read_still_decides(tmp_path: Path) -> None:
    """The cloud is pinned in B; that the help-desk gets the id no more stands all the same."""
    found = studied(tmp_path / "case", ["opk"] * 3, ["o!"] * 3)
    assert found.verdict == "supported" and f"at {DESK}" in found.sentence
    assert CLOUD not in found.licensed
    assert control(found, "Equal coverage").result == "pass"


@pytest.mark.parametrize("sizes", [(1, 1), (3, 1), (2, 2), (2, 3)])
def test_too_few_runs_prove_nothing(tmp_path: Path, sizes: tuple[int, int]) -> None:
    """Seen in every run of A and in none of B, and chance could do it: cannot tell, with p and what would suffice."""
    found = studied(tmp_path / "case", ["op"] * sizes[0], ["o"] * sizes[1])
    assert (found.verdict, found.grade) == ("cannot tell", None)
    assert item(found, "prompt")["status"] == "too few runs"
    assert control(found, "Chance").result == "fail"
    assert "three a side are the fewest that can tell" in found.sentence


def test_what_flickers_is_no_change(tmp_path: Path) -> None:
    """In half of the runs on both sides: no change, nothing that chance would have to explain."""
    found = studied(tmp_path / "case", ["op", "o", "op", "o"], ["o", "op", "o", "op"])
    assert (found.verdict, found.grade) == ("not observed", None)
    assert "Nothing of" in found.sentence and "4 runs of A" in found.sentence
    assert "“Nothing changed”" in found.not_licensed and "53 % of the runs" in found.licensed


def test_no_change_is_not_said_where_something_was_unread(tmp_path: Path) -> None:
    """The ledger of either side can forbid it."""
    found = studied(tmp_path / "case", ["op"] * 3, ["op", "op", "op?"])
    assert found.verdict == "cannot tell" and "this was not read" in found.sentence


def test_less_often_is_a_change_where_runs_suffice(tmp_path: Path) -> None:
    """Eight of eight runs, then two of eight: it continues, in fewer runs."""
    found = studied(tmp_path / "case", ["op"] * 8, ["op"] * 2 + ["o"] * 6)
    row = item(found, "prompt")
    assert (row["status"], row["changed"], row["more"]) == ("continues", True, False)
    assert "was observed in fewer runs of B (8 of 8 runs of A, 2 of 8 of B" in found.sentence


def test_only_like_runs_are_compared(tmp_path: Path) -> None:
    """A run in which nothing was typed has no partner: it is named, and its silence is no absence."""
    found = studied(tmp_path / "case", ["op"] * 3, ["op"] * 3 + ["ox"] * 3)
    assert found.facts["compared"] == 6 and found.facts["runs"] == 9
    assert found.facts["left_out"] == {"b3": ["steps"], "b4": ["steps"], "b5": ["steps"]}
    assert item(found, "prompt")["status"] == "continues"
    assert (
        "3 without a partner were left out (they differ in steps)"
        in control(found, "Like with like").observed
    )


def test_without_like_runs_nothing_is_said(tmp_path: Path) -> None:
    """Typed on the one side only."""
    found = studied(tmp_path / "case", ["op"] * 3, ["ox"] * 3)
    assert found.verdict == "cannot tell" and control(found, "Like with like").result == "fail"
    assert "they differ in steps too" in found.sentence


def test_one_version_alone_compares_nothing(tmp_path: Path) -> None:
    """A sentence, not an error, and every block still has its facts."""
    found = studied(tmp_path / "case", ["op"] * 3, [])
    assert found.verdict == "cannot tell" and "there is nothing to compare" in found.sentence
    assert found.facts["items"] == [] and found.facts["runs"] == 3


def test_a_decoy_that_matches_turns_the_verdict(tmp_path: Path) -> None:
    """If we find what is not there, nothing that we found counts."""
    case = two_versions(tmp_path / "case", ["op"] * 3, ["o"] * 3)
    hits = case.frame("sightings")
    hits.loc[0, "decoy"] = True
    found = before_after.find(case)
    assert found.verdict == "cannot tell" and control(found, "Decoys").result == "fail"


@pytest.mark.parametrize(("other", "result"), [(["p"], "fail"), (["o"], "pass"), ([], "not run")])
def test_what_another_app_sends_alike_is_not_this_apps(tmp_path: Path, other: list[str], result: str) -> None:
    """The system or a keyboard sends it then; without such a run nobody knows."""
    found = studied(tmp_path / "case", ["opd"] * 3, ["od"] * 3, other_app=other)
    assert control(found, "C3, another app").result == result
    assert found.verdict == ("cannot tell" if result == "fail" else "supported")


@pytest.mark.parametrize(("more", "result"), [({"in_turn": True}, "pass"), ({}, "not run")])
def test_runs_in_turn_answer_what_else_changed(tmp_path: Path, more: dict[str, Any], result: str) -> None:
    """All of A before all of B leaves whatever happened in between."""
    found = studied(tmp_path / "case", ["op"] * 3, ["o"] * 3, **more)
    assert control(found, "In turn").result == result


def test_without_decoys_the_grade_is_lower(tmp_path: Path) -> None:
    """A control that was not run has not held."""
    assert studied(tmp_path / "case", ["op"] * 3, ["o"] * 3, decoys=False).grade == "E3"


def test_two_runs_on_one_side_are_no_replication(tmp_path: Path) -> None:
    """Two and six can tell (1 in 28), and are E4."""
    assert studied(tmp_path / "case", ["op"] * 2, ["o"] * 6).grade == "E4"


def test_patterns_name_the_sides(tmp_path: Path) -> None:
    """A version may be compared with itself: two groups of runs that nothing sets apart."""
    case = two_versions(tmp_path / "case", ["op"] * 6, ["o"] * 3)
    found = before_after.find(case, a="a[012]", b="a[345]")
    assert found.facts["sides"] == [["a0", "a1", "a2"], ["a3", "a4", "a5"]]
    assert found.verdict == "not observed"


def test_broken_runs_are_blind_everywhere(tmp_path: Path) -> None:
    """A run that broke off may have sent anything to anybody afterwards."""
    case = two_versions(tmp_path / "case", ["op"], ["oc"])
    cells = {
        item.words: cells for item, cells in look(case, ["a0", "b0"]).cells.items() if item.host == CLOUD
    }
    assert cells["prompt"] == {"a0": "seen", "b0": "unread"} and cells["contact"]["b0"] == "unread"


def test_cells_tell_five_things_apart(tmp_path: Path) -> None:
    """Seen, not seen, in part, unread, and nothing of the kind typed."""
    case = two_versions(tmp_path / "case", ["op", "o", "op~", "o!", "dx"], [])
    seen = look(case, [f"a{n}" for n in range(5)])
    cells = next(cells for item, cells in seen.cells.items() if (item.kind, item.host) == ("prompt", CLOUD))
    assert list(cells.values()) == ["seen", "not seen", "weaker", "unread", "not typed"]
    assert len(seen.hits) == 6
