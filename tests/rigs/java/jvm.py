"""A JVM that runs one of the rigs' apps: a line in, a line out; hooks go in while it waits for the next line.

Nothing in it is compiled at run time: a JVM whose code is compiled now and then hangs while hooks are put in. -Xint is
not the way to it: without the thread that sweeps compiled code, a hook that is taken back waits for that thread for
ever. The process is ended by its handle, also where it hangs.
"""

import queue
import subprocess
import threading
from collections.abc import Callable
from types import TracebackType
from typing import Any, Self

from promptrail.device import agents
from rigs.alive import alive
from rigs.mitmdump import PATIENCE, until

INTERPRETED = ("-XX:CompileCommand=quiet", "-XX:CompileCommand=exclude,*::*", "-XX:+ErrorFileToStderr")
"""A JVM that crashes says so in its output and leaves no file behind."""


class Jvm:
    """`with Jvm(class_path, "Main", ...) as app`: it has said READY; `app.ask(line)` is its answer."""

    def __init__(self, class_path: str, *arguments: str, options: tuple[str, ...] = INTERPRETED):
        self.command = ["java", *options, "-cp", class_path, *arguments]
        self.lines: queue.Queue[str] = queue.Queue()

    def __enter__(self) -> Self:
        self.process = subprocess.Popen(
            self.command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        )
        threading.Thread(target=self._read, daemon=True).start()
        try:
            assert self.line() == "READY"
        except BaseException:
            self.end()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, fault: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.end()

    def end(self) -> None:
        self.process.kill()
        self.process.wait(PATIENCE)
        assert self.process.stdin is not None
        self.process.stdin.close()

    def _read(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self.lines.put(line.rstrip("\n"))
        self.lines.put("(it ended)")

    def line(self) -> str:
        try:
            return self.lines.get(timeout=PATIENCE)
        except queue.Empty:
            raise AssertionError("the JVM does not answer") from None

    def ask(self, line: str) -> str:
        assert self.process.stdin is not None
        self.process.stdin.write(line + "\n")
        self.process.stdin.flush()
        return self.line()


ATTACH = 120.0
"""Seconds after which an attach counts as stuck; it takes about one."""


class Hooked:
    """`with Hooked(app, "java-unpin", ca=...) as hooked`: the agent is in the process and its hooks are live.

    `records` are what it sent; `result` is what its init said. After the block it is disposed of and unloaded, and
    `ended` are its last counts.
    """

    def __init__(self, app: Jvm, agent: str, **parameters: Any):
        self.app, self.agent, self.parameters = app, agent, parameters
        self.messages: list[tuple[dict[str, Any], bytes | None]] = []

    def __enter__(self) -> Self:
        # Frida's attach has no limit of its own: it was seen to wait for ever, and a run of all tests with it.
        watchdog = threading.Timer(ATTACH, self.app.process.kill)
        watchdog.start()
        try:
            self.session = agents.frida().attach(self.app.process.pid)
        finally:
            watchdog.cancel()
        self.script = self.session.create_script(agents.load(self.agent).source)
        self.script.on("message", lambda message, data: self.messages.append((message, data)))
        self.script.load()
        try:
            self.result = self.script.exports_sync.init("late", self.parameters)
        except BaseException:
            self.session.detach()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, fault: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is not None:  # what failed may be a JVM that hangs, and would not answer
            self.app.end()
        elif alive(self.app.process.pid):
            self.script.exports_sync.dispose()
            self.ended = self.records("end")[-1]["stats"]
            self.script.unload()
            self.session.detach()

    def until(self, true: Callable[[], object]) -> None:
        """Wait until the agent has sent something."""
        until(true, lambda: str(self.messages[-3:]))

    def records(self, kind: str | None = None) -> list[dict[str, Any]]:
        """The records so far, each with its bytes as `data`."""
        self.script.exports_sync.flush()
        found = []
        for message, data in self.messages:
            assert message["type"] == "send", message
            for record in message["payload"]["records"]:
                if "at" in record:
                    record = record | {"data": (data or b"")[record["at"] : record["at"] + record["length"]]}
                found.append(record)
        return [record for record in found if kind in (None, record["k"])]
