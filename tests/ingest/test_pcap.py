"""A capture of real clients and servers on loopback, read with their keys and without."""

import asyncio
import os
import ssl
import struct
from pathlib import Path
from typing import NamedTuple

import aiohttp
import pytest

from promptrail.ingest import pcap
from promptrail.ingest.hook_record import line_of
from promptrail.ingest.packets.file import walk
from promptrail.ingest.packets.found import Packet
from promptrail.lab import authority
from rigs.packets import HOST, V12, V13, Read, Wire, block, may_capture, read_run
from rigs.web_server import BIG, WebServer

pytestmark = pytest.mark.rig
QUERY = bytes.fromhex("7b01 0100 0001 0000 0000 0000 04 63686174 06 7061726c6579 04 74657374 00 0001 0001")
ANSWER = (
    b"\x7b\x01\x81\x80\x00\x01\x00\x01\x00\x00\x00\x00" + QUERY[12:]
    + bytes.fromhex("c00c 0001 0001 0000003c 0004 c6336407")
)  # fmt: skip
IN_CLEAR = ("plain", "absolute", "raw", "dns", "dns over tcp", "datagrams", "starttls", "starttls sealed")
PROMPT = b'{"prompt":"kestrel-4417"}'
ASKED = [("POST", "/echo?a=1", PROMPT), ("GET", "/packed", b""), ("GET", "/stream", b"")]


class Talked(NamedTuple):
    capture: bytes
    keys: bytes
    ports: dict[str, int]


RESOLVER = f"127.77.{os.getpid() // 250 % 250 + 1}.{os.getpid() % 250 + 1}"
"""Where DNS is answered, on its own port: an address that no other process of these tests takes."""


@pytest.fixture(scope="module")
def talked(tmp_path_factory: pytest.TempPathFactory) -> Talked:
    """One capture of all of these, each from a port of its own."""
    may_capture()
    folder = tmp_path_factory.mktemp("wire")
    ca = authority.make(tmp_path_factory.mktemp("certificates"))
    ports = {}
    with WebServer(ca.parent / f"{HOST}.pem") as server, Wire(folder, ca) as wire:
        for name, version in (("1.2", V12), ("1.3", V13)):
            ports[f"read {name}"] = wire.asks(server.port, ASKED, wire.context(version))
            ports[f"sealed {name}"] = wire.asks(server.port, ASKED, wire.context(version, keep=False))
            ports[f"pinned {name}"] = wire.shakes(server.port, wire.context(version, trust=False))
            unkept = wire.context(version, keep=False, trust=False)
            ports[f"pinned sealed {name}"] = wire.shakes(server.port, unkept)
            ports[f"silent {name}"] = wire.shakes(server.port, wire.context(version))
        ports["websocket"] = asyncio.run(websocket(server.port, wire.context(V13), wire.address))
        plain = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
        web = wire.serves(lambda data: plain if data.endswith(PROMPT) else b"")
        ports["plain"] = wire.asks(web, [("POST", "/p", PROMPT)], None)
        absolute = b"POST http://chat.parley.test/abs HTTP/1.1\r\nHost: chat.parley.test\r\nContent-Length: 25\r\n\r\n"
        ports["absolute"] = wire.says(web, absolute + PROMPT, len(plain))
        ports["raw"] = wire.says(wire.serves(lambda data: data[::-1]), bytes(range(200, 256)), 56)
        certificate, trusting = ca.parent / f"{HOST}.pem", wire.context(V13)
        wanted = b"\x05\x01\x00\x03\x10" + HOST.encode() + b"\x01\xbb"
        socks = [(b"\x05\x01\x00", b"\x05\x00"), (wanted, b"\x05" + bytes(9))]
        ports["socks"] = wire.upgrades(certificate, socks, b"in a tunnel", trusting)
        mail = [(b"EHLO x\r\n", b"250 STARTTLS\r\n"), (b"STARTTLS\r\n", b"220 go on\r\n")]
        ports["starttls"] = wire.upgrades(certificate, mail, b"MAIL FROM", trusting)
        ports["starttls sealed"] = wire.upgrades(
            certificate, mail, b"MAIL FROM", wire.context(V13, keep=False)
        )
        resolver = wire.serves(lambda data: framed(ANSWER), (RESOLVER, 53))
        ports["dns over tcp"] = wire.says(resolver, framed(QUERY), len(ANSWER) + 2, RESOLVER)
        ports["refused"] = wire.refused()
        ports["dns"] = wire.datagrams((RESOLVER, 53), [QUERY], [ANSWER])
        ports["datagrams"] = wire.datagrams(("127.0.0.1", 0), [b"one", b"two"], [b"eno", b""])
    return Talked(wire.capture.read_bytes(), wire.keys.read_bytes(), ports)


def framed(message: bytes) -> bytes:
    return struct.pack("!H", len(message)) + message


async def websocket(port: int, context: ssl.SSLContext, address: str) -> int:
    connector = aiohttp.TCPConnector(ssl=context, local_addr=(address, 0))
    context.check_hostname = False
    async with (
        aiohttp.ClientSession(connector=connector) as session,
        session.ws_connect(f"https://127.0.0.1:{port}/ws", headers={"Host": HOST}, compress=15) as talk,
    ):
        await talk.send_str("hello kestrel-4417")
        await talk.receive()
        return int(talk.get_extra_info("sockname")[1])


@pytest.fixture(scope="module")
def keyed(talked: Talked, tmp_path_factory: pytest.TempPathFactory) -> Read:
    return read_run(tmp_path_factory.mktemp("keyed"), talked.capture, talked.keys)


@pytest.fixture(scope="module")
def unkeyed(talked: Talked, tmp_path_factory: pytest.TempPathFactory) -> Read:
    return read_run(tmp_path_factory.mktemp("unkeyed"), talked.capture)


@pytest.mark.parametrize("version", ["1.2", "1.3"])
def test_requests_of_a_kept_connection_are_read(talked: Talked, keyed: Read, version: str) -> None:
    """Three exchanges on one TLS connection, bodies byte for byte: as sent, compressed, and out of chunks."""
    flows = keyed.flows_of(talked.ports[f"read {version}"])
    assert [(f["method"], f["url"], f["status"]) for f in flows] == [
        (method, f"https://{HOST}{path}", 200) for method, path, _ in ASKED
    ]
    bodies = [keyed.body(f["response_body"]) for f in flows]
    assert bodies == [PROMPT, BIG, b"".join(b"data: %d\n\n" % n for n in range(5))]
    assert keyed.body(flows[0]["request_body"]) == PROMPT
    assert all(f["simulated"] and f["cert_names"] == [HOST] and f["sni"] == HOST for f in flows)
    assert [f["started"] for f in flows] == sorted(f["started"] for f in flows)


def test_a_source_ref_names_stream_and_frame(talked: Talked, keyed: Read) -> None:
    """`tcp N frame M`, as the same capture shows them in Wireshark."""
    first = keyed.flows_of(talked.ports["read 1.2"])[0]
    assert first["source_ref"].startswith("tcp 0 frame ")


@pytest.mark.parametrize("version", ["1.2", "1.3"])
def test_a_connection_tells_its_tls(talked: Talked, keyed: Read, version: str) -> None:
    """Version, SNI, fingerprints, both ends, and the bytes of each direction."""
    row = keyed.from_port(talked.ports[f"read {version}"])
    assert (row["outcome"], row["transport"], row["dest_ip"]) == ("read", "tcp", "127.0.0.1")
    assert (row["tls_version"], row["sni"], row["host"]) == (f"TLSv{version}", HOST, HOST)
    assert row["ja4"].startswith(f"t{version.replace('.', '')}d") and len(row["ja3"]) == 32
    assert row["bytes_out"] > len(PROMPT) and row["bytes_in"] > len(BIG)
    assert row["cert_names"] == [HOST] and "SIMULATED" in row["cert_issuer"]
    assert (row["witnesses"], row["read_by"]) == (["packets"], "packets")


@pytest.mark.parametrize("version", ["1.2", "1.3"])
def test_a_connection_whose_keys_are_missing_is_told_with_host_and_bytes(
    talked: Talked, keyed: Read, unkeyed: Read, version: str
) -> None:
    """No flow, no host lost: contact can be claimed from SNI and bytes. A key log without its keys opens nothing."""
    port = talked.ports[f"sealed {version}"]
    for read, why in ((keyed, "holds no keys for it"), (unkeyed, "there is no key log")):
        row = read.from_port(port)
        assert (row["outcome"], row["sni"], row["read_by"]) == ("no-keys", HOST, None)
        assert why in row["reason"] and row["bytes_out"] > 500
        assert read.flows_of(port) == []


def test_without_keys_nothing_encrypted_becomes_a_flow(talked: Talked, unkeyed: Read) -> None:
    """Only the plain connections have flows."""
    plain = {unkeyed.from_port(talked.ports[name])["connection"] for name in IN_CLEAR}
    assert {f["connection"] for f in unkeyed.flows} == plain


@pytest.mark.parametrize("name", ["pinned 1.2", "pinned 1.3", "pinned sealed 1.2", "pinned sealed 1.3"])
def test_a_client_that_refuses_the_certificate_is_pinned(talked: Talked, keyed: Read, name: str) -> None:
    """Its alert names the reason (OpenSSL sends it unencrypted in TLS 1.3 too, so it needs no keys)."""
    row = keyed.from_port(talked.ports[name])
    assert row["outcome"] == "pinned" and "unknown_ca (48)" in row["reason"]


def test_a_handshake_without_a_request_is_read_and_remarked(talked: Talked, keyed: Read) -> None:
    """Nothing was sent, so nothing is unread; apps that check the certificate themselves look so."""
    for version in ("1.2", "1.3"):
        row = keyed.from_port(talked.ports[f"silent {version}"])
        assert row["outcome"] == "read" and "without a request" in row["reason"]


def test_a_websocket_is_read(talked: Talked, keyed: Read) -> None:
    """Messages of both sides, compression undone."""
    (flow,) = keyed.flows_of(talked.ports["websocket"])
    assert flow["kind"] == "websocket"
    sent, received = (m for m in keyed.messages(flow) if m["part"] == "ws")
    assert keyed.body(sent["body"]) == b"hello kestrel-4417"
    assert keyed.body(received["body"]) == b"you said hello kestrel-4417 " * 20


@pytest.mark.parametrize("name", ["plain", "absolute"])
def test_http_without_tls_is_read(talked: Talked, unkeyed: Read, name: str) -> None:
    """On any port; a request to a proxy names the host in its target."""
    (flow,) = unkeyed.flows_of(talked.ports[name])
    assert (flow["scheme"], flow["host"], flow["status"]) == ("http", HOST, 200)
    assert unkeyed.body(flow["request_body"]) == PROMPT


def test_a_protocol_of_its_own_is_kept_as_bytes(talked: Talked, unkeyed: Read) -> None:
    """Raw messages of both directions."""
    (flow,) = unkeyed.flows_of(talked.ports["raw"])
    asked, answered = (unkeyed.body(m["body"]) for m in unkeyed.messages(flow))
    assert flow["kind"] == "tcp" and asked == bytes(range(200, 256)) and answered == asked[::-1]


def test_tls_behind_socks_is_read(talked: Talked, keyed: Read) -> None:
    """What the proxy was asked is no content; port and host are those that it was asked for."""
    (flow,) = keyed.flows_of(talked.ports["socks"])
    said = [keyed.body(m["body"]) for m in keyed.messages(flow)]
    assert said == [b"in a tunnel", b"lennut a ni"] and (flow["host"], flow["port"]) == (HOST, 443)


def test_tls_that_begins_later_is_read_with_what_went_before(talked: Talked, keyed: Read) -> None:
    """STARTTLS: the words in the clear and those in TLS are one raw flow; without keys the clear ones stay."""
    (flow,) = keyed.flows_of(talked.ports["starttls"])
    assert [keyed.body(m["body"]) for m in keyed.messages(flow)][-3:] == [
        b"220 go on\r\n",
        b"MAIL FROM",
        b"MORF LIAM",
    ]
    (sealed,) = keyed.flows_of(talked.ports["starttls sealed"])
    assert [keyed.body(m["body"]) for m in keyed.messages(sealed)][-1] == b"220 go on\r\n"
    assert keyed.from_port(talked.ports["starttls sealed"])["outcome"] == "no-keys"


def test_keys_of_a_hook_open_a_capture(talked: Talked, keyed: Read, tmp_path: Path) -> None:
    """Key lines in a hook's log beside the capture count as a key log does."""
    start = {"v": 1, "t": 1.0, "k": "start", "seq": 0, "agent": "a", "pid": 1}
    kept = enumerate(talked.keys.decode().splitlines())
    lines = [{**start, "k": "keylog", "seq": n, "line": line} for n, line in kept]
    log = "".join(map(line_of, [start, *lines]))
    read = read_run(tmp_path, talked.capture, beside={"hook.jsonl": log.encode()})
    assert read.flows == keyed.flows


def test_a_refused_connection_was_not_reached(talked: Talked, unkeyed: Read) -> None:
    """SYN, RST."""
    row = unkeyed.from_port(talked.ports["refused"])
    assert (row["outcome"], row["bytes_out"]) == ("not-reached", 0) and "RST" in row["reason"]


@pytest.mark.parametrize("name", ["dns", "dns over tcp"])
def test_dns_is_read(talked: Talked, unkeyed: Read, name: str) -> None:
    """The question is the flow's host; question and answer are its text."""
    (flow,) = unkeyed.flows_of(talked.ports[name])
    (message,) = unkeyed.messages(flow)
    assert (flow["kind"], flow["host"], flow["dest_ip"]) == ("dns", HOST, RESOLVER)
    assert unkeyed.body(message["body"]) == b"? chat.parley.test\nchat.parley.test 198.51.100.7"


def test_datagrams_are_kept(talked: Talked, unkeyed: Read) -> None:
    """A flow of the kind udp, a message each."""
    (flow,) = unkeyed.flows_of(talked.ports["datagrams"])
    said = [(m["direction"], unkeyed.body(m["body"])) for m in unkeyed.messages(flow)]
    assert flow["kind"] == "udp"
    assert said == [("request", b"one"), ("response", b"eno"), ("request", b"two")]


def test_the_same_capture_gives_the_same_rows(talked: Talked, keyed: Read, tmp_path: Path) -> None:
    """Identifiers and order come from the content."""
    assert read_run(tmp_path, talked.capture, talked.keys).frames == keyed.frames


def test_nothing_is_lost(keyed: Read, unkeyed: Read) -> None:
    """A whole capture is told without a word."""
    assert keyed.problems == unkeyed.problems == []
    (run,) = keyed.frames["runs"]
    assert run["complete"] and run["source"] == "pcap" and run["simulated"]


def test_keys_inside_the_file_open_it(talked: Talked, keyed: Read, tmp_path: Path) -> None:
    """A decryption secrets block behind the packets, as pcapng may hold it anywhere."""
    out = [
        block(0x0A0D0D0A, struct.pack("<IHHq", 0x1A2B3C4D, 1, 0, -1)),
        block(1, struct.pack("<HHI4xI", 1, 0, 0, 0)),
    ]
    for one in walk(talked.capture):
        assert isinstance(one, Packet)
        micros = one.ns // 1000
        head = struct.pack("<IIIII", 0, micros >> 32, micros & 0xFFFFFFFF, len(one.data), one.length)
        out.append(block(6, head + one.data))
    out.append(block(10, struct.pack("<II", 0x544C534B, len(talked.keys)) + talked.keys))
    read = read_run(tmp_path, b"".join(out), name="capture.pcapng")
    assert read.problems == [] and read.flows == keyed.flows and read.connections == keyed.connections


def test_a_capture_that_tshark_gets_in_parts_gives_the_same_rows(
    talked: Talked, keyed: Read, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Parts hold whole connections, and streams and frames keep their numbers."""
    monkeypatch.setattr(pcap, "PART", len(talked.capture) // 5)
    assert read_run(tmp_path, talked.capture, talked.keys).frames == keyed.frames


def test_a_flipped_bit_in_tls_costs_what_cannot_be_decrypted(
    talked: Talked, keyed: Read, tmp_path: Path
) -> None:
    """The rest of that direction of that connection; it is counted, and every other connection is whole."""
    first = keyed.from_port(talked.ports["read 1.3"])
    mine = [flow for flow in keyed.flows if flow["connection"] == first["connection"]]
    damaged = bytearray(talked.capture)
    frame = int(mine[1]["source_ref"].split()[-1])
    packets = [one for one in walk(talked.capture) if isinstance(one, Packet)]
    damaged[packets[frame - 1].start + len(packets[frame - 1].data) - 20] ^= 1
    read = read_run(tmp_path, bytes(damaged), talked.keys)
    others = [flow for flow in keyed.flows if flow["connection"] != first["connection"]]
    assert [flow for flow in read.flows if flow["connection"] != first["connection"]] == others
    assert read.flows_of(first["client_port"])[0] == mine[0]
    (problem,) = read.problems
    assert problem.severity == "warning" and "TLS records that could not be decrypted" in problem.what
