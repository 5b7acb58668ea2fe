"""Messages that belong together: joined however many they are; one that is too long for it is told."""

import json
from pathlib import Path

import pytest

from captures import entry, write_har
from promptrail import ingest, pipeline
from promptrail.case import Case
from promptrail.findings.ledger import ledger
from promptrail.trace import streams

PROMPT = "May I record the 회의 with Min-jun tomorrow? plover-6612"
HALVES = (PROMPT[:20], PROMPT[20:])


def uploads(folder: Path, chunks: list[str]) -> Case:
    """A case with these chunks, sent one by one to one endpoint."""
    case = Case.create(folder / "case")
    entries = [
        entry(f"https://a.test/up?part={n}", json.dumps({"chunk": chunk})) for n, chunk in enumerate(chunks)
    ]
    ingest.place(case, write_har(folder, *entries))
    case.add_probe("prompt", PROMPT)
    pipeline.ensure(case)
    return case


@pytest.mark.parametrize("before", [0, 3, 40])
@pytest.mark.parametrize("most", ["GROUP", "ALL"])
def test_a_long_group_is_joined_piece_by_piece(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, before: int, most: str
) -> None:
    """However much was sent before and behind, a text cut over two requests is found, once, at the same place."""
    monkeypatch.setattr(streams, most, 400)
    monkeypatch.setattr(streams, "OVERLAP", 200)
    fillers = [f"nothing of interest, part {n}" for n in range(before)]
    case = uploads(tmp_path, [*fillers, *HALVES, *fillers])
    found = case.sightings[case.sightings.tier == "reassembled"]
    assert found[["offset", "path"]].to_numpy().tolist() == [[0, "/chunk"]]
    assert [p["flow"] for p in found.iloc[0].pieces] == case.flows.flow.iloc[before : before + 2].tolist()


def test_a_message_that_is_too_long_to_be_joined_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It was searched by itself alone, so the ledger forbids to say that nothing was sent."""
    monkeypatch.setattr(streams, "LARGEST", 300)
    case = uploads(tmp_path, ["a", "b" * 400, "c"])
    shut = case.undecoded[case.undecoded.reason == "limit"]
    assert shut[["flow", "length"]].to_numpy().tolist() == [[case.flows.flow.iloc[1], 413]]
    assert not ledger(case, case.runs.run.tolist()).allows_absence


def test_a_long_message_that_belongs_to_no_other_is_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """There is nothing that it could have been joined with."""
    monkeypatch.setattr(streams, "LARGEST", 300)
    assert uploads(tmp_path, ["b" * 400]).undecoded.empty
