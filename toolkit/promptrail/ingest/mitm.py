"""A mitmproxy flow file into rows, by our own reader: flow_file finds flows, flow_format fields, mitm_flows makes rows.

Every whole flow is read, before damage and after it; what was lost is told by its byte. A format that is newer than
ours is refused with what to do, an older one is migrated by mitmproxy where it is installed.
"""

import re
from pathlib import Path

from promptrail.ingest.flow_file import FlowFile
from promptrail.ingest.identity import PROXY, digest_of
from promptrail.ingest.reading import Reading
from promptrail.ingest.shard import read_shards
from promptrail.ingest.sink import Sink
from promptrail.model import Run

NAME = "mitm"
FILE = "flows.mitm"


def recognises(head: bytes) -> bool:
    """A tnetstring dictionary or list, as mitmproxy writes: digits, a colon, and a key."""
    return bool(re.match(rb"\d{1,12}:\d{1,12}:", head))


def read(folder: Path, sink: Sink, processes: int = 1) -> None:
    """Read captures/RUN/flows.mitm. InputError where the file begins with a format that cannot be read.

    Two `processes` share a file by its offsets and give the same rows, for a quarter more work.
    """
    file, where = folder / FILE, f"captures/{folder.name}/{FILE}"
    reading = Reading(where, folder.name, sink)
    with FlowFile(file) as flows:
        read_shards(flows, file, reading, processes)
    reading.connections.close()
    reading.remark()
    sink.add(
        Run(
            folder.name,
            NAME,
            where,
            digest_of(file, sink.intact),
            started=reading.started,
            ended=reading.ended,
            complete=not reading.lost and sink.intact,
            simulated=reading.simulated,
            tool="mitmproxy",
            witnesses=[PROXY],
        )
    )
