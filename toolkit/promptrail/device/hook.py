"""A Frida session on one process: agents in, their records out as lines of hook.jsonl in a run of the case.

Refuses what cannot be attached to, in one sentence. A target that ends is no fault of the log: what it sent until then
is on disk, and a run whose agents did not say that they ended is told to be incomplete.
"""

import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from promptrail.case import Case
from promptrail.device.agents import Agent, frida, load
from promptrail.device.hook_writer import HookLog
from promptrail.errors import RecordingError

STAGE = "late"
"""What frida-tools tells an agent that is loaded into a running process."""


class Target(NamedTuple):
    pid: int
    name: str


def find(target: str) -> Target:
    """The process that a pid or a name means; RecordingError if there is none, or more than one of that name."""
    device = frida().get_local_device()
    running = [Target(p.pid, p.name) for p in device.enumerate_processes()]
    fits = [t for t in running if (str(t.pid) == target if target.isdigit() else t.name == target)]
    if not fits:
        raise RecordingError(f"no process {target!r} is running here. Start the app first, or give its pid.")
    if len(fits) > 1:
        pids = ", ".join(str(t.pid) for t in fits)
        raise RecordingError(f"{len(fits)} processes are called {target!r}: {pids}. Give the pid of one.")
    return fits[0]


class Hooked:
    """`with Hooked(folder, target, agents) as session`: hooks are live until the block ends.

    `live`: all hooks were set. `gone` is set when the target, or the disk, ended the session before us; `reason` says
    which.
    """

    def __init__(
        self,
        folder: Path,
        target: Target,
        agents: Sequence[Agent],
        parameters: dict[str, Any] | None = None,
        say: Callable[[str], None] = lambda line: None,
    ) -> None:
        self.folder, self.target, self.agents = folder, target, agents
        self.parameters, self.say = parameters or {}, say
        self.gone = threading.Event()
        self.reason: str | None = None
        self.live = False
        self._scripts: list[Any] = []

    def __enter__(self) -> "Hooked":
        try:
            self._session = frida().get_local_device().attach(self.target.pid)
        except Exception as fault:  # frida's errors share no base but this
            raise RecordingError(
                f"cannot attach to {self.target.name} ({self.target.pid}): {fault}."
            ) from fault
        try:
            self.log = HookLog(self.folder, self.target.pid, lambda: self._lost("the log cannot be written"))
        except OSError as fault:
            self._session.detach()
            raise RecordingError(f"{self.folder}: cannot be written: {fault.strerror}.") from fault
        self._session.on("detached", self._detached)
        try:
            told = [self._load(agent) for agent in self.agents]
            self.live = True
            for agent, found in zip(self.agents, told, strict=True):
                self._tell(agent, found)
            self.say(f"Recording to {self.log.file}")
        except BaseException:
            self._let_go()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self._let_go()

    @property
    def complete(self) -> bool:
        """Whether every agent that can said that it ended, and all was written; known when the session is over."""
        able = {name for name, exports in self._exports if "dispose" in exports}
        return self.log.fault is None and able <= self.log.ended and (bool(able) or self.reason is None)

    def _load(self, agent: Agent) -> Any:
        """Load an agent and set its hooks; what its init says."""
        try:
            script = self._session.create_script(agent.source, name=agent.name)
            script.on("message", lambda message, data: self.log.message(agent.name, message, data))
            script.set_log_handler(
                lambda level, text: self.log.record(agent.name, "message", message={level: text})
            )
            script.load()
            exports = script.list_exports_sync()
            self._scripts.append((script, exports))
            self._start(agent, script, exports)
            return script.exports_sync.init(STAGE, self.parameters) if "init" in exports else None
        except Exception as fault:  # frida's errors share no base but this
            if self.reason is not None:
                return None  # the target ended under our hands: told where the session ends
            raise RecordingError(
                f"{agent.name} could not be loaded into {self.target.name} ({self.target.pid}): {fault}."
            ) from fault

    def _start(self, agent: Agent, script: Any, exports: Sequence[str]) -> None:
        """The record that opens an agent's part of the log, with both clocks at one moment."""
        about: dict[str, Any] = {}
        if "about" in exports:
            before = time.time()
            about = dict(script.exports_sync.about())
            after = time.time()
            if isinstance(mono := about.pop("mono", None), int | float):
                middle = (before + after) / 2
                self.log.clock(agent.name, middle, mono)
                uncertainty = round((after - before) / 2, 6)
                about["clock"] = {
                    "host": middle,
                    "mono": mono,
                    "uncertainty": uncertainty,
                    "name": about.pop("clock", None),
                }
        about |= {"process": self.target.name, "frida": frida().__version__, "sha256": agent.sha256}
        self.log.record(agent.name, "start", parameters=self.parameters, **about)

    def _tell(self, agent: Agent, told: Any) -> None:
        found = told.get("found", []) if isinstance(told, dict) else []
        missing = told.get("missing", []) if isinstance(told, dict) else []
        where = f"{self.target.name} ({self.target.pid})"
        self.say(f"{agent.name} is loaded into {where}")
        for one in found:
            self.say(f"  hooked in {one.get('module')}: {', '.join(map(str, one.get('functions', [])))}")
        if missing:
            self.say(
                f"  not found in any module of it: {', '.join(map(str, missing))}. Nothing is recorded of them "
                "unless a library that has them is loaded later"
            )

    def _detached(self, reason: str, crash: Any) -> None:
        if reason != "application-requested":
            self._lost(f"{reason}: {crash.summary}" if crash else reason)

    def _lost(self, reason: str) -> None:
        self.reason = self.reason or reason
        self.gone.set()

    def _let_go(self) -> None:
        """Take the hooks back, then the agents out of the target; a target that is gone has neither."""
        self._exports = [
            (agent.name, exports) for agent, (_, exports) in zip(self.agents, self._scripts, strict=False)
        ]
        for script, exports in reversed(self._scripts):
            try:
                if "dispose" in exports:
                    script.exports_sync.dispose()
                script.unload()
            except Exception as fault:  # frida's errors share no base but this
                self._lost(str(fault))
        try:
            self._session.detach()
        except Exception as fault:
            self._lost(str(fault))
        self.log.close()
        if self.log.fault is not None:
            raise RecordingError(
                f"{self.log.file}: cannot be written: {self.log.fault.strerror}. What was written until then is kept; "
                "free space and hook again."
            )


def hook(
    case: Case,
    target: Target,
    agents: Sequence[str],
    seconds: float | None = None,
    parameters: dict[str, Any] | None = None,
    say: Callable[[str], None] = lambda line: None,
) -> Path:
    """Hook until Ctrl-C, the time is over, or the target ends; gives the file that was written, sealed if complete."""
    loaded = [load(agent) for agent in agents]
    folder = case.captures / time.strftime("hook-%Y-%m-%dT%H-%M-%SZ", time.gmtime())
    if folder.exists():
        raise RecordingError(f"{folder}: exists already. Wait a second and hook again.")
    session = Hooked(folder, target, loaded, parameters, say)
    try:
        with session:
            session.gone.wait(seconds)
    except KeyboardInterrupt:  # the way to end it, not a fault
        if not session.live:
            raise
    if not session.complete:
        raise RecordingError(
            f"{target.name} ({target.pid}) ended while it was hooked ({session.reason}), without a word of the agents. "
            f"What they sent until then is in {session.log.file}, and the run is marked incomplete."
        )
    session.log.seal(
        tool={"frida": frida().__version__},
        agents={agent.name: agent.sha256 for agent in loaded},
        target={"pid": target.pid, "process": target.name, "ended": session.reason},
    )
    return session.log.file
