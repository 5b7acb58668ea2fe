"""The reverse: what a policy declares and these runs did not show, told only as far as it can be."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from factories import DEVICE, Rows, compact
from policy_readings import reading, statement
from promptrail.findings.ledger import ledger
from promptrail.findings.policy.annotation import read
from promptrail.findings.policy.declared import Declared, declared
from promptrail.findings.policy.pairs import observed

OWN, CLOUD, OTHER = "chat.parley.test", "in.brightmoor.test", "x.example"


def recorded() -> Rows:
    """Two runs in which a device id went to the maker, in a field that is named like one."""
    rows = Rows()
    rows.probe("i1", "identifier", DEVICE)
    rows.recipient(OWN, True, service_operator="Parley Labs")
    rows.recipient(CLOUD, False, service_operator="Brightmoor")
    for run in ("r1", "r2"):
        rows.run(run)
        data = compact({"device_id": DEVICE, "run": run})
        rows.sighting(rows.flow(run, OWN, data, 1), "i1", data, 1, path="/device_id")
    return rows


def row(folder: Path, rows: Rows, data: str, entity: str, **more: Any) -> Declared:
    case = rows.write(folder / "case")
    given = statement(data, entity, **more)
    readers = (read(reading(folder / "case" / "policies", given, company=[{"name": "Brightmoor"}])),)
    runs = ["r1", "r2"]
    (one,) = declared(case, runs, readers, observed(case, runs, None), ledger(case, runs))
    return one


def test_what_was_seen(tmp_path: Path) -> None:
    """By the term itself or a broader one, with the host."""
    for n, data in enumerate(("device identifiers", "device information")):
        one = row(tmp_path / str(n), recorded(), data, "first party")
        assert (one.outcome, one.why) == ("seen", f"device identifiers at {OWN}")


def test_what_was_seen_by_a_name_alone(tmp_path: Path) -> None:
    """Is not seen, and not absent either."""
    rows = recorded()
    rows.flow("r1", OWN, compact({"battery": "71"}), 2)
    one = row(tmp_path, rows, "device characteristics", "first party")
    assert (one.outcome, one.why) == ("seen in part", "device characteristics: name only")


@pytest.mark.parametrize(
    ("data", "entity", "named"),
    [("keystroke patterns", "first party", True), ("device identifiers", "Brightmoor", False)],
)
def test_not_observed_has_its_bound(tmp_path: Path, data: str, entity: str, named: bool) -> None:
    """A search that is shown to work and traffic that was read; by names alone it says so."""
    one = row(tmp_path, recorded(), data, entity)
    assert one.outcome == "not observed" and "2 runs" in one.why and "78 % of runs" in one.why
    assert ("under another name it would be missed" in one.why) is named is one.by_name


def spoil(rows: Rows, how: str) -> None:
    if how == "pinned":
        rows.connection("r1", CLOUD, "pinned", bytes_out=None)
    elif how == "pinned elsewhere":
        rows.connection("r1", OTHER, "pinned", bytes_out=None)
    elif how == "cut":
        rows.rows["runs"] = [rows.rows["runs"][0], _cut(rows.rows["runs"][1])]
    elif how == "flow file":
        rows.rows["runs"] = [_from_mitm(run) for run in rows.rows["runs"]]


def _cut(run: Any) -> Any:
    return replace(run, complete=False)


def _from_mitm(run: Any) -> Any:
    return replace(run, source="mitm")


@pytest.mark.parametrize(
    ("data", "entity", "how", "why"),
    [
        ("file contents", "Brightmoor", "", "nothing of this kind can be looked for"),
        ("phone numbers", "Brightmoor", "", "no phone was declared as a probe"),
        ("device identifiers", "Brightmoor", "pinned", f"traffic to {CLOUD} could not be read"),
        ("device identifiers", "Brightmoor", "pinned elsewhere", f"traffic to {OTHER} could not be read"),
        ("device identifiers", "Brightmoor", "cut", "r2 broke off"),
        ("device identifiers", "Brightmoor", "flow file", "not listed in these captures"),
        ("keystroke patterns", "third parties", "pinned", f"traffic to {CLOUD} could not be read"),
    ],
)
def test_what_cannot_be_told(tmp_path: Path, data: str, entity: str, how: str, why: str) -> None:
    """No search, no probe, traffic to whoever may be meant that was not read, a capture that lists less than all."""
    rows = recorded()
    spoil(rows, how)
    one = row(tmp_path, rows, data, entity)
    assert one.outcome == "cannot tell" and why in one.why


def test_unread_traffic_to_somebody_else_does_not_matter(tmp_path: Path) -> None:
    """What the maker gets is not hidden in another company's connection."""
    rows = recorded()
    spoil(rows, "pinned")
    assert row(tmp_path, rows, "keystroke patterns", "first party").outcome == "not observed"


def test_a_search_that_found_nothing_anywhere_is_not_shown_to_work(tmp_path: Path) -> None:
    """Neither of values nor of names."""
    rows = recorded()
    rows.rows["sightings"] = []
    one = row(tmp_path / "a", rows, "device identifiers", "Brightmoor")
    assert one.outcome == "cannot tell" and "found nowhere in this case" in one.why
    rows = Rows()
    for run in ("r1", "r2"):
        rows.run(run)
        rows.flow(run, OWN, compact({"q": "x"}), 1, request_headers=[])
    one = row(tmp_path / "b", rows, "keystroke patterns", "first party")
    assert "no field was known by its name" in one.why


def test_a_denial_declares_nothing(tmp_path: Path) -> None:
    """It has no row: the pairs tell whether it holds."""
    case = recorded().write(tmp_path / "case")
    given = statement("prompts", "third parties", "does not share")
    readers = (read(reading(tmp_path / "case" / "policies", given)),)
    seen, book = observed(case, ["r1", "r2"], None), ledger(case, ["r1", "r2"])
    assert declared(case, ["r1", "r2"], readers, seen, book) == []


def test_what_two_people_read_is_one_row(tmp_path: Path) -> None:
    """With both names, and each quote once."""
    case = recorded().write(tmp_path / "case")
    given = statement("device identifiers", "first party")
    other = given | {"quote": "what your device is called"}
    folder = tmp_path / "case" / "policies"
    readers = tuple(read(reading(folder, s, by=by)) for s, by in ((given, "Anna"), (other, "Bo")))
    seen, book = observed(case, ["r1", "r2"], None), ledger(case, ["r1", "r2"])
    (one,) = declared(case, ["r1", "r2"], readers, seen, book)
    assert (one.by, len(one.quotes)) == (["Anna", "Bo"], 2)
