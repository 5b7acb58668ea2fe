"""A packet capture beside a recording: tcpdump on one interface for the length of a block, into capture.pcap of a run.

It raises RecordingError with tcpdump's own words where it may not capture (it needs root or CAP_NET_RAW), and
MissingTool where it is not installed. What it counted, with what the kernel dropped, goes to packets.json.
"""

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from promptrail.errors import MissingTool, RecordingError

FILE, COUNTS = "capture.pcap", "packets.json"
KEYS = "keys.log"
"""TLS secrets beside a capture (SSLKEYLOGFILE format, draft-ietf-tls-keylogfile)."""
START, END = 20.0, 10.0
BUFFER, SETTLE = 16_384, 0.2
"""KiB that the kernel holds for tcpdump; seconds for the last packets (a FIN and its answer) to pass."""
LOOPBACK = "lo0" if sys.platform == "darwin" else "lo"
LEASH = 'cat >/dev/null; kill -TERM "$0"'
"""A shell that ends tcpdump when our end of its standard input closes, which a killed process cannot prevent."""
COUNTED = re.compile(r"^(\d+) packets? (captured|received by filter|dropped by kernel)", re.MULTILINE)


class Packets:
    """`with Packets(folder, "lo", "tcp port 8080"):` captures until the block ends. The filter is pcap-filter(7)'s."""

    def __init__(self, folder: Path, interface: str, only: str) -> None:
        tool = shutil.which("tcpdump") or shutil.which("tcpdump", path="/usr/sbin:/sbin")
        if tool is None:
            raise MissingTool(
                "a packet capture needs tcpdump: `apt install tcpdump`, or your system's package."
            )
        self.folder, self.interface, self.only = folder, interface, only
        # Immediate mode: else the last packets would still be in the kernel's ring when tcpdump is told to end.
        options = ["-s", "0", "-U", "-n", "--immediate-mode", "-B", str(BUFFER)]
        self._command = [tool, "-i", interface, *options, "-w", str(folder / FILE), only]
        self._said: list[str] = []
        self._ready = threading.Event()

    def __enter__(self) -> Self:
        os.close(os.open(self.folder / FILE, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
        if os.geteuid() == 0:  # else tcpdump becomes a user who may not write into the case
            self._command[1:1] = ["-Z", "root"]
        self._process = subprocess.Popen(
            self._command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
            errors="replace",
            env={**os.environ, "LC_ALL": "C"},
            start_new_session=True,
        )
        self._leash = subprocess.Popen(
            ["sh", "-c", LEASH, str(self._process.pid)],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        self._listener = threading.Thread(target=self._listen, daemon=True)
        self._listener.start()
        if not self._ready.wait(START) or self._process.poll() is not None:
            self._stop()
            raise RecordingError(
                f"tcpdump could not capture on {self.interface}: {' '.join(self._said)[-400:] or 'it said nothing'}. "
                "It needs root, or CAP_NET_RAW."
            )
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        died = self._process.poll()
        time.sleep(SETTLE if died is None else 0)
        self._stop()
        counts = {name: int(n) for n, name in COUNTED.findall("\n".join(self._said))}
        facts = {"interface": self.interface, "filter": self.only, "counts": counts, "exit": died}
        with open(os.open(self.folder / COUNTS, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as out:
            json.dump(facts, out, sort_keys=True)
        if kind is None and died is not None:
            raise RecordingError(
                f"tcpdump ended before it was told to (exit code {died}): {' '.join(self._said)[-400:]}"
            )

    @property
    def pid(self) -> int:
        return self._process.pid

    def wait(self, seconds: float) -> int | None:
        """Wait for it to end by itself; its exit code, None if it goes on."""
        try:
            return self._process.wait(seconds)
        except subprocess.TimeoutExpired:
            return None

    def _listen(self) -> None:
        stream: Any = self._process.stderr
        for line in stream:
            self._said.append(line.strip())
            if line.startswith("tcpdump: listening on") or " listening on " in line:
                self._ready.set()
        self._process.wait()  # it has closed its mouth: it is ending
        self._ready.set()

    def _stop(self) -> None:
        """End it in its own order, so that what it holds is written and it tells its counts."""
        for sign in (signal.SIGINT, signal.SIGKILL):
            if self._process.poll() is None:
                self._process.send_signal(sign)
                try:
                    self._process.wait(END)
                except subprocess.TimeoutExpired:
                    continue
        self._leash.kill()  # before its pipe closes: the number of a process that has ended may be another's
        self._leash.wait()
        if self._leash.stdin:
            self._leash.stdin.close()
        self._listener.join(END)
        if self._process.stderr:
            self._process.stderr.close()
