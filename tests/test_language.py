"""Languages: what a translation may say, which one is spoken, and that nothing but words depends on it."""

import dataclasses
import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from babel.messages.catalog import Catalog
from babel.messages.pofile import write_po

import pseudo
from captures import entry, write_har
from promptrail import ingest, language, notebook, shipped
from promptrail.case import Case
from promptrail.cli import main
from promptrail.errors import ParameterError
from promptrail.language import ENGLISH, fits, paragraphs, say, say_n, speaking
from promptrail.model import Finding
from promptrail.report.bench import lay
from promptrail.report.run import run
from promptrail.report.text import Html, phrase

CODES = {"id", "version", "notebook", "verdict", "grade", "simulated"}


@pytest.fixture
def translations(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """An empty folder in the place of the translations."""
    folder = tmp_path / "language"
    folder.mkdir()
    monkeypatch.setattr(language, "FOLDER", folder)
    monkeypatch.setattr(language, "_preferred", "")
    monkeypatch.delenv(language.VARIABLE, raising=False)
    for cached in (language.known, language.catalogue):
        cached.cache_clear()
    yield folder
    for cached in (language.known, language.catalogue):
        cached.cache_clear()


def translated(folder: Path, messages: dict[Any, Any], name: str = "ko") -> None:
    """A translation of these messages."""
    made = Catalog(locale=name)
    for message, said in messages.items():
        made.add(message, said)
    with (folder / f"{name}.po").open("wb") as out:
        write_po(out, made)


def test_what_is_not_translated_is_said_in_english(translations: Path) -> None:
    """A message that a translation lacks or left empty, and one whose values are not those of its original."""
    translated(
        translations,
        {
            "seen at {host}": "{hots}에서 보임",
            "in {n:,} runs": "실행 {n}회",
            "sent": "전송됨",
            "late": "",
            "by {who}": "{who.__class__}",
        },
    )
    with speaking("ko"):
        assert (say("sent"), say("late"), say("unknown")) == ("전송됨", "late", "unknown")
        assert say("seen at {host}", host="a.test") == "seen at a.test"
        assert say("in {n:,} runs", n=1200) == "in 1,200 runs"
        assert say("by {who}", who="me") == "by me"
    assert say("sent") == "sent"


@pytest.mark.parametrize(
    ("original", "said", "fit"),
    [
        ("{n} of {all}", "{all} 중 {n}", True),
        ("{n} of {all}", "{n}", False),
        ("{n:,} B", "{n} B", False),
        ("a", "{a}", False),
        ("a {", "b {", False),
        (("{n} run", "{n} runs"), ("실행 {n}회",), True),
        (("{n:,} row at {host}", "{n:,} rows at {host}"), ("{host}의 행 {n:,}개",), True),
        (("{n} run at {host}", "{n} runs at {host}"), ("실행 {n}회",), False),
    ],
)
def test_a_translation_fits_by_its_values(original: Any, said: Any, fit: bool) -> None:
    """The same names, written in the same way; the number of a plural may be left to the words."""
    assert fits(original, said) is fit


def test_a_number_decides_the_form(translations: Path) -> None:
    """In English one and the rest; in a translation as many forms as its language has."""
    translated(translations, {("{n} run", "{n} runs"): ("실행 {n}회",)})
    assert [say_n("{n} run", "{n} runs", n) for n in (0, 1, 2)] == ["0 runs", "1 run", "2 runs"]
    with speaking("ko"):
        assert [say_n("{n} run", "{n} runs", n) for n in (1, 2)] == ["실행 1회", "실행 2회"]


def test_a_captured_value_is_never_read_as_a_format_or_as_html(translations: Path) -> None:
    """Braces in a value stay braces; markup in a value, and in a translation, stays text."""
    translated(translations, {"to {host}": "<b>{host}</b>로"})
    evil = "{0.__class__} {host} %s <script>x</script>"
    for spoken in (ENGLISH, "ko"):
        with speaking(spoken):
            assert evil in say("to {host}", host=evil)
            shown = phrase("to {host}", host=evil)
            assert "{0.__class__} {host} %s" in shown and "<script" not in shown and "<b>" not in shown
            assert "<i>x</i>" in phrase("to {host}", host=Html("<i>x</i>"))


def test_markdown_is_said_paragraph_by_paragraph(translations: Path) -> None:
    """Fenced code stays, also where a blank line stands in it."""
    translated(translations, {"## Evidence": "## 증거", "Run it:": "실행:", "b": "no"})
    with speaking("ko"):
        assert (
            paragraphs("## Evidence\n\nRun it:\n\n```\na\n\nb\n```") == "## 증거\n\n실행:\n\n```\na\n\nb\n```"
        )


@pytest.fixture
def case(tmp_path: Path) -> Case:
    """A small case that no notebook has seen."""
    made = Case.create(tmp_path / "case")
    ingest.place(made, write_har(tmp_path, entry("https://a.test/x", '{"q": "no probe in it"}')))
    return made


def stating(case: Case, name: str) -> Case:
    """The case with this language in its settings."""
    file = case.path / "case.toml"
    file.write_text(file.read_text("utf-8").replace("[case]", f'[case]\nlanguage = "{name}"'), "utf-8")
    return Case.open(case.path)


def test_an_unknown_language_is_refused_before_anything_runs(
    case: Case, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Asked for, stated by the case or by the environment: with the list of those that are known, and no file made."""
    assert main(["run", str(case.path), "--language", "xx"]) == 1
    assert "no report can be written in 'xx'. Languages: en" in capsys.readouterr().err
    with pytest.raises(ParameterError, match="'yy'"):
        run(stating(case, "yy"))
    with pytest.raises(ParameterError, match="'yy'"):
        lay(Case.open(case.path))
    with pytest.raises(ParameterError, match="'yy'"):
        notebook.start("09-unseen", {"case": str(case.path)})
    monkeypatch.setenv(language.VARIABLE, "zz")
    with pytest.raises(ParameterError, match="'zz'"):
        run(Case.open(case.path))
    assert {p.name for p in case.path.iterdir()} == {"case.toml", "captures", "log.jsonl"}
    assert main(["case", "new", str(case.path.parent / "new"), "--language", "xx"]) == 1
    assert not (case.path.parent / "new").exists()


def test_the_one_asked_for_comes_before_the_environment_and_that_before_the_case(
    translations: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And English where nobody says anything."""
    translated(translations, {})
    translated(translations, {}, "eo")
    assert (language.chosen(""), language.chosen("ko")) == (ENGLISH, "ko")
    monkeypatch.setenv(language.VARIABLE, "eo")
    assert (language.chosen("ko"), language.chosen("ko", "en")) == ("eo", "en")
    with speaking("ko"):
        assert language.current() == "ko"
    assert language.current() == "eo"


def test_a_case_states_the_language_of_its_notebooks(case: Case, translations: Path) -> None:
    """`start` and the copies of `promptrail open` speak it; another case in the same process does not."""
    translated(translations, {"## Evidence": "## 증거", "Finding 01: prompt to host": "결과 01"})
    assert main(["case", "new", str(case.path.parent / "new"), "--language", "ko"]) == 0
    assert Case.open(case.path.parent / "new").language == "ko"
    stating(case, "ko")
    notebook.start("09-unseen", {"case": str(case.path)})
    assert language.current() == "ko"
    copy = json.loads((lay(Case.open(case.path)).folder / "01-prompt-to-host.ipynb").read_text("utf-8"))
    assert copy["metadata"]["title"] == "결과 01"
    assert any("".join(cell["source"]).startswith("## 증거") for cell in copy["cells"])
    notebook.start("09-unseen", {"case": str(shipped.sample())})
    assert language.current() == ENGLISH


def test_english_needs_no_babel() -> None:
    """Who reads English needs no package for languages."""
    code = "import sys, promptrail.notebook as n; n.start('09-unseen', {}); print('babel' in sys.modules)"
    environ = {k: v for k, v in os.environ.items() if k != language.VARIABLE}
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env=environ)
    assert done.stdout.split()[-1:] == ["False"], done.stderr


@pytest.mark.rig
def test_a_report_in_another_language_stands_beside_the_english_one(
    case: Case, translations: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In a folder of its own with its own lists; pages say that English is authoritative, and links still lead."""
    pseudo.write(translations)
    for_kernels = f"import pathlib, promptrail.language as l; l.FOLDER = pathlib.Path({str(translations)!r})"
    (translations / "sitecustomize.py").write_text(for_kernels)
    monkeypatch.setenv("PYTHONPATH", str(translations))
    (english,) = run(case, ["09"], pdf=False)
    before = {file.name: file.read_bytes() for file in case.reports.iterdir()}
    (result,) = run(case, ["09"], pdf=False, language=pseudo.PSEUDO)
    folder = case.reports / pseudo.PSEUDO
    assert result.html.parent == folder.resolve()
    assert {file.name: file.read_bytes() for file in case.reports.iterdir() if file != folder} == before
    assert {file.name for file in folder.iterdir()} == set(before)
    assert json.loads((folder / "findings.json").read_text("utf-8"))["language"] == pseudo.PSEUDO
    assert json.loads(before["findings.json"])["language"] == ENGLISH
    page, other = result.html.read_text("utf-8"), english.html.read_text("utf-8")
    assert f'<html lang="{pseudo.PSEUDO}">' in page and '<html lang="en">' in other
    assert '<p class="translation">⟦' in page and '<p class="translation">' not in other
    headings = [re.findall('<h2 id="([^"]*)">', text) for text in (page, other)]
    assert headings[0] == headings[1] != []
    assert str(case.path.parent) not in result.executed.read_text("utf-8")


def codes(finding: Finding) -> dict[str, Any]:
    """What programs read of a finding: the same in every language."""
    plain = dataclasses.asdict(finding)
    return {
        **{key: plain[key] for key in CODES},
        "controls": [(c["control"], c["result"]) for c in plain["controls"]],
        "facts": sorted(plain["facts"]),
        "parameters": plain["parameters"],
        "evidence": [row.get("sighting") for row in plain["evidence"]],
    }


def test_only_words_depend_on_the_language(translations: Path) -> None:
    """Notebook 01 of the sample in a made-up language: equal codes, and no words of ours that are not translated."""
    name, sample = "01-prompt-to-host", shipped.sample()
    pseudo.write(translations)
    english = notebook.start(name, {"case": str(sample)}).finding().finding
    with speaking(pseudo.PSEUDO):
        said = notebook.start(name, {"case": str(sample)}).finding().finding
        shown = list(pseudo.texts(pseudo.executed(name, sample), name, sample))
    assert codes(said) == codes(english)
    assert said.sentence != english.sentence
    assert {text: left for text in shown if (left := pseudo.plain(text, sample))} == {}
