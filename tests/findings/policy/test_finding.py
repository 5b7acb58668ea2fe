"""Verdict, grade and sentences of finding 04: what was sent beside what the policy declares, never what is lawful."""

import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from factories import BEGAN, PROMPT, Rows, compact
from policy_readings import TEXT, reading, statement
from promptrail.case import Case
from promptrail.errors import InputError
from promptrail.findings.policy import finding as policy
from promptrail.model import Finding

OWN, CLOUD, DARK = "chat.parley.test", "in.brightmoor.test", "x.example"
MAKER = statement("prompts", "first party")
NAMED = statement("prompts", "Brightmoor", "shares")
BROAD = statement("prompts", "partners", "shares")
DENIED = statement("prompts", "third parties", "does not share")
OTHER_PROMPT = "Which of my colleagues earns most? curlew-6630"
Statements = list[dict[str, Any]]


def recorded(*hosts: str, controls: bool = True) -> Rows:
    """Three runs in which a prompt went to these hosts; with the controls C0 and C2, and decoys."""
    rows = Rows()
    rows.probe("p1", "prompt", PROMPT)
    rows.probe("p2", "prompt", OTHER_PROMPT)
    rows.recipient(OWN, True, service_operator="Parley Labs")
    rows.recipient(CLOUD, False, service_operator="Brightmoor")
    names = {"r1": ("C1", "p1"), "r2": ("C1", "p1"), "r3": ("C1", "p1")}
    if controls:
        rows.probe("x1", "prompt", "never typed plover-2093", True, "p1")
        names |= {"b": ("C2", "p2"), "quiet": ("C0", "")}
    for run, (control, probe) in names.items():
        rows.run(run, app="Parley", app_version="4.2.0", control=control)
        for n, host in enumerate(hosts if probe else ()):
            rows.event(run, 1, "typing", probe)
            data = compact({"q": PROMPT if probe == "p1" else OTHER_PROMPT, "run": run})
            rows.sighting(rows.flow(run, host, data, 2 + n), probe, data, 2 + n, path="/q")
    return rows


def found(folder: Path, rows: Rows, *readers: Statements, **more: Any) -> Finding:
    """With one reading for each list of statements."""
    rows.write(folder / "case")
    company = [{"name": "Brightmoor"}]
    about = more.pop("about", {})
    for by, statements in zip(("Anna", "Bo"), readers, strict=False):
        reading(folder / "case" / "policies", *statements, by=by, company=company, policy=about)
    return policy.find(Case.open(folder / "case"), **more)


SUPPORTED: list[tuple[list[str], Statements, str]] = [
    ([OWN, CLOUD], [MAKER], "prompts to Brightmoor, which the policy does not mention"),
    ([OWN, CLOUD], [MAKER, DENIED], "prompts to Brightmoor, which the policy denies"),
    ([OWN], [], "prompts to Parley Labs, which the policy does not mention"),
    ([DARK], [], f"prompts to holder of {DARK} not known, which the policy does not mention"),
]


@pytest.mark.parametrize(("hosts", "statements", "said"), SUPPORTED)
def test_what_is_not_declared_supports_the_claim(
    tmp_path: Path, hosts: list[str], statements: Statements, said: str
) -> None:
    """Omitted or denied, by everybody who read the policy; with the controls it is graded E5 for three runs."""
    one = found(tmp_path, recorded(*hosts), statements, statements)
    assert (one.verdict, one.grade) == ("supported", "E5")
    assert said in one.sentence and "annotator" in one.licensed
    assert {row["host"] for row in one.evidence} == {hosts[-1]}


def test_everything_read_and_clear_contradicts_it(tmp_path: Path) -> None:
    """In these runs; the licence has the bound."""
    one = found(tmp_path, recorded(OWN, CLOUD), [MAKER, NAMED], [MAKER, NAMED])
    assert (one.verdict, one.grade) == ("contradicted", "E5")
    assert "All 2 pairs of data and recipient" in one.sentence and "45 % of runs" in one.licensed


def unread(rows: Rows) -> Rows:
    rows.connection("r1", DARK, "pinned", bytes_out=None)
    return rows


def named_only(rows: Rows) -> Rows:
    rows.flow("r1", CLOUD, compact({"device_model": "SIM-8", "battery": "71"}), 9)
    return rows


CANNOT_TELL: list[tuple[Rows, Statements, str]] = [
    (
        recorded(OWN, CLOUD),
        [MAKER, BROAD],
        "to Brightmoor, which it covers by broader words alone; 1 pair clear",
    ),
    (
        recorded(OWN, CLOUD),
        [MAKER, BROAD, DENIED],
        "of which it says both that they go there and that they do not",
    ),
    (recorded(OWN, DARK), [MAKER], "whose holder is not known to be the maker or another company"),
    (unread(recorded(OWN)), [MAKER], "this was not read: 1 connection of unknown size"),
    (named_only(recorded(OWN)), [MAKER], "of device characteristics there is less than that"),
    (recorded(), [MAKER], "No declared value was seen to go anywhere"),
]


@pytest.mark.parametrize(("rows", "statements", "said"), CANNOT_TELL)
def test_what_settles_it_in_neither_way(
    tmp_path: Path, rows: Rows, statements: Statements, said: str
) -> None:
    """Broad or contradictory words, an unknown holder, unread traffic, names alone, nothing seen."""
    one = found(tmp_path, rows, statements, statements)
    assert (one.verdict, one.grade) == ("cannot tell", None)
    assert said in one.sentence and "neither was shown" in one.not_licensed


def test_annotators_who_differ_where_it_counts_settle_nothing(tmp_path: Path) -> None:
    """One finds it omitted, the other covered: the control fails, and both readings are told."""
    one = found(tmp_path, recorded(OWN, CLOUD), [MAKER], [MAKER, BROAD])
    assert one.verdict == "cannot tell" and "the control Two annotators did not hold" in one.sentence
    (control,) = [c for c in one.controls if c.control == "Two annotators"]
    assert control.result == "fail" and "alike on 1 of 2 pairs (kappa 0.33); alone" in control.observed
    pairs: Any = one.facts["pairs"]
    assert [p["class"] for p in pairs] == ["disputed", "clear"]


def test_annotators_who_differ_elsewhere_do_not_stop_it(tmp_path: Path) -> None:
    """Each alone comes to the same verdict by another pair."""
    rows = recorded(OWN, CLOUD)
    rows.probe("f1", "file-name", "minutes-gossamer.txt")
    data = b'{"name":"minutes-gossamer.txt"}'
    rows.sighting(rows.flow("r1", CLOUD, data, 5), "f1", data, 5)
    files = statement("file names", "partners", "shares")
    one = found(tmp_path, rows, [MAKER], [MAKER, files])
    assert one.verdict == "supported" and "file names" not in one.sentence


def test_two_ways_of_not_being_declared(tmp_path: Path) -> None:
    """One reads it as denied, the other finds nothing: both say that it is not declared."""
    one = found(tmp_path, recorded(OWN, CLOUD), [MAKER], [MAKER, DENIED])
    assert one.verdict == "supported"
    assert "which one annotator finds denied and another nowhere" in one.sentence


def test_one_annotator_is_enough_for_e3_alone(tmp_path: Path) -> None:
    """A second reader is a control, which was not run."""
    one = found(tmp_path, recorded(OWN, CLOUD), [MAKER])
    assert (one.verdict, one.grade) == ("supported", "E3")
    assert {c.control: c.result for c in one.controls}["Two annotators"] == "not run"


def test_without_the_controls_of_typed_text_it_is_e3(tmp_path: Path) -> None:
    """No run without a prompt, no decoy: the value was decoded, and no more is shown."""
    assert found(tmp_path, recorded(OWN, CLOUD, controls=False), [MAKER], [MAKER]).grade == "E3"


def quiet_prompt(rows: Rows) -> Rows:
    data = compact({"q": PROMPT})
    rows.sighting(rows.flow("quiet", CLOUD, data, 3), "p1", data, 3)
    return rows


def decoy(rows: Rows) -> Rows:
    data = b'{"q":"never typed plover-2093"}'
    rows.sighting(rows.flow("r1", CLOUD, data, 3), "x1", data, 3)
    return rows


@pytest.mark.parametrize(("spoil", "control"), [(quiet_prompt, "C0, no prompt"), (decoy, "Decoys")])
def test_a_control_that_fails_turns_the_verdict(tmp_path: Path, spoil: Any, control: str) -> None:
    """Whatever was found may not come from what was typed."""
    one = found(tmp_path, spoil(recorded(OWN, CLOUD)), [MAKER], [MAKER])
    assert one.verdict == "cannot tell" and control in one.sentence


def test_without_a_policy_the_pairs_stand_alone(tmp_path: Path) -> None:
    """The sentence says where one goes; no class is given to anything."""
    one = found(tmp_path, recorded(OWN, CLOUD))
    assert one.verdict == "cannot tell" and "No annotated policy lies in case/policies/" in one.sentence
    pairs: Any = one.facts["pairs"]
    assert [p["class"] for p in pairs] == [None, None] and one.facts["policy"] is None


def test_a_policy_that_was_not_in_force_is_not_held_against_the_app(tmp_path: Path) -> None:
    """Its control fails, and no pair is classed by it."""
    one = found(tmp_path, recorded(OWN, CLOUD), [MAKER], about={"in_force": "2027-01-01"})
    assert one.verdict == "cannot tell" and "was in force for none of these runs" in one.sentence
    pairs: Any = one.facts["pairs"]
    assert {p["class"] for p in pairs} == {None}


def test_a_policy_that_was_changed_is_left_aside(tmp_path: Path) -> None:
    """What was annotated is not what lies there."""
    rows = recorded(OWN, CLOUD)
    found(tmp_path, rows, [MAKER])
    (tmp_path / "case" / "policies" / "app.txt").write_text(f"{TEXT}!", encoding="utf-8")
    one = policy.find(Case.open(tmp_path / "case"))
    assert one.verdict == "cannot tell" and "app.txt is no longer the one that was annotated" in one.sentence
    assert one.facts["policy"] is None and one.facts["changed"] == ["app.txt"]


def test_a_policy_of_long_before_the_runs_is_not_shown_to_be_the_same(tmp_path: Path) -> None:
    """It may have been replaced since: no failure, and no E4."""
    one = found(tmp_path, recorded(OWN, CLOUD), [MAKER], [MAKER], about={"captured": "2026-09-19"})
    control = next(c for c in one.controls if c.control == "Policy in force")
    assert control.result == "not run" and "the same 2 days later is not shown" in control.observed
    assert (one.verdict, one.grade) == ("supported", "E3")


def test_runs_that_it_does_not_govern_are_left_out_and_named(tmp_path: Path) -> None:
    """What another version sent is not held against it."""
    rows = recorded(OWN)
    rows.run("new", BEGAN + 100, app="Parley", app_version="5.0.0", control="C1")
    rows.event("new", 1, "typing", "p1")
    data = compact({"q": PROMPT})
    rows.sighting(rows.flow("new", CLOUD, data, 2), "p1", data, 2)
    one = found(tmp_path, rows, [MAKER], [MAKER], about={"app_versions": ["4.2.0"]})
    assert one.verdict == "contradicted" and one.facts["runs_left_out"] == ["new"]


def test_a_broken_annotation_ends_the_notebook_with_its_line(tmp_path: Path) -> None:
    """It is never skipped in silence."""
    with pytest.raises(InputError, match=r"app\.Anna\.toml, line \d+: unknown term 'promts'"):
        found(tmp_path, recorded(OWN), [MAKER | {"data": ["promts"]}])


def test_no_sentence_speaks_of_the_law_but_to_leave_it_open(tmp_path: Path) -> None:
    """Whatever the verdict: unlawful, illegal, violates and the like are licensed nowhere."""
    cases = [(SUPPORTED[0][1], [OWN, CLOUD]), ([MAKER, NAMED], [OWN, CLOUD]), ([MAKER, BROAD], [OWN, CLOUD])]
    for n, (statements, hosts) in enumerate(cases):
        one = found(tmp_path / str(n), recorded(*hosts), statements, statements)
        said = f"{one.sentence} {one.licensed}".lower()
        assert not re.search(r"unlawful|illegal|violat|breach|infring|complian|lawful|breaks", said)


def test_the_checklist_stands_beside_the_answers(tmp_path: Path) -> None:
    """Stated, vague, absent, disputed, and what nobody looked for."""
    rows, folder = recorded(OWN), tmp_path / "case" / "policies"
    answers = {
        "Anna": [("retention", "absent"), ("recipients", "vague"), ("rights", "absent")],
        "Bo": [("retention", "absent"), ("recipients", "stated"), ("rights", "absent")],
    }
    rows.write(tmp_path / "case")
    for by, said in answers.items():
        given = [
            {"item": item, "is": word} | ({} if word == "absent" else {"quote": "Tidedesk answers"})
            for item, word in said
        ]
        reading(folder, MAKER, by=by, answer=given)
    for name, missing in (("pipa", "purposes"), ("gdpr", "legal-basis")):
        facts: Any = policy.find(Case.open(tmp_path / "case"), checklist=name).facts["checklist"]
        told = {item["id"]: item["is"] for item in facts["items"]}
        assert (told["retention"], told["recipients"], told[missing]) == (
            "absent",
            "disputed",
            "not annotated",
        )
    assert policy.find(Case.open(tmp_path / "case"), checklist="none").facts["checklist"] is None


def test_the_same_case_gives_the_same_finding(tmp_path: Path) -> None:
    """Order is total: by ontology, recipient and file."""
    rows = recorded(OWN, CLOUD, DARK)
    first, second = (found(tmp_path / n, rows, [MAKER], [MAKER, DENIED]) for n in ("a", "b"))
    assert first == replace(second)
