"""A real mitmdump with the capture addon, as a person starts it: in a Python where promptrail cannot be imported."""

import atexit
import contextlib
import functools
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
ADDON, ROUTE = ROOT / "addons" / "capture.py", ROOT / "toolkit" / "promptrail" / "lab" / "route.py"
PATIENCE = 60.0
"""Seconds after which a rig gives up; nothing is measured with it."""
# An import of promptrail is an error in this process, as in a mitmproxy that does not have it.
WITHOUT_PROMPTRAIL = """
import sys
class Refuse:
    def find_spec(self, name, path=None, target=None):
        if name.split('.')[0] == 'promptrail':
            raise ImportError(f'{name} must not be needed here')
sys.meta_path.insert(0, Refuse())
from mitmproxy.tools.main import mitmdump
sys.argv[0] = 'mitmdump'
mitmdump()
"""


@functools.cache
def compiled() -> str:
    """Where mitmproxy is kept compiled if the environment forbids it beside the sources: it starts in a third then."""
    folder = tempfile.mkdtemp(prefix="promptrail-compiled-")
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return folder


def environment() -> dict[str, str]:
    env = {k: v for k, v in os.environ.items() if k not in ("PYTHONPATH", "PYTHONDONTWRITEBYTECODE")}
    return env | ({"PYTHONPYCACHEPREFIX": compiled()} if sys.dont_write_bytecode else {})


class Mitmdump:
    """`with Mitmdump(case, ...) as proxy`: `proxy.port` listens; after the block it has ended, as after Ctrl-C.

    `settings` replace the addon's own, which record the run r into the case.
    """

    def __init__(
        self,
        case: Path,
        *options: str,
        mode: str | None = None,
        settings: dict[str, str] | None = None,
        confdir: Path | None = None,
        before: Callable[[], object] | None = None,
    ):
        set_to = {"promptrail_case": str(case), "promptrail_run": "r"} if settings is None else settings
        self.folder = case / "captures" / "r"
        self.confdir = confdir or case / "confdir"
        self.log = case / "mitmdump.log"
        self.command = [sys.executable, "-P", "-c", WITHOUT_PROMPTRAIL, "-s", str(ADDON)]
        self.command += [
            "--listen-host",
            "127.0.0.1",
            "--listen-port",
            "0",
            "--set",
            f"confdir={self.confdir}",
        ]
        self.command += [*options, *(word for item in set_to.items() for word in ("--set", "=".join(item)))]
        self.command += ["--mode", mode] if mode else []
        self.before = before

    def __enter__(self) -> "Mitmdump":
        self.log.parent.mkdir(parents=True, exist_ok=True)
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(
                self.command, stdout=log, stderr=log, env=environment(), preexec_fn=self.before
            )
        try:
            until(lambda: self.records("listening") or self.process.poll() is not None, self.words)
        except BaseException:
            self.stop(signal.SIGKILL)
            raise
        if self.process.poll() is None:
            self.port = int(self.records("listening")[0]["listen"][0][1])
        return self

    def __exit__(self, *_: object) -> None:
        self.stop(signal.SIGINT)

    def stop(self, how: signal.Signals) -> int:
        if self.process.poll() is None:
            self.process.send_signal(how)
        return self.process.wait(PATIENCE)

    def words(self) -> str:
        return self.log.read_text("utf-8", "replace")

    def records(self, kind: str | None = None) -> list[dict[str, Any]]:
        """The whole records so far, of one kind if given."""
        found = []
        with contextlib.suppress(FileNotFoundError):
            for line in (self.folder / "evidence.jsonl").read_bytes().splitlines(keepends=True):
                if line.endswith(b"\n"):
                    found.append(json.loads(line))
        return [r for r in found if kind in (None, r["k"])]

    def connection(self, **known: Any) -> dict[str, Any]:
        """The one connection of which this is known, with all that later records added."""
        merged: dict[str, dict[str, Any]] = {}
        for r in self.records("connection"):
            merged.setdefault(r["conn"], {}).update({k: v for k, v in r.items() if v is not None})
        (one,) = [c for c in merged.values() if known.items() <= c.items()]
        return one

    def body(self, ref: dict[str, Any]) -> bytes:
        pack = (self.folder / "bodies.pack").read_bytes()
        return b"".join(pack[offset : offset + length] for offset, length in ref["at"])


def routed(port: int, certificates: Path, hosts: str = "chat.parley.test") -> list[str]:
    """Options that send the lab's hosts to a server on loopback, and nothing anywhere else."""
    return [
        *("-s", str(ROUTE), "--set", f"lab_hosts={hosts}", "--set", f"lab_port={port}"),
        *("--set", f"ssl_verify_upstream_trusted_ca={certificates / 'ca.pem'}"),
    ]


def until(true: Callable[[], object], words: Callable[[], str] = str) -> None:
    """Wait until something is so; the deadline only ends a rig that is stuck."""
    deadline = time.monotonic() + PATIENCE
    while not true():
        assert time.monotonic() < deadline, f"it never came to be so. {words()}"
        time.sleep(0.01)


@contextlib.contextmanager
def tunnel(port: int, host: str, to: int = 443) -> Iterator[socket.socket]:
    """A connection through the proxy to host:to, as browsers make it (CONNECT), without TLS yet."""
    with socket.create_connection(("127.0.0.1", port), PATIENCE) as plain:
        plain.sendall(f"CONNECT {host}:{to} HTTP/1.1\r\nHost: {host}:{to}\r\n\r\n".encode())
        answer = b""
        while b"\r\n\r\n" not in answer:
            more = plain.recv(1)
            assert more, answer
            answer += more
        assert b" 200 " in answer.splitlines()[0], answer
        yield plain
