"""The book of connections: who saw each connection of some runs, who read it, why not, with bytes each way.

In: the frames runs, connections and flows. Out: lines whose counts and bytes add up to the whole, and in words what
the witnesses of these runs cannot know at all.
"""

from dataclasses import asdict, dataclass
from typing import Any

import pandas as pd

from promptrail import frames
from promptrail.case import Case
from promptrail.findings.ledger import UNKNOWN_HOST, WORDS
from promptrail.language import mark, say

READER = {
    "proxy": mark("read by the proxy"),
    "har": mark("read by the tool that wrote the HAR"),
    "packets": mark("read from the packets, with their keys"),
    "hook": mark("read by a hook in the app"),
}
CANNOT_KNOW: dict[tuple[str, ...], str] = {
    ("proxy",): mark(
        "Only the proxy recorded: what went past it (another route, QUIC, a tunnel) is not counted."
    ),
    ("har",): mark(
        "Only a HAR is there: its tool leaves out what it did not load itself, and most failures."
    ),
    ("packets",): mark("Only packets of one interface are there: what left by another one is not counted."),
    ("hook",): mark("Only hooks recorded: what did not pass through a hooked function is not counted."),
}
"""What runs with these witnesses and no other cannot know."""
BOTH = mark("Packets of one interface: what left by another one (a modem, Bluetooth) is not counted.")


@dataclass(frozen=True, slots=True)
class Line:
    """Connections that share their fate."""

    words: str
    read_by: str | None
    outcome: str
    hosts: list[str]
    count: int
    past_the_proxy: int
    """Of these, how many a packet capture saw and the proxy of the same run did not."""
    bytes_out: int | None
    """Sent; None: of one of them nobody knows."""
    bytes_in: int | None


@dataclass(frozen=True, slots=True)
class Book:
    lines: list[Line]
    on_the_wire: int
    """Connections that a packet capture saw."""
    not_on_the_wire: list[str]
    """Hosts of connections that another witness saw, and that are not in the packets of their run."""
    orphans: int
    """Exchanges whose connection no witness saw."""
    exchanges: int
    captured: int
    """Runs whose packets were captured."""
    cannot_know: list[str]

    @property
    def agrees(self) -> bool:
        """Every exchange has its connection, and every connection its packets where packets were captured."""
        return not (self.orphans or self.not_on_the_wire)

    def as_rows(self) -> list[dict[str, Any]]:
        return [asdict(line) for line in self.lines]


def book(case: Case, runs: list[str]) -> Book:
    """The book of these runs."""
    known = case.connections[case.connections["run"].isin(runs)].copy()
    about = case.runs[case.runs["run"].isin(runs)]
    witnesses = {row.run: _witnesses(row) for row in frames.rows(about)}
    captured = {run for run, names in witnesses.items() if "packets" in names}
    proxied = {run for run, names in witnesses.items() if "proxy" in names}
    saw = known["witnesses"].map(lambda names: set(names) if names is not None else set())
    known["wire"] = saw.map(lambda names: "packets" in names)
    known["past"] = known["wire"] & known["run"].isin(proxied) & ~saw.map(lambda names: "proxy" in names)
    known["fate"] = known["read_by"].where(known["outcome"] == "read").fillna("")
    lines = [
        _line(str(outcome), str(reader), group)
        for (outcome, reader), group in known.groupby(["outcome", "fate"], sort=True)
    ]
    unseen = known[known["run"].isin(captured) & ~known["wire"]]
    flows = case.flows[case.flows["run"].isin(runs) & case.flows["connection"].notna()]
    return Book(
        lines=sorted(lines, key=lambda one: (one.outcome != "read", one.read_by or "", one.outcome)),
        on_the_wire=int(known["wire"].sum()),
        not_on_the_wire=sorted({_name(row) for row in unseen.itertuples()}),
        orphans=int((~flows["connection"].isin(set(case.connections["connection"]))).sum()),
        exchanges=len(flows),
        captured=len(captured),
        cannot_know=[
            say(sentence)
            for sentence in sorted(
                {CANNOT_KNOW.get(tuple(names), BOTH) for names in witnesses.values() if names}
            )
        ],
    )


def _witnesses(run: Any) -> list[str]:
    """Who recorded a run; its reader's where the frame does not say."""
    names = [] if run.witnesses is None else [str(name) for name in run.witnesses]
    return names or [{"evidence": "proxy", "mitm": "proxy", "pcap": "packets"}.get(run.source, run.source)]


def _line(outcome: str, read_by: str, group: pd.DataFrame) -> Line:
    words = READER.get(read_by, mark("read")) if outcome == "read" else WORDS.get(outcome, outcome)
    return Line(
        say(words),
        read_by or None,
        outcome,
        sorted({_name(row) for row in group.itertuples()}),
        len(group),
        int(group["past"].sum()),
        *(None if group[name].isna().any() else int(group[name].sum()) for name in ("bytes_out", "bytes_in")),
    )


def _name(row: Any) -> str:
    """The host that was asked for, else the address."""
    return next((str(v) for v in (row.host, row.sni, row.dest_ip) if isinstance(v, str)), UNKNOWN_HOST)
