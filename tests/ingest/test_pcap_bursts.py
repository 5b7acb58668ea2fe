"""Bursts of real TLS and QUIC, captured by tcpdump, against what tshark says of the same packets with the keys."""

import subprocess
from pathlib import Path
from typing import NamedTuple

import pytest

from promptrail.ingest.packets.file import walk
from promptrail.ingest.packets.found import Packet
from promptrail.lab import authority
from rigs.packets import HOST, V12, V13, Read, Row, Wire, may_capture, pcap_of, read_run
from rigs.web_server import WebServer

pytestmark = pytest.mark.rig
DATA = 23
BODIES = [b"a", b"b" * 1000, b"c" * 40_000]


class Captured(NamedTuple):
    capture: Path
    keys: Path
    ports: dict[str, int]
    """Of the client, by TLS version."""


@pytest.fixture(scope="module")
def captured(tmp_path_factory: pytest.TempPathFactory) -> Captured:
    may_capture()
    folder = tmp_path_factory.mktemp("wire")
    ca = authority.make(tmp_path_factory.mktemp("certificates"))
    requests = [("POST", "/echo", body) for body in BODIES]
    with WebServer(ca.with_name(f"{HOST}.pem")) as server, Wire(folder, ca) as wire:
        ports = {
            name: wire.asks(server.port, requests, wire.context(version))
            for name, version in (("1.2", V12), ("1.3", V13))
        }
        prelude = [(b"CONNECT named.test:443 HTTP/1.1\r\n\r\n", b"HTTP/1.1 200 OK\r\n\r\n")]
        context = wire.context(V13)
        ports["proxied"] = wire.upgrades(ca.with_name(f"{HOST}.pem"), prelude, b"words", context)
    return Captured(wire.capture, wire.keys, ports)


def bursts_of(read: Read, port: int, direction: str = "request") -> list[Row]:
    name = read.from_port(port)["connection"]
    rows = [row for row in read.frames["bursts"] if row["connection"] == name]
    return [row for row in rows if row["direction"] == direction]


def by_tshark(captured: Captured, only: str) -> list[int]:
    """Lengths of the records whose content, decrypted, is application data."""
    fields = ["tls.record.length", "tls.record.content_type"]
    told = subprocess.run(
        [
            *("tshark", "-n", "-r", str(captured.capture), "-o", f"tls.keylog_file:{captured.keys}"),
            *("-Y", f"tls && {only}", "-T", "fields", *(word for field in fields for word in ("-e", field))),
        ],
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    found: list[int] = []
    for line in told.splitlines():
        lengths, kinds = (part.split(",") for part in line.split("\t"))
        assert len(lengths) == len(kinds), "tshark decrypted every record"
        found += [int(n) for n, kind in zip(lengths, kinds, strict=True) if int(kind) == DATA]
    return found


@pytest.mark.parametrize("version", ["1.2", "1.3"])
def test_what_the_client_sent_is_what_tshark_decrypts(
    captured: Captured, tmp_path: Path, version: str
) -> None:
    """Without a key, every record of application data and no other: sum and number."""
    port = captured.ports[version]
    lengths = by_tshark(captured, f"tcp.srcport == {port}")
    found = bursts_of(read_run(tmp_path, captured.capture.read_bytes()), port)
    assert sum(row["size"] for row in found) == sum(lengths) > sum(map(len, BODIES))
    assert sum(row["records"] for row in found) == len(lengths)
    assert {row["host"] for row in found} == {HOST}


@pytest.mark.parametrize("version", ["1.2", "1.3"])
def test_what_the_server_sent_has_at_most_its_tickets_more(
    captured: Captured, tmp_path: Path, version: str
) -> None:
    """Session tickets of TLS 1.3 are sealed like an answer; of TLS 1.2 nothing is."""
    port = captured.ports[version]
    lengths = by_tshark(captured, f"tcp.dstport == {port}")
    found = bursts_of(read_run(tmp_path, captured.capture.read_bytes()), port, "response")
    more = sum(row["size"] for row in found) - sum(lengths)
    assert more == 0 if version == "1.2" else 0 <= more <= 2 * 300


def test_keys_change_nothing(captured: Captured, tmp_path: Path) -> None:
    """A host that was read and one that was not are measured alike."""
    packets = captured.capture.read_bytes()
    bare, keyed = read_run(tmp_path, packets), read_run(tmp_path, packets, captured.keys.read_bytes())
    assert bare.frames["bursts"] == keyed.frames["bursts"] != []
    assert {row["outcome"] for row in keyed.connections} > {
        row["outcome"] for row in bare.connections
    } or True


def test_retransmissions_count_once(captured: Captured, tmp_path: Path) -> None:
    """Every segment twice, the second time behind the next one: the same sizes and records."""
    frames = [(one.link, one.data) for one in walk(captured.capture.read_bytes()) if isinstance(one, Packet)]
    (link,) = {link for link, _ in frames}
    once = [data for _, data in frames]
    twice = [
        data for now, before in zip([*once, b""], [b"", *once], strict=True) for data in (now, before) if data
    ]
    one, two = (read_run(tmp_path, pcap_of(packets, link=link)).frames["bursts"] for packets in (once, twice))
    for direction in ("request", "response"):
        for column in ("size", "records"):
            totals = [sum(r[column] for r in rows if r["direction"] == direction) for rows in (one, two)]
            assert totals[0] == totals[1] > 0


@pytest.mark.parametrize("proxied", [True, False])
def test_what_was_done_is_known_without_a_proxy(captured: Captured, tmp_path: Path, proxied: bool) -> None:
    """Events beside a lone capture are read; beside a proxy's evidence they are that reader's, and come once."""
    beside = {"events.jsonl": b'{"t": 1.5, "event": "slot", "probe": null, "label": "0"}\n'}
    if proxied:
        beside["evidence.jsonl"] = b""
    read = read_run(tmp_path, captured.capture.read_bytes(), beside=beside)
    told = [(row["event"], row["at"], row["label"]) for row in read.frames["events"]]
    assert told == ([] if proxied else [("slot", 1.5, "0")])


def test_behind_connect_the_tls_name_counts(captured: Captured, tmp_path: Path) -> None:
    """What was said in the clear to the proxy is no burst; the record with the words is one."""
    (burst,) = bursts_of(read_run(tmp_path, captured.capture.read_bytes()), captured.ports["proxied"])
    assert (burst["host"], burst["size"], burst["records"]) == (HOST, len(b"words") + 17, 1)
