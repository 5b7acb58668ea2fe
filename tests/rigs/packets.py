"""Real traffic on loopback, captured by a real tcpdump: clients of many kinds, and what the reader makes of it.

`Wire` captures for the length of a block; its methods are the clients. `read_run` reads a capture into rows.
"""

import http.client
import os
import shutil
import socket
import ssl
import struct
import threading
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Any, NamedTuple

import pyarrow.parquet as pq
import pytest

from promptrail.device.packets import LOOPBACK, Packets
from promptrail.ingest import pcap
from promptrail.ingest.sink import Sink
from promptrail.model import Problem
from rigs.needs import missing_rig

HOST = "chat.parley.test"
V12, V13 = ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3
Row = dict[str, Any]


def may_capture() -> None:
    """Skip where no packets can be captured or read."""
    if not shutil.which("tcpdump", path=f"{os.environ['PATH']}:/usr/sbin"):
        missing_rig("tcpdump is not installed")
    if os.geteuid():
        missing_rig("capturing packets needs root")
    may_read()


def may_read() -> None:
    if not shutil.which("tshark"):
        missing_rig("tshark is not installed")


class Read(NamedTuple):
    """What the reader made of a capture."""

    frames: dict[str, list[Row]]
    problems: list[Problem]

    @property
    def flows(self) -> list[Row]:
        return self.frames["flows"]

    @property
    def connections(self) -> list[Row]:
        return self.frames["connections"]

    def from_port(self, port: int) -> Row:
        """The one connection of a client's port."""
        (one,) = [row for row in self.connections if row["client_port"] == port]
        return one

    def flows_of(self, port: int) -> list[Row]:
        name = self.from_port(port)["connection"]
        return [row for row in self.flows if row["connection"] == name]

    def body(self, sha256: str) -> bytes:
        return b"".join(row["data"] for row in self.frames["bodies"] if row["sha256"] == sha256)

    def messages(self, flow: Row) -> list[Row]:
        return [row for row in self.frames["messages"] if row["flow"] == flow["flow"]]


def read_run(
    scratch: Path,
    capture: bytes,
    keys: bytes | None = None,
    name: str = "capture.pcap",
    beside: dict[str, bytes] | None = None,
) -> Read:
    """A capture's bytes, a key log and other files beside it, through the reader."""
    scratch = Path(scratch, f"read-{len(list(scratch.iterdir()))}")
    run, target = scratch / "captures" / "r", scratch / "frames"
    run.mkdir(parents=True)
    target.mkdir()
    (run / name).write_bytes(capture)
    for other, content in (beside or {}).items():
        (run / other).write_bytes(content)
    if keys is not None:
        (run / pcap.KEYS).write_bytes(keys)
    sink = Sink(target)
    sink.run = "r"
    pcap.read(run, sink)
    sink.close()
    names = ("runs", "flows", "connections", "bursts", "messages", "events", "bodies")
    return Read({n: pq.read_table(target / f"{n}.parquet").to_pylist() for n in names}, sink.problems)


class Wire:
    """`with Wire(folder, ca) as wire:` captures what its clients send, or what a filter of pcap-filter(7) says.

    `address`: of its clients, a loopback address of their own, so that no other test's traffic is captured;
    `keys`: the key log of those that keep one.
    """

    def __init__(self, folder: Path, ca: Path, only: str = "") -> None:
        self.address = ".".join(["127", *(str(1 + byte % 254) for byte in os.urandom(3))])
        self.ca, self.keys = ca, folder / "client-keys.log"
        self.keys.touch()
        self.capture = folder / "capture.pcap"
        self._packets = Packets(folder, LOOPBACK, only or f"host {self.address}")
        self._servers: list[socket.socket] = []

    def __enter__(self) -> "Wire":
        self._packets.__enter__()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._packets.__exit__(kind, error, trace)
        for server in self._servers:
            server.close()

    def context(self, version: ssl.TLSVersion, keep: bool = True, trust: bool = True) -> ssl.SSLContext:
        """`keep`: write the keys down; `trust`: the lab's CA."""
        context = ssl.create_default_context(cafile=str(self.ca) if trust else None)
        context.minimum_version = context.maximum_version = version
        if keep:
            context.keylog_filename = str(self.keys)
        return context

    def asks(self, port: int, requests: list[tuple[str, str, bytes]], context: ssl.SSLContext | None) -> int:
        """HTTP/1.1 requests on one connection; the client's port."""
        client = http.client.HTTPConnection("127.0.0.1", port, 30, (self.address, 0))
        client.connect()
        if context:
            client.sock = context.wrap_socket(client.sock, server_hostname=HOST)
        mine = int(client.sock.getsockname()[1])
        for method, path, body in requests:
            client.request(method, path, body or None, {"Host": HOST})
            client.getresponse().read()
        client.close()
        return mine

    def shakes(self, port: int, context: ssl.SSLContext) -> int:
        """A handshake that may fail, and a close; the client's port."""
        with socket.create_connection(("127.0.0.1", port), 30, (self.address, 0)) as plain:
            mine = int(plain.getsockname()[1])
            try:
                with context.wrap_socket(plain, server_hostname=HOST) as secure:
                    secure.unwrap()
            except OSError:
                pass
        return mine

    def says(self, port: int, words: bytes, wanted: int, to: str = "127.0.0.1") -> int:
        """Plain bytes, and so many bytes of an answer; the client's port."""
        with socket.create_connection((to, port), 30, (self.address, 0)) as client:
            mine = int(client.getsockname()[1])
            client.sendall(words)
            while wanted > 0:
                wanted -= len(client.recv(65536))
        return mine

    def serves(self, answer: Callable[[bytes], bytes], at: tuple[str, int] = ("127.0.0.1", 0)) -> int:
        """A plain TCP server that answers each piece it receives; its port."""
        server = socket.create_server(at)
        self._servers.append(server)

        def one(peer: socket.socket) -> None:
            with peer:
                while data := peer.recv(65536):
                    peer.sendall(answer(data))

        def accept() -> None:
            try:
                while True:
                    threading.Thread(target=one, args=(server.accept()[0],), daemon=True).start()
            except OSError:
                pass

        threading.Thread(target=accept, daemon=True).start()
        return int(server.getsockname()[1])

    def upgrades(
        self, certificate: Path, prelude: list[tuple[bytes, bytes]], words: bytes, context: ssl.SSLContext
    ) -> int:
        """A connection that says some things in the clear (asked, answered), and then speaks TLS; the client's port."""
        own = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        own.load_cert_chain(certificate)
        server = socket.create_server(("127.0.0.1", 0))
        self._servers.append(server)

        def serve() -> None:
            peer, _ = server.accept()
            for asked, answer in prelude:
                assert peer.recv(len(asked), socket.MSG_WAITALL) == asked
                peer.sendall(answer)
            with own.wrap_socket(peer, server_side=True) as secure:
                secure.sendall(secure.recv(65536)[::-1])
                secure.unwrap().close()

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        with socket.create_connection(server.getsockname(), 30, (self.address, 0)) as plain:
            mine = int(plain.getsockname()[1])
            for asked, answer in prelude:
                plain.sendall(asked)
                plain.recv(len(answer), socket.MSG_WAITALL)
            with context.wrap_socket(plain, server_hostname=HOST) as secure:
                secure.sendall(words)
                secure.recv(65536)
                secure.unwrap().close()
        thread.join(30)
        return mine

    def refused(self) -> int:
        """A connection to a port on which nobody listens; the client's port."""
        with socket.create_server(("127.0.0.1", 0)) as server:
            nobody = server.getsockname()
        with socket.socket() as client:
            client.bind((self.address, 0))
            with pytest.raises(ConnectionRefusedError):
                client.connect(nobody)
            return int(client.getsockname()[1])

    def datagrams(self, to: tuple[str, int], asked: list[bytes], answers: list[bytes]) -> int:
        """Datagrams to a socket that answers each with the next; the client's port."""
        with (
            socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as server,
            socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as client,
        ):
            server.bind(to)
            client.bind((self.address, 0))
            client.connect(server.getsockname())
            for question, answer in zip(asked, answers, strict=True):
                client.send(question)
                _, peer = server.recvfrom(65536)
                if answer:
                    server.sendto(answer, peer)
                    client.recv(65536)
            return int(client.getsockname()[1])


# Packets that are made here, for what no network does on demand.


def ethernet(
    source: tuple[str, int], target: tuple[str, int], transport: bytes, protocol: int, data: bytes
) -> bytes:
    head = struct.pack("!HH", source[1], target[1]) + transport + data
    ip = struct.pack("!BBHHHBBH", 0x45, 0, 20 + len(head), 0, 0, 64, protocol, 0)
    return bytes(12) + b"\x08\x00" + ip + socket.inet_aton(source[0]) + socket.inet_aton(target[0]) + head


def segment(
    source: tuple[str, int], target: tuple[str, int], seq: int, ack: int, flags: int, data: bytes = b""
) -> bytes:
    """A TCP segment in an Ethernet frame; checksums are 0."""
    rest = struct.pack("!IIBBHHH", seq & 0xFFFFFFFF, ack & 0xFFFFFFFF, 0x50, flags, 65535, 0, 0)
    return ethernet(source, target, rest, 6, data)


def datagram(source: tuple[str, int], target: tuple[str, int], data: bytes) -> bytes:
    return ethernet(source, target, struct.pack("!HH", 8 + len(data), 0), 17, data)


def pcap_of(packets: list[bytes], order: str = "<", nano: bool = False, link: int = 1) -> bytes:
    """A classic pcap of these frames, a millisecond apart."""
    magic, unit = (0xA1B23C4D, 1) if nano else (0xA1B2C3D4, 1000)
    out = [struct.pack(order + "IHHiIII", magic, 2, 4, 0, 0, 262144, link)]
    for n, packet in enumerate(packets):
        seconds, rest = divmod(1_790_000_000_000_000_000 + n * 1_000_000, 1_000_000_000)
        out.append(struct.pack(order + "IIII", seconds, rest // unit, len(packet), len(packet)) + packet)
    return b"".join(out)


def block(kind: int, body: bytes, order: str = "<") -> bytes:
    body += bytes(-len(body) % 4)
    return struct.pack(order + "II", kind, len(body) + 12) + body + struct.pack(order + "I", len(body) + 12)


def pcapng_of(packets: list[bytes], order: str = "<", more: bytes = b"", link: int = 1) -> bytes:
    """A pcapng of these frames, a millisecond apart; `more`: blocks that stand before them."""
    out = [block(0x0A0D0D0A, struct.pack(order + "IHHq", 0x1A2B3C4D, 1, 0, -1), order)]
    out += [block(1, struct.pack(order + "HHI", link, 0, 0), order), more]
    for n, packet in enumerate(packets):
        time_of = 1_790_000_000_000_000 + n * 1000
        head = struct.pack(order + "IIIII", 0, time_of >> 32, time_of & 0xFFFFFFFF, len(packet), len(packet))
        out.append(block(6, head + packet, order))
    return b"".join(out)
