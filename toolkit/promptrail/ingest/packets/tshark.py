"""tshark on a stream of packets: one pass, a row of fields for every frame that holds TCP or UDP.

In: packets, and a file of TLS secrets. Out: rows, as soon as they come. It refuses to go on where tshark says nothing
for too long. Why fields: the protocols that TLS can carry are switched off, so tshark gives every decrypted record
as bytes of no protocol (data.data): exact, with frame and time, in one pass, for whatever runs inside, in a CONNECT
tunnel too. Exported PDUs (-U) leave out protocols that tshark does not know, `follow` needs its stream's number first
and holds all of it, JSON costs several times as much. Packets are written to tshark by us, so nothing else of the file
reaches it; its settings are ours, not the user's.
"""

import os
import re
import shutil
import struct
import subprocess
import tempfile
import threading
import time
from collections.abc import Iterable, Iterator
from functools import cache, lru_cache
from pathlib import Path
from typing import IO

from promptrail.errors import InputError, MissingTool
from promptrail.ingest.packets.found import Packet

PLACES = ("/Applications/Wireshark.app/Contents/MacOS", r"C:\Program Files\Wireshark")
"""Where Wireshark's installers put it beside PATH."""
INSTALL = "`apt install tshark`, `brew install wireshark` or `winget install WiresharkFoundation.Wireshark`"
QUIET = 120.0
"""Seconds in which tshark takes no packet and gives no row, and is then taken for stuck."""
KEPT = {
    *(
        "frame",
        "eth",
        "ethertype",
        "vlan",
        "ieee8021ad",
        "sll",
        "null",
        "loop",
        "raw",
        "ppp",
        "pppoe",
        "pppoes",
    ),
    *("llc", "nflog", "pktap", "wlan", "radiotap", "ppi", "prism", "gre", "ip", "ipv6", "ipv6.hopopts"),
    *("ipv6.dstopts", "ipv6.routing", "ipv6.fraghdr", "tcp", "udp", "tls", "dtls", "quic", "gquic", "data"),
}
"""Protocols that stay on: those that carry TCP and UDP, and those that hide what we look for."""
SETTINGS = (
    *("tcp.desegment_tcp_streams:TRUE", "tcp.reassemble_out_of_order:TRUE", "tcp.try_heuristic_first:TRUE"),
    *("tls.desegment_ssl_records:TRUE", "tls.desegment_ssl_application_data:TRUE", "ip.defragment:TRUE"),
    *("tcp.check_checksum:FALSE", "udp.check_checksum:FALSE", "ip.check_checksum:FALSE"),
)
FIELDS = (
    *("frame.number", "frame.time_epoch", "frame.protocols", "ip.src", "ip.dst", "ipv6.src", "ipv6.dst"),
    *("tcp.stream", "tcp.srcport", "tcp.dstport", "tcp.flags", "tcp.seq_raw", "tcp.ack_raw", "tcp.len"),
    *("tcp.payload", "udp.stream", "udp.srcport", "udp.dstport", "udp.length", "udp.payload"),
    *("tls.handshake.type", "tls.handshake.version", "tls.handshake.extensions.supported_version"),
    "tls.handshake.ciphersuite",
    *("tls.handshake.certificate", "tls.alert_message.level", "tls.alert_message.desc"),
    *("tls.record.length", "tls.record.content_type", "tls.record.opaque_type", "data.data"),
    *("quic.version", "quic.frame_type", "quic.stream.stream_id", "quic.stream.offset", "quic.stream.length"),
    "quic.decryption_failed",
    "quic.stream_data",
    "tls.handshake.extensions_alpn_str",
)
PLACE = {name: place for place, name in enumerate(FIELDS)}


class Ended(InputError):
    """tshark ended before its time."""


def installed() -> str | None:
    """tshark's file, if it is on this machine."""
    ways = (shutil.which("tshark"), *(shutil.which("tshark", path=p) for p in PLACES))
    return next(filter(None, ways), None)


@cache
def program() -> str:
    """tshark's file. MissingTool where it is not installed."""
    found = installed()
    if found is None:
        raise MissingTool(
            "a packet capture is read through tshark, which is not installed: its connections, DNS and contents stay "
            f"unread until it is. {INSTALL}, then run the command again."
        )
    return found


@lru_cache(maxsize=4)
def version(tool: str) -> str:
    said = subprocess.run(
        [tool, "--version"], capture_output=True, text=True, env=_bare(), check=False
    ).stdout
    found = re.match(r"TShark \(Wireshark\) (\S+?)\.? ", said)
    return found[1] if found else "of an unknown version"


@lru_cache(maxsize=4)
def _others(tool: str) -> str:
    """Every protocol but those in KEPT, as tshark's file disabled_protos wants them."""
    said = subprocess.run([tool, "-G", "protocols"], capture_output=True, text=True, env=_bare(), check=False)
    names = (line.split("\t")[2] for line in said.stdout.splitlines() if line.count("\t") >= 2)
    return "".join(f"{name}\n" for name in names if name not in KEPT)


def _bare(home: str | None = None) -> dict[str, str]:
    """An environment in which neither settings nor plugins of the user have a say."""
    kept = ("PATH", "SYSTEMROOT", "TEMP", "TMP", "TMPDIR", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH")
    bare = {name: os.environ[name] for name in kept if name in os.environ} | {"LC_ALL": "C", "TZ": "UTC"}
    if home is not None:
        bare |= dict.fromkeys(("HOME", "APPDATA", "WIRESHARK_CONFIG_DIR", "WIRESHARK_PLUGIN_DIR"), home)
    return bare


def rows(
    packets: Iterable[Packet], keys: bytes, tool: str | None = None, quiet: float = QUIET
) -> Iterator[list[bytes]]:
    """A row of FIELDS for each frame, in the order of frames; frame 1 is the first packet. Ended where tshark fails."""
    tool = tool or program()
    with tempfile.TemporaryDirectory(prefix="promptrail-tshark-") as folder:
        home = Path(folder, "home")
        home.mkdir()
        (home / "disabled_protos").write_text(_others(tool), encoding="utf-8")
        log = Path(folder, "keys.log")
        log.touch(mode=0o600)
        log.write_bytes(keys)
        command = [
            tool,
            "-n",
            "-r",
            "-",
            "-o",
            f"tls.keylog_file:{log}",
            "-T",
            "fields",
            "-E",
            "separator=/t",
        ]
        command += ["-E", "occurrence=a", "-E", "aggregator=,"]
        command += [word for setting in SETTINGS for word in ("-o", setting)]
        command += [word for field in FIELDS for word in ("-e", field)]
        with open(Path(folder, "said"), "wb+") as said:
            process = subprocess.Popen(
                command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=said, env=_bare(str(home))
            )
            watch = Watch(process, quiet)
            feeder = threading.Thread(target=feed, args=(process, packets, watch), daemon=True)
            feeder.start()
            try:
                yield from _lines(process, watch)
                code = process.wait()
            finally:
                watch.over = True
                process.kill()
                process.wait()
                feeder.join()
                watch.thread.join()
                for pipe in (process.stdin, process.stdout):
                    if pipe:
                        with_no_reader(pipe)
            if watch.killed:
                raise Ended(f"tshark neither took a packet nor told of one for {quiet:.0f} s, and was ended")
            if code:
                said.seek(0)
                words = said.read(2000).decode("utf-8", "replace").strip().splitlines()
                how = f"by signal {-code}" if code < 0 else f"with exit code {code}"
                raise Ended(f"tshark ended {how}: {' '.join(words[-2:]) or 'it said nothing'}")


class Watch:
    """Ends a process that makes no progress. `moved()` is progress."""

    def __init__(self, process: "subprocess.Popen[bytes]", quiet: float) -> None:
        self.process, self.quiet = process, quiet
        self.over = self.killed = False
        self.moved()
        self.thread = threading.Thread(target=self._wait, daemon=True)
        self.thread.start()

    def moved(self) -> None:
        self.last = time.monotonic()

    def _wait(self) -> None:
        while not self.over and self.process.poll() is None:
            if time.monotonic() - self.last > self.quiet:
                self.killed = True
                self.process.kill()
            time.sleep(min(0.2, self.quiet / 4))


def _lines(process: "subprocess.Popen[bytes]", watch: Watch) -> Iterator[list[bytes]]:
    assert process.stdout
    for line in process.stdout:
        watch.moved()
        row = line.rstrip(b"\r\n").split(b"\t")
        # Only the last field is text that a sender chose; whatever it holds, the others stand before it.
        if len(row) >= len(FIELDS) and row[0].isdigit():
            yield row


def with_no_reader(pipe: IO[bytes]) -> None:
    """Close a pipe whose other end may be gone."""
    try:
        pipe.close()
    except OSError:
        pass


def feed(process: "subprocess.Popen[bytes]", packets: Iterable[Packet], watch: Watch) -> None:
    """Write the packets as a pcapng of our own making: one interface for each link type, times in nanoseconds."""
    assert process.stdin
    links: dict[int, int] = {}
    try:
        process.stdin.write(struct.pack("<IIIHHqI", 0x0A0D0D0A, 28, 0x1A2B3C4D, 1, 0, -1, 28))
        for packet in packets:
            if packet.link not in links:
                links[packet.link] = len(links)
                option = struct.pack("<HHB3xI", 9, 1, 9, 0)
                process.stdin.write(
                    struct.pack("<IIHHI", 1, 32, packet.link, 0, 0) + option + struct.pack("<I", 32)
                )
            size = len(packet.data)
            total = 32 + size + -size % 4
            head = (
                6,
                total,
                links[packet.link],
                packet.ns >> 32,
                packet.ns & 0xFFFFFFFF,
                size,
                packet.length,
            )
            process.stdin.write(struct.pack("<IIIIIII", *head))
            process.stdin.write(packet.data + bytes(-size % 4) + struct.pack("<I", total))
            watch.moved()
        process.stdin.close()
    except (OSError, ValueError):
        pass  # tshark has ended, and whoever reads its rows says why
