"""The case folder: opening, settings, probes, frames that are made elsewhere, one writer at a time."""

import os
import stat
from pathlib import Path

import pytest

from promptrail import pipeline
from promptrail.case import Case
from promptrail.errors import CaseError, CaseLocked


def test_settings_survive_edits_with_their_comments(tmp_path: Path) -> None:
    """What a person wrote into case.toml is still there after a command wrote to it."""
    case = Case.create(tmp_path / "a")
    file = tmp_path / "a" / "case.toml"
    file.write_text(file.read_text() + "\n# a note by hand\n[parameters.extra]\nx = 1\n")
    again = Case.open(tmp_path / "a")
    again.add_probe("prompt", 'quotes " and \\ and 한국 kestrel-1')
    assert "# a note by hand" in file.read_text()
    assert Case.open(case.path).declared_probes[0].text == 'quotes " and \\ and 한국 kestrel-1'


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("[case\n", "not valid TOML"),
        ('[[probe]]\nid = "p1"\nkind = "prompt"\n', "no text"),
        ('[[probe]]\nid = "p1"\nkind = "poem"\ntext = "abcdefg"\n', "poem"),
        (
            '[[probe]]\nid="p1"\nkind="prompt"\ntext="abcdefg"\n[[probe]]\nid="p1"\nkind="prompt"\ntext="hijklmn"\n',
            "twice",
        ),
    ],
)
def test_faulty_settings_are_named(tmp_path: Path, content: str, words: str) -> None:
    """The file and the fault, in a sentence."""
    (tmp_path / "case.toml").write_text(content)
    with pytest.raises(CaseError, match=words):
        Case.open(tmp_path)


def test_private_is_private(tmp_path: Path) -> None:
    """Keys lie in a folder that only their owner may enter."""
    assert stat.S_IMODE(Case.create(tmp_path / "a").private.stat().st_mode) == 0o700


def test_one_writer_at_a_time(tmp_path: Path) -> None:
    """A second promptrail is told at once, and waits for nobody."""
    case = Case.create(tmp_path / "a")
    with case.locked(), pytest.raises(CaseLocked, match="another promptrail"), Case.open(case.path).locked():
        pass


def test_frames_say_how_they_are_made(tmp_path: Path) -> None:
    """A frame that is asked for too early names the command."""
    with pytest.raises(CaseError, match="promptrail trace"):
        _ = Case.create(tmp_path / "a").flows


def test_an_empty_case_has_empty_frames(tmp_path: Path) -> None:
    """Every frame can be read, with its columns, before anything was captured."""
    case = Case.create(tmp_path / "a")
    pipeline.ensure(case)
    for name in (
        "runs",
        "flows",
        "connections",
        "messages",
        "events",
        "problems",
        "sightings",
        "undecoded",
        "probes",
        "recipients",
    ):
        assert len(getattr(case, name)) == 0 and len(getattr(case, name).columns) > 3


def test_frames_are_made_again_only_when_something_changed(tmp_path: Path) -> None:
    """A second look does nothing; a new probe is traced, and captures are not read again for it."""
    case = Case.create(tmp_path / "a")
    said: list[str] = []
    pipeline.ensure(case, said.append)
    assert said[0] == "reading captures"
    said.clear()
    pipeline.ensure(case, said.append)
    assert said == []
    case.add_probe("prompt", "a new prompt kestrel-1")
    pipeline.ensure(case, said.append)
    assert said == ["tracing probes"]


@pytest.mark.skipif(os.name == "nt", reason="Windows has no umask")
def test_a_capture_in_the_folder_is_kept(tmp_path: Path) -> None:
    """`case new` in a folder that a proxy wrote to keeps its captures."""
    run = tmp_path / "a" / "captures" / "r1"
    run.mkdir(parents=True)
    (run / "evidence.jsonl").write_text("")
    assert [p.name for p in Case.create(tmp_path / "a").run_folders()] == ["r1"]
