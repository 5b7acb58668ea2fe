"""A Chromium of this machine, started without a window: pages in, their DOM or a PDF out.

It draws the still pictures and prints; nothing else needs it. Each start has its own empty profile, asks no network
service for anything, and is ended by its process id when it takes too long.
"""

import contextlib
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from promptrail.errors import MissingTool, NotebookError

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome", "microsoft-edge")
PLACES = (
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
    r"C:\Program Files\Google\Chrome\Application\chrome.exe",
    r"C:\Program Files (x86)\Microsoft\Edge\Application\msedge.exe",
)
VARIABLE = "PROMPTRAIL_CHROMIUM"
"""Environment variable that names the program to use; empty: act as if there were none."""
QUIET = (
    "--headless",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-default-apps",
    "--disable-extensions",
    "--hide-scrollbars",
)
TIMEOUT = 120.0


def find() -> str | None:
    """The program, or None where this machine has none."""
    if (named := os.environ.get(VARIABLE)) is not None:
        return named or None
    for name in NAMES:
        if path := shutil.which(name):
            return path
    return next((p for p in PLACES if Path(p).is_file()), None)


@contextlib.contextmanager
def running(
    *arguments: str,
    before: Sequence[str] = (),
    stdin: int = subprocess.DEVNULL,
    stderr: Any = subprocess.DEVNULL,
) -> "Iterator[subprocess.Popen[bytes]]":
    """A Chromium with an empty profile of its own, ended with all that it started when this is left.

    `before` stands before its command. MissingTool without one.
    """
    program = find()
    if program is None:
        raise MissingTool(
            "no Chromium on this machine: it draws still pictures and prints PDF. Install the package chromium, "
            f"or name the program in {VARIABLE}. The pages work without it."
        )
    sandbox = ["--no-sandbox"] if hasattr(os, "geteuid") and os.geteuid() == 0 else []
    with tempfile.TemporaryDirectory(prefix="promptrail-", ignore_cleanup_errors=True) as profile:
        try:
            process = subprocess.Popen(
                [*before, program, *QUIET, *sandbox, f"--user-data-dir={profile}", *arguments],
                stdin=stdin,
                stdout=subprocess.PIPE,
                stderr=stderr,
                env=os.environ | {"XDG_CONFIG_HOME": profile},
                start_new_session=True,
            )
        except OSError as fault:
            raise MissingTool(f"{program}: cannot be started: {fault.strerror}. Install chromium.") from fault
        with process:
            try:
                yield process
            finally:
                _end(process)


def start(*arguments: str, timeout: float = TIMEOUT) -> str:
    """What Chromium writes to stdout. MissingTool without one; NotebookError where it fails or takes too long."""
    with tempfile.TemporaryFile() as errors:
        with running(*arguments, stderr=errors) as process:
            try:
                out, _ = process.communicate(timeout=timeout)
            except subprocess.TimeoutExpired as fault:
                raise late(timeout) from fault
        if process.returncode:
            errors.seek(0)
            last = errors.read().decode("utf-8", "replace").strip().splitlines()[-1:] or ["no message"]
            raise NotebookError(
                f"{find()}: ended with {process.returncode}: {last[0]}. Run it by hand to see why."
            )
    return out.decode("utf-8", "replace")


def late(timeout: float) -> NotebookError:
    """What is said of a browser that was ended because it took too long."""
    return NotebookError(
        f"{find()}: not done after {timeout:.0f} s and ended. Try again on a quieter machine, or run without PDF."
    )


def _end(process: "subprocess.Popen[bytes]") -> None:
    """End the browser and what it started: it leads a session of its own."""
    if process.poll() is not None:
        return
    with contextlib.suppress(ProcessLookupError, PermissionError):
        if sys.platform == "win32":
            process.kill()
        else:
            os.killpg(process.pid, signal.SIGKILL)
    process.wait()
