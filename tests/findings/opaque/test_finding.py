"""Verdict, grade and sentences of finding 10 on simulated recordings: every way in which it could be wrong."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from factories import Rows
from findings.opaque_cases import (
    CHAT,
    SECONDS,
    burst,
    follow,
    heartbeat,
    keep,
    layout,
    loud,
    padded,
    raw,
    recorded,
    small,
)
from promptrail.findings.opaque import finding as opaque
from promptrail.infer import plan as plans
from promptrail.model import Finding
from promptrail.report.collect import as_json, canonical

OTHER, BEAT = "opaque.brightmoor.test", "beat.tidewell.test"


def found(folder: Path, hosts: dict[str, Any], **more: Any) -> Finding:
    return opaque.find(recorded(folder / "case", hosts, **more))


def of_host(finding: Finding, host: str) -> dict[str, Any]:
    rows: Any = finding.facts["volumes"]
    (row,) = [row for row in rows if row["host"] == host]
    return row


def test_volume_that_follows_length_and_content_is_supported(tmp_path: Path) -> None:
    """Both experiments; grade E1 because nothing was read, and the sentence speaks of volume, host and holder."""
    finding = found(tmp_path, {OTHER: raw, BEAT: heartbeat}, contrast=True)
    assert (finding.verdict, finding.grade) == ("supported", "E1")
    assert (
        f"The volume sent to {OTHER} (Brightmoor, address in XB) followed the length and the kind"
        in finding.sentence
    )
    assert "per character of the submitted prompt" in finding.licensed
    assert re.search(
        r"\(Parley 4\.2\.0; .*dose-1 and contrast-1; plans [0-9a-f]{12} \(dose\)", finding.licensed
    )
    assert "Positive control" not in finding.licensed and CHAT not in finding.licensed
    assert [row["kind"] for row in finding.facts["volumes"]] == ["control", "content", "absent"]  # type: ignore[attr-defined]
    assert 0.98 < of_host(finding, OTHER)["slope"] < 1.02


def halves(which: int) -> Any:
    """A host that is sent every second prompt."""
    return lambda slot, dice: raw(slot, dice) if slot.slot % 2 == which else []


def test_what_is_split_over_two_hosts_adds_up(tmp_path: Path) -> None:
    """One operator, two names: their sum is a row of its own, and stands in the answer only if it says more."""
    rows, plan = Rows(), small()
    for host in (OTHER, "second.brightmoor.test"):
        rows.recipient(host, False, service_operator="Brightmoor")
    follow(rows, plan, {CHAT: raw, OTHER: halves(0), "second.brightmoor.test": halves(1)}, "dose-1")
    finding = opaque.find(keep(rows.write(tmp_path / "case"), plan))
    both = of_host(finding, f"{OTHER} and second.brightmoor.test together")
    assert both["members"] == [OTHER, "second.brightmoor.test"]
    assert both["kind"] == "length, content not tested" and 0.98 < both["slope"] < 1.02
    assert finding.facts["hosts"] == 3


def test_a_decrypted_body_that_nobody_decodes_is_e2(tmp_path: Path) -> None:
    """The grade says how far the content was read; volume is never E3."""
    case = recorded(tmp_path / "case", {OTHER: raw}, contrast=True)
    rows = Rows()
    for run in ("dose-1", "contrast-1"):
        rows.run(run)
        rows.flow(run, OTHER, b"\x00\x01")
    import pyarrow.parquet as pq

    from promptrail import frames

    pq.write_table(frames.to_arrow("flows", rows.rows["flows"]), case.frames_folder / "flows.parquet")
    assert opaque.find(case).grade == "E2"


def test_length_alone_supports_nothing(tmp_path: Path) -> None:
    """One byte a drawn character: stage 2 does not follow, and the sentence says that content was not shown."""
    finding = found(tmp_path, {OTHER: layout}, contrast=True)
    assert (finding.verdict, finding.grade) == ("cannot tell", None)
    assert of_host(finding, OTHER)["kind"] == "length"
    told = f"The volume sent to {OTHER} followed the length of the prompt, but was not shown to follow its content."
    assert told in finding.sentence


def test_without_the_second_experiment_content_was_not_tested(tmp_path: Path) -> None:
    """The uploader itself is then no more than a volume that follows the length."""
    finding = found(tmp_path, {OTHER: raw})
    assert finding.verdict == "cannot tell"
    assert "was not tested for its content" in finding.sentence and "was not tested" in finding.licensed


def test_no_dependence_is_not_observed_with_its_bounds(tmp_path: Path) -> None:
    """Quiet hosts: what is excluded and how much the bytes could hold stand in the sentence that may be written."""
    finding = found(tmp_path, {BEAT: heartbeat, OTHER: heartbeat})
    assert (finding.verdict, finding.grade) == ("not observed", None)
    assert "the volumes sent to 2 other hosts were not found to follow the length" in finding.sentence
    for said in (finding.sentence, finding.licensed):
        assert "the whole text of every prompt, compressed" in said
        assert re.search(r"\d+\.\d % of the text", said)
    assert re.search(r"sent bytes for more than \d+\.\d % of the text", finding.licensed)
    assert "a digest, a category, a few characters" in finding.not_licensed


@pytest.mark.parametrize(
    ("host", "kind", "prompts"), [(padded, "padded", 8), (padded, "padded", 3), (loud, "irregular", 3)]
)
def test_what_could_hide_the_text_is_never_not_observed(
    tmp_path: Path, host: Any, kind: str, prompts: int
) -> None:
    """Padding to one size, and noise above few prompts: cannot tell, though no dependence was found."""
    finding = found(tmp_path, {OTHER: host, BEAT: heartbeat}, per_length=prompts)
    assert finding.verdict == "cannot tell"
    assert of_host(finding, OTHER)["kind"] == kind
    assert OTHER in finding.sentence


def test_a_positive_control_that_is_not_found_silences_everything(tmp_path: Path) -> None:
    """The chat host did not follow the prompts, so the recording proves nothing, whatever another host shows."""
    finding = found(tmp_path, {CHAT: heartbeat, OTHER: raw}, contrast=True)
    assert (finding.verdict, finding.grade) == ("cannot tell", None)
    assert finding.sentence.partition(": ")[2].startswith("The measurement failed its own check")
    assert {row["kind"] for row in finding.facts["volumes"]} == {"failed"}  # type: ignore[attr-defined]
    assert "Nothing can be said of any host" in finding.licensed


def test_answers_that_grow_with_the_prompt_silence_everything(tmp_path: Path) -> None:
    """Whoever uploads answers would look like one who uploads prompts."""
    finding = found(tmp_path, {OTHER: raw}, contrast=True, answers=lambda slot: 900 + slot.length)
    assert finding.verdict == "cannot tell"
    assert any(check.result == "fail" for check in finding.controls)


def test_what_was_not_counted_forbids_absence(tmp_path: Path) -> None:
    """A host that refused the proxy: what it would have sent is not known."""
    rows = Rows()
    plan = small()
    follow(rows, plan, {CHAT: raw, BEAT: heartbeat}, "dose-1")
    rows.connection("dose-1", "pinned.test", "pinned", witnesses=["proxy", "packets"])
    finding = opaque.find(keep(rows.write(tmp_path / "case"), plan))
    assert finding.verdict == "cannot tell"
    assert "Not counted: 1 connection to pinned.test" in finding.sentence


def test_without_a_plan_the_sentence_names_the_command(tmp_path: Path) -> None:
    """A case of another kind is no error."""
    rows = Rows()
    rows.run("r1")
    finding = opaque.find(rows.write(tmp_path / "case"))
    assert (finding.verdict, finding.grade, finding.controls) == ("cannot tell", None, [])
    assert "`promptrail plan case dose` draws one" in finding.sentence
    assert finding.facts["volumes"] == [] and finding.facts["series"] == []


def test_a_plan_that_nobody_followed_is_told(tmp_path: Path) -> None:
    """Drawn is not recorded."""
    finding = opaque.find(keep(Rows().write(tmp_path / "case"), small()))
    assert "1 plan was drawn and no run followed it" in finding.sentence


def test_a_plan_that_was_changed_afterwards_proves_nothing(tmp_path: Path) -> None:
    """The digest that the run names is not that of the file."""
    case = recorded(tmp_path / "case", {OTHER: raw}, contrast=True)
    path = case.path / "plans" / f"{plans.digest(small())[:12]}.json"
    path.write_text(path.read_text().replace('"draws": 999', '"draws": 2999'))
    finding = opaque.find(case)
    assert finding.verdict == "cannot tell"
    assert "was changed or renamed" in finding.sentence and "proves nothing" in finding.sentence
    assert str(tmp_path) not in json.dumps(as_json(finding))


def test_of_two_plans_none_is_chosen(tmp_path: Path) -> None:
    """The reader names one; the other still counts as a chance of a false alarm."""
    rows, one, two = Rows(), small(), small(seed="22" * 16)
    follow(rows, one, {CHAT: raw, BEAT: heartbeat}, "r1")
    follow(rows, two, {CHAT: raw, BEAT: heartbeat}, "r2", 1000.0)
    case = keep(rows.write(tmp_path / "case"), one, two)
    assert "2 plans of lengths were followed" in opaque.find(case).sentence
    named = opaque.find(case, plan=plans.digest(two)[:6])
    assert named.facts["plan"]["runs"] == ["r2"]  # type: ignore[index]
    (check,) = [check for check in named.controls if check.control == "Plans followed"]
    assert (check.result, named.verdict) == ("fail", "cannot tell")


def test_a_plan_with_nothing_recorded_is_cannot_tell(tmp_path: Path) -> None:
    """A run that names a plan and has neither slots nor packets."""
    rows, plan = Rows(), small()
    rows.run("r1", witnesses=["packets"])
    rows.event("r1", 0, "plan", label=plans.digest(plan))
    finding = opaque.find(keep(rows.write(tmp_path / "case"), plan))
    assert finding.verdict == "cannot tell"


def test_hosts_are_captured_text(tmp_path: Path) -> None:
    """A name may be anything, or nothing; without one, bytes are a host of their own."""
    rows, plan = Rows(), small()
    follow(rows, plan, {CHAT: raw, "<script>\u202e.test": heartbeat}, "dose-1")
    for slot in plan.slots:
        burst(rows, "dose-1", None, 2.4 + SECONDS * slot.slot, 100)
    finding = opaque.find(keep(rows.write(tmp_path / "case"), plan))
    names = {row["host"] for row in finding.facts["volumes"]}  # type: ignore[attr-defined]
    assert names == {CHAT, "<script>\u202e.test", "(host not known)"}


def test_the_same_case_gives_the_same_bytes(tmp_path: Path) -> None:
    """The reassignments come from the plan's seed."""
    one, two = (
        canonical([as_json(found(tmp_path / n, {OTHER: raw, BEAT: heartbeat}, contrast=True))]) for n in "ab"
    )
    assert one == two


def test_no_licensed_sentence_says_that_the_prompt_arrived(tmp_path: Path) -> None:
    """Nor that anything was read, in the answer and the sentences of every host."""
    too_much = re.compile(r"received|\breads?\b|stores?\b|knows|contain|in clear|has the (text|prompt)", re.I)
    for n, hosts in enumerate(({OTHER: raw}, {OTHER: layout}, {OTHER: heartbeat}, {OTHER: padded})):
        finding = found(tmp_path / str(n), hosts, contrast=True)
        rows: Any = finding.facts["volumes"]
        for said in (finding.sentence, finding.licensed, *(row["licensed"] for row in rows)):
            assert not too_much.search(said), said
