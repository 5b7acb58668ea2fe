"""Which Python on this machine can carry promptrail: nothing in, the path of one that was seen to run out.

It refuses by returning None. Standard library only, any Python from 3.9 on: bootstrap.py imports it before anything
is installed. A candidate is judged by running it, never by its name or place.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

WINDOWS = os.name == "nt"
# By preference. On 3.12 mitmproxy holds typing-extensions back; on 3.14 all resolves, but few run it yet.
SUPPORTED = ((3, 13), (3, 12), (3, 14))
# What the caller has set for his own Python, and what would lead ours astray.
FOREIGN = ("VIRTUAL_ENV", "PYTHONHOME", "PYTHONPATH", "__PYVENV_LAUNCHER__")
# Reports the base interpreter, so that no .venv is made out of another one. Free-threaded builds lack wheels.
PROBE = """
import ctypes, importlib.util as u, json, ssl, sys, sysconfig, venv, zlib
fit = sys.implementation.name == "cpython" and not sysconfig.get_config_var("Py_GIL_DISABLED")
base = getattr(sys, "_base_executable", None) or sys.executable
print(json.dumps([sys.version_info[:2] if fit else (0, 0), base, u.find_spec("ensurepip") is not None]))
"""


class Interpreter(NamedTuple):
    version: tuple[int, int]
    path: str
    """The base interpreter, where the one that was asked belongs to a venv."""
    has_pip: bool
    """It can put pip into a venv. Debian's python3 cannot until python3-venv is installed."""


def own_environment() -> dict[str, str]:
    """The environment for everything that is started; PIP_ and UV_ settings in it are the user's and stay."""
    return {name: value for name, value in os.environ.items() if name not in FOREIGN}


def probe(*command: str) -> Interpreter | None:
    """The interpreter behind a command; None where it does not run, or is none that we support."""
    try:
        # pyenv's shims exist for every version ever installed, and exit with 127 for those not selected.
        out = subprocess.run(
            [*command, "-I", "-c", PROBE], env=own_environment(), capture_output=True, timeout=30
        )
        version, base, has_pip = json.loads(out.stdout)
    except (OSError, ValueError, subprocess.SubprocessError):
        return None
    return Interpreter((version[0], version[1]), base, has_pip) if tuple(version) in SUPPORTED else None


def on_path() -> list[Path]:
    return [Path(entry) for entry in os.environ.get("PATH", "").split(os.pathsep) if entry]


def home() -> Path:
    return Path(os.path.expanduser("~"))


def collections() -> Iterator[Path]:
    """Folders that hold one Python a subfolder: pyenv's (behind its shims), and uv's own."""
    if os.environ.get("PYENV_ROOT"):
        yield Path(os.environ["PYENV_ROOT"], "versions")
    # Another HOME does not hide pyenv: its shims stay on PATH, and the versions lie beside them.
    yield from (folder.parent / "versions" for folder in on_path() if folder.name == "shims")
    yield home() / ".pyenv" / "versions"
    if os.environ.get("UV_PYTHON_INSTALL_DIR"):
        yield Path(os.environ["UV_PYTHON_INSTALL_DIR"])
    yield Path(os.environ.get("XDG_DATA_HOME") or home() / ".local" / "share", "uv", "python")
    yield Path(os.environ.get("APPDATA") or home(), "uv", "python")


def candidates() -> Iterator[tuple[str, ...]]:
    """Commands that may start a Python, the likeliest first."""
    yield (sys.executable,)
    names = [*(f"python{major}.{minor}" for major, minor in SUPPORTED), "python3", "python"]
    for folder in [*on_path(), Path("/usr/local/bin"), Path("/opt/homebrew/bin")]:
        for name in names:
            program = folder / (f"{name}.exe" if WINDOWS else name)
            if program.is_file():
                yield (str(program),)
    if WINDOWS:
        yield from (("py", f"-{major}.{minor}") for major, minor in SUPPORTED)
    for root in collections():
        for pattern in ("*/python.exe",) if WINDOWS else ("*/bin/python3", "*/bin/python"):
            yield from ((str(program),) for program in sorted(root.glob(pattern), reverse=True))


def find_python(uv: str | None) -> Interpreter | None:
    """The best that runs. One that cannot bring pip counts only where there is a uv to do without."""
    found: dict[tuple[int, int], Interpreter] = {}
    for command in dict.fromkeys(candidates()):
        interpreter = probe(*command)
        if interpreter and (interpreter.has_pip or uv):
            found.setdefault(interpreter.version, interpreter)
            if interpreter.version == SUPPORTED[0]:
                break
    return next((found[version] for version in SUPPORTED if version in found), None)


def find_uv() -> str | None:
    """A uv that runs: on PATH, or where its own installer puts it."""
    for folder in [*on_path(), home() / ".local" / "bin", home() / ".cargo" / "bin"]:
        program = folder / ("uv.exe" if WINDOWS else "uv")
        if program.is_file():
            try:
                out = subprocess.run(
                    [str(program), "--version"], env=own_environment(), capture_output=True, timeout=30
                )
            except (OSError, subprocess.SubprocessError):
                continue
            if out.returncode == 0 and out.stdout.startswith(b"uv "):
                return str(program)
    return None
