"""A Frida session on one process: agents in, their messages out as lines of hook.jsonl in a run of the case.

Refuses what cannot be attached to, in one sentence. Frida is imported here only, when a hook is asked for.
"""

import base64
import json
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from promptrail.case import Case
from promptrail.errors import MissingTool, RecordingError

FILE = "hook.jsonl"


class Target(NamedTuple):
    pid: int
    name: str


def find(target: str) -> Target:
    """The process that a pid or a name means; RecordingError if there is none, or more than one of that name."""
    device = _frida().get_local_device()
    running = [Target(p.pid, p.name) for p in device.enumerate_processes()]
    fits = [t for t in running if (str(t.pid) == target if target.isdigit() else t.name == target)]
    if not fits:
        raise RecordingError(f"no process {target!r} is running here. Start the app first, or give its pid.")
    if len(fits) > 1:
        pids = ", ".join(str(t.pid) for t in fits)
        raise RecordingError(f"{len(fits)} processes are called {target!r}: {pids}. Give the pid of one.")
    return fits[0]


def hook(
    case: Case,
    target: Target,
    agents: Sequence[Path],
    wait: Callable[[], None],
    say: Callable[[str], None] = lambda line: None,
) -> Path:
    """Attach, load the agents, write what they send until `wait` returns, detach; gives the file that was written."""
    sources = [(agent.name, _source(agent)) for agent in agents]
    frida = _frida()
    try:
        session = frida.get_local_device().attach(target.pid)
    except Exception as fault:  # frida's errors share no base but this
        raise RecordingError(f"cannot attach to {target.name} ({target.pid}): {fault}.") from fault
    folder = case.captures / time.strftime("hook-%Y-%m-%dT%H-%M-%SZ", time.gmtime())
    folder.mkdir(mode=0o700, parents=True)
    with open(folder / FILE, "x", encoding="utf-8") as out:

        def write(agent: str, message: dict[str, Any], data: bytes | None) -> None:
            line = {
                "t": time.time(),
                "agent": agent,
                "pid": target.pid,
                "process": target.name,
                "message": message,
            }
            if data is not None:
                line["data"] = base64.b64encode(data).decode()
            out.write(json.dumps(line, ensure_ascii=True) + "\n")
            out.flush()

        try:
            for name, source in sources:
                script = session.create_script(source)
                script.on("message", lambda message, data, name=name: write(name, message, data))
                script.load()
                say(f"{name} is loaded into {target.name} ({target.pid})")
            wait()
        except frida.InvalidOperationError as fault:
            raise RecordingError(
                f"{target.name} ({target.pid}) ended while it was hooked: {fault}."
            ) from fault
        finally:
            session.detach()
    return folder / FILE


def _source(agent: Path) -> str:
    try:
        return agent.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as fault:
        raise RecordingError(f"{agent}: this agent cannot be read: {fault}.") from fault


def _frida() -> Any:
    try:
        import frida
    except ImportError as fault:
        raise MissingTool(
            "hooks need Frida, which is not installed: `pip install 'promptrail[hooks]'`."
        ) from fault
    return frida
