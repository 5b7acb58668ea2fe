"""A Frida session on one process: agents in, their records out as lines of hook.jsonl in a run of the case.

Refuses what cannot be attached to, in one sentence. A target that ends is no fault of the log: what it sent until then
is on disk, and a run whose agents did not say that they ended is told to be incomplete.
"""

import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from promptrail.case import Case
from promptrail.device.agents import Agent, frida, load
from promptrail.device.hook_device import Target, abandon, find
from promptrail.device.hook_faults import told
from promptrail.device.hook_link import Link
from promptrail.device.hook_writer import HookLog
from promptrail.errors import RecordingError

__all__ = ["Hooked", "Target", "find", "hook"]
EARLY, LATE = "early", "late"
"""What frida-tools tells an agent that is loaded into a process before its first instruction, or while it runs."""
ENDING = 5.0
"""Seconds in which the end of a process is told after the end of an agent in it; it takes milliseconds."""
BUSY = (
    "the main thread was computing when Frida entered; Frida does not save its floating-point and vector registers, "
    "so that what it computed at that moment can be wrong"
)
SETTLE = 0.05
"""Seconds between an agent's end and its unloading, for threads that are inside one of its callbacks."""


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
        self._link = Link(self.target, self._seen, self._lost)
        try:
            self.log = HookLog(self.folder, self.target.pid, lambda: self._lost("the log cannot be written"))
        except OSError as fault:
            self._link.close()
            raise RecordingError(f"{self.folder}: cannot be written: {fault.strerror}.") from fault
        try:
            found = [self._load(agent) for agent in self.agents]
            self._link.let_go()
            self.live = True
            if self._link.busy:
                self._seen(BUSY)
            for agent, said in zip(self.agents, found, strict=True):
                self._tell(agent, said)
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
            script = self._link.session.create_script(agent.source, name=agent.name)
            script.on("message", lambda message, data: self.log.message(agent.name, message, data))
            script.set_log_handler(
                lambda level, text: self.log.record(agent.name, "message", message={level: text})
            )
            script.load()
            exports = script.list_exports_sync()
            self._scripts.append((script, exports))
            self._start(agent, script, exports)
            stage = EARLY if self.target.spawned else LATE
            return script.exports_sync.init(stage, self.parameters) if "init" in exports else None
        except Exception as fault:  # frida's errors share no base but this
            if "destroyed" in str(fault):  # said by the script before the session says why
                self.gone.wait(ENDING)
            if self.reason is not None:
                return None  # the target ended under our hands: told where the session ends
            raise told(fault, f"{agent.name} could not be loaded into {self.target}") from fault

    def _start(self, agent: Agent, script: Any, exports: Sequence[str]) -> None:
        """The record that opens an agent's part of the log, with both clocks at one moment."""
        about: dict[str, Any] = {}
        if "about" in exports:
            about, clock = _asked(script)
            if clock is not None:
                self.log.clock(agent.name, clock["host"], clock["mono"])
                about["clock"] = clock
        if (there := about.get("runtime")) not in (None, frida().__version__):
            self.say(
                f"Frida on the device is {there} and this one {frida().__version__}: install the same on both"
            )
        about |= {"process": self.target.name, "frida": frida().__version__, "sha256": agent.sha256}
        self.log.record(agent.name, "start", parameters=self.parameters, **about)

    def _tell(self, agent: Agent, said: Any) -> None:
        found = said.get("found", []) if isinstance(said, dict) else []
        missing = said.get("missing", []) if isinstance(said, dict) else []
        self.say(f"{agent.name} is loaded into {self.target}")
        for one in found:
            self.say(f"  found in {one.get('module')}: {', '.join(map(str, one.get('functions', [])))}")
        if missing:
            self.say(
                f"  not found in any module of it: {', '.join(map(str, missing))}. Nothing is recorded of them "
                "unless a library that has them is loaded later"
            )

    def _seen(self, event: str) -> None:
        """Something about the link itself, as an event of the run."""
        self.say(event)
        self.log.record("promptrail", "event", event=event)

    def _lost(self, reason: str) -> None:
        self.reason = self.reason or reason
        self.gone.set()

    def _let_go(self) -> None:
        """Take the hooks back, then the agents out of the target; a target that is gone has neither."""
        self._exports = [
            (agent.name, exports) for agent, (_, exports) in zip(self.agents, self._scripts, strict=False)
        ]
        for agent_name, (script, exports) in reversed(
            [(agent.name, loaded) for agent, loaded in zip(self.agents, self._scripts, strict=False)]
        ):
            if self._link.away:
                self._lost("the device was out of reach at the end; its agents end by themselves")
                break
            try:
                if "about" in exports:  # how far the two clocks went apart
                    self.log.record(agent_name, "clock", **(_asked(script)[1] or {}))
                if "dispose" in exports:
                    script.exports_sync.dispose()
                time.sleep(SETTLE)
                script.unload()
            except Exception as fault:  # frida's errors share no base but this
                self._lost(str(fault))
        self._link.close()
        self.log.close()
        if self.log.fault is not None:
            raise RecordingError(
                f"{self.log.file}: cannot be written: {self.log.fault.strerror}. What was written until then is kept; "
                "free space and hook again."
            )


def _asked(script: Any) -> tuple[dict[str, Any], dict[str, Any] | None]:
    """What an agent says of itself, and its clock beside ours at one moment."""
    before = time.time()
    about = dict(script.exports_sync.about())
    after = time.time()
    mono, name = about.pop("mono", None), about.pop("clock", None)
    if not isinstance(mono, int | float):
        return about, None
    middle, uncertainty = (before + after) / 2, round((after - before) / 2, 6)
    return about, {"host": middle, "mono": mono, "uncertainty": uncertainty, "name": name}


def hook(
    case: Case,
    target: Target,
    agents: Sequence[str],
    seconds: float | None = None,
    parameters: dict[str, Any] | None = None,
    say: Callable[[str], None] = lambda line: None,
) -> Path:
    """Hook until Ctrl-C, the time is over, or the target ends; gives the file that was written, sealed if complete."""
    try:
        loaded = [load(agent) for agent in agents]
        folder = case.captures / time.strftime("hook-%Y-%m-%dT%H-%M-%SZ", time.gmtime())
        if folder.exists():
            raise RecordingError(f"{folder}: exists already. Wait a second and hook again.")
    except BaseException:
        abandon(target)
        raise
    session = Hooked(folder, target, loaded, parameters, say)
    try:
        with session:
            session.gone.wait(seconds)
    except KeyboardInterrupt:  # the way to end it, not a fault
        if not session.live:
            raise
    if not session.complete:
        raise RecordingError(
            f"{target} ended while it was hooked ({session.reason}), without a word of the agents. "
            f"What they sent until then is in {session.log.file}, and the run is marked incomplete."
        )
    session.log.seal(
        tool={"frida": frida().__version__},
        agents={agent.name: agent.sha256 for agent in loaded},
        target={"pid": target.pid, "process": target.name, "ended": session.reason},
    )
    return session.log.file
