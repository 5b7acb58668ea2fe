"""`promptrail hook` in a process of its own, as people run it: agents in, the records that they wrote out."""

import json
import signal
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Self

from promptrail.case import Case
from rigs.mitmdump import until


class Hook:
    """`with Hook(folder, pid, "native-unpin", ca=...) as hook`: its hooks are live, until `stop()` or the block's end.

    What the command said is `said`; the case that it wrote to is `case`.
    """

    def __init__(
        self, folder: Path, target: int, *agents: str, options: Sequence[str] = (), **parameters: Any
    ) -> None:
        self.case = Case.open(folder) if (folder / "case.toml").exists() else Case.create(folder)
        self.agents, self.said = agents, ""
        self.command = [sys.executable, "-m", "promptrail", "hook", str(target), "--case", str(folder)]
        self.command += ["--agents", *agents, "--because", "our own test process"]
        self.command += ["--parameters", json.dumps(parameters), *options]

    def __enter__(self) -> Self:
        self.process = subprocess.Popen(
            self.command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        )
        assert self.process.stdout is not None
        loaded = 0
        for line in self.process.stdout:
            self.said += line
            loaded += "is loaded" in line
            if loaded == len(self.agents):
                return self
        raise AssertionError(self.said)

    def __exit__(self, *_: object) -> None:
        if self.process.poll() is None:
            assert self.stop() == 0, self.said
            assert self.records("error") == [], "an agent failed on the way"

    def stop(self) -> int:
        """Ctrl-C."""
        self.process.send_signal(signal.SIGINT)
        return self.over()

    def over(self) -> int:
        """Wait until the command has ended."""
        assert self.process.stdout is not None
        self.said += self.process.stdout.read()
        return self.process.wait(60)

    @property
    def log(self) -> Path:
        (file,) = self.case.captures.glob("hook-*/hook.jsonl")
        return file

    def records(self, kind: str | None = None) -> list[dict[str, Any]]:
        """The records, or those of this kind, that are whole on disk so far."""
        lines = self.log.read_bytes().splitlines(keepends=True)
        found = [json.loads(line) for line in lines if line.endswith(b"\n")]
        return [record for record in found if kind in (None, record["k"])]

    def wait_for(self, kind: str) -> None:
        until(lambda: self.records(kind), lambda: self.said)

    def stats(self) -> dict[str, Any]:
        """What the one agent counted, once it has ended."""
        (end,) = self.records("end")
        return dict(end["stats"])
