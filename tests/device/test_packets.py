"""A packet capture beside a recording, by a real tcpdump on loopback."""

import json
import os
import shutil
import signal
import socket
import struct
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from promptrail.device.packets import COUNTS, FILE, LOOPBACK, Packets
from promptrail.errors import MissingTool, RecordingError
from rigs.needs import missing_rig

pytestmark = pytest.mark.rig


@pytest.fixture(autouse=True)
def may_capture() -> None:
    if not shutil.which("tcpdump", path=f"{os.environ['PATH']}:/usr/sbin"):
        missing_rig("tcpdump is not installed")
    if os.geteuid():
        missing_rig("capturing packets needs root")


@pytest.fixture
def listener() -> Iterator[socket.socket]:
    server = socket.create_server(("127.0.0.1", 0))
    yield server
    server.close()


def talk(server: socket.socket, words: bytes) -> None:
    """One connection that says `words` and ends in order."""
    with socket.create_connection(server.getsockname()) as client:
        client.sendall(words)
        peer, _ = server.accept()
        with peer:
            client.shutdown(socket.SHUT_WR)
            while peer.recv(4096):
                pass
        client.recv(1)


def count(file: Path) -> int:
    """Packets in a pcap: a header of 24 bytes, then each with its length (draft-ietf-opsawg-pcap)."""
    data, at, packets = file.read_bytes(), 24, 0
    while at < len(data):
        at += 16 + struct.unpack_from("<I", data, at + 8)[0]
        packets += 1
    assert at == len(data)
    return packets


def test_every_packet_is_kept(tmp_path: Path, listener: socket.socket) -> None:
    """All that passed is in the file, the last FIN too, and tcpdump's own count says the same; modes are 0600."""
    with Packets(tmp_path, LOOPBACK, f"tcp port {listener.getsockname()[1]}"):
        talk(listener, b"a prompt that crosses the wire")
    facts = json.loads((tmp_path / COUNTS).read_text())
    assert count(tmp_path / FILE) == facts["counts"]["captured"] >= 8
    assert facts["counts"]["dropped by kernel"] == 0
    assert b"a prompt that crosses the wire" in (tmp_path / FILE).read_bytes()
    assert {(tmp_path / name).stat().st_mode & 0o777 for name in (FILE, COUNTS)} == {0o600}


def test_other_traffic_stays_out(tmp_path: Path, listener: socket.socket) -> None:
    """The filter names one port: a connection to another one is not recorded."""
    with Packets(tmp_path, LOOPBACK, f"tcp port {listener.getsockname()[1]}"):
        with socket.create_server(("127.0.0.1", 0)) as other:
            talk(other, b"somebody else's words")
        talk(listener, b"ours")
    assert b"somebody else" not in (tmp_path / FILE).read_bytes()


@pytest.mark.parametrize(
    ("interface", "only", "words"), [("no-such-if0", "tcp", "no-such-if0"), (LOOPBACK, "tcp prot", "syntax")]
)
def test_what_tcpdump_refuses_is_told(tmp_path: Path, interface: str, only: str, words: str) -> None:
    """An interface that is not there, a filter that is none: one sentence with tcpdump's words."""
    with pytest.raises(RecordingError, match=words), Packets(tmp_path, interface, only):
        pytest.fail("it cannot have started")


def test_a_tcpdump_that_dies_is_told(tmp_path: Path, listener: socket.socket) -> None:
    """Killed on the way: what it had written stays, and the block ends with an error instead of a whole capture."""
    with (
        pytest.raises(RecordingError, match="before it was told to"),
        Packets(tmp_path, LOOPBACK, f"tcp port {listener.getsockname()[1]}") as packets,
    ):
        talk(listener, b"before the end")
        while b"before the end" not in (tmp_path / FILE).read_bytes():
            assert packets.wait(0.05) is None
        os.kill(packets.pid, signal.SIGKILL)
        assert packets.wait(10) == -signal.SIGKILL
    assert b"before the end" in (tmp_path / FILE).read_bytes()


def test_without_tcpdump_it_says_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No tcpdump on this machine: MissingTool with the package."""
    monkeypatch.setattr(shutil, "which", lambda *_, **__: None)
    with pytest.raises(MissingTool, match="apt install tcpdump"):
        Packets(tmp_path, LOOPBACK, "tcp")


KILLED = """
import sys
from pathlib import Path
from promptrail.device.packets import LOOPBACK, Packets
with Packets(Path(sys.argv[1]), LOOPBACK, "tcp port 9"):
    print("captures", flush=True)
    sys.stdin.read()
"""


def test_it_ends_with_whoever_started_it(tmp_path: Path) -> None:
    """A killed recording leaves no tcpdump behind, which would fill the disk; what it wrote is a whole file."""

    def running() -> list[str]:
        lines = (path.read_bytes() for path in Path("/proc").glob("[0-9]*/cmdline") if path.exists())
        return [line.decode() for line in lines if str(tmp_path).encode() in line]

    words = [sys.executable, "-c", KILLED, str(tmp_path)]
    with subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdout and process.stdout.readline() == b"captures\n"
        assert len([line for line in running() if "tcpdump" in line]) == 1
        process.kill()
    until = time.monotonic() + 30
    while running():
        assert time.monotonic() < until, running()
        time.sleep(0.02)
    assert count(tmp_path / FILE) == 0
