"""`promptrail open`: copies of the notebooks set to the case, a real JupyterLab on it, and what it leaves alone."""

import asyncio
import json
import os
import re
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import nbformat
import pytest

from promptrail.case import Case
from promptrail.cli import main
from promptrail.errors import CaseError
from promptrail.findings import FINDINGS
from promptrail.report.bench import lay
from promptrail.report.collect import finding_of
from reports import copy_of_sample

ADDRESS = re.compile(r"http://127\.0\.0\.1:(\d+)/lab/tree/notebooks/00-start-here\.ipynb\?token=([0-9a-f]+)")
PATIENCE = 120.0


@pytest.fixture
def sample(tmp_path: Path) -> Case:
    return copy_of_sample(tmp_path / "sample")


def test_every_notebook_is_copied_and_set_to_the_case_above_it(sample: Case) -> None:
    """One copy each, unlike the shipped one in the case's place alone."""
    assert lay(sample).fresh == list(FINDINGS)
    for name in FINDINGS:
        nb = nbformat.read(sample.path / "notebooks" / f"{name}.ipynb", as_version=4)
        (cell,) = [c for c in nb.cells if "parameters" in c.metadata.get("tags", [])]
        assert cell.source.startswith('case: str = ".."  #')


def test_what_somebody_wrote_is_never_overwritten(sample: Case) -> None:
    """An edited copy stays and is named; the others are not touched a second time."""
    lay(sample)
    mine = sample.path / "notebooks" / "03-consent.ipynb"
    mine.write_text("mine")
    assert lay(sample)[1:] == ([], ["03-consent"])
    assert mine.read_text() == "mine"


def test_a_place_that_cannot_be_written_is_told(sample: Case) -> None:
    """A file where the folder should be: one sentence with the way out."""
    (sample.path / "notebooks").write_text("in the way")
    with pytest.raises(CaseError, match=r"notebooks: cannot be written: .* Copy the case"):
        lay(sample)


def test_an_unknown_notebook_is_refused_before_anything_starts(
    sample: Case, capsys: pytest.CaptureFixture[str]
) -> None:
    """With the name that was meant."""
    assert main(["open", str(sample.path), "03-consnet"]) == 1
    assert "Did you mean 03-consent?" in capsys.readouterr().err
    assert not (sample.path / "notebooks").exists()


@pytest.mark.rig
def test_a_copy_runs_by_shift_enter_where_it_lies(sample: Case) -> None:
    """In a kernel that starts beside it, as JupyterLab's does: it opens the case it lies in."""
    from nbclient import NotebookClient

    folder = lay(sample).folder
    nb = nbformat.read(folder / "09-unseen.ipynb", as_version=4)
    at = {"metadata": {"path": str(folder)}}
    asyncio.run(NotebookClient(nb, kernel_name="python3", resources=at, timeout=300).async_execute())
    assert finding_of(nb, "09-unseen")["simulated"] is True
    assert (sample.path / "frames").is_dir()


@pytest.mark.rig
def test_jupyterlab_opens_on_the_case(sample: Case, tmp_path: Path) -> None:
    """A real server on loopback, behind its token, whose root is the case."""
    log = tmp_path / "log"
    command = [sys.executable, "-m", "promptrail", "open", str(sample.path), "--no-browser", "--port", "0"]
    env = os.environ | {"JUPYTER_CONFIG_DIR": str(tmp_path / "config"), "JUPYTER_ALLOW_INSECURE_WRITES": "1"}
    if os.geteuid() == 0:  # JupyterLab refuses root unless it is told so; a person is not root
        (tmp_path / "config").mkdir()
        told = {"ServerApp": {"allow_root": True}}
        (tmp_path / "config" / "jupyter_server_config.json").write_text(json.dumps(told))
    with log.open("wb") as words:
        server = subprocess.Popen(command, stdout=words, stderr=words, env=env, start_new_session=True)
    try:
        end = time.monotonic() + PATIENCE
        while not (found := ADDRESS.search(log.read_text())) and server.poll() is None:
            assert time.monotonic() < end, log.read_text()
            time.sleep(0.2)
        assert found, log.read_text()
        url = f"http://127.0.0.1:{found[1]}/api/contents/notebooks?token={found[2]}"
        with urllib.request.urlopen(url, timeout=30) as answer:
            listed = {row["name"] for row in json.load(answer)["content"]}
    finally:
        server.terminate()
        server.wait(30)
    assert listed == {f"{name}.ipynb" for name in FINDINGS}
    assert "SIMULATED" in log.read_text()
