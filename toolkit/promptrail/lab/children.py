"""Processes that the lab starts: modules of ours that end when their standard input does, and their environment."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from promptrail.errors import RecordingError


def child(arguments: list[str], env: dict[str, str], **streams: Any) -> "subprocess.Popen[bytes]":
    """A module of ours as a process whose standard input ends with us; Ctrl-C in the terminal does not reach it."""
    command = [sys.executable, "-P", "-m", *arguments]
    return subprocess.Popen(command, stdin=subprocess.PIPE, env=env, start_new_session=True, **streams)


def finished(
    app: "subprocess.Popen[bytes]", run: str, log: Path, alive: Callable[[], bool], seconds: float
) -> None:
    """Wait until an app has ended, and end it where it does not, or where `alive` no longer holds for its proxy.

    RecordingError, with the app's last words from its log, unless it ended with 0.
    """
    deadline = time.monotonic() + seconds
    try:
        while (code := app.poll()) is None and alive() and time.monotonic() < deadline:
            time.sleep(0.02)
    finally:
        end(app)
    if code != 0:
        words = "\n  ".join(log.read_text("utf-8", "replace").splitlines()[-8:])
        what = f"ended with exit code {code}" if code is not None else "was stuck or lost its proxy"
        raise RecordingError(f"The app of the run {run} {what}. From {log}:\n  {words}")


@contextmanager
def server(arguments: list[str], env: dict[str, str]) -> Iterator[int]:
    """A server of the lab, for the length of the block; the port that it tells."""
    process = child(arguments, env, stdout=subprocess.PIPE, stderr=None)
    try:
        assert process.stdout
        line = process.stdout.readline()
        if not line:
            raise RecordingError(
                f"The lab's server did not start (exit code {process.wait()}); it said why above."
            )
        yield int(json.loads(line)["port"])
    finally:
        end(process)


def end(child: "subprocess.Popen[bytes]") -> None:
    if child.poll() is None:
        child.kill()
    child.wait()
    for stream in (child.stdin, child.stdout):
        if stream:
            stream.close()


def environment(scratch: Path) -> dict[str, str]:
    """Ours; where Python may not keep what it compiled, the processes of one recording share it in `scratch`.

    Compiling mitmproxy anew takes longer than a whole session of the app.
    """
    env = dict(os.environ)
    if env.pop("PYTHONDONTWRITEBYTECODE", None):
        env["PYTHONPYCACHEPREFIX"] = str(scratch / "compiled")
    return env
