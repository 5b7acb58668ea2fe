"""The commands as a stranger uses them: four commands to a report, typos, empty folders, broken files."""

import json
from pathlib import Path

import pytest

from captures import entry, har, write_har
from promptrail.case import Case
from promptrail.cli import main, parser

PROMPT = 'May I record "Min-jun" / 회의? plover-6612'


@pytest.fixture
def case(tmp_path: Path) -> Path:
    """A case with one HAR in which the prompt reaches one host, and the probe."""
    folder = tmp_path / "case"
    file = write_har(
        tmp_path,
        entry("https://api.unheard-of.net/chat", json.dumps({"q": PROMPT})),
        entry("https://cdn.unheard-of.net/x"),
    )
    assert main(["case", "new", str(folder)]) == 0
    assert main(["import", str(folder), str(file)]) == 0
    assert main(["probe", "add", str(folder), "--kind", "prompt", "--text", PROMPT]) == 0
    return folder


def test_trace_json_is_one_object_a_line_and_nothing_else(
    case: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Every documented key, in JSON, on standard output alone."""
    capsys.readouterr()
    assert main(["trace", str(case), "--json"]) == 0
    (row,) = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    wanted = {"id", "probe", "text", "kind", "decoy", "run", "flow", "source_ref", "host", "method", "url"}
    wanted |= {"direction", "part", "path", "chain", "offset", "length", "raw_offset", "raw_length", "tier"}
    assert wanted <= set(row)
    assert (row["text"], row["source_ref"], row["host"], row["part"], row["path"]) == (
        PROMPT,
        "0",
        "api.unheard-of.net",
        "body",
        "/q",
    )
    assert row["decoy"] is False and row["chain"] == ["json"]


def test_show_leads_to_the_bytes(case: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """`show` prints each layer with the hit marked."""
    main(["trace", str(case), "--json"])
    sighting = json.loads(capsys.readouterr().out.splitlines()[-1])["id"]
    assert main(["show", str(case), sighting]) == 0
    assert f"»{PROMPT}«" in capsys.readouterr().out


def test_captured_text_cannot_drive_the_terminal(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Escape sequences and bidi overrides in a capture are printed as escapes."""
    evil = "\x1b]0;owned\x07 \u202e"
    folder = tmp_path / "case"
    file = write_har(
        tmp_path, entry("https://a.test/x", json.dumps({"q": "padding " * 30 + evil + PROMPT + evil}))
    )
    main(["case", "new", str(folder)])
    main(["import", str(folder), str(file)])
    main(["probe", "add", str(folder), "--kind", "prompt", "--text", PROMPT])
    main(["trace", str(folder), "--json"])
    sighting = json.loads(capsys.readouterr().out.splitlines()[-1])["id"]
    main(["show", str(folder), sighting])
    out = capsys.readouterr().out
    assert "\x1b" not in out and "\u202e" not in out and "\\x1b" in out


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["trace", "nowhere"], ["nowhere", "promptrail case new"]),
        (["trace", "."], ["not a case", "promptrail case new"]),
        (["import", "CASE", "missing.har"], ["missing.har", "No such file"]),
        (["show", "CASE", "S-nothing"], ["S-nothing", "promptrail trace"]),
        (["probe", "add", "CASE", "--kind", "prompt", "--text", "abc"], ["shorter than"]),
        (["case", "new", "CASE"], ["is a case already"]),
        (["run", "CASE", "-p", "rum=x"], ["rum", "Did you mean 'run'"]),
        (["run", "CASE", "01-promt-to-host"], ["01-promt-to-host", "01-prompt-to-host"]),
        (["lab", "score", "CASE"], ["answer-key.jsonl"]),
        (["record", "CASE", "--manual", "--package", "com.other.app"], ["com.other.app", "--because"]),
    ],
)
def test_what_cannot_be_done_is_said_in_one_sentence(
    case: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    arguments: list[str],
    words: list[str],
) -> None:
    """Exit code 1, one line on standard error that names what and what to do, no traceback."""
    monkeypatch.chdir(tmp_path)
    capsys.readouterr()
    assert main([str(case) if a == "CASE" else a for a in arguments]) == 1
    said = capsys.readouterr().err
    assert all(word in said for word in words) and said.startswith("promptrail: ") and "Traceback" not in said


@pytest.mark.parametrize(
    "arguments", [[], ["trace"], ["nonsense"], ["probe", "add", "x", "--kind", "sonnet", "--text", "abcdefg"]]
)
def test_a_wrong_command_line_is_code_2(arguments: list[str]) -> None:
    """argparse's own code and words."""
    with pytest.raises(SystemExit) as stop:
        main(arguments)
    assert stop.value.code == 2


def test_lost_input_is_code_3_and_the_rest_is_there(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A HAR cut short: its whole entries are imported, the loss is named with file and byte."""
    folder, file = tmp_path / "case", tmp_path / "cut.har"
    file.write_text(har(entry("https://a.test/1"), entry("https://a.test/2"))[:-200])
    main(["case", "new", str(folder)])
    assert main(["import", str(folder), str(file)]) == 3
    said = capsys.readouterr()
    assert "1 flows" in said.out and "lost" in said.err and "byte" in said.err
    assert len(Case.open(folder).flows) == 1
    assert main(["import", str(folder), str(file)]) == 3, "the same file again tells the same loss"


def test_a_case_that_states_nothing_says_so(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Examiner and basis are never asked for; what is missing reads “not stated”."""
    main(["case", "new", str(tmp_path / "a")])
    main(["case", "show", str(tmp_path / "a")])
    assert capsys.readouterr().out.count("not stated") >= 4


def test_personal_probes_are_not_printed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """`case show` withholds identifiers, e-mail addresses and phone numbers; the log never holds a probe."""
    folder = tmp_path / "a"
    main(["case", "new", str(folder)])
    main(["probe", "add", str(folder), "--kind", "email", "--text", "min-jun@mail.example"])
    main(["case", "show", str(folder)])
    assert "min-jun" not in capsys.readouterr().out
    assert "min-jun" not in (folder / "log.jsonl").read_text()


def test_purge_needs_yes_and_is_logged(case: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Without --yes nothing goes; with it captures, frames, reports and keys go, and the log says so."""
    main(["case", "purge", str(case)])
    assert (case / "captures").exists()
    main(["case", "purge", str(case), "--yes"])
    assert not any((case / name).exists() for name in ("captures", "frames", "reports", "private"))
    assert '"case purge"' in (case / "log.jsonl").read_text()


def test_another_package_needs_a_reason_that_is_logged(tmp_path: Path) -> None:
    """The case's own package passes; another one only with --because, which stands in the log."""
    from promptrail.case import lawful
    from promptrail.errors import CaseError

    case = Case.create(tmp_path / "a", app={"package": "test.parley.chat"})
    lawful.permit(case, "test.parley.chat", None, "record")
    for because in (None, "  "):
        with pytest.raises(CaseError, match="--because"):
            lawful.permit(case, "com.other", because, "record")
    lawful.permit(case, "com.other", "control C3, own device", "record")
    assert "control C3, own device" in (case.path / "log.jsonl").read_text()


def test_probes_from_a_file(tmp_path: Path) -> None:
    """One a line, blank lines skipped; the same probe again is not declared twice."""
    folder, file = tmp_path / "a", tmp_path / "probes.txt"
    file.write_text("first prompt kestrel-1\n\nsecond prompt kestrel-2\n", encoding="utf-8")
    main(["case", "new", str(folder)])
    for _ in range(2):
        assert main(["probe", "add", str(folder), "--kind", "prompt", "--file", str(file)]) == 0
    assert [p.probe for p in Case.open(folder).declared_probes] == ["p1", "p2"]


def test_a_full_disk_changes_nothing(
    case: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """When frames cannot be written the old ones stay, and the sentence says what to do."""
    import errno

    import pyarrow.parquet as pq

    before = {f.name: f.read_bytes() for f in (case / "frames").glob("*.parquet")}

    def full(*_: object, **__: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    main(["probe", "add", str(case), "--kind", "prompt", "--text", "another prompt osprey-1"])
    monkeypatch.setattr(pq, "write_table", full)
    assert main(["trace", str(case)]) == 1
    assert "no space left" in capsys.readouterr().err
    assert {f.name: f.read_bytes() for f in (case / "frames").glob("*.parquet")} == before


def test_every_command_has_help(capsys: pytest.CaptureFixture[str]) -> None:
    """The help lists each command with a sentence."""
    with pytest.raises(SystemExit):
        parser().parse_args(["--help"])
    out = capsys.readouterr().out
    for command in ("demo", "case", "probe", "record", "lab", "import", "trace", "show", "who", "run"):
        assert f"\n    {command} " in out


@pytest.mark.parametrize("command", [["record"], ["record", "--story", "restrained"], ["opaque"]])
def test_the_lab_leaves_a_case_about_a_real_app_alone(
    command: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """What it adds would pass for something of that app, or mark the case as simulated: refused, nothing changed."""
    folder = tmp_path / "mine"
    Case.create(folder).add_probe("prompt", "words of a person, kestrel-4417")
    before = (folder / "case.toml").read_bytes()
    assert main(["lab", command[0], str(folder), *command[1:]]) == 1
    assert "not the lab's" in capsys.readouterr().err
    assert (folder / "case.toml").read_bytes() == before and not any(folder.glob("captures/*"))
