"""What several witnesses told of one run, joined: each exchange once, each connection with all who saw it."""

from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from promptrail.ingest.identity import connection_id, flow_id
from promptrail.ingest.sink import Sink
from promptrail.ingest.witnesses import Told, join
from promptrail.model import Connection, Flow, Message, Run

RUN, LATE = "r", 3600.0
HOSTS = {"a.test": 40001, "relayed.test": 40002, "past.test": 40003, "b.test": 40004}


class Witness:
    """One witness's frames: connections, and an exchange on each that it read."""

    def __init__(self, folder: Path, name: str, late: float = 0.0) -> None:
        self.name, self.late, self.folder = name, late, folder / name
        self.folder.mkdir()
        self.sink = Sink(self.folder, passing=True)
        self.sink.run = RUN

    def saw(self, host: str, outcome: str = "read", after: float = 0.0, **more: Any) -> None:
        at = 1000.0 + 10 * list(HOSTS).index(host) + self.late + after
        ref = f"{self.name} {host} {after}"
        known: dict[str, Any] = {"sni": host, "opened": at, "closed": at + 5, "transport": "tcp"}
        known |= {"client_ip": "127.0.0.1", "client_port": HOSTS[host], "outcome": outcome}
        known |= {"witnesses": [self.name], "read_by": self.name if outcome == "read" else None}
        self.sink.add(Connection(connection_id(RUN, ref), RUN, host, **(known | more)))
        if outcome == "read":
            body = f"{self.name} read {host}".encode()
            flow = Flow(
                flow_id(RUN, ref),
                RUN,
                ref,
                "http",
                host,
                connection=connection_id(RUN, ref),
                started=at + 1,
                request_body=self.sink.body(body),
                request_length=len(body),
            )
            self.sink.add(flow)
            message = Message(flow.flow, RUN, 0, "request", "body", flow.request_body, len(body), at + 1)
            self.sink.add(message)

    def told(self, complete: bool = True) -> Told:
        self.sink.add(Run(RUN, self.name, "file", "0" * 64, complete=complete, witnesses=[self.name]))
        self.sink.close()
        return Told(self.name, self.folder)


class Joined:
    """What the sink holds after the join."""

    def __init__(self, folder: Path, *told: Told, whole: bool = True) -> None:
        target = folder / "joined"
        target.mkdir()
        sink = Sink(target)
        sink.run = RUN
        join(list(told), RUN, sink, whole)
        sink.close()
        self.frame = lambda name: pq.read_table(target / f"{name}.parquet").to_pylist()

    def connections(self) -> dict[str, tuple[str, str | None, list[str]]]:
        return {c["host"]: (c["outcome"], c["read_by"], c["witnesses"]) for c in self.frame("connections")}

    def exchanges(self) -> dict[str, str]:
        """Who told the exchange of each host, by its body."""
        bodies = {b["sha256"]: b["data"].decode() for b in self.frame("bodies")}
        return {f["host"]: bodies[f["request_body"]].split()[0] for f in self.frame("flows")}


def three(folder: Path, late: float = 0.0) -> Joined:
    """The proxy read two, relayed one and never saw one; packets without keys saw all; a hook read the last three."""
    proxy, packets, hook = (
        Witness(folder, "proxy"),
        Witness(folder, "packets", late),
        Witness(folder, "hook", late),
    )
    proxy.saw("a.test")
    proxy.saw("b.test")
    proxy.saw("relayed.test", "passed-through", reason="on purpose")
    for host in HOSTS:
        packets.saw(host, "no-keys", bytes_out=700, bytes_in=900, ja4="t13d")
    for host in ("b.test", "relayed.test", "past.test"):
        hook.saw(host, client_ip=None, client_port=None)
    return Joined(folder, proxy.told(), packets.told(), hook.told())


def test_each_connection_once_with_all_who_saw_it(tmp_path: Path) -> None:
    """Outcome and reader are the first witness's that read it; what nobody read keeps the first one's reason."""
    assert three(tmp_path).connections() == {
        "a.test": ("read", "proxy", ["proxy", "packets"]),
        "b.test": ("read", "proxy", ["proxy", "packets", "hook"]),
        "relayed.test": ("read", "hook", ["proxy", "packets", "hook"]),
        "past.test": ("read", "hook", ["packets", "hook"]),
    }


def test_each_exchange_once(tmp_path: Path) -> None:
    """What the proxy read is told by the proxy, the rest by the hook; no body of the others stays behind."""
    joined = three(tmp_path)
    assert joined.exchanges() == {
        "a.test": "proxy",
        "b.test": "proxy",
        "relayed.test": "hook",
        "past.test": "hook",
    }
    assert len(joined.frame("messages")) == len(joined.frame("bodies")) == 4


def test_exchanges_keep_their_connection(tmp_path: Path) -> None:
    """A hook's exchange points at the joined connection, whose id is the first witness's."""
    joined = three(tmp_path)
    hosts = {c["connection"]: c["host"] for c in joined.frame("connections")}
    assert all(hosts[f["connection"]] == f["host"] for f in joined.frame("flows"))


def test_bytes_are_those_of_the_wire(tmp_path: Path) -> None:
    """The packets know bytes and hello of every connection."""
    for row in three(tmp_path).frame("connections"):
        assert (row["bytes_out"], row["bytes_in"], row["ja4"]) == (700, 900, "t13d")


@pytest.mark.parametrize("late", [LATE, -LATE])
def test_times_stand_on_the_first_clock(tmp_path: Path, late: float) -> None:
    """The packets' clock was an hour off: connections are matched all the same, and what is taken is brought back.

    The proxy saw three of the four; the fourth, past it, is told by the packets at the proxy's time."""
    proxy, packets = Witness(tmp_path, "proxy"), Witness(tmp_path, "packets", late)
    for host in HOSTS:
        packets.saw(host)
        if host != "past.test":
            proxy.saw(host)
    joined = Joined(tmp_path, proxy.told(), packets.told())
    (clock,) = joined.frame("clocks")
    assert clock["offset"] == pytest.approx(late) and clock["pairs"] == 3
    assert joined.exchanges()["past.test"] == "packets" and len(joined.frame("flows")) == 4
    by_host = {f["host"]: f["started"] for f in joined.frame("flows")}
    assert by_host == {host: pytest.approx(1001.0 + 10 * n) for n, host in enumerate(HOSTS)}
    opened = {c["host"]: c["opened"] for c in joined.frame("connections")}
    assert opened == {host: pytest.approx(1000.0 + 10 * n) for n, host in enumerate(HOSTS)}


@pytest.mark.parametrize(("complete", "whole"), [(False, True), (True, False)])
def test_a_cut_witness_makes_the_run_incomplete(tmp_path: Path, complete: bool, whole: bool) -> None:
    """One witness broke off, or could not be read at all: the run says so, whatever the others hold."""
    proxy, packets = Witness(tmp_path, "proxy"), Witness(tmp_path, "packets")
    proxy.saw("a.test")
    (run,) = Joined(tmp_path, proxy.told(), packets.told(complete), whole=whole).frame("runs")
    assert not run["complete"] and run["witnesses"] == ["proxy", "packets"]


def test_a_second_stream_to_a_host_is_not_lost(tmp_path: Path) -> None:
    """Two connections to one host, one of them past the proxy: the hook tells the one that the proxy did not read."""
    proxy, hook = Witness(tmp_path, "proxy"), Witness(tmp_path, "hook")
    proxy.saw("a.test")
    hook.saw("a.test", client_ip=None)
    hook.saw("a.test", client_ip=None, after=4.0)
    joined = Joined(tmp_path, proxy.told(), hook.told())
    assert [(f["host"], f["source_ref"].split()[0]) for f in joined.frame("flows")] == [
        ("a.test", "proxy"),
        ("a.test", "hook"),
    ]
