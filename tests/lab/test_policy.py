"""The lab's privacy policies: simulated in their text, readable as annotated, and true to what each version does."""

from pathlib import Path

import pytest

import reports
from factories import Rows
from promptrail import pipeline
from promptrail.case import Case
from promptrail.errors import RecordingError
from promptrail.findings.policy import finding as policy
from promptrail.findings.policy.documents import documents
from promptrail.lab.policy import place, versions


def empty(folder: Path) -> Case:
    rows = Rows()
    rows.run("r1", app_version="5.0.0")
    return rows.write(folder)


@pytest.mark.parametrize("version", versions())
def test_two_people_read_each_policy(tmp_path: Path, version: str) -> None:
    """Text and readings fit each other, and say that they are invented."""
    case = empty(tmp_path)
    assert len(place(case, version)) == 3
    (document,) = documents(case)
    assert len(document.annotations) == 2 and not document.changed and document.about.simulated
    text = (case.path / "policies" / document.about.file).read_text("utf-8")
    assert text.startswith("SIMULATED.") and "parley.test" in text
    assert all("simulated" in reader.by for reader in document.annotations)


def test_the_day_of_capture_is_the_day_of_placing(tmp_path: Path) -> None:
    """As for a policy that somebody saved; the text stays the same to the byte."""
    case = empty(tmp_path)
    place(case, "4.2.0", "2026-12-24")
    (document,) = documents(case)
    assert document.about.captured == "2026-12-24"


def test_placing_again_gives_the_same(tmp_path: Path) -> None:
    """And two versions lie side by side."""
    case = empty(tmp_path)
    names = [*place(case, "4.2.0"), *place(case, "5.0.0"), *place(case, "4.2.0")]
    assert sorted(set(names)) == sorted(file.name for file in (tmp_path / "policies").iterdir())
    assert len(documents(case)) == 2


def test_a_version_without_a_policy_is_told(tmp_path: Path) -> None:
    """With those that have one."""
    with pytest.raises(RecordingError, match=r"no policy of Parley 4\.9\. It has: 4\.2\.0, 5\.0\.0\."):
        place(empty(tmp_path), "4.9")


def test_the_sample_s_app_sends_what_its_policy_does_not_declare(tmp_path: Path) -> None:
    """The answer key: prompts unmentioned, drafts denied, identifiers covered by broad words, keystrokes never sent."""
    case = reports.copy_of_sample(tmp_path / "sample")
    place(case, "4.2.0")
    pipeline.ensure(case)
    found = policy.find(Case.open(tmp_path / "sample"))
    classes = {(p["data"], p["recipient"]): p["class"] for p in found.facts["pairs"] if p["decides"]}
    assert found.verdict == "supported"
    assert classes["prompts", "Brightmoor Cloud"] == "omitted"
    assert classes["drafts", "Brightmoor Cloud"] == "incorrect"
    assert classes["device identifiers", "Brightmoor Cloud"] == "vague"
    assert classes["e-mail addresses", "Tidedesk"] == "clear"
    told = {row["data"]: row["outcome"] for row in found.facts["declared"]}
    assert told["keystroke patterns"] == "not observed" and told["prompts"] == "seen"
