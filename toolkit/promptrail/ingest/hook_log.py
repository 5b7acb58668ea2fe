"""The log that `promptrail hook` writes, hook.jsonl, into rows: run, connections, flows, and the records themselves.

Records are read one by one, in bounded memory. A damaged line loses that line and is told by its byte; a number that is
missing in an agent's count is told as lost. A run in which an agent did not say that it ended is not complete.
"""

import hashlib
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from promptrail.case.evidence import MANIFEST
from promptrail.ingest.columns import sound
from promptrail.ingest.hook_record import FILE, HookRecord, Record, key_lines, record_of
from promptrail.ingest.hook_streams import Streams
from promptrail.ingest.identity import HOOK
from promptrail.ingest.sink import Sink
from promptrail.model import Direction, Event, Run

__all__ = ["FILE", "NAME", "key_lines", "read", "recognises"]
NAME = "hook"
BEGINS = re.compile(rb'\{"v": ?\d+, ?"t": ?[\d.]+, ?"agent": ?"')
TOLD = 20
"""So many losses are told one by one, the rest by their number."""
APART = {
    "v",
    "k",
    "t",
    "seq",
    "agent",
    "pid",
    "process",
    "stream",
    "direction",
    "algorithm",
    "stack",
    "frames",
    "data",
    "input",
    "output",
}
"""Fields that have a column, or are bodies."""
SHORT = 64
"""A key, an IV up to this length stands in `detail`; a longer one in the capture alone."""


def recognises(head: bytes) -> bool:
    """Whether a file begins with a record of a hook log. It is JSON too: ask before HAR."""
    return BEGINS.match(head) is not None


def read(folder: Path, sink: Sink) -> None:
    """Read captures/RUN/hook.jsonl."""
    log = HookReader(folder, sink)
    for record in log.records():
        log.take(record)
    log.close()


@dataclass
class Agent:
    """What is known of one agent. `able`: it is one that says when it ends."""

    next: int = 0
    able: bool = False
    ended: bool = False
    process: str | None = None


@dataclass
class HookReader:
    folder: Path
    sink: Sink
    agents: dict[str, Agent] = field(default_factory=dict)
    started: float | None = None
    ended: float | None = None
    lost: int = 0
    tool: str | None = None

    def __post_init__(self) -> None:
        self.where = f"captures/{self.folder.name}/{FILE}"
        self.streams = Streams(self.folder.name, self.sink)
        self._digest = hashlib.sha256()
        self._place = ""

    def records(self) -> Iterator[Record]:
        """Every record; a line that is none is told and passed over."""
        at = 0
        with open(self.folder / FILE, "rb") as stream:
            for number, line in enumerate(stream, 1):
                self._digest.update(line)
                self._place = f"line {number}, byte {at}"
                at += len(line)
                try:
                    record = record_of(line)
                except (ValueError, TypeError) as fault:
                    self._lose(f"holds a line of {len(line)} bytes that is no record: {fault}")
                    continue
                yield record

    def take(self, record: Record) -> None:
        """One record into the rows that it makes."""
        agent, kind, t = str(record.get("agent")), record["k"], float(record["t"])
        record["agent"] = agent
        about = self.agents.setdefault(agent, Agent())
        self.started = t if self.started is None else min(self.started, t)
        self.ended = t if self.ended is None else max(self.ended, t)
        self._count(about, record)
        if kind == "plaintext":
            self.streams.piece(record)
            return
        if kind == "stream":
            self.streams.begin(record)
        elif kind == "start":
            about.process = str(record["process"]) if record.get("process") else about.process
            about.able |= "version" in record
            self.tool = f"frida {record['frida']}" if record.get("frida") else self.tool
        elif kind == "event" and record.get("event"):
            label = record.get("label")
            self.sink.add(
                Event(self.folder.name, t, str(record["event"]), None, None if label is None else str(label))
            )
        elif kind == "end":
            about.ended = True
        elif kind in ("lost", "error"):
            said = record.get("what") or record.get("message") or "did not say what"
            self._lose(f"the agent {agent} told a fault: {str(said)[:200]}")
        self.sink.add(self._row(record, about))
        if kind == "streamend":
            self.streams.end(record)

    def close(self) -> None:
        """What is known at the end: the run, and what of it is missing."""
        self.streams.close()
        sealed = (self.folder / MANIFEST).is_file()
        silent = sorted(name for name, agent in self.agents.items() if agent.able and not agent.ended)
        if silent or not sealed:
            who = (
                f"the agents {', '.join(silent)} did not say that they ended"
                if silent
                else "no manifest was written"
            )
            self.sink.problem(
                "lost",
                self.where,
                f"last record at {self.ended or 0:.3f} s",
                f"the recording broke off: {who}; what was written is read",
                "record the run again if the rest is needed",
            )
        if self.lost > TOLD:
            self.sink.problem("lost", self.where, "", f"holds {self.lost - TOLD} more places like these")
        if self.streams.strange:
            what = f"{self.streams.strange} records of streams that have no direction, no bytes or no stream"
            self.sink.problem("lost", self.where, "", f"holds {what}")
        self.sink.add(
            Run(
                self.folder.name,
                NAME,
                self.where,
                self._digest.hexdigest(),
                started=self.started,
                ended=self.ended,
                complete=sealed
                and self.sink.intact
                and not silent
                and not self.lost
                and not self.streams.strange,
                simulated=self.streams.simulated,
                tool=self.tool or "frida",
                witnesses=[HOOK],
            )
        )

    def _count(self, about: Agent, record: Record) -> None:
        """Numbers of an agent's records follow each other; a gap is a loss."""
        number = record.get("seq")
        if isinstance(number, bool) or not isinstance(number, int):
            return
        if number > about.next:
            self._lose(
                f"{number - about.next} records of {record['agent']} are missing before number {number}"
            )
        about.next = max(about.next, number + 1)

    def _lose(self, what: str) -> None:
        self.lost += 1
        if self.lost <= TOLD:
            self.sink.problem("lost", self.where, self._place, what)

    def _row(self, record: Record, about: Agent) -> HookRecord:
        said: dict[str, Any] = {k: v for k, v in record.items() if k not in APART}
        if record["k"] == "keylog":  # the key itself stays in the capture
            said["line"] = str(said.get("line")).partition(" ")[0]
        held = next((record[n] for n in ("data", "input") if isinstance(record.get(n), bytes)), None)
        output = record.get("output")
        detail = {
            k: v.hex() if isinstance(v, bytes) else v
            for k, v in sorted(said.items())
            if v is not None and not (isinstance(v, bytes) and len(v) > SHORT)
        }
        direction = record.get("direction")
        way: Direction | None = direction if direction in ("request", "response") else None
        frames = record.get("frames") or record.get("stack")
        return HookRecord(
            run=self.folder.name,
            seq=number_of(record.get("seq")),
            at=float(record["t"]),
            agent=record["agent"],
            pid=number_of(record.get("pid")),
            process=about.process,
            type=record["k"],
            connection=self.streams.connection(record),
            direction=way,
            algorithm=str(record["algorithm"]) if record.get("algorithm") else None,
            detail=json.dumps(detail, ensure_ascii=False, sort_keys=True) if detail else None,
            body=None if held is None else self.sink.body(held),
            length=None if held is None else len(held),
            output=self.sink.body(output) if isinstance(output, bytes) else None,
            stack=[sound(str(frame)) for frame in frames] if isinstance(frames, list) else None,
        )


def number_of(value: Any) -> int | None:
    """A whole number that a column holds."""
    whole = isinstance(value, int) and not isinstance(value, bool) and -(2**63) <= value < 2**63
    return value if whole else None
