"""Processes that the lab starts: modules of ours that end when their standard input does, and their environment."""

import os
import subprocess
import sys
from pathlib import Path
from typing import Any


def child(arguments: list[str], env: dict[str, str], **streams: Any) -> "subprocess.Popen[bytes]":
    """A module of ours as a process whose standard input ends with us; Ctrl-C in the terminal does not reach it."""
    command = [sys.executable, "-P", "-m", *arguments]
    return subprocess.Popen(command, stdin=subprocess.PIPE, env=env, start_new_session=True, **streams)


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
