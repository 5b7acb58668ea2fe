"""Verdict, grade and sentences of finding 03, each in both ways in which it could be wrong."""

from pathlib import Path
from typing import Any

import pytest

from factories import BEGAN, DEVICE, Rows, compact
from promptrail.findings.consent import finding as consent
from promptrail.findings.phases import AFTER, AFTER_REFUSAL, AT, BEFORE, TAP, UNTIMED, Decision
from promptrail.model import Clock, Finding

OTHER, OWN = "ingest.brightmoor.test", "chat.parley.test"
ANSWER = 10.0
"""Seconds after the start at which the dialog is answered."""


def studied(
    folder: Path,
    *sent: tuple[float, str],
    answer: str | None = "consent",
    launch: float | None = 1.0,
    runs: int = 1,
    decoys: bool = True,
    unread: float | None = None,
    identified: bool = True,
    fresh: bool = False,
    apart: float | None = None,
) -> Finding:
    """A case in which requests with the device's id go to hosts at these seconds, in each of its runs."""
    rows = Rows()
    rows.probe("i1", "identifier", DEVICE)
    if decoys:
        rows.probe("i1~0", "identifier", "0e86d081884c7d99", True, "i1")
    rows.recipient(OWN, True, domain_owner="Parley Labs", service_operator="Parley Labs")
    rows.recipient(OTHER, False, service_operator="Brightmoor", address_country="XB")
    for n in range(runs):
        run = rows.run(f"r{n}", app="Parley", app_version="4.2.0")
        for event, at in ((answer, ANSWER), ("launch", launch), ("cleared", 0.5 if fresh else None)):
            if event and at is not None:
                rows.event(run, at, event)
        for at, host in sent:
            data = compact({"id": DEVICE, "n": len(rows.rows["flows"])})
            flow = rows.flow(run, host, data, at)
            if identified:
                rows.sighting(flow, "i1", data, at)
        if apart is not None:
            rows.rows["clocks"].append(Clock(run, "events", 0.0, apart, 3, "a test"))
        if unread is not None:
            rows.connection(run, OTHER, "pinned", opened=BEGAN + unread)
    return consent.find(rows.write(folder))


@pytest.mark.parametrize(
    ("more", "grade"),
    [
        ({"identified": False}, "E2"),
        ({"decoys": False, "fresh": True}, "E3"),
        ({"launch": None, "fresh": True}, "E3"),
        ({}, "E3"),
        ({"fresh": True}, "E4"),
        ({"fresh": True, "runs": 3}, "E5"),
    ],
)
def test_a_request_to_another_before_the_answer_is_supported(
    tmp_path: Path, more: dict[str, Any], grade: str
) -> None:
    """Grades follow what was in it, the controls that ran, and replication; the sentence names host and holder."""
    found = studied(tmp_path / "case", (4, OTHER), (20, OWN), **more)
    assert (found.verdict, found.grade) == ("supported", grade)
    assert f"{OTHER} (Brightmoor, address in XB)" in found.sentence and OWN not in found.sentence
    assert ("identifiers among" in found.sentence) == (grade != "E2")
    assert "unlawfully" in found.not_licensed


def test_only_evidence_from_before_is_shown(tmp_path: Path) -> None:
    """What was sent to the maker, or after the answer, is no evidence for this finding."""
    found = studied(tmp_path / "case", (4, OTHER), (4, OWN), (20, OTHER))
    assert [(row["host"], row["at"]) for row in found.evidence] == [(OTHER, BEGAN + 4)]


def test_nothing_before_the_answer_is_not_observed_with_its_bound(tmp_path: Path) -> None:
    """Everything was read, others got requests only afterwards: absence, bounded by the number of runs."""
    found = studied(tmp_path / "case", (4, OWN), (20, OTHER), runs=3)
    assert (found.verdict, found.grade) == ("not observed", None)
    assert "63 % of runs" in found.licensed and "It waits for consent" in found.not_licensed


@pytest.mark.parametrize(
    ("sent", "more", "why"),
    [
        ([(4, OTHER)], {"answer": None}, "No event of these runs marks"),
        ([(ANSWER + 0.5, OTHER)], {}, "fell into the band"),
        ([(4, OWN)], {"unread": 3.0}, "was contacted before consent, and what was sent could not be read"),
        ([(4, OWN)], {"unread": 30.0}, "but this was not read"),
    ],
)
def test_what_cannot_be_told(
    tmp_path: Path, sent: list[tuple[float, str]], more: dict[str, Any], why: str
) -> None:
    """No answer in the events, the band, an unread connection: neither side may be said, and the sentence says why."""
    found = studied(tmp_path / "case", *sent, **more)
    assert found.verdict == "cannot tell" and found.grade is None
    assert why in found.sentence
    assert "Nothing was sent before consent" in found.not_licensed


def test_a_broken_control_turns_the_verdict(tmp_path: Path) -> None:
    """Traffic from before the app was started: it is not this app's, or the clocks are wrong."""
    found = studied(tmp_path / "case", (4, OTHER), launch=6.0)
    assert found.verdict == "cannot tell"
    (control,) = [one for one in found.controls if one.result == "fail"]
    assert control.control == "Start of the app" and "1 of 1 exchanges" in control.observed


def test_clocks_that_do_not_agree_turn_the_verdict(tmp_path: Path) -> None:
    """Events and exchanges that may be seconds apart cannot be put in an order."""
    found = studied(tmp_path / "case", (4, OTHER), apart=2.5)
    assert found.verdict == "cannot tell"
    (control,) = [one for one in found.controls if one.result == "fail"]
    assert control.control == "Clock" and "within 2.50 s" in control.observed


def test_after_a_refusal(tmp_path: Path) -> None:
    """What goes on after the person said no stands in the sentence and beside the control."""
    found = studied(tmp_path / "case", (4, OTHER), (20, OTHER), answer="refused", fresh=True)
    assert "After refusal: identifiers among 1 request to" in found.sentence
    results = {one.control: one.result for one in found.controls}
    assert (results["Refusal"], results["Fresh start"]) == ("pass", "pass")


def test_the_band_belongs_to_neither_side() -> None:
    """Before ends where the clocks could disagree; after begins when a tap must have arrived."""
    accepted, refused = Decision(100.0, True, 0.2), Decision(100.0, False, 0.2)
    times = [99.79, 99.81, 100.0, 100.2 + TAP, 100.21 + TAP]
    assert [accepted.phase(t) for t in times] == [BEFORE, AT, AT, AT, AFTER]
    assert refused.phase(200.0) == AFTER_REFUSAL and refused.phase(None) == UNTIMED
