"""The evidence folder that addons/capture.py writes, into records: evidence.jsonl, bodies.pack, events.jsonl.

Every body is checked against its SHA-256. A recording that broke off (a killed proxy leaves no manifest) is read up to
its last whole line; half a body is kept and marked incomplete.
"""

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from promptrail.ingest.evidence_flows import Pack, Record, connection_of, flow_of
from promptrail.ingest.identity import PROXY
from promptrail.ingest.sink import Sink
from promptrail.model import Event, Run

NAME = "evidence"
FILE = "evidence.jsonl"


@dataclass
class Log:
    """What evidence.jsonl says, put together by connection and by flow."""

    start: Record = field(default_factory=dict)
    connections: dict[str, Record] = field(default_factory=dict)
    flows: dict[str, Record] = field(default_factory=dict)
    ended: float | None = None
    last: float | None = None
    whole: bool = True

    def take(self, record: Record) -> None:
        """One record; later ones about the same connection add to what is known."""
        kind = record.get("k")
        self.last = record.get("t", self.last)
        if kind == "start":
            self.start = record
        elif kind == "end":
            self.ended = record["t"]
        elif kind == "connection":
            known = self.connections.setdefault(str(record["conn"]), {})
            known.update({k: v for k, v in record.items() if v is not None})
        elif "flow" in record:
            fresh: Record = {"messages": [], "chunks": {"request": [], "response": []}}
            flow = self.flows.setdefault(str(record["flow"]), fresh)
            if kind == "message":
                flow["messages"].append(record)
            elif kind == "chunk":
                flow["chunks"][record["direction"]].append(record)
            else:
                flow[str(kind)] = record


def read(folder: Path, sink: Sink) -> None:
    """Read captures/RUN/evidence.jsonl and what lies beside it."""
    file, where = folder / FILE, f"captures/{folder.name}/{FILE}"
    log = Log()
    for line, record in _lines(file, where, sink):
        if line is None:
            log.whole = False
        else:
            log.take(record)
    sealed = (folder / "manifest.json").is_file()
    log.whole &= sealed and sink.intact
    if not sealed:
        sink.problem(
            "lost",
            where,
            f"last record at {log.last or 0:.3f} s",
            "the recording broke off: no manifest was written; what was written is read",
            "record the run again if the rest is needed",
        )
    simulated = _flows(log, folder, sink)
    for ref, known in log.connections.items():
        sink.add(connection_of(ref, known, folder.name, sealed))
    for event in events_of(folder, sink):
        sink.add(event)
    sink.add(_run(log, folder.name, where, _digest(file), simulated))


def _flows(log: Log, folder: Path, sink: Sink) -> bool:
    """Every flow with its messages; returns whether one of them carries the lab's mark."""
    pack = Pack(folder / "bodies.pack")
    simulated = False
    for ref, parts in log.flows.items():
        flow, messages = flow_of(ref, parts, log.connections, folder.name, pack, sink)
        simulated |= flow.simulated
        sink.add(flow)
        for message in messages:
            sink.add(message)
    return simulated


def _run(log: Log, run: str, where: str, digest: str, simulated: bool) -> Run:
    meta, tool = log.start.get("meta") or {}, log.start.get("tool") or {}
    return Run(
        run=run,
        source=NAME,
        file=where,
        sha256=digest,
        scenario=meta.get("scenario"),
        app=meta.get("app"),
        app_version=meta.get("app_version"),
        control=meta.get("control"),
        route=meta.get("route"),
        started=log.start.get("t"),
        ended=log.ended or log.last,
        complete=log.whole,
        simulated=simulated or bool(meta.get("simulated")),
        tool=f"mitmproxy {tool['mitmproxy']}" if "mitmproxy" in tool else None,
        witnesses=[PROXY],
    )


def _lines(file: Path, where: str, sink: Sink) -> Iterator[tuple[int | None, Record]]:
    """Each record with its line number; a line that is no record ends the reading and gives None."""
    place = 0
    with open(file, "rb") as stream:
        for number, line in enumerate(stream, 1):
            try:
                record = json.loads(line)
                if not line.endswith(b"\n") or not isinstance(record, dict):
                    raise ValueError("is not a whole record")
            except ValueError as fault:
                sink.problem(
                    "lost",
                    where,
                    f"line {number}, byte {place}",
                    f"is cut short or broken; the lines before it were read: {fault}",
                )
                yield None, {}
                return
            place += len(line)
            yield number, record


def _digest(file: Path) -> str:
    with open(file, "rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def events_of(folder: Path, sink: Sink) -> Iterator[Event]:
    """What was done in a run, from its events.jsonl; nothing where there is none."""
    file = folder / "events.jsonl"
    if not file.is_file():
        return
    for line, record in _lines(file, f"captures/{folder.name}/events.jsonl", sink):
        if line is not None:
            yield Event(
                folder.name, record["t"], str(record["event"]), record.get("probe"), record.get("label")
            )
