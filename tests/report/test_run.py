"""The runner: what it refuses before it starts, what it makes of notebooks that fail, and that it repeats itself."""

import hashlib
import json
import re
import shutil
from pathlib import Path

import jsonschema
import nbformat
import pytest

from captures import entry, write_har
from promptrail import ingest, shipped
from promptrail.case import Case
from promptrail.errors import NotebookError, ParameterError
from promptrail.findings import FINDINGS
from promptrail.report import chromium, page, publish
from promptrail.report.run import plan, run
from reports import Report


@pytest.fixture
def case(tmp_path: Path) -> Case:
    """A small case that no notebook has seen."""
    made = Case.create(tmp_path / "case")
    ingest.place(made, write_har(tmp_path, entry("https://a.test/x", '{"q": "no probe in it"}')))
    return made


def broken(folder: Path, monkeypatch: pytest.MonkeyPatch, code: str) -> None:
    """Notebook 09 with one more cell before its last, in a folder that the runner takes for ours."""
    nb = nbformat.read(shipped.notebooks() / "09-unseen.ipynb", as_version=4)
    nb.cells.insert(-1, nbformat.v4.new_code_cell(code))
    folder.mkdir()
    nbformat.write(nb, folder / "09-unseen.ipynb")
    monkeypatch.setattr(shipped, "notebooks", lambda: folder)


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("1 / 0", "In [11] failed: ZeroDivisionError: division by zero"),
        ("import sys; sys.exit(0)", "failed: SystemExit"),
        ("import time; time.sleep(600)", "timed out"),
        ("import os; os._exit(3)", "died"),
    ],
    ids=["error", "exit", "timeout", "dead"],
)
def test_a_notebook_that_fails_makes_no_page(
    case: Case, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, code: str, said: str
) -> None:
    """One sentence, what ran kept as .failed.ipynb, an older page of it gone; nothing else is left behind."""
    broken(tmp_path / "notebooks", monkeypatch, code)
    case.reports.mkdir()
    for suffix in (".html", ".pdf", ".ipynb"):
        (case.reports / f"09-unseen{suffix}").write_text("old")
    with pytest.raises(NotebookError, match=f"(?i){re.escape(said)}") as caught:
        run(case, ["09"], timeout=8 if said == "timed out" else 120)
    left = {p.name for p in case.reports.iterdir()}
    assert left - {"findings.json", "index.html", "manifest.json"} == {"09-unseen.failed.ipynb"}
    assert "09-unseen.failed.ipynb" in str(caught.value) and "\n" not in str(caught.value).strip()
    kept = nbformat.read(case.reports / "09-unseen.failed.ipynb", as_version=4)
    assert str(tmp_path) not in json.dumps(kept.metadata)


def test_unknown_parameters_are_refused_before_anything_runs(case: Case) -> None:
    """With the name that was probably meant, and no file made."""
    with pytest.raises(ParameterError, match=r"has a parameter 'prob'\. Did you mean 'probe'"):
        run(case, parameters={"prob": "p1"})
    with pytest.raises(ParameterError, match="'probe'"):
        run(case, ["09"], parameters={"probe": "p1"})
    with pytest.raises(ParameterError, match="must be true or false, not 'maybe'"):
        run(case, parameters={"show_values": "maybe"})
    assert not case.reports.exists()


def test_a_parameter_reaches_the_notebooks_that_know_it() -> None:
    """`probe` belongs to 01 alone; a text from the command line becomes the type that is declared."""
    todo = {job.name: job.parameters for job in plan(None, {"probe": "p1", "show_values": "true"})}
    assert todo["01-prompt-to-host"] == {"probe": "p1", "show_values": True}
    assert todo["09-unseen"] == {"show_values": True}


@pytest.mark.parametrize(
    "asked", ["01", "01-prompt-to-host", "01-prompt-to-host.ipynb", "notebooks/01-prompt-to-host.ipynb"]
)
def test_a_notebook_is_known_by_its_name_or_its_start(asked: str) -> None:
    """However somebody points at it."""
    assert [job.name for job in plan([asked], {})] == ["01-prompt-to-host"]


@pytest.mark.parametrize("asked", ["1", "0", "", "prompt-to-hots"])
def test_what_is_no_notebook_is_refused(asked: str) -> None:
    """An unclear or unknown name is an error that lists what there is."""
    with pytest.raises(ParameterError, match="There are: 00-start-here, 01-prompt-to-host"):
        plan([asked], {})


@pytest.mark.rig
def test_the_same_case_gives_the_same_bytes(sample: Report, tmp_path: Path) -> None:
    """Pages and findings.json are byte-identical when notebooks run again; those not run again stay listed."""
    shutil.copytree(sample.case.path, tmp_path / "sample")
    again = Case.open(tmp_path / "sample")
    run(again, ["01", "09"])
    names = [f"{r.notebook}{edition}" for r in sample.results for edition in (".html", ".still.html")]
    names += ["findings.json", "index.html"]
    differing = [
        n for n in names if (again.reports / n).read_bytes() != (sample.case.reports / n).read_bytes()
    ]
    assert differing == []


@pytest.mark.rig
def test_a_report_is_complete_and_says_what_went_in(sample: Report) -> None:
    """Notebook, page and PDF of each, the effective parameters, no path of this machine."""
    for result in sample.results:
        assert result.pdf is not None and result.pdf.read_bytes()[:5] == b"%PDF-"
        text, page = (f.read_text(encoding="utf-8") for f in (result.executed, result.html))
        for place in (str(sample.case.path.resolve()), str(shipped.notebooks()), str(Path.home()) + "/"):
            assert place not in text + page
        assert "is not found again" not in text, "a sighting no longer leads to its bytes"
        noted = json.loads(text)["metadata"]["promptrail"]
        assert noted["simulated"] is True
        assert noted["stamp"]["Parameters"]["show_values"] == "False"
        assert noted["stamp"]["Captures"]["all captures, sha256"]


@pytest.mark.rig
def test_the_findings_are_listed_in_order_and_marked(sample: Report) -> None:
    """findings.json and the front page hold all of them; every row of a simulated case says that it is one."""
    listed = json.loads((sample.case.reports / "findings.json").read_bytes())["findings"]
    assert [f["notebook"] for f in listed] == [r.notebook for r in sample.results] == list(FINDINGS)
    assert all(f["simulated"] for f in listed)
    front = (sample.case.reports / "index.html").read_text(encoding="utf-8")
    assert front.count("<b>SIMULATED</b>") == 1
    assert front.count("<small>Simulated, not evidence: ") == len(sample.results)


@pytest.mark.rig
def test_findings_json_is_what_its_schema_says(sample: Report) -> None:
    """The documented form, checked by a validator that is not ours; a verdict that does not exist is refused."""
    schema = json.loads((Path(page.__file__).parent / "findings.schema.json").read_text(encoding="utf-8"))
    listed = json.loads((sample.case.reports / "findings.json").read_bytes())
    jsonschema.Draft202012Validator.check_schema(schema)
    jsonschema.validate(listed, schema)
    listed["findings"][0]["verdict"] = "proven"
    with pytest.raises(jsonschema.ValidationError, match="'proven' is not one of"):
        jsonschema.validate(listed, schema)


@pytest.mark.rig
def test_the_manifest_names_every_file_by_its_hash(sample: Report) -> None:
    """Nothing of the report is missing from it, and every hash is that of the file."""
    listed = json.loads((sample.case.reports / "manifest.json").read_bytes())
    files = {row["file"]: row["sha256"] for row in listed["files"]}
    left = {file.name for file in sample.case.reports.iterdir()} - {"manifest.json"}
    assert set(files) == left
    for name, digest in files.items():
        assert hashlib.sha256((sample.case.reports / name).read_bytes()).hexdigest() == digest, name


@pytest.mark.rig
def test_a_still_page_holds_no_script_and_is_small_enough_to_attach(sample: Report) -> None:
    """No script at all, the same finding, the figures as pictures, and far less than the live edition."""
    for result in sample.results:
        still, live = (f.read_text(encoding="utf-8") for f in (result.still, result.html))
        assert "<script" not in still and "script-src &#39;none&#39;" in still
        assert len(still) < 400_000, result.notebook
        assert still.count("<svg") == live.count("<svg")


def test_without_a_browser_pages_are_made_and_it_is_said(case: Case, monkeypatch: pytest.MonkeyPatch) -> None:
    """No still pictures and no PDF, but a page, and a line that says what is missing."""
    monkeypatch.setenv(chromium.VARIABLE, "")
    said: list[str] = []
    (result,) = run(case, ["09"], say=said.append)
    assert (result.pdf, result.stills) == (None, False)
    assert result.html.is_file()
    assert any("no Chromium found" in line for line in said)


@pytest.mark.rig
def test_a_page_that_cannot_be_printed_costs_no_more_than_its_pdf(
    case: Case, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The report is whole without it, links and lists no such file, and the error says which it is."""
    monkeypatch.setattr(publish, "print_pages", lambda jobs: {out: f"{out}: not printed" for _, out in jobs})
    with pytest.raises(NotebookError, match=r"09-unseen\.pdf: not printed$"):
        run(case, ["09"])
    listed = {row["file"] for row in json.loads((case.reports / "manifest.json").read_bytes())["files"]}
    assert listed == {p.name for p in case.reports.iterdir()} - {"manifest.json"}
    assert "09-unseen.still.html" in listed
    assert "09-unseen.pdf" not in (case.reports / "index.html").read_text(encoding="utf-8")
