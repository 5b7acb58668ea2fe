"""Verdict, grade and sentences of finding 01, each in both ways in which it could be wrong."""

from collections.abc import Callable
from pathlib import Path

import pytest

from factories import BEGAN, PROMPT, Rows, compact
from promptrail.case import Case
from promptrail.findings.prompt import finding as prompt_to_host
from promptrail.model import Finding

OTHER, OWN = "ingest.brightmoor.test", "chat.parley.test"


def studied(
    folder: Path,
    own: bool = True,
    other: int = 0,
    c0: bool = True,
    c2: bool = True,
    c3: bool = True,
    change: Callable[[Rows], None] = lambda rows: None,
    runs: int = 1,
) -> Finding:
    """A case in which prompts reach the maker and, `other` times a run, another company; with its controls."""
    rows = Rows()
    rows.probe("p1", "prompt", PROMPT)
    rows.probe("p2", "prompt", "Write a resignation letter to Marta Olin, two sentences. heron-2093")
    rows.probe(
        "p1~0",
        "prompt",
        "Xq daughter is 4 and has a fever of 12.9, how much ibuprofen? wombat-1111",
        True,
        "p1",
    )
    rows.recipient(
        OWN, True, domain_owner="Parley Labs", service_operator="Parley Labs", address_country="XA"
    )
    rows.recipient(
        OTHER, False, domain_owner="Brightmoor Group", service_operator="Brightmoor", address_country="XB"
    )
    for n in range(runs):
        _typed(rows, f"c1-{n}", "C1", "p1", own, other)
    if c0:
        rows.run("c0", control="C0")
        rows.flow("c0", OTHER, b"{}")
    if c2:
        _typed(rows, "c2", "C2", "p2", own, other)
    if c3:
        rows.run("c3", control="C3")
        rows.event("c3", 1, "typing", "p1")
    change(rows)
    return prompt_to_host.find(rows.write(folder))


def _typed(rows: Rows, run: str, control: str, probe: str, own: bool, other: int) -> None:
    rows.run(run, control=control, app="Parley", app_version="4.2.0")
    rows.event(run, 1, "typing", probe)
    text = next(p.text for p in rows.rows["probes"] if p.probe == probe)
    for host in [OWN] * own + [OTHER] * other:
        data = compact({"q": text, "n": len(rows.rows["flows"])})
        rows.sighting(rows.flow(run, host, data, 2), probe, data, 2)


def test_content_at_another_company_is_supported(tmp_path: Path) -> None:
    """Seen at another's host, controls held: supported, E4; the sentence names host, holder and country."""
    found = studied(tmp_path / "case", other=1)
    assert (found.verdict, found.grade) == ("supported", "E4")
    assert f"{OTHER} (Brightmoor, address in XB)" in found.sentence
    assert "2 of 2 runs of Parley 4.2.0" in found.sentence
    assert OWN not in found.licensed


def test_three_runs_with_the_same_prompt_are_replication(tmp_path: Path) -> None:
    """E5 needs the same probe at the same host in three runs."""
    assert studied(tmp_path / "a", other=1, runs=3).grade == "E5"
    assert studied(tmp_path / "b", other=1, runs=2).grade == "E4"


@pytest.mark.parametrize("missing", ["c0", "c2"])
def test_without_controls_the_grade_is_lower(tmp_path: Path, missing: str) -> None:
    """No C0 or no C2: the content was decoded (E3), and nothing more is claimed."""
    found = studied(tmp_path / "case", other=1, **{missing: False})  # type: ignore[arg-type]
    assert (found.verdict, found.grade) == ("supported", "E3")


def test_absence_needs_a_ledger_that_allows_it(tmp_path: Path) -> None:
    """Everything read, text seen at the maker's, typing recorded: not observed, with its bound."""
    found = studied(tmp_path / "case", runs=3)
    assert found.verdict == "not observed"
    assert "fewer than 53 % of runs" in found.licensed  # 1 - 0.05 ** (1 / 4), four runs


def _pinned(rows: Rows) -> None:
    rows.connection("c1-0", "edge.quillmark.example", "pinned", bytes_out=None)


def _undecoded(rows: Rows) -> None:
    rows.undecoded(rows.flow("c1-0", OTHER, b"\xff" * 100), length=100)


def _broken(rows: Rows) -> None:
    rows.run("c1-9", control="C1", complete=False)


def _decoy(rows: Rows) -> None:
    data = b'{"q":"x"}'
    rows.sighting(rows.flow("c1-0", OWN, data, 2), "p1~0", data, 2)


def _in_c0(rows: Rows) -> None:
    data = compact({"q": PROMPT})
    rows.sighting(rows.flow("c0", OWN, data, 2), "p1", data, 2)


def _not_typed_there(rows: Rows) -> None:
    data = compact({"q": PROMPT, "z": 1})
    rows.sighting(rows.flow("c2", OWN, data, 2), "p1", data, 2)


def _before_the_keystroke(rows: Rows) -> None:
    data = compact({"q": PROMPT, "y": 1})
    rows.sighting(rows.flow("c1-0", OWN, data, 0.2), "p1", data, 0.2)


def _from_another_app(rows: Rows) -> None:
    data = compact({"q": PROMPT, "w": 1})
    rows.sighting(rows.flow("c3", OWN, data, 2), "p1", data, 2)


@pytest.mark.parametrize("change", [_pinned, _undecoded, _broken])
def test_absence_is_not_claimed_over_a_gap(tmp_path: Path, change: Callable[[Rows], None]) -> None:
    """A pinned host, an unread body, a broken recording: cannot tell, and the gap is named."""
    found = studied(tmp_path / "case", change=change)
    assert (found.verdict, found.grade) == ("cannot tell", None)
    assert "not everything could be read" in found.sentence


@pytest.mark.parametrize(
    "change", [_decoy, _in_c0, _not_typed_there, _before_the_keystroke, _from_another_app]
)
def test_a_failed_control_forbids_a_verdict(tmp_path: Path, change: Callable[[Rows], None]) -> None:
    """A decoy that matches, a sighting without typing, of other text, too early, from another app: cannot tell."""
    found = studied(tmp_path / "case", other=1, change=change)
    assert found.verdict == "cannot tell"
    assert [c.result for c in found.controls].count("fail") == 1


def test_without_a_positive_control_absence_is_not_claimed(tmp_path: Path) -> None:
    """A prompt that was seen nowhere at all, not even at the maker's, shows only that we did not find it."""
    assert studied(tmp_path / "case", own=False).verdict == "cannot tell"


def test_without_a_probe_nothing_can_be_told(tmp_path: Path) -> None:
    """No probe: cannot tell, and the command that declares one."""
    rows = Rows(simulated=False)
    rows.run("r1")
    rows.flow("r1", OTHER, b"{}")
    found = prompt_to_host.find(rows.write(tmp_path / "case"))
    assert found.verdict == "cannot tell" and "promptrail probe add" in found.sentence


def test_an_unknown_holder_is_said_to_be_unknown(tmp_path: Path) -> None:
    """A host that nobody attributes counts as other, and the sentence says that its holder is not known."""
    rows = Rows(simulated=False)
    rows.probe("p1", "prompt", PROMPT)
    rows.run("r1")
    data = compact({"q": PROMPT})
    rows.sighting(rows.flow("r1", "api.unheard-of.net", data), "p1", data, 0)
    found = prompt_to_host.find(rows.write(tmp_path / "case"))
    assert found.verdict == "supported" and "holder not known" in found.sentence
    assert not found.simulated


def test_a_digest_does_not_decide(tmp_path: Path) -> None:
    """A hash of the prompt at another company is listed and is no transmission of the text."""

    def change(rows: Rows) -> None:
        data = compact({"h": "5a" * 32})
        rows.sighting(rows.flow("c1-0", OTHER, data, 2), "p1", data, 2, tier="digest", path="/h")

    found = studied(tmp_path / "case", change=change)
    assert found.verdict != "supported"
    assert found.facts["sightings_by_tier"]["digest"] == 1


def test_personal_values_stand_as_labels(tmp_path: Path) -> None:
    """An identifier in a URL is withheld in evidence rows, and shown when that was asked for."""
    rows = Rows()
    rows.probe("p1", "prompt", PROMPT)
    rows.run("r1")
    device = "3f0c9d8e11114222"
    rows.probe("i1", "identifier", device)
    data = compact({"q": PROMPT})
    flow = rows.flow("r1", OTHER, data, url=f"https://{OTHER}/v1?did={device}&access_token=abcdef0123456789")
    rows.sighting(flow, "p1", data, 0)
    case = rows.write(tmp_path / "case")
    case.add_probe("identifier", device, "i1")
    url = str(prompt_to_host.find(case).evidence[0]["url"])
    assert device not in url and "[identifier i1]" in url and "abcdef0123456789" not in url
    shown = str(prompt_to_host.find(case, show_values=True).evidence[0]["url"])
    assert device in shown and "abcdef0123456789" not in shown


def test_the_clock_of_the_factory_is_the_clock_of_the_events() -> None:
    """Guards the tests above: a sighting at 2 s comes after typing at 1 s."""
    rows = Rows()
    rows.event("r", 1, "typing")
    assert rows.rows["events"][0].at == BEGAN + 1


def test_the_sample_gives_the_known_answer() -> None:
    """The recorded sample: prompts and draft at Brightmoor in every run of 4.2.0, none in 4.3.0, replicated."""
    from promptrail import pipeline, shipped

    case = Case.open(shipped.sample())
    pipeline.ensure(case)
    found = prompt_to_host.find(case)
    assert (found.verdict, found.grade, found.simulated) == ("supported", "E5", True)
    assert "4 of 4 runs of Parley 4.2.0 and 0 of 3 runs of Parley 4.3.0" in found.sentence
    assert all(c.result == "pass" for c in found.controls)
    after = prompt_to_host.find(case, run="after-*")
    assert after.verdict == "cannot tell" and "unknown size" in after.sentence


@pytest.mark.parametrize("simulated", [True, False])
def test_each_sentence_carries_the_mark_itself(tmp_path: Path, simulated: bool) -> None:
    """A sentence that is copied out of a simulated page still says so; one about a real case never does."""
    rows = Rows(simulated=simulated)
    rows.probe("p1", "prompt", PROMPT)
    rows.run("r1")
    data = compact({"q": PROMPT})
    rows.sighting(rows.flow("r1", OTHER, data), "p1", data, 0)
    found = prompt_to_host.find(rows.write(tmp_path / "case"))
    assert [s.startswith("Simulated, not evidence: ") for s in (found.sentence, found.licensed)] == [
        simulated
    ] * 2
