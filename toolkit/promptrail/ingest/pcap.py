"""A packet capture (pcap, pcapng) into rows, through tshark: every connection in it, read or not, and what it carried.

In: captures/RUN/capture.pcapng or capture.pcap, beside it keys.log (SSLKEYLOGFILE) where there is one; secrets in the
file itself and a hook's key lines count too. Out: connections, flows, messages, bursts, one run; the events of a run
that no proxy recorded. Damage costs only itself and is told by its byte. InputError where the file cannot be opened;
without tshark nothing can be read, which is told.
"""

import json
import mmap
from collections.abc import Iterator
from pathlib import Path

from promptrail.case import run_record
from promptrail.errors import InputError, MissingTool
from promptrail.ingest import evidence
from promptrail.ingest.hook_record import key_lines
from promptrail.ingest.identity import PACKETS, digest_of
from promptrail.ingest.packets import tshark
from promptrail.ingest.packets.found import SECTION, Data, begins
from promptrail.ingest.packets.frames import frame_of
from promptrail.ingest.packets.index import Index, Part, index_of
from promptrail.ingest.packets.rows import Rows
from promptrail.ingest.packets.spool import Spool
from promptrail.ingest.packets.tcp import Tcp
from promptrail.ingest.packets.udp import Udp
from promptrail.ingest.sink import Sink
from promptrail.model import Run

NAME = "pcap"
FILES = ("capture.pcapng", "capture.pcap")
KEYS, COUNTS = "keys.log", "packets.json"
PART = 67_108_864
"""Bytes of packets that tshark is given at once: it then needs some 250 MB."""
TOLD = 20
"""So many losses are told one by one, the rest by their number."""


def recognises_section(head: bytes) -> bool:
    """pcapng."""
    return begins(head) and head.startswith(SECTION)


def recognises_records(head: bytes) -> bool:
    """pcap, of either byte order and resolution."""
    return begins(head) and not head.startswith(SECTION)


def read(folder: Path, sink: Sink) -> None:
    """Read the capture of a run."""
    file = next(folder / name for name in FILES if (folder / name).is_file())
    where = f"captures/{folder.name}/{file.name}"
    with _mapped(file) as data:
        told = index_of(data)
        keys = b"\n".join([*told.secrets, *_keys(folder)])
        whole = _remark(told, folder, where, sink)
        rows = Rows(folder.name, sink, bool(keys.strip()))
        whole &= _connections(data, told, keys, rows, where, sink)
    rows.remark(where)
    if not (folder / evidence.FILE).is_file():  # else who reads that has them
        for event in evidence.events_of(folder, sink):
            sink.add(event)
    meta = run_record.read(folder).meta
    sink.add(
        Run(
            folder.name,
            NAME,
            where,
            digest_of(file, sink.intact),
            scenario=meta.get("scenario"),
            app=meta.get("app"),
            app_version=meta.get("app_version"),
            control=meta.get("control"),
            started=told.started,
            ended=told.ended,
            complete=whole and sink.intact,
            simulated=rows.simulated or bool(meta.get("simulated")),
            tool=told.recorder,
            witnesses=[PACKETS],
        )
    )


def _mapped(file: Path) -> mmap.mmap:
    try:
        with open(file, "rb") as stream:
            return mmap.mmap(stream.fileno(), 0, access=mmap.ACCESS_READ)
    except (OSError, ValueError) as fault:  # ValueError: it is empty
        raise InputError(f"{file}: cannot be read: {fault}.") from fault


def _remark(told: Index, folder: Path, where: str, sink: Sink) -> bool:
    """Tell what the file lacks; whether it is whole."""
    for gap in told.gaps[:TOLD]:
        what = f"holds {gap.what}; {gap.end - gap.at} bytes are not read"
        sink.problem("lost", where, f"byte {gap.at}", what, "capture or copy it again if the rest is needed")
    if len(told.gaps) > TOLD:
        sink.problem("lost", where, "", f"holds {len(told.gaps) - TOLD} more places like these")
    dropped = told.dropped + _dropped(folder)
    if dropped:
        sink.problem(
            "lost",
            where,
            "",
            f"lacks {dropped} packets, which the recorder says it dropped while it recorded",
            "record again on a machine with less to do",
        )
    return not (told.gaps or dropped)


def _dropped(folder: Path) -> int:
    """What packets.json, which `promptrail.device.packets` writes beside a capture, says that the kernel dropped."""
    try:
        counts = json.loads((folder / COUNTS).read_text(encoding="utf-8"))["counts"]
        return int(counts["dropped by kernel"])
    except (OSError, ValueError, LookupError, TypeError):
        return 0


def _keys(folder: Path) -> Iterator[bytes]:
    """Key lines that lie beside the capture."""
    if (folder / KEYS).is_file():
        yield (folder / KEYS).read_bytes()
    for line in key_lines(folder):
        yield line.encode("utf-8", "replace")


def _connections(data: Data, told: Index, keys: bytes, rows: Rows, where: str, sink: Sink) -> bool:
    """Every connection into rows; false if tshark did not come to the end."""
    try:
        tshark.program()
    except MissingTool as fault:
        sink.problem("lost", where, "", f"is not read: {fault}")
        return False
    spool = Spool(sink.folder)
    met: list[Tcp | Udp] = []
    whole = True
    try:
        for part in told.parts(PART):
            whole &= _part(data, part, keys, met, rows, spool, where, sink)
        counts = {False: 0, True: 0}
        for connection in sorted(met, key=lambda one: one.frame):
            connection.number = counts[connection.udp]
            counts[connection.udp] += 1
            rows.add(connection, spool)
    finally:
        spool.close()
    return whole


def _part(
    data: Data,
    part: Part,
    keys: bytes,
    met: list[Tcp | Udp],
    rows: Rows,
    spool: Spool,
    where: str,
    sink: Sink,
) -> bool:
    """The connections of a part; false if tshark did not come to its end."""
    known: dict[tuple[bool, int], Tcp | Udp] = {}
    whole = True
    try:
        for row in tshark.rows(part.packets(data), keys):
            try:
                frame = frame_of(row, part.frame)
                if frame is not None:
                    place = (frame.udp, frame.stream)
                    if place not in known:
                        known[place] = (Udp if frame.udp else Tcp)(frame, spool)
                    known[place].add(frame)
            except (ValueError, IndexError):  # a field that is not what its name says: this frame's alone
                rows.odd_frames += 1
    except tshark.Ended as fault:
        sink.problem(
            "lost", where, "", f"is read in part: {fault}", "run the command again, or update tshark"
        )
        whole = False
    for connection in known.values():
        connection.end()
    met += known.values()
    return whole
