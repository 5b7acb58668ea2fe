"""The rule of conftest.py that CI accepts no skip, shown on a suite of three skipping tests."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

SUITE = """
import pytest

def test_skips_itself():
    pytest.skip("no browser here")

@pytest.mark.long
def test_long():
    pass

@pytest.mark.xfail
def test_known_to_fail():
    assert False
"""
MODULE = "import pytest\npytest.importorskip('no_such_module_anywhere')\ndef test_nothing(): pass\n"


def outcome(folder: Path, *, ci: bool) -> tuple[int, str]:
    """(exit code, closing line) of pytest on the suite, under our conftest."""
    conftest = Path(__file__).with_name("conftest.py").read_text(encoding="utf-8")
    (folder / "conftest.py").write_text(conftest, encoding="utf-8")
    (folder / "pytest.ini").write_text("[pytest]\nmarkers =\n  long\n  needs_shared\n", encoding="utf-8")
    environ = {**os.environ, "CI": "true" if ci else ""}
    command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", str(folder)]
    done = subprocess.run(command, cwd=folder, env=environ, capture_output=True, text=True)
    return done.returncode, done.stdout.strip().splitlines()[-1]


@pytest.mark.parametrize(("ci", "code", "line"), [(True, 1, "2 failed"), (False, 0, "2 skipped")])
def test_ci_fails_on_a_skip(tmp_path: Path, ci: bool, code: int, line: str) -> None:
    """A test that skips itself, or is expected to fail, fails in CI and only there; `long` stays what it is."""
    (tmp_path / "test_suite.py").write_text(SUITE, encoding="utf-8")
    returned, closing = outcome(tmp_path, ci=ci)
    assert returned == code and line in closing and ("1 xfailed" in closing) is not ci, closing


def test_ci_fails_on_a_module_that_skips_itself(tmp_path: Path) -> None:
    """importorskip at the top of a file takes its tests away before they have a name; CI sees that, too."""
    (tmp_path / "test_module.py").write_text(MODULE, encoding="utf-8")
    assert outcome(tmp_path, ci=True)[0] not in (0, 5)
