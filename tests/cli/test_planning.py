"""promptrail plan as a stranger types it: what is written, logged and said, and each thing that is refused."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from promptrail.case import Case
from promptrail.cli import main
from promptrail.cli.planned_scenario import scenarios
from promptrail.device.scenario import read
from promptrail.infer import plan as plans

SEED = "5a" * 16
SMALL = [
    "--no-forecast",
    "--per-length",
    "2",
    "--controls",
    "2",
    "--drafts",
    "1",
    "--draws",
    "999",
    "--seed",
    SEED,
]
Say = pytest.CaptureFixture[str]


@pytest.fixture
def case(tmp_path: Path) -> Case:
    made = Case.create(tmp_path / "case", app={"name": "Chatty", "package": "org.example.chat"})
    made.add_recipient(domain="parley.test", own=True)
    return made


def plan(case: Case, *words: str) -> int:
    return main(["plan", str(case.path), *words])


def log(case: Case) -> list[dict[str, Any]]:
    lines = (case.path / "log.jsonl").read_text("utf-8").splitlines()
    return [row for row in map(json.loads, lines) if row["action"] == "plan"]


def test_a_plan_is_written_and_logged_before_anything_is_recorded(case: Case, capsys: Say) -> None:
    """One file by its digest, which the log has with the time; what to do next is said; nothing is recorded."""
    assert plan(case, "dose", *SMALL) == 0
    (file,) = (case.path / "plans").glob("*.json")
    drawn = plans.read(file)
    (row,) = log(case)
    assert row["digest"] == plans.digest(drawn) and row["file"] == f"plans/{file.name}" and row["t"]
    assert (drawn.seed, drawn.positive, len(drawn.slots), drawn.draws) == (SEED, "parley.test", 13, 999)
    said = capsys.readouterr().out
    assert (
        "13 slots in 1 run" in said
        and row["digest"] in said
        and f"{case.path}/plans/{file.stem}.toml" in said
    )
    assert "35 minutes" in said and "Forecast" not in said
    assert not (case.path / "captures").exists() or not list((case.path / "captures").iterdir())


@pytest.mark.parametrize(
    ("words", "runs"),
    [
        (["dose", *SMALL], 1),
        (["dose", *SMALL, "--sessions", "3"], 3),
        (["contrast", "--per-alphabet", "2", "--length", "64", "--draws", "999"], 1),
        (["differential", "--inputs", "5"], 10),
    ],
    ids=lambda value: value[0] if isinstance(value, list) else "",
)
def test_its_scenarios_follow_it(case: Case, words: list[str], runs: int, capsys: Say) -> None:
    """`record` reads each file; together they have every slot of the plan once, with its text, in order."""
    assert plan(case, *words) == 0
    (file,) = (case.path / "plans").glob("*.json")
    drawn, followed = plans.read(file), []
    files = sorted((case.path / "plans").glob("*.toml"))
    for scenario in map(read, files):
        assert (scenario.package, scenario.app) == ("org.example.chat", "Chatty")
        (step,) = (step for step in scenario.steps if step["do"] == "follow")
        assert (step["plan"], step["seconds"]) == (plans.digest(drawn), drawn.seconds)
        followed += step["slots"]
    assert len(files) == runs == len({read(one).name for one in files})
    assert [(one["slot"], one["kind"], one.get("text", "")) for one in followed] == [
        (slot.slot, slot.kind, plans.typed(drawn, slot)) for slot in drawn.slots
    ]
    assert str(files[0]) in capsys.readouterr().out
    assert main(["record", str(case.path), "--scenario", str(files[-1]), "--dry-run"]) == 0
    assert f"follow the plan {file.stem}" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["contrast", "--per-alphabet", "4"], ["is quiet:", "is loud:", "the whole text of every prompt: "]),
        (["differential"], ["in readable fields:", "a hash of the prompt, among 100 fields that vary: 100%"]),
        pytest.param(
            ["dose", *SMALL[1:]],
            ["is moderate:", "bytes for each character of a prompt: 0.", ", compressed: 1"],
            marks=pytest.mark.long,
        ),
    ],
    ids=["contrast", "differential", "dose"],
)
def test_what_it_would_find_is_told(case: Case, words: list[str], told: list[str], capsys: Say) -> None:
    """By simulation, for each kind of noise."""
    assert plan(case, *words) == 0
    said = capsys.readouterr().out
    assert [words for words in told if words not in said] == []


def test_the_same_seed_is_the_same_plan(case: Case, capsys: Say) -> None:
    """Nothing changes but the log; a second draw is counted, so that nobody draws until a plan pleases."""
    for _ in range(2):
        assert plan(case, "dose", *SMALL) == 0
    assert "This is plan" not in capsys.readouterr().out and len(list((case.path / "plans").iterdir())) == 2
    assert plan(case, "dose", *SMALL[:-2]) == 0
    assert "This is plan 2 of the kind dose" in capsys.readouterr().out and len(log(case)) == 3


def test_a_scenario_that_was_edited_is_kept(case: Case, capsys: Say) -> None:
    """Somebody put in how the app's fields are found: that is not written over."""
    assert plan(case, "dose", *SMALL) == 0
    (file,) = (case.path / "plans").glob("*.toml")
    file.write_text(file.read_text("utf-8").replace("composer", "my_field"), encoding="utf-8")
    assert plan(case, "dose", *SMALL) == 1
    assert "was edited" in capsys.readouterr().err and "my_field" in file.read_text("utf-8")


def test_without_a_package_there_is_no_scenario(tmp_path: Path, capsys: Say) -> None:
    """What would it start? The plan stands, and the command that goes on is said."""
    case = Case.create(tmp_path / "case")
    assert plan(case, "dose", *SMALL, "--positive", "chat.parley.test") == 0
    said = capsys.readouterr().out
    assert "names no package" in said and f"--seed {SEED}" in said
    assert [file.suffix for file in (case.path / "plans").iterdir()] == [".json"]


def test_texts_that_toml_would_mistake(case: Case) -> None:
    """An app's name with quotes, and letters of the wide alphabet, arrive as they are."""
    drawn = plans.draw("contrast", SEED, per_alphabet=2, length=300, controls=0, draws=999)
    ((_, content),) = scenarios(drawn, plans.digest(drawn), "org.example.chat", 'Say "hi" \\ 안녕').items()
    file = case.path / "s.toml"
    file.write_text(content, encoding="utf-8")
    scenario = read(file)
    (step,) = (step for step in scenario.steps if step["do"] == "follow")
    assert scenario.app == 'Say "hi" \\ 안녕'
    assert [one["text"] for one in step["slots"]] == [plans.typed(drawn, slot) for slot in drawn.slots]


def no_own(case: Case) -> None:
    case.add_recipient(domain="other.test", own=True)


def blocked(case: Case) -> None:
    (case.path / "plans").write_text("in the way")


@pytest.mark.parametrize(
    ("before", "words", "told"),
    [
        (no_own, [], "names 2 (parley.test, other.test): give --positive"),
        (blocked, [], "the plan cannot be written"),
        (None, ["--seed", "xyz"], "the seed is not 32 hex digits"),
        (None, ["--per-length", "0", "--drafts", "0"], "it has no prompt"),
        (None, ["--alpha", "2"], "alpha is not between"),
        (None, ["--draws", "5"], "5 draws cannot give a p of 0.01"),
        (None, ["--lengths", "0,5"], "a text is empty"),
    ],
    ids=["two own", "no room", "seed", "no prompt", "alpha", "draws", "a length of 0"],
)
def test_what_is_refused(
    case: Case, before: Callable[[Case], None] | None, words: list[str], told: str, capsys: Say
) -> None:
    """With the reason and what to do, exit code 1, and neither a plan nor a line of the log."""
    if before:
        before(case)
    assert plan(case, "dose", *words) == 1
    said = capsys.readouterr()
    assert told in said.err and "Traceback" not in said.err and said.out == "" and log(case) == []


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["plan", "nowhere", "dose"], "promptrail case new nowhere"),
        (["plan", "nowhere", "doze"], "invalid choice: 'doze'"),
        (["plan", "nowhere", "dose", "--lengths", "a,b"], "numbers with commas between them"),
        (["plan", "nowhere", "dose", "--per-length", "-3"], "'-3' is no whole number from 0 on"),
        (["plan", "nowhere", "dose", "--per-lenght", "3"], "unrecognized arguments"),
    ],
)
def test_slips_of_the_keyboard(words: list[str], told: str, capsys: Say) -> None:
    """No case there, a kind, a number or an option that is none."""
    try:
        code = main(words)
    except SystemExit as left:
        code = int(str(left.code))
    assert code in (1, 2) and told in capsys.readouterr().err
