"""A HAR file (HTTP Archive 1.1 and 1.2) into records, in every dialect that `har_dialects` lists and in others.

In: captures/RUN/capture.har. Out: flows, messages, connections, and one run; damage is told by byte offset, and what an
entry's bodies went through by its number. HAR keeps bodies with Content-Encoding undone: `bodies_decoded` says so.
"""

from pathlib import Path
from typing import Any

from promptrail.ingest.har_dialects import dialect_of
from promptrail.ingest.har_entry import Entries
from promptrail.ingest.har_file import document, text_of
from promptrail.ingest.har_text import REMARKS
from promptrail.ingest.identity import HAR, digest_of
from promptrail.ingest.sink import Sink
from promptrail.model import Connection, Run

NAME = "har"
WORDS = ('"log"', '"entries"', '"startedDateTime"')
TOLD = 20
"""So many losses, and so many entries of a remark, are told one by one; the rest by their number."""


def recognises(head: bytes) -> bool:
    """JSON whose beginning names a log, its entries, or an entry."""
    text = text_of(head)[0].text.lstrip()
    return text[:1] in ("{", "[") and any(word in text for word in WORDS)


def read(folder: Path, sink: Sink) -> None:
    """Read captures/RUN/capture.har. InputError if it holds no entry list."""
    file = folder / "capture.har"
    where = f"captures/{folder.name}/capture.har"
    found = document(file.read_bytes(), where)
    for place, what in found.odd:
        sink.problem("warning", where, f"byte {place}", what)
    for place, what in found.lost[:TOLD]:
        sink.problem("lost", where, f"byte {place}", what, "export it again if the rest is needed")
    if len(found.lost) > TOLD:
        sink.problem("lost", where, "", f"holds {len(found.lost) - TOLD} more places like these")
    creator = found.log.get("creator")
    reading = Entries(folder.name, sink, dialect_of(creator))
    times: list[float] = []
    simulated = found.log.get("_simulated") is True
    whole, seen = not found.lost, set()
    for number, entry in found.entries:
        try:
            flow, messages = reading.convert(entry, number)
        except (LookupError, TypeError, ValueError, AttributeError) as fault:
            whole = False
            what = f"is not a HAR entry: {type(fault).__name__}: {str(fault)[:200]}"
            sink.problem("lost", where, f"entry {number}", what)
            continue
        simulated |= flow.simulated
        times += [t for t in (flow.started, flow.ended) if t is not None]
        sink.add(flow)
        for message in messages:
            sink.add(message)
        if flow.connection and flow.connection not in seen:
            seen.add(flow.connection)
            sink.add(
                Connection(
                    flow.connection,
                    folder.name,
                    flow.host,
                    None,
                    flow.dest_ip,
                    flow.dest_port,
                    opened=flow.started,
                    witnesses=[HAR],
                    read_by=HAR,
                )
            )
    for remark, numbers in sorted(reading.remarks.items()):
        told = ", ".join(map(str, numbers[:TOLD]))
        more = f" and {len(numbers) - TOLD} more" if len(numbers) > TOLD else ""
        word = "entry" if len(numbers) == 1 else "entries"
        sink.problem("warning", where, f"{word} {told}{more}", f"holds {REMARKS[remark]}")
    sink.add(
        Run(
            folder.name,
            NAME,
            where,
            digest_of(file, sink.intact),
            started=min(times, default=None),
            ended=max(times, default=None),
            complete=whole and sink.intact,
            simulated=simulated,
            tool=_tool(creator),
            witnesses=[HAR],
        )
    )


def _tool(creator: Any) -> str | None:
    if not isinstance(creator, dict) or not creator.get("name"):
        return None
    return f"{creator['name']} {creator.get('version') or ''}".strip()
