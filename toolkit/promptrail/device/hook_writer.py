"""What agents send, as lines of hook.jsonl: records numbered and timed, their bytes in base64, on disk as they come.

In: messages of Frida, from its own thread. Out: the file, written by a thread of its own, so that a slow disk does not
hold up the target. A message that is no batch of records is kept as a record of the kind `message`. A disk that cannot
be written ends the hook: `fault` says why.
"""

import base64
import json
import queue
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from promptrail.case.evidence import clock, finish

FILE = "hook.jsonl"
VERSION = 1
"""As `promptrail.ingest.hook_record` reads them; addons/README.md describes the records."""


class HookLog:
    """`ended`: agents that said that they ended. `failed` is called when the file cannot be written."""

    def __init__(self, folder: Path, pid: int, failed: Callable[[], None]) -> None:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self.file = folder / FILE
        self.pid = pid
        self.fault: OSError | None = None
        self.ended: set[str] = set()
        self.counts: dict[str, int] = {}
        self._failed = failed
        self._offsets: dict[str, float] = {}
        self._queue: queue.SimpleQueue[tuple[str, float, dict[str, Any], bytes | None] | None] = (
            queue.SimpleQueue()
        )
        self._out = open(self.file, "x", encoding="ascii", newline="\n")  # noqa: SIM115
        self.file.chmod(0o600)
        self._start = clock()
        self._thread = threading.Thread(target=self._write, name="hook log", daemon=True)
        self._thread.start()

    def clock(self, agent: str, host: float, mono: float) -> None:
        """This agent's clock stood at `mono` when the host's stood at `host`."""
        self._offsets[agent] = host - mono

    def message(self, agent: str, message: dict[str, Any], data: bytes | None) -> None:
        """What Frida hands over."""
        self._queue.put((agent, time.time(), message, data))

    def record(self, agent: str, k: str, **fields: Any) -> None:
        """A record of the host's own."""
        self._queue.put((agent, time.time(), {"type": "host", "record": {"k": k, **fields}}, None))

    def close(self) -> None:
        """Write what waits."""
        self._queue.put(None)
        self._thread.join()
        try:
            self._out.close()
        except OSError as fault:
            self.fault = self.fault or fault

    def seal(self, **about: Any) -> None:
        """Write the manifest of a run that nobody else recorded, once the file is closed."""
        finish(self.file.parent, self._start, self.counts, **about)

    def _write(self) -> None:
        while (item := self._queue.get()) is not None:
            if self.fault is not None:
                continue
            agent, at, message, data = item
            try:
                for record in self._records(agent, at, message, data):
                    self._out.write(json.dumps(record, ensure_ascii=True, separators=(",", ":")) + "\n")
                if self._queue.empty():
                    self._out.flush()
            except OSError as fault:
                self.fault = fault
                self._failed()

    def _records(
        self, agent: str, at: float, message: dict[str, Any], data: bytes | None
    ) -> list[dict[str, Any]]:
        payload = message.get("payload")
        if message.get("type") == "send" and isinstance(payload, dict) and _is_batch(payload):
            made = [self._of_agent(agent, at, dict(said), data) for said in payload["records"]]
        elif message.get("type") == "host":
            made = [self._head(agent, at) | message["record"]]
        elif message.get("type") == "error":
            said = {"k": "error", "where": "agent", "message": str(message.get("description"))}
            made = [self._head(agent, at) | said | {"stack": message.get("stack")}]
        else:
            extra = {} if data is None else {"data": base64.b64encode(data).decode()}
            made = [self._head(agent, at) | {"k": "message", "message": message} | extra]
        for record in made:
            self.counts[record["k"]] = self.counts.get(record["k"], 0) + 1
            if record["k"] == "end":
                self.ended.add(agent)
        return made

    def _head(self, agent: str, at: float) -> dict[str, Any]:
        return {"v": VERSION, "t": at, "agent": agent, "pid": self.pid}

    def _of_agent(self, agent: str, at: float, said: dict[str, Any], data: bytes | None) -> dict[str, Any]:
        mono = said.get("mono")
        if agent in self._offsets and isinstance(mono, int | float):
            at = round(self._offsets[agent] + mono, 6)
        begin = said.pop("at", None)
        if isinstance(begin, int) and isinstance(said.get("length"), int) and data is not None:
            said["data"] = base64.b64encode(data[begin : begin + said["length"]]).decode()
        return self._head(agent, at) | said


def _is_batch(payload: dict[str, Any]) -> bool:
    records = payload.get("records")
    return isinstance(records, list) and all(
        isinstance(one, dict) and isinstance(one.get("k"), str) for one in records
    )
