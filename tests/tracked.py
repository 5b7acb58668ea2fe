"""The files of the repository: nothing in, their paths out, also where it was unpacked without git."""

import shutil
import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
LEFT_OUT = {
    ".git",
    ".hypothesis",
    ".mypy_cache",
    ".pytest_cache",
    ".ruff_cache",
    ".venv",
    "__pycache__",
    "node_modules",
}


def tracked() -> list[Path]:
    """Committed or about to be, sorted; ignored files are not among them."""
    command = ["git", "ls-files", "-co", "--exclude-standard", "-z"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    if done.returncode:
        return sorted(p for p in ROOT.rglob("*") if p.is_file() and not LEFT_OUT & set(p.parts))
    return sorted(path for name in done.stdout.split("\0") if name and (path := ROOT / name).is_file())


def copy_checkout(target: Path) -> Path:
    """The same files elsewhere: for tests that build, install or spoil."""
    for file in tracked():
        beside = target / file.relative_to(ROOT)
        beside.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(file, beside)
    return target
