"""A notebook in a real JupyterLab: opened, run by Shift-Enter, its figures drawn."""

import shutil
from pathlib import Path

import pytest

from promptrail import shipped
from promptrail.report import chromium
from rigs.jupyterlab import run_by_hand
from rigs.needs import missing_rig

pytestmark = [pytest.mark.rig, pytest.mark.long]


def test_shift_enter_draws_the_figures(tmp_path: Path) -> None:
    """Every cell of notebook 01 ran, two figures are drawn, and the verdict stands there, with the defaults alone."""
    if not chromium.find():
        missing_rig("no Chromium on this machine: apt-get install chromium")
    notebooks = tmp_path / "notebooks"
    shutil.copytree(shipped.notebooks(), notebooks)
    seen = run_by_hand(notebooks, "01-prompt-to-host", tmp_path)
    assert "[16]:" in seen["prompts"] and "[*]" not in seen["prompts"], seen
    assert seen["pictures"] >= 2 and seen["blocks"] >= 10
    assert (
        "● supported" in seen["text"]
        and "prompt-to-host: supported." in seen["text"]
        and "Traceback" not in seen["text"]
    )
