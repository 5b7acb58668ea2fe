"""Decoded fields of differential runs in finding 10: which follow the input, which grade they give, and no absence."""

import hashlib
import json
from itertools import pairwise
from pathlib import Path
from typing import Any

from factories import Rows
from findings.opaque_cases import CHAT, follow, heartbeat, keep, raw, sent, small
from promptrail.case import Case
from promptrail.findings.opaque import finding as opaque
from promptrail.findings.opaque.fields import windows
from promptrail.findings.opaque.plans import plans_of
from promptrail.infer import plan as plans

OTHER = "opaque.brightmoor.test"


def differential(folder: Path, fields: Any) -> Case:
    """A case whose runs typed each input twice; `fields(slot)` gives the body that the other host is sent."""
    rows = Rows()
    rows.recipient(OTHER, False, service_operator="Brightmoor", address_country="XB")
    plan = typed_twice(rows, fields)
    return keep(rows.write(folder), plan)


def typed_twice(rows: Rows, fields: Any) -> Any:
    """The runs of a differential plan, which is returned."""
    plan = small("differential", "44" * 16)
    for slot in plan.slots:
        began, run = 2000.0 + 100.0 * slot.slot, f"d{slot.slot:02d}"
        rows.run(run, witnesses=["proxy", "packets"])
        rows.event(run, began, "plan", label=plans.digest(plan))
        rows.event(run, began + 2, "slot", label=str(slot.slot))
        rows.event(run, began + 6, "slot-end", label=str(slot.slot))
        body = json.dumps(fields(plan, slot)).encode()
        rows.flow(run, OTHER, body, began + 3)
        rows.flow(run, CHAT, json.dumps({"q": plans.text(plan, slot)}).encode(), began + 2.5)
    return plan


def test_beside_a_volume_the_lower_grade_stands(tmp_path: Path) -> None:
    """A decoded field does not raise the grade of what was never read."""
    rows, dose, contrast = Rows(), small(), small("contrast", "11" * 16)
    follow(rows, dose, {CHAT: raw, "volume.test": raw}, "dose-1")
    follow(rows, contrast, {CHAT: raw, "volume.test": raw}, "contrast-1", 1000.0)
    third = typed_twice(rows, digest_of)
    finding = opaque.find(keep(rows.write(tmp_path / "case"), dose, contrast, third))
    assert (finding.verdict, finding.grade) == ("supported", "E1")
    assert "The volume sent to volume.test" in finding.sentence and "The decoded field /d" in finding.sentence


def digest_of(plan: Any, slot: Any) -> dict[str, Any]:
    digest = hashlib.sha256(plans.text(plan, slot).encode()).hexdigest()
    noise = hashlib.sha256(str(slot.slot).encode()).hexdigest()
    return {"d": digest[:16], "n": 1000 + slot.slot, "r": noise[:16], "k": "constant value"}


def test_a_decoded_field_that_follows_the_input_is_e3(tmp_path: Path) -> None:
    """A digest agrees within the pairs; counter, random and constant values do not answer."""
    finding = opaque.find(differential(tmp_path / "case", digest_of))
    assert (finding.verdict, finding.grade) == ("supported", "E3")
    about: Any = finding.facts["fields"]
    told = {(row["host"], row["path"]) for row in about["rows"] if row["outcome"] == "supported"}
    assert (OTHER, "/d") in told and not {(OTHER, "/n"), (OTHER, "/r"), (OTHER, "/k")} & told
    assert (
        f"/d of requests to {OTHER} (Brightmoor, address in XB) depends on which prompt" in finding.sentence
    )
    (check,) = [check for check in finding.controls if check.control == "Positive control, fields"]
    assert (check.result, check.observed) == ("pass", f"/q of {CHAT}")
    assert "contains the prompt" in finding.not_licensed and CHAT not in finding.licensed


def test_fields_that_do_not_follow_are_no_absence(tmp_path: Path) -> None:
    """What changes in every run may be encrypted or salted."""
    finding = opaque.find(differential(tmp_path / "case", lambda plan, slot: {"r": f"{slot.slot:016x}"}))
    assert finding.verdict == "cannot tell"


def test_the_first_partys_fields_are_no_result(tmp_path: Path) -> None:
    """The chat host is sent the prompt; a plan without another host's field supports nothing."""
    finding = opaque.find(differential(tmp_path / "case", lambda plan, slot: {"k": "constant value"}))
    about: Any = finding.facts["fields"]
    assert {row["own"] for row in about["rows"] if row["outcome"] == "supported"} <= {True}
    assert finding.verdict == "cannot tell"


def test_slots_and_windows_do_not_overlap(tmp_path: Path) -> None:
    """A request belongs to the slot in whose window it lies, from the focus before the send on."""
    rows, plan = Rows(), small()
    follow(rows, plan, {CHAT: heartbeat}, "r1")
    (one,) = plans_of(keep(rows.write(tmp_path / "case"), plan)).followed
    found = windows(keep(Case.open(tmp_path / "case")), one)
    assert [w.slot for w in found] == [slot.slot for slot in plan.slots]
    assert all(a.ends == b.begins for a, b in pairwise(found))
    assert sum(sent(slot) for slot in plan.slots) == 40
