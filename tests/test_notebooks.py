"""The notebooks themselves: how they are written, and that three ways of running them give equal findings."""

import ast
import asyncio
import json
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import nbformat
import pytest

import reports
from factories import TOKEN
from notebook_list import notebook_list
from promptrail import shipped
from promptrail.errors import CaseError, ParameterError
from promptrail.findings import FINDINGS
from promptrail.notebook import start
from promptrail.report.collect import canonical, finding_of
from readme import notebooks_in_the_readme

NOTEBOOKS = sorted(shipped.notebooks().glob("*.ipynb"))
DRAWN = set(FINDINGS) - {"00-start-here", "09-unseen", "10-opaque-channels"}
"""Notebooks that draw something on the sample; there is no plan of lengths to draw there."""
names = pytest.mark.parametrize("name", list(FINDINGS))


@pytest.fixture(scope="session")
def sample(tmp_path_factory: pytest.TempPathFactory) -> reports.Report:
    """All notebooks of the sample case, run and published."""
    return reports.of_sample(tmp_path_factory)


def read(name: str) -> nbformat.NotebookNode:
    return nbformat.read(shipped.notebooks() / f"{name}.ipynb", as_version=4)


def test_every_finding_has_its_notebook() -> None:
    """And no notebook is there that no finding answers."""
    assert [p.stem for p in NOTEBOOKS] == list(FINDINGS)


def test_the_readme_lists_the_notebooks() -> None:
    """As `tests/notebook_list.py` prints it: questions, and the stories that show each verdict."""
    assert notebooks_in_the_readme() == notebook_list()


@names
def test_the_parameters_cell_is_the_declared_parameters(name: str) -> None:
    """`name: type = default  # help`, letter by letter as declared: what papermill shows is what is checked."""
    (cell,) = [c for c in read(name).cells if "parameters" in c.metadata.get("tags", [])]
    declared = []
    for p in FINDINGS[name].PARAMETERS:
        default = json.dumps(p.default) if p.type is str else str(p.default)
        declared.append(f"{p.name}: {p.type.__name__} = {default}  # {p.help}")
    assert cell.source.splitlines() == declared


@names
def test_a_notebook_is_thin_and_ends_with_its_finding(name: str) -> None:
    """The first call takes the parameters, the last cell states the finding, and none is longer than a few lines."""
    code = [c.source for c in read(name).cells if c.cell_type == "code"]
    assert code[1].endswith(f'page = start("{name}", globals())')
    assert code[-1] == "page.finding()"
    assert max(len(ast.parse(source).body) for source in code[2:]) <= 6


def by_shift_enter(name: str) -> list[dict[str, object]]:
    """As JupyterLab runs it: cell by cell in a kernel that starts in notebooks/, with the defaults."""
    from nbclient import NotebookClient

    nb = read(name)
    at = {"metadata": {"path": str(shipped.notebooks())}}
    asyncio.run(NotebookClient(nb, kernel_name="python3", resources=at, timeout=300).async_execute())
    figures = [
        o
        for c in nb.cells
        for o in c.get("outputs", [])
        if "application/vnd.plotly.v1+json" in o.get("data", {})
    ]
    assert bool(figures) is (name in DRAWN)
    assert not any("text/html" in f.data for f in figures)
    return [finding_of(nb, name)]


def by_papermill(name: str, case: Path, folder: Path) -> list[dict[str, object]]:
    """The plain command, from another folder, with the case as its parameter."""
    command = [sys.executable, "-m", "papermill", str(shipped.notebooks() / f"{name}.ipynb"), f"{name}.ipynb"]
    done = subprocess.run(
        [*command, "-p", "case", str(case)], cwd=folder, capture_output=True, text=True, timeout=300
    )
    assert done.returncode == 0, done.stderr[-2000:]
    return [finding_of(nbformat.read(folder / f"{name}.ipynb", as_version=4), name)]


@pytest.mark.rig
def test_three_ways_give_equal_findings(sample: reports.Report, tmp_path: Path) -> None:
    """Shift-Enter on the sample, papermill from elsewhere and our runner state the same, byte for byte."""
    case, results = sample
    with ThreadPoolExecutor(2) as pool:
        clicked = list(pool.map(by_shift_enter, FINDINGS))
        piped = list(pool.map(lambda name: by_papermill(name, case.path, tmp_path), FINDINGS))
    for result, one, two in zip(results, clicked, piped, strict=True):
        wanted = canonical([result.finding])
        assert canonical(one) == wanted, result.notebook
        assert canonical(two) == wanted, result.notebook


@pytest.mark.rig
def test_papermill_refuses_what_the_runner_refuses(tmp_path: Path) -> None:
    """A mistyped name and a wrong type end the command, with our sentence and no trace of Python's."""
    command = [sys.executable, "-m", "papermill", str(shipped.notebooks() / "09-unseen.ipynb"), "out.ipynb"]
    for given, said in (
        (["-p", "shov_values", "true"], "has no parameter 'shov_values'. Did you mean 'show_values'?"),
        (["-p", "show_values", "maybe"], "must be true or false, not 'maybe'"),
    ):
        done = subprocess.run([*command, *given], cwd=tmp_path, capture_output=True, text=True, timeout=300)
        assert done.returncode != 0
        nb = nbformat.read(tmp_path / "out.ipynb", as_version=4)
        (fault,) = [o for c in nb.cells for o in c.get("outputs", []) if o.output_type == "error"]
        assert said in fault.evalue
        assert len(fault.traceback) == 1 and said in fault.traceback[0]


@pytest.fixture
def fresh(monkeypatch: pytest.MonkeyPatch) -> None:
    """As in a process in which no notebook has started yet."""
    monkeypatch.setattr("promptrail.notebook._started", set())


@pytest.mark.usefixtures("fresh")
def test_only_the_first_start_takes_plain_variables_for_parameters(sample: reports.Report) -> None:
    """Later a notebook has variables of its own, and running its first cells again must still work."""
    case = sample.case
    given = {"case": str(case.path), "In": [], "_i": "x", "start": start}
    with pytest.raises(ParameterError, match="no parameter 'top'"):
        start("09-unseen", given | {"top": 3})
    assert start("09-unseen", given).case.name == "sample"
    assert start("09-unseen", given | {"top": 3}).case.name == "sample"


@pytest.mark.usefixtures("fresh")
@pytest.mark.parametrize("given", [True, "true", "True"])
def test_papermills_texts_are_taken_by_their_type(sample: reports.Report, given: object) -> None:
    """`-p show_values true` arrives as the text "true"."""
    case = sample.case
    page = start("09-unseen", {"case": str(case.path), "show_values": given})
    assert page.finding().finding.parameters["show_values"] is True


@pytest.mark.usefixtures("fresh")
def test_a_case_sets_defaults_that_a_notebook_can_override(tmp_path: Path) -> None:
    """`[parameters]` in case.toml is used where the notebook was given nothing else."""
    case = reports.copy_of_sample(tmp_path / "sample")
    with open(case.path / "case.toml", "a", encoding="utf-8") as out:
        out.write("" if "[parameters]" in (case.path / "case.toml").read_text() else "\n[parameters]\n")
    text = (case.path / "case.toml").read_text(encoding="utf-8")
    (case.path / "case.toml").write_text(
        text.replace("[parameters]", '[parameters]\nrun = "before-c1-*"'), encoding="utf-8"
    )
    assert start("09-unseen", {"case": str(case.path)}).finding().finding.parameters["run"] == "before-c1-*"
    assert (
        start("09-unseen", {"case": str(case.path), "run": "after-*"}).finding().finding.parameters["run"]
        == "after-*"
    )


@pytest.mark.usefixtures("fresh")
def test_the_default_is_the_sample_from_anywhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where no data/sample lies, the shipped one is opened; any other path must be a case."""
    monkeypatch.chdir(tmp_path)
    assert start("09-unseen", {"case": "data/sample"}).case.path == shipped.sample().resolve()
    with pytest.raises(CaseError, match="promptrail case new"):
        start("09-unseen", {"case": "data/other"})


@pytest.mark.usefixtures("fresh")
def test_a_notebook_waits_for_one_that_makes_the_same_frames(tmp_path: Path) -> None:
    """Two notebooks opened at once on a new case: the second waits for the lock instead of failing."""
    case = reports.copy_of_sample(tmp_path / "sample")
    with ThreadPoolExecutor(1) as pool:
        with case.locked():
            second = pool.submit(start, "09-unseen", {"case": str(case.path)})
            with pytest.raises(TimeoutError):
                second.result(timeout=1)
        assert second.result(timeout=60).case.name == "sample"


@pytest.mark.parametrize("name", list(FINDINGS))
@pytest.mark.usefixtures("fresh")
def test_a_page_counts_the_runs_that_its_finding_counts(sample: reports.Report, name: str) -> None:
    """Figures and tables are drawn from the very runs that the sentence speaks about."""
    case = sample.case
    page = start(name, {"case": str(case.path)})
    assert len(page._view.runs) == page.finding().finding.facts["runs"]


@pytest.mark.rig
def test_a_bare_frame_in_a_notebook_is_masked(sample: reports.Report, tmp_path: Path) -> None:
    """Whoever shows a frame without thinking shows no token and no identifier: not in HTML, not as plain text."""
    case = sample.case
    identifier = next(p.text for p in case.declared_probes if p.kind == "identifier")
    nb = read("09-unseen")
    for source in (
        "page.case.flows",
        "page.case.sightings[['text', 'url']].tail(60)",
        "page.case.probes['text']",
    ):
        nb.cells.append(nbformat.v4.new_code_cell(source))
    nbformat.write(nb, tmp_path / "frames.ipynb")
    command = [sys.executable, "-m", "papermill", "frames.ipynb", "out.ipynb", "-p", "case", str(case.path)]
    subprocess.run(command, cwd=tmp_path, check=True, capture_output=True, timeout=300, env=os.environ)
    text = (tmp_path / "out.ipynb").read_text(encoding="utf-8")
    assert "Bearer" in case.flows["request_headers"].map(str).str.cat()
    assert identifier not in text.replace("<wbr>", "")
    assert TOKEN not in text and "[withheld: " in text
