"""Which policy governs which run, and what is left aside or refused."""

from pathlib import Path

import pytest

from factories import BEGAN, Rows
from policy_readings import TEXT, reading, statement
from promptrail.case import Case
from promptrail.errors import InputError, ParameterError
from promptrail.findings.policy.documents import choose, day_of, documents

DAY = 86_400.0
ROW = statement("prompts", "first party")


def case(folder: Path, *versions: str, simulated: bool = True) -> Case:
    """Run r0 of the first version on 2026-09-21, r1 of the second a day later, ..."""
    rows = Rows(simulated=simulated)
    for n, version in enumerate(versions or ("4.2.0",)):
        rows.run(f"r{n}", BEGAN + n * DAY, app="Parley", app_version=version)
    return rows.write(folder)


def test_the_days_of_the_factories() -> None:
    """What the other tests count from."""
    assert [day_of(BEGAN), day_of(BEGAN + DAY), day_of(None)] == ["2026-09-21", "2026-09-22", None]


def test_readings_of_one_text_are_one_document(tmp_path: Path) -> None:
    """By the text's SHA-256, in the order of their files."""
    found = case(tmp_path)
    for by in ("Bo", "Anna"):
        reading(tmp_path / "policies", ROW, by=by)
    reading(tmp_path / "policies", ROW, file="other.txt", text=f"{TEXT}More.")
    assert [(d.about.file, [a.by for a in d.annotations]) for d in documents(found)] == [
        ("app.txt", ["Anna", "Bo"]),
        ("other.txt", ["Anna"]),
    ]


@pytest.mark.parametrize(
    ("policy", "governed"),
    [
        ({}, ["r0", "r1"]),
        ({"in_force": "2026-09-22"}, ["r1"]),
        ({"in_force": "2026-09-23"}, []),
        ({"until": "2026-09-21"}, ["r0"]),
        ({"app_versions": ["5.0.0"]}, ["r1"]),
        ({"app_versions": ["6.0.0"]}, []),
    ],
)
def test_a_policy_governs_the_runs_of_its_time_and_versions(
    tmp_path: Path, policy: dict[str, str], governed: list[str]
) -> None:
    """First and last day belong to it."""
    found = case(tmp_path, "4.2.0", "5.0.0")
    reading(tmp_path / "policies", ROW, policy=policy)
    chosen = choose(found, ["r0", "r1"], "")
    assert chosen.document and chosen.runs == governed
    assert chosen.others == [run for run in ("r0", "r1") if run not in governed]


def test_a_run_that_nobody_dated_is_governed_by_none(tmp_path: Path) -> None:
    """Whether the policy was in force is not known."""
    rows = Rows()
    rows.run("r0", app_version="4.2.0", started=None)
    found = rows.write(tmp_path)
    reading(tmp_path / "policies", ROW)
    assert choose(found, ["r0"], "").runs == []


def test_of_several_the_one_of_most_runs_is_taken_and_another_can_be_asked_for(tmp_path: Path) -> None:
    """The others are named."""
    found = case(tmp_path, "4.2.0", "5.0.0", "5.0.0")
    reading(tmp_path / "policies", ROW, policy={"app_versions": ["4.2.0"]})
    new = f"{TEXT}More."
    reading(tmp_path / "policies", ROW, file="new.txt", text=new, policy={"app_versions": ["5.0.0"]})
    runs = ["r0", "r1", "r2"]
    assert choose(found, runs, "").runs == ["r1", "r2"]
    assert choose(found, runs, "app.txt").runs == ["r0"]
    assert choose(found, runs, "").known == ["app.txt", "new.txt"]
    with pytest.raises(ParameterError, match=r"It has: app\.txt, new\.txt\."):
        choose(found, runs, "app.toml")


def test_a_changed_text_is_left_aside(tmp_path: Path) -> None:
    """And named, whether it was asked for or not."""
    found = case(tmp_path)
    reading(tmp_path / "policies", ROW)
    (tmp_path / "policies" / "app.txt").write_text("Other words.", encoding="utf-8")
    for given in ("", "app.txt"):
        chosen = choose(found, ["r0"], given)
        assert (chosen.document, chosen.left_aside, chosen.runs) == (None, ["app.txt"], [])


def test_without_a_folder_there_is_none(tmp_path: Path) -> None:
    """No policy is no fault; asking for one is."""
    found = case(tmp_path)
    assert choose(found, ["r0"], "").document is None
    with pytest.raises(ParameterError, match="It has none in policies/"):
        choose(found, ["r0"], "app.txt")


def test_readers_must_agree_on_what_they_read(tmp_path: Path) -> None:
    """Title, company, days and versions are the policy's, not a reader's."""
    found = case(tmp_path)
    reading(tmp_path / "policies", ROW)
    reading(tmp_path / "policies", ROW, by="Bo", policy={"in_force": "2026-02-01"})
    with pytest.raises(
        InputError, match=r"app\.Bo\.toml: says other things of the policy than app\.Anna\.toml"
    ):
        documents(found)


def test_one_reader_twice_is_no_second_reader(tmp_path: Path) -> None:
    """Agreement with oneself would look like two."""
    found = case(tmp_path)
    first = reading(tmp_path / "policies", ROW)
    first.rename(first.with_name("app.again.toml"))
    reading(tmp_path / "policies", ROW)
    with pytest.raises(InputError, match="Anna has read this text"):
        documents(found)


@pytest.mark.parametrize("simulated", [True, False])
def test_simulated_and_real_are_never_mixed(tmp_path: Path, simulated: bool) -> None:
    """A simulated policy beside real traffic, or the reverse, would pass for evidence about somebody."""
    found = case(tmp_path, simulated=simulated)
    reading(tmp_path / "policies", ROW, policy={"simulated": not simulated})
    with pytest.raises(InputError, match="Take it out of"):
        documents(found)
