"""Verdict, grade and sentences of finding 06, each in both ways in which it could be wrong."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from factories import DEVICE, Rows, compact
from promptrail.case import Case
from promptrail.findings.identifiers import finding as identifiers
from promptrail.model import Finding

OTHER, OWN = "ingest.brightmoor.test", "chat.parley.test"
EMAIL = "isopleth.1204@mail.example"
Change = Callable[[Rows], None]


def nothing(rows: Rows) -> None:
    """A case as it is."""


def studied(
    folder: Path,
    hosts: tuple[str, ...] = (OWN, OTHER),
    runs: int = 1,
    c3: bool = True,
    value: str = DEVICE,
    change: Change = nothing,
    **sighting: str,
) -> Finding:
    """A case in which a device id reaches these hosts in every run, with a run of another app beside it."""
    rows = Rows()
    rows.probe("did", "identifier", value)
    rows.probe("did~0", "identifier", "0d1e2f3a4b5c6d7e", True, "did")
    rows.recipient(OWN, True, domain_owner="Parley Labs", service_operator="Parley Labs")
    rows.recipient(
        OTHER, False, domain_owner="Brightmoor Group", service_operator="Brightmoor", address_country="XB"
    )
    for n in range(runs):
        run = rows.run(f"r{n}", control="C1", app="Parley", app_version="4.2.0")
        for host in hosts:
            send(rows, run, host, **sighting)
    if c3:
        rows.run("c3", control="C3", app="Marginalia")
        rows.flow("c3", "notes.marginalia.test", b"{}")
    change(rows)
    return identifiers.find(rows.write(folder))


def send(rows: Rows, run: str, host: str, probe: str = "did", **more: str) -> None:
    """One request with the value of a probe, and its sighting."""
    text = next(p.text for p in rows.rows["probes"] if p.probe == probe)
    data = compact({"header": {"device_id": text}, "n": len(rows.rows["flows"])})
    values = {"path": "/header/device_id"} | more
    rows.sighting(rows.flow(run, host, data, 2), probe, data, 2, **values)


def test_a_value_at_another_company_is_supported(tmp_path: Path) -> None:
    """Seen at another's host, controls held: supported, E4; the sentence names host, holder, tier and runs."""
    found = studied(tmp_path / "case")
    assert (found.verdict, found.grade) == ("supported", "E4")
    assert f"did (exact) reached {OTHER} (Brightmoor, address in XB) in 1 of 1 run" in found.sentence
    assert OWN not in found.licensed and "an identifier of the examined device" in found.licensed


@pytest.mark.parametrize("tier", ["exact", "normalised", "reassembled", "digest"])
def test_each_tier_that_shows_the_value_decides(tmp_path: Path, tier: str) -> None:
    """A hash shows that the value was known, and the sentence to be written says that it was a hash."""
    found = studied(tmp_path / "case", tier=tier)
    assert found.verdict == "supported" and f"did ({tier})" in found.sentence
    assert ("a hash of an identifier" in found.licensed) is (tier == "digest")


@pytest.mark.parametrize("tier", ["partial", "obfuscated"])
def test_a_part_and_a_guess_do_not_decide(tmp_path: Path, tier: str) -> None:
    """They are listed by their tier, and support nothing."""
    found = studied(tmp_path / "case", hosts=(OTHER,), tier=tier)
    assert found.verdict == "cannot tell"
    assert found.facts["sightings_by_tier"] == {tier: 1}


def test_three_runs_are_replication(tmp_path: Path) -> None:
    """E5 needs the same value at the same host in three runs."""
    assert studied(tmp_path / "a", runs=3).grade == "E5"
    assert studied(tmp_path / "b", runs=2).grade == "E4"


def test_without_another_app_the_grade_is_lower(tmp_path: Path) -> None:
    """No C3: the field was decoded (E3), and nothing more is claimed."""
    found = studied(tmp_path / "case", c3=False, runs=3)
    assert (found.verdict, found.grade) == ("supported", "E3")


def test_absence_needs_a_ledger_that_allows_it(tmp_path: Path) -> None:
    """Everything read and the value seen at the maker's alone: not observed, with its bound."""
    found = studied(tmp_path / "case", hosts=(OWN,), runs=3)
    assert found.verdict == "not observed"
    assert "fewer than 63 % of runs" in found.licensed


def pinned(rows: Rows) -> None:
    rows.connection("r0", "edge.quillmark.example", "pinned", bytes_out=None)


def unread(rows: Rows) -> None:
    rows.undecoded(rows.flow("r0", OTHER, b"\xff" * 100), length=100)


@pytest.mark.parametrize("change", [pinned, unread])
def test_absence_is_not_claimed_over_a_gap(tmp_path: Path, change: Change) -> None:
    """A pinned host or an unread body may have carried the value."""
    found = studied(tmp_path / "case", hosts=(OWN,), change=change)
    assert (found.verdict, found.grade) == ("cannot tell", None)
    assert "Unread: " in found.sentence


def test_a_value_that_was_seen_nowhere_settles_nothing(tmp_path: Path) -> None:
    """Not even at the maker's: it shows only that it was not found."""
    assert studied(tmp_path / "case", hosts=()).verdict == "cannot tell"


def decoy(rows: Rows) -> None:
    send(rows, "r0", OWN, "did~0")


def from_another_app(rows: Rows) -> None:
    send(rows, "c3", OTHER)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (decoy, "“Decoys”: 1 of 1"),
        (from_another_app, "“C3, another app”: 1 of 1 pair of value and host came from it"),
    ],
)
def test_a_failed_control_forbids_a_verdict_and_says_why(tmp_path: Path, change: Change, reason: str) -> None:
    """A decoy that matches, or another app that sends the same to the same host."""
    found = studied(tmp_path / "case", change=change)
    assert (found.verdict, found.grade) == ("cannot tell", None)
    assert reason in found.sentence
    assert [c.result for c in found.controls].count("fail") == 1


def test_what_another_app_sends_too_is_left_out_and_told(tmp_path: Path) -> None:
    """One of two values comes from another app as well: the other decides alone."""

    def change(rows: Rows) -> None:
        rows.probe("adid", "identifier", "c65403c9-2cae-4c27-ba89-bb057e5cdefc")
        for run in ("r0", "c3"):
            send(rows, run, OTHER, "adid")

    found = studied(tmp_path / "case", change=change)
    assert found.verdict == "supported"
    assert f"did (exact) reached {OTHER}" in found.sentence
    assert f"Another app on the device sent adid to {OTHER} too" in found.sentence
    assert found.facts["shared"] == [["adid", OTHER]]


@pytest.mark.parametrize(
    ("value", "why"),
    [
        ("sdk_gphone64_x86_64", "model of Google's emulator"),
        ("000000000000000", "one character over and over"),
        ("9774d56d682e549c", "android id that many devices of Android 2.2 shared"),
        ("aaaaaaaaaaaa", "one character over and over"),
        ("123456", "about 16 bits, fewer than 20"),
    ],
)
def test_a_value_that_many_have_decides_nothing(tmp_path: Path, value: str, why: str) -> None:
    """Constants and small values fail the control, and the row says why."""
    found = studied(tmp_path / "case", value=value)
    assert found.verdict == "cannot tell" and "“Chance and constants”: left out: did" in found.sentence
    assert all(why in str(row["strength"]) for row in found.facts["values"])  # type: ignore[attr-defined]


def test_a_value_on_two_devices_is_no_identifier(tmp_path: Path) -> None:
    """Where each run's record names its device, a value that both send is not the device's own."""
    folder = tmp_path / "case"
    for run, model in (("r0", "SIM-8"), ("r1", "SIM-9")):
        (folder / "captures" / run).mkdir(parents=True)
        (folder / "captures" / run / "run.json").write_text(
            json.dumps({"device": {"model": model, "build": "b"}})
        )
    found = studied(folder, runs=2)
    assert found.verdict == "cannot tell" and "“Another device”: on both: did" in found.sentence


def quiet_run(rows: Rows) -> None:
    rows.run("quiet")


def test_two_devices_with_values_of_their_own_pass(tmp_path: Path) -> None:
    """The control was run, and held."""
    folder = tmp_path / "case"
    for run, model in (("r0", "SIM-8"), ("quiet", "SIM-9")):
        (folder / "captures" / run).mkdir(parents=True)
        (folder / "captures" / run / "run.json").write_text(json.dumps({"device": {"model": model}}))
    found = studied(folder, change=quiet_run)
    held = {c.control: c for c in found.controls}["Another device"]
    assert (held.result, held.observed) == ("pass", "2 devices, none in common")


def test_without_a_declared_value_named_fields_are_told(tmp_path: Path) -> None:
    """No identifier: cannot tell, what the fields are named, and the command that declares one."""
    rows = Rows(simulated=False)
    rows.run("r1")
    rows.flow(
        "r1", OTHER, compact({"advertising_id": "c65403c9-2cae-4c27-ba89-bb057e5cdefc", "os": "Android"})
    )
    found = identifiers.find(rows.write(tmp_path / "case"))
    assert (found.verdict, found.grade, found.evidence) == ("cannot tell", None, [])
    assert f"fields for advertising id went to {OTHER}" in found.sentence
    assert "promptrail probe add case --kind identifier" in found.sentence
    assert found.facts["declared"] == [] and "decoys" not in found.facts


def test_an_empty_case_has_an_answer_too(tmp_path: Path) -> None:
    """No run, no probe: cannot tell."""
    found = identifiers.find(Rows(simulated=False).write(tmp_path / "case"))
    assert found.verdict == "cannot tell" and "no field was named like one" in found.sentence


def test_values_stand_as_labels(tmp_path: Path) -> None:
    """Nothing of the finding holds a declared value, and all of it is there when asked for."""
    studied(tmp_path / "case")
    case = Case.open(tmp_path / "case")
    hidden, shown = (json.dumps(identifiers.find(case, show_values=v).facts) for v in (False, True))
    assert DEVICE not in hidden and "[identifier did]" in hidden
    assert DEVICE in shown


def test_a_reset_of_the_app_tells_whether_the_value_lasts(tmp_path: Path) -> None:
    """Cleared between two runs, and the same value again."""

    def change(rows: Rows) -> None:
        rows.run("r9", control="C1")
        rows.event("r9", 5, "cleared")
        data = compact({"id": DEVICE, "n": 99})
        rows.sighting(rows.flow("r9", OTHER, data, 9), "did", data, 9)

    found = studied(tmp_path / "case", change=change)
    assert "did stayed the same over restarts; after a reset of the app, did came again" in found.sentence
    row = next(r for r in found.facts["values"] if r["host"] == OTHER)  # type: ignore[attr-defined]
    assert row["lasting"] == "seen in 2 of 2 runs; the same after 1 reset of the app"


def test_without_a_reset_what_it_does_is_not_known(tmp_path: Path) -> None:
    """Never guessed from restarts."""
    assert "what a reset of the app changes was not recorded" in studied(tmp_path / "case", runs=2).sentence


def test_the_sample_gives_the_known_answer() -> None:
    """The recorded sample: device id and e-mail at Tidedesk, device id at Brightmoor, wherever the help was opened."""
    from promptrail import pipeline, shipped

    case = Case.open(shipped.sample())
    pipeline.ensure(case)
    found = identifiers.find(case)
    assert (found.verdict, found.grade, found.simulated) == ("supported", "E5", True)
    assert (
        "did and email (exact) reached api.tidedesk.example (Tidedesk, address in XC) in 8 of 9 runs"
        in found.sentence
    )
    assert found.facts["shared"] == [["adid", OTHER]]
    facts: Any = found.facts
    (bridge,) = facts["bridges"]
    assert (bridge["probe"], len(bridge["organisations"])) == ("did", 3)
    assert [c.result for c in found.controls] == ["pass", "pass", "pass", "not run"]


@pytest.mark.parametrize("simulated", [True, False])
def test_each_sentence_carries_the_mark_itself(tmp_path: Path, simulated: bool) -> None:
    """A sentence that is copied out of a simulated page still says so; one about a real case never does."""
    rows = Rows(simulated=simulated)
    rows.probe("did", "identifier", DEVICE)
    rows.probe("email", "email", EMAIL)
    rows.run("r1")
    send(rows, "r1", OTHER)
    found = identifiers.find(rows.write(tmp_path / "case"))
    assert [s.startswith("Simulated, not evidence: ") for s in (found.sentence, found.licensed)] == [
        simulated
    ] * 2
