"""The wheel: what is in it, and that it works outside any checkout, for analysis without mitmproxy and Frida too."""

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from tracked import ROOT, copy_checkout, tracked

SHIPPED = {
    "toolkit/promptrail": "",
    "notebooks": "_shipped/",
    "addons": "_shipped/",
    "data/claims": "_shipped/",
    "data/sample": "_shipped/",
    "data/scenarios": "_shipped/",
}
BLOCKER = """
import sys

class Blocker:
    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] in {"frida", "frida_tools", "jupyterlab", "mitmproxy", "mitmproxy_rs"}:
            raise ModuleNotFoundError(f"No module named {name!r} (blocked by the test)", name=name)

sys.meta_path.insert(0, Blocker())
"""


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Built from a copy in which an investigator has been at work."""
    checkout = copy_checkout(tmp_path_factory.mktemp("checkout"))
    for stray in (
        "data/cases/secret/case.toml",
        "notebooks/.ipynb_checkpoints/x.ipynb",
        "addons/node_modules/x.js",
    ):
        (checkout / stray).parent.mkdir(parents=True)
        (checkout / stray).write_text("not for anybody else")
    built = tmp_path_factory.mktemp("wheel")
    # The backend itself and not `pip wheel`: the lock brought it, and no network is needed.
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", built], cwd=checkout, check=True
    )
    (file,) = built.glob("*.whl")
    return file


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder that holds the installed wheel and nothing else; PYTHONPATH puts it before the checkout."""
    target = tmp_path_factory.mktemp("installed")
    install = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--target"]
    subprocess.run([*install, str(target), str(wheel)], check=True)
    return target


def run(installed: Path, *arguments: object, cwd: Path) -> str:
    """What a Python that imports the installed wheel prints; its processes inherit the same."""
    environ = {**os.environ, "PYTHONPATH": str(installed)}
    command = [sys.executable, *map(str, arguments)]
    done = subprocess.run(command, cwd=cwd, env=environ, capture_output=True, encoding="utf-8")
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_it_holds_what_is_tracked_and_nothing_else(wheel: Path) -> None:
    """Package, notebooks, addons, claims, sample and licence; no case of the builder, no checkpoint or node_modules."""
    expected = {
        f"promptrail/{inside}{name.removeprefix('toolkit/promptrail/') if not inside else name}"
        for file in tracked()
        for folder, inside in SHIPPED.items()
        if (name := file.relative_to(ROOT).as_posix()).startswith(f"{folder}/")
    }
    names = set(zipfile.ZipFile(wheel).namelist())
    meta = {name for name in names if ".dist-info/" in name}
    assert names - meta == expected
    assert any(name.endswith("licenses/LICENSE") for name in meta)


def test_it_finds_what_it_ships(installed: Path, tmp_path: Path) -> None:
    """Outside any checkout `shipped` points into the installed package, and there the files are."""
    code = "import promptrail.shipped as s; print(s.checkout(), s.notebooks(), s.addons())"
    checkout, notebooks, addons = run(installed, "-c", code, cwd=tmp_path).split()
    assert checkout == "None" and Path(notebooks).is_relative_to(installed)
    assert (Path(notebooks) / "00-start-here.ipynb").is_file() and (Path(addons) / "capture.py").is_file()


def test_a_checkout_uses_its_own_folders() -> None:
    """In a checkout the folders beside toolkit/ are used, so an edited notebook is the one that runs."""
    code = "import promptrail.shipped as s; print(s.notebooks())"
    assert run(ROOT / "toolkit", "-c", code, cwd=ROOT).strip() == str(ROOT / "notebooks")


def test_its_command_line_starts(installed: Path, tmp_path: Path) -> None:
    """`python -m promptrail --help` works from the wheel and names the demo."""
    assert "demo" in run(installed, "-m", "promptrail", "--help", cwd=tmp_path)


def test_analysis_without_mitmproxy_and_frida(installed: Path, tmp_path: Path) -> None:
    """case new, import, probe add, trace and run work where neither can be imported, in the kernels too."""
    (installed / "sitecustomize.py").write_text(BLOCKER)
    try:
        assert "work" in run(installed, ROOT / ".ci" / "core_only.py", cwd=tmp_path)
    finally:
        (installed / "sitecustomize.py").unlink()


@pytest.mark.rig
def test_the_demo_runs_from_the_wheel(installed: Path, tmp_path: Path) -> None:
    """An installed wheel outside any checkout records the simulated app and makes the report."""
    run(installed, "-m", "promptrail", "demo", "--no-pdf", "--out", tmp_path / "out", cwd=tmp_path)
    reports = tmp_path / "out" / "case" / "reports"
    assert (reports / "findings.json").is_file() and list(reports.glob("*.html"))
