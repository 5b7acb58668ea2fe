"""The agents' own TypeScript, run in a process of ours that only waits: a file beside this one in, its exports out."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from promptrail.device.agents import frida

ROOT = Path(__file__).resolve().parents[3]


def built(name: str) -> str:
    """A script of this folder, compiled with the parts of the agents that it imports."""
    file = Path(__file__).with_name(f"{name}.ts").relative_to(ROOT)
    return str(frida().Compiler().build(str(file), project_root=str(ROOT)))


@contextmanager
def probe(name: str) -> Iterator[Any]:
    """What the script exports, as long as the block lasts."""
    waiting = [sys.executable, "-c", "print(1, flush=True); input()"]
    child = subprocess.Popen(waiting, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    try:
        assert child.stdout is not None and child.stdout.readline() == b"1\n"
        session = frida().attach(child.pid)
        script = session.create_script(built(name))
        script.load()
        yield script.exports_sync
    finally:
        child.kill()
        child.communicate()
