"""The example scenarios that are shipped: each can be read, and plans what its comments promise."""

from pathlib import Path

import pytest

from promptrail.cli import main
from promptrail.device.agents import load
from promptrail.device.scenario import KINDS, read
from tracked import ROOT

FOLDER = ROOT / "data" / "scenarios"
PLANNED = {
    "first-chat": [f"first-chat-{run}" for run in ("c0", "c1-1", "c1-2", "c1-3", "c2", "c3")],
    "consent-refused": ["consent-refused-1", "consent-refused-2", "consent-refused-3"],
    "dose-and-response": ["dose-and-response"],
    "differential": ["differential"],
    "observer-effect": ["observer-effect-read", "observer-effect-quic", "observer-effect-bare"],
}


@pytest.mark.parametrize("name", PLANNED)
def test_what_it_plans(name: str) -> None:
    """The runs that the file's own comments name."""
    plan = read(FOLDER / f"{name}.toml")
    assert (plan.name, [run.run for run in plan.runs]) == (name, PLANNED[name])


def test_each_is_explained_and_none_is_missing() -> None:
    """README's table has every file, and the files hold nearly every kind of step."""
    files = sorted(file.stem for file in FOLDER.glob("*.toml"))
    assert files == sorted(PLANNED)
    readme = (FOLDER / "README.md").read_text("utf-8")
    assert all(f"`{name}.toml`" in readme for name in files)
    shown = {step["do"] for name in files for step in read(FOLDER / f"{name}.toml").steps}
    assert set(KINDS) - shown == {"install", "grant", "tap", "type", "repeat"}


def test_what_is_commented_out_works_as_well(tmp_path: Path) -> None:
    """Lines that a person may switch on: the hooked variant names an agent that there is."""
    text = (FOLDER / "observer-effect.toml").read_text("utf-8")
    for line in ("[[variant]]", 'name = "hooked"', "hooks = "):
        assert f"# {line}" in text
        text = text.replace(f"# {line}", line)
    (tmp_path / "hooked.toml").write_text(text)
    (hooked,) = (run.variant for run in read(tmp_path / "hooked.toml").runs if run.variant.name == "hooked")
    assert [load(hook).name for hook in hooked.hooks] == list(hooked.hooks)


def test_a_dry_run_needs_no_device(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Runs and steps are told, from the files alone."""
    assert main(["case", "new", str(tmp_path / "case")]) == 0
    command = ["record", str(tmp_path / "case"), "--scenario", str(FOLDER / "first-chat.toml"), "--dry-run"]
    assert main(command) == 0
    said = capsys.readouterr().out
    assert "first-chat-c3: org.example.notes, C3 (A, D)" in said and "10. wait 10 s" not in said
    assert (
        "  1. set the app back to how it was after installation" in said
        and "nothing was done" in said.lower()
    )
