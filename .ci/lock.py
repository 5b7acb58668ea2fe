"""pyproject.toml in, requirements.lock (with hashes) and constraints.txt (without) out.

Called as `.venv/bin/python .ci/lock.py` after `python3 bootstrap.py test` has made the environment.
Arguments go to `uv pip compile`, as --upgrade or --upgrade-package NAME. It refuses with uv's own words where the
dependencies cannot be satisfied together.
"""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
COMPILE = "uv pip compile --universal --python-version 3.12 --extra all --extra dev --generate-hashes"
# One file for Linux, macOS and Windows; no index address in it, which would name the mirror of whoever made it.
COMPILE += " --no-emit-index-url --no-header --quiet pyproject.toml -o requirements.lock"


def constraints(lock: str) -> str:
    """The lock without hashes and remarks. pip refuses `-e .` beside any hash, so environment.yml needs this one."""
    lines = [line for line in lock.splitlines() if line and line[0] not in " #"]
    return "".join(line.removesuffix("\\").rstrip() + "\n" for line in lines)


if __name__ == "__main__":
    uv = Path(sys.executable).with_name("uv.exe" if sys.platform == "win32" else "uv")
    code = subprocess.call([uv, *COMPILE.split()[1:], *sys.argv[1:]], cwd=ROOT)
    if code:
        sys.exit(code)
    lock = (ROOT / "requirements.lock").read_text(encoding="utf-8")
    (ROOT / "constraints.txt").write_bytes(constraints(lock).encode())
