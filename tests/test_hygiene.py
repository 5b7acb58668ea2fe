"""What every tracked file keeps to: size, name, line ends, no address of a registry, notebooks without a past."""

import ast
import json
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tracked import ROOT, tracked

LONGEST = 300
VAGUE = {"common", "helpers", "helper", "manager", "misc", "stuff", "tools", "util", "utils"}
BINARY = {".gz", ".mitm", ".pack", ".parquet", ".pdf", ".png"}
# Hosts that serve packages: an install must not depend on whose mirror wrote a file.
REGISTRY = re.compile(
    r"(?:pypi|npmjs|python[h]osted|anaconda)\.org|registry\.[a-z]+\.(?:com|org|io)|/simple/?\s"
)


FILES = tracked()
TEXTS = [file for file in FILES if file.suffix not in BINARY and "sample" not in file.parts]
PYTHON = [file for file in FILES if file.suffix == ".py"]
NOTEBOOKS = [file for file in FILES if file.suffix == ".ipynb"]


def shown(files: list[Path]) -> list[str]:
    return [str(file.relative_to(ROOT)) for file in files]


def test_no_source_file_is_longer_than_one_sitting() -> None:
    """A file that does one thing fits in 300 lines."""
    assert shown([f for f in PYTHON if len(f.read_text("utf-8").splitlines()) > LONGEST]) == []


def test_every_source_file_says_what_it_is_for() -> None:
    """Its docstring begins with a sentence; packages that only hold others are no exception."""
    silent = [f for f in PYTHON if not (ast.get_docstring(ast.parse(f.read_text("utf-8"))) or "").strip()]
    assert shown([file for file in silent if file.read_text("utf-8").strip()]) == []


def test_every_test_states_its_claim() -> None:
    """A test function has a docstring: what it would mean if it failed."""
    silent = [
        f"{file.relative_to(ROOT)}:{node.lineno} {node.name}"
        for file in PYTHON
        if file.name.startswith("test_")
        for node in ast.walk(ast.parse(file.read_text("utf-8")))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        if node.name.startswith("test_") and not ast.get_docstring(node)
    ]
    assert silent == []


def test_names_say_what_is_inside() -> None:
    """No file or folder is called after what it is not."""
    parts = {part.lower().split(".")[0] for file in FILES for part in file.relative_to(ROOT).parts}
    assert parts & VAGUE == set()


def test_line_ends_are_lf() -> None:
    """Hashes of notebooks and evidence are over bytes, so a checkout has the same bytes everywhere."""
    assert shown([file for file in TEXTS if b"\r\n" in file.read_bytes()]) == []
    assert "* text=auto eol=lf" in (ROOT / ".gitattributes").read_text("utf-8")


def test_no_address_of_a_registry() -> None:
    """Where packages come from is the installer's choice and stands in no file of ours."""
    files = [file for file in TEXTS if file != Path(__file__) and "data" not in file.relative_to(ROOT).parts]
    found = [file for file in files if REGISTRY.search(file.read_text("utf-8", "replace"))]
    assert shown(found) == []


def test_nothing_that_an_investigation_made_is_tracked() -> None:
    """Cases, reports and keys stay with the investigator."""
    paths = [file.relative_to(ROOT) for file in FILES]
    assert [p for p in paths if p.parts[:2] in (("data", "cases"), ("data", "reports"))] == []
    assert [p for p in paths if p.suffix in {".key", ".p12", ".pem"} or "private" in p.parts[:-1]] == []


@pytest.mark.parametrize("name", [".venv/x", "data/cases/x/case.toml", "promptrail-demo/case/case.toml"])
def test_git_ignores_what_we_make(name: str, tmp_path: Path) -> None:
    """What bootstrap.py, the demo and an investigation write into a checkout never shows up as a change."""
    subprocess.run(["git", "init", "--quiet", tmp_path], check=True)
    shutil.copy(ROOT / ".gitignore", tmp_path)
    assert subprocess.run(["git", "check-ignore", "--quiet", name], cwd=tmp_path).returncode == 0


def notebook_faults(notebook: dict[str, Any]) -> list[str]:
    """What a committed notebook must not carry, and what it must."""
    cells = notebook["cells"]
    ids = [cell.get("id") for cell in cells]
    code = [cell for cell in cells if cell["cell_type"] == "code"]
    faults = {
        "outputs": any(cell["outputs"] for cell in code),
        "execution counts": any(cell["execution_count"] is not None for cell in code),
        "papermill's record": "papermill" in notebook["metadata"],
        "timings": any({"papermill", "execution"} & cell["metadata"].keys() for cell in cells),
        "ids missing or not unique": None in ids or len(set(ids)) < len(ids),
        "kernel is not python3": notebook["metadata"].get("kernelspec", {}).get("name") != "python3",
        "not one parameters cell": sum("parameters" in c["metadata"].get("tags", []) for c in cells) != 1,
    }
    return [fault for fault, there in faults.items() if there]


@pytest.mark.parametrize("file", NOTEBOOKS, ids=lambda file: file.name)
def test_notebooks_are_committed_before_they_ran(file: Path) -> None:
    """No outputs, counts or timings; kernel python3; unique ids; one cell of parameters."""
    assert notebook_faults(json.loads(file.read_text("utf-8"))) == []


def test_an_executed_notebook_is_noticed() -> None:
    """The check above finds each fault in a notebook that has them all."""
    cell = {"cell_type": "code", "outputs": [{}], "execution_count": 1, "metadata": {"papermill": {}}}
    assert len(notebook_faults({"cells": [cell], "metadata": {"papermill": {}}})) == 7


def named_paths(text: str) -> set[str]:
    """Paths in backticks, and the first column of a tree of files."""
    quoted = set(re.findall(r"`([\w.-]+/[\w./-]*|[\w-]+\.(?:lock|md|py|toml|txt|yml))`", text))
    tree = re.search(r"## The house\n\n```\n(.*?)```", text, re.DOTALL)
    above = ""
    for indent, name in re.findall(r"^( *)(\S+)", tree[1] if tree else "", re.MULTILINE):
        above = above if indent else name
        quoted.add(above + name if indent else name)
    return quoted


def test_contributing_names_files_that_exist() -> None:
    """Whoever is told to copy a file finds it."""
    named = named_paths((ROOT / "CONTRIBUTING.md").read_text("utf-8"))
    not_yet = {"addons/frida/"}
    assert len(named) > 30 and {name for name in named if not (ROOT / name).exists()} - not_yet == set()
