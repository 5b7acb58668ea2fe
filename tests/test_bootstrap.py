"""bootstrap.py in copies of the checkout: what it hands over, what it makes again, and its one sentence when it cannot.

The copies get no network: the package index is a closed port on loopback.
"""

import ast
import json
import os
import socket
import subprocess
import sys
from pathlib import Path

import bootstrap
import find_python
import pytest

from tracked import ROOT, copy_checkout

STUB = """#!/bin/sh
echo "$@"
echo "virtual=$VIRTUAL_ENV pythonpath=$PYTHONPATH pythonhome=$PYTHONHOME pip=$PIP_INDEX_URL"
echo "path=$PATH"
echo "cwd=$PWD"
exit 7
"""


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    return copy_checkout(tmp_path / "checkout")


@pytest.fixture
def cut_off(tmp_path: Path) -> dict[str, str]:
    """An environment with an empty home and caches, in which every index is a port where nobody listens."""
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        index = f"http://127.0.0.1:{closed.getsockname()[1]}/"
    home = tmp_path / "home"
    home.mkdir()
    kept = {
        k: v for k, v in os.environ.items() if not k.startswith(("PIP_", "UV_", "PYTHON", "VIRTUAL", "XDG_"))
    }
    return {
        **kept,
        "HOME": str(home),
        "PIP_CONFIG_FILE": os.devnull,
        "PIP_INDEX_URL": index,
        "PIP_RETRIES": "0",
        "UV_CACHE_DIR": str(home / "cache"),
        "UV_DEFAULT_INDEX": index,
        "UV_HTTP_RETRIES": "0",
        "UV_NO_CONFIG": "1",
        "UV_PYTHON_DOWNLOADS": "never",
    }


def call(checkout: Path, *arguments: str, **options: object) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, str(checkout / "bootstrap.py"), *arguments]
    return subprocess.run(command, capture_output=True, text=True, stdin=subprocess.DEVNULL, **options)  # type: ignore[call-overload, no-any-return]


def sentence(done: subprocess.CompletedProcess[str]) -> str:
    """The last line of a call that failed: one sentence, no traceback, a code that is not 0."""
    assert done.returncode == 1 and "Traceback" not in done.stderr, done.stderr
    said = [line for line in done.stderr.splitlines() if line.startswith("bootstrap.py: ")]
    assert len(said) == 1 and done.stderr.splitlines()[-1] == said[0], done.stderr
    return said[0]


def finished(checkout: Path) -> Path:
    """A .venv that counts as ready, whose Python is STUB."""
    python = checkout / ".venv" / "bin" / "python"
    python.parent.mkdir(parents=True)
    python.write_text(STUB)
    python.chmod(0o755)
    code = "import bootstrap; bootstrap.write_stamp(ready=bootstrap.wanted(), whole=str(bootstrap.ROOT))"
    subprocess.run([sys.executable, "-c", code], cwd=checkout, check=True)
    return python


@pytest.mark.parametrize("name", ["bootstrap.py", "find_python.py"])
def test_any_python_from_3_9_on_can_start_it(name: str) -> None:
    """Its grammar is that of 3.9 and it imports the standard library alone: nothing is installed yet."""
    tree = ast.parse((ROOT / name).read_text("utf-8"), feature_version=(3, 9))
    imports = [node for node in ast.walk(tree) if isinstance(node, ast.Import | ast.ImportFrom)]
    names = {n.module or "" for n in imports if isinstance(n, ast.ImportFrom)}
    names |= {alias.name for n in imports if isinstance(n, ast.Import) for alias in n.names}
    assert names - sys.stdlib_module_names - {"__future__", "collections.abc", "find_python"} == set()


def test_the_second_call_hands_over_at_once(checkout: Path, cut_off: dict[str, str], tmp_path: Path) -> None:
    """A finished .venv is used as it is: arguments and exit code pass through, and no line is printed."""
    python = finished(checkout)
    done = call(checkout, "demo", "--out", "x y", env=cut_off, cwd=tmp_path)
    assert (done.returncode, done.stderr) == (7, "")
    lines = done.stdout.splitlines()
    assert lines[0] == "-m promptrail demo --out x y"
    assert lines[2].startswith(f"path={python.parent}{os.pathsep}")
    assert lines[3] == f"cwd={tmp_path}", "--out is meant from where the caller stands"


def test_test_runs_pytest_on_two_workers(checkout: Path, cut_off: dict[str, str], tmp_path: Path) -> None:
    """`test` starts pytest in the checkout, from wherever it is called, with the caller's arguments last."""
    finished(checkout)
    lines = call(checkout, "test", "--long", "-k", "har", env=cut_off, cwd=tmp_path).stdout.splitlines()
    assert lines[0] == "-m pytest -n 2 --dist loadfile --long -k har" and lines[3] == f"cwd={checkout}"


def test_the_callers_python_settings_do_not_leak(checkout: Path, cut_off: dict[str, str]) -> None:
    """VIRTUAL_ENV, PYTHONPATH and PYTHONHOME end here; settings of pip and uv are the user's and stay."""
    finished(checkout)
    foreign = {"VIRTUAL_ENV": "/a", "PYTHONPATH": "/b", "PYTHONHOME": sys.base_prefix}
    done = call(checkout, "demo", env={**cut_off, **foreign})
    assert done.stdout.splitlines()[1] == f"virtual= pythonpath= pythonhome= pip={cut_off['PIP_INDEX_URL']}"


@pytest.mark.parametrize("changed", ["requirements.lock", "pyproject.toml"])
def test_a_change_of_what_it_was_made_from_is_noticed(checkout: Path, changed: str) -> None:
    """Another lock or project file makes .venv stale; the same files do not."""
    finished(checkout)
    ready = [sys.executable, "-c", "import bootstrap as b; print(b.ready(b.wanted()))"]
    assert subprocess.check_output(ready, cwd=checkout, text=True) == "True\n"
    with (checkout / changed).open("a") as file:
        file.write("\n# changed\n")
    assert subprocess.check_output(ready, cwd=checkout, text=True) == "False\n"


def test_a_half_made_venv_is_made_again(checkout: Path, cut_off: dict[str, str]) -> None:
    """What an interrupted call left is noticed and cleared before .venv is made anew; no network is one sentence."""
    rest = checkout / ".venv" / "lib" / "half.py"
    rest.parent.mkdir(parents=True)
    rest.write_text("cut sh")
    (checkout / ".venv" / "bootstrap.json").write_text('{"making": "x"}')
    done = call(checkout, "test", env=cut_off)
    said = sentence(done)
    assert "half made" in done.stderr and not rest.exists()
    assert "no network" in said and "--offline" in said and "bootstrap.log" in said
    assert json.loads((checkout / ".venv" / "bootstrap.json").read_text()).keys() == {"making"}


@pytest.mark.parametrize("kind", ["file", "folder of something else", "dangling link"])
def test_what_it_did_not_make_is_left_alone(checkout: Path, cut_off: dict[str, str], kind: str) -> None:
    """A .venv that is no environment may be somebody's: it is named, and nothing in it is removed."""
    venv = checkout / ".venv"
    if kind == "file":
        venv.write_text("notes")
    elif kind == "dangling link":
        venv.symlink_to(checkout / "elsewhere")
    else:
        (venv / "thesis").mkdir(parents=True)
    assert str(venv) in sentence(call(checkout, "demo", env=cut_off))
    assert os.path.lexists(venv) and (kind != "folder of something else" or (venv / "thesis").is_dir())


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="only Linux has /dev/full")
def test_a_full_disk_is_one_sentence(checkout: Path, cut_off: dict[str, str]) -> None:
    """The system's own "no space left" becomes how much room is wanted, and where."""
    (checkout / ".venv").mkdir()
    (checkout / ".venv" / "bootstrap.json.new").symlink_to("/dev/full")
    assert "about 2 GB" in sentence(call(checkout, "test", env=cut_off))


def test_no_python_to_be_had_is_one_sentence(checkout: Path, cut_off: dict[str, str], tmp_path: Path) -> None:
    """With no Python that fits, no uv and nothing to fetch one with, it says which to install and how."""
    finder = checkout / "find_python.py"
    finder.write_text(finder.read_text().replace("((3, 13), (3, 12), (3, 14))", "((9, 1),)"))
    (tmp_path / "nothing").mkdir()
    said = sentence(call(checkout, "demo", env={**cut_off, "PATH": str(tmp_path / "nothing")}))
    assert "3.12 to 3.14" in said and "python3.13-venv" in said and not (checkout / ".venv").exists()


def test_a_python_that_does_not_run_is_passed_over(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """pyenv's shim for a version that is not selected exits with 127; the version behind it is found and runs."""
    shims, behind = tmp_path / "shims", tmp_path / "versions" / "3.13.0" / "bin"
    shims.mkdir()
    behind.mkdir(parents=True)
    (shims / "python3.13").write_text("#!/bin/sh\nexit 127\n")
    (shims / "python3.13").chmod(0o755)
    (behind / "python3").symlink_to(sys._base_executable)  # type: ignore[attr-defined]
    monkeypatch.setenv("PATH", str(shims))
    monkeypatch.setattr(sys, "executable", str(tmp_path / "gone"))
    offered = [command[0] for command in find_python.candidates()]
    assert offered.index(str(shims / "python3.13")) < offered.index(str(behind / "python3"))
    assert find_python.probe(str(shims / "python3.13")) is None
    assert find_python.probe(str(behind / "python3")) is not None
    assert find_python.find_python(None) is not None


# What the tools really said, each cut to its telling line.
SAID = [
    (
        "error: Failed to fetch: `x`\n  Caused by: dns error: failed to lookup address information",
        "no network",
    ),
    (
        "NewConnectionError(... Failed to establish a new connection: [Errno 111] Connection refused",
        "no network",
    ),
    ("OSError: [Errno 28] No space left on device", "disk ran full"),
    ("failed to copy file from /a to /b: No space left on device (os error 28)", "disk ran full"),
    ("Failed to create directory: Read-only file system (os error 30)", "may not be written"),
    (
        "ERROR: Could not install packages due to an OSError: [Errno 13] Permission denied",
        "may not be written",
    ),
    ("ERROR: THESE PACKAGES DO NOT MATCH THE HASHES FROM THE REQUIREMENTS FILE.", "not the one"),
    ("error: Hash mismatch for `six==1.17.0`", "not the one"),
]


@pytest.mark.parametrize(("said", "advice"), SAID)
def test_what_a_tool_says_becomes_a_remedy(said: str, advice: str) -> None:
    """pip's and uv's words for the usual troubles each lead to the sentence that helps."""
    assert advice in (bootstrap.remedy(said) or "")


def test_other_troubles_get_no_wrong_advice() -> None:
    """What is not known is not guessed at; the log is named instead."""
    assert bootstrap.remedy("error: Failed to build `x`: command 'cc' failed: exit code 130") is None


@pytest.mark.parametrize(
    ("arguments", "code"),
    [(["--help"], 0), ([], 2), (["demonstrate"], 2), (["demo", "--offline", "nowhere"], 1)],
)
def test_a_wrong_call_says_how_it_is_meant(checkout: Path, arguments: list[str], code: int) -> None:
    """Usage without a command, a sentence where --offline has no folder; neither makes a .venv."""
    done = call(checkout, *arguments)
    assert done.returncode == code and ("usage" in done.stdout or "--offline" in done.stderr)
    assert not (checkout / ".venv").exists()


@pytest.mark.long
def test_from_nothing_with_an_empty_home(checkout: Path, tmp_path: Path) -> None:
    """For real: a fresh checkout and an empty home become an environment in which pytest starts."""
    (tmp_path / "home").mkdir()
    done = call(checkout, "test", "--version", env={**os.environ, "HOME": str(tmp_path / "home")})
    assert done.returncode == 0 and "pytest" in done.stdout, done.stderr
