"""A range of a flow file into a sink: every whole flow, what was lost, and what its run is to know.

In: a flow file and a range that begins where a flow does. Out: rows in the sink, and the figures of the range. A format
that is newer than ours is refused where the file begins with it, and counted as lost where it comes later.
"""

from typing import Any

from promptrail.errors import InputError
from promptrail.ingest.flow_file import FlowFile, Gap, Record
from promptrail.ingest.flow_format import OtherVersion, read_flow
from promptrail.ingest.mitm_flows import Flows
from promptrail.ingest.seen import Seen
from promptrail.ingest.sink import Sink

COPIED = 1_000_000
"""A flow up to this size is copied out of the map first: its many small fields are found faster there."""
TOLD = 20
"""So many losses are told one by one, the rest by their number."""


class Reading:
    """What is known of a run while its flow file is read. `where` names the file in what is told."""

    def __init__(self, where: str, run: str, sink: Sink) -> None:
        self.where, self.sink = where, sink
        self.flows = Flows(run, sink)
        self.connections = Seen()
        self.count = 0
        self.lost: list[list[Any]] = []
        self.untold = self.odd_certificates = 0
        self.simulated = False
        self.started: float | None = None
        self.ended: float | None = None

    def range(self, file: FlowFile, at: int, end: int) -> None:
        """Read the flows that begin between two offsets."""
        for one in file.walk(at, end):
            if isinstance(one, Gap):
                self.lose(one.at, f"{one.what}; {one.end - one.at} bytes are not read")
            else:
                broken: Record | None = one
                while broken is not None:
                    broken = None if self._flow(file, broken) else file.within(broken)
        self.odd_certificates += self.flows.odd_certificates
        self.flows.odd_certificates = 0

    def _flow(self, file: FlowFile, place: Record) -> bool:
        """Read one flow; false if it is damaged."""
        data, start, stop = file.data, place.start, place.stop
        if stop - start <= COPIED:
            data, start, stop = data[start:stop], 0, stop - start
        try:
            flow, messages, client = self.flows.convert(*read_flow(data, start, stop))
        except OtherVersion as fault:
            if place.at == 0:
                raise InputError(f"{self.where}: {fault}: {fault.remedy}.") from fault
            self.lose(place.at, f"a flow that {fault}", fault.remedy)
            return True
        except (KeyError, TypeError, ValueError) as fault:
            what = f"{fault} is missing" if isinstance(fault, KeyError) else str(fault)[:200]
            self.lose(place.at, f"a damaged flow of {place.stop + 1 - place.at} bytes: {what}")
            return False
        self.count += 1
        self.simulated |= flow.simulated
        self.spans(flow.started, flow.ended)
        carried = 0
        for message in messages:
            self.sink.add(message)
            carried += message.length or 0
        self.sink.add(flow, place.stop - place.at - carried)
        if self.connections.new(client.connection.encode()):
            self.sink.add(self.flows.connection(client, flow))
        return True

    def spans(self, *times: float | None) -> None:
        """The run reaches over these times."""
        for time in times:
            if time is not None:
                self.started = time if self.started is None else min(self.started, time)
                self.ended = time if self.ended is None else max(self.ended, time)

    def lose(self, at: int, what: str, remedy: str = "save it again if the rest is needed") -> None:
        """Something was lost at a byte of the file; the first ones are told one by one."""
        if len(self.lost) < TOLD:
            self.lost.append([at, what, remedy])
        else:
            self.untold += 1

    def remark(self) -> None:
        """Tell what was lost, and how many certificates are none."""
        for at, what, remedy in self.lost:
            self.sink.problem("lost", self.where, f"byte {at}", f"holds {what}", remedy)
        if self.untold:
            self.sink.problem("lost", self.where, "", f"holds {self.untold} more places like these")
        if self.odd_certificates:
            what = f"{self.odd_certificates} server certificates cannot be read; names and issuer are missing there"
            self.sink.problem("warning", self.where, "", what)
