"""A stand-in for a device's adbd, for the real adb client and server: a context manager with all its failures.

It speaks adb's wire protocol on loopback and runs what it is asked to in a folder, or behind `prefix` in namespaces. It
proves what our side does with adb; it says nothing of Android.
"""

import contextlib
import functools
import os
import re
import shutil
import signal
import socket
import subprocess
import tempfile
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

from promptrail.device.adb import Adb, program
from promptrail.device.device import Device
from rigs.android import adbd_services as services
from rigs.android.adbd_transport import PATIENCE, Stream, Transport

PATH = "/usr/bin:/bin:/usr/sbin:/sbin"
ON_DEVICE = re.compile(r"(?<![\w./-])/(data|sdcard)(?=/|\b)")
SERVED = ("shell", "exec", "sync")
QUIET: dict[str, Any] = dict.fromkeys(("stdin", "stdout", "stderr"), subprocess.DEVNULL)
RESTARTED = {
    "root": "restarting adbd as root\n",
    "unroot": "restarting adbd as non root\n",
}


@dataclass(frozen=True)
class Modes:
    """How the device is, and how it fails."""

    auth: str = "open"
    """open, confirmed (the dialog is answered), unanswered, refused."""
    rooted: bool = False
    user_build: bool = False
    """`adb root` is refused, as by a Google Play image."""
    silent: bool = False
    """It accepts connections, and says nothing."""
    stuck: frozenset[str] = frozenset()
    """Services (shell, exec, sync) that are accepted and never answer."""
    breaks: Mapping[str, int] = field(default_factory=dict)
    """Services during which the connection breaks, once, after so many bytes."""
    features: str = "shell_v2,cmd,fixed_push_mkdir"
    name: str = "stand_in"


class Adbd:
    """`with Adbd(root=folder) as adbd: adbd.device().shell("id")`, by an adb server of its own.

    `root` is where the device's files lie; without a `prefix` paths below /data and /sdcard in commands mean it, too.
    `prefix` stands before the shell, `unrooted` behind it while adbd is not root. `netns` (a name, or a path such as
    /proc/PID/ns/net) has the device's side of `adb reverse`. Programs are looked up on `path`; ADBD_UID tells them as
    whom they run. `asked` holds every service that was opened.
    """

    def __init__(
        self,
        root: Path,
        prefix: Sequence[str] = (),
        netns: str | None = None,
        *,
        path: str = PATH,
        env: Mapping[str, str] | None = None,
        unrooted: Sequence[str] = (),
        **modes: Any,
    ) -> None:
        self.root, self.prefix, self.unrooted, self.path = Path(root), list(prefix), list(unrooted), path
        self.netns = f"/run/netns/{netns}" if netns and "/" not in netns else netns
        self.env = dict(env or {})
        self.modes = Modes(**modes)
        self.rooted = self.modes.rooted
        self.asked: list[str] = []
        self._broken: set[str] = set()
        self._transports: list[Transport] = []
        self._processes: list[subprocess.Popen[bytes]] = []

    def __enter__(self) -> Self:
        for folder in () if self.prefix else ("data/local/tmp", "sdcard"):
            (self.root / folder).mkdir(parents=True, exist_ok=True)
        with contextlib.ExitStack() as closing:
            self.listener = closing.enter_context(socket.create_server(("127.0.0.1", 0)))
            self.port = self.listener.getsockname()[1]
            self.serial = f"127.0.0.1:{self.port}"
            closing.callback(self.go_away)
            self.server_port = closing.enter_context(adb_server())
            threading.Thread(target=self._accept, args=(self.listener,), daemon=True).start()
            self._closing = closing.pop_all()
        return self

    def __exit__(self, *_: object) -> None:
        self._closing.close()

    def adb(self) -> Adb:
        """adb with the server of this stand-in, which does not know the device yet."""
        return Adb(port=self.server_port)

    def client(self) -> Adb:
        """adb that has connected to the device; DeviceError says how it failed."""
        adb = self.adb()
        adb.connect(self.serial)
        return adb

    def device(self) -> Device:
        return Device(self.client(), self.serial)

    def drop(self) -> None:
        """Break the connections there are, as a pulled cable does; it can be reached again."""
        for transport in self._transports:
            transport.drop()

    def go_away(self) -> None:
        """The device is gone: nothing listens any more, nothing that it ran goes on."""
        with contextlib.suppress(OSError):
            self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()
        self.drop()
        for process in self._processes:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()

    def _accept(self, listener: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while True:
                connection, _ = listener.accept()
                connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                transport = Transport(connection, self._banner(), self.modes.auth)
                reverses = services.Reverses(transport, self._listen)
                transport.serve = functools.partial(self._serve, reverses)
                self._transports.append(transport)
                run = transport.connection.fileno if self.modes.silent else transport.run
                threading.Thread(target=run, daemon=True).start()

    def _banner(self) -> bytes:
        facts = "".join(f"ro.product.{key}={self.modes.name};" for key in ("name", "model", "device"))
        return f"device::{facts}features={self.modes.features}\0".encode()

    def _serve(self, reverses: services.Reverses, stream: Stream, service: str) -> None:
        self.asked.append(service)
        name, _, about = service.partition(":")
        kind, *options = name.split(",")
        if kind in self.modes.stuck:
            return
        if kind in self.modes.breaks and kind not in self._broken:
            self._broken.add(kind)
            stream.allowance = self.modes.breaks[kind]
        with contextlib.suppress(OSError):  # the client is gone
            if kind in ("shell", "exec"):
                services.shell(stream, self._start(about, "v2" in options), "v2" in options)
            elif kind == "sync":
                services.sync(stream, self._real)
            elif kind == "reverse":
                stream.write(reverses.answer(about))
            elif kind == "tcp":
                services.tunnel(stream, self._connect(int(about)))
            elif kind in ("root", "unroot", "remount"):
                self._restart(stream, kind)
        with contextlib.suppress(OSError):
            stream.close()

    def _restart(self, stream: Stream, kind: str) -> None:
        """A change of user ends every connection, and with it every tunnel, as on a device."""
        if kind == "root" and self.modes.user_build:
            return stream.write(b"adbd cannot run as root in production builds\n")
        if kind == "root" and self.rooted:
            return stream.write(b"adbd is already running as root\n")
        if kind == "remount":
            said = "remount succeeded\n" if self.rooted else 'Not running as root. Try "adb root" first.\n'
            return stream.write(said.encode())
        stream.write(RESTARTED[kind].encode())
        stream.close()
        self.rooted = kind == "root"
        time.sleep(0.1)  # the client has to have read it
        return stream.transport.drop()

    def _start(self, command: str, v2: bool) -> "subprocess.Popen[bytes]":
        uid = "0" if self.rooted else "2000"
        if not self.prefix:
            command = ON_DEVICE.sub(lambda found: f"{self.root}{found[0]}", command)
        words = [
            *self.prefix,
            *([] if self.rooted else self.unrooted),
            "sh",
            *(["-c", command] if command else []),
        ]
        process = subprocess.Popen(
            words,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE if v2 else subprocess.STDOUT,
            env={"PATH": self.path, "ADBD_UID": uid, "TERM": "dumb", "TZ": "UTC", **self.env},
            start_new_session=True,
        )
        self._processes.append(process)
        return process

    def _real(self, path: str) -> Path:
        return self.root / os.path.normpath(f"/{path}").lstrip("/")

    def _listen(self, port: int) -> socket.socket:
        with self._in_netns():
            return socket.create_server(("127.0.0.1", port))

    def _connect(self, port: int) -> socket.socket:
        with self._in_netns():
            return socket.create_connection(("127.0.0.1", port))

    @contextlib.contextmanager
    def _in_netns(self) -> Iterator[None]:
        """Sockets that are made in this block belong to the device's network, whichever thread uses them later."""
        if self.netns is None:
            yield
            return
        with open("/proc/thread-self/ns/net") as ours, open(self.netns) as theirs:
            os.setns(theirs.fileno(), os.CLONE_NEWNET)
            try:
                yield
            finally:
                os.setns(ours.fileno(), os.CLONE_NEWNET)


@contextlib.contextmanager
def adb_server() -> Iterator[int]:
    """An adb server of its own, on its own port, with its own keys; it looks for no device by itself."""
    home = tempfile.mkdtemp(prefix="promptrail-adb-")
    own = {"HOME": home, "ANDROID_USER_HOME": home, "TMPDIR": home}
    env = {**os.environ, **own, "ADB_LOCAL_TRANSPORT_MAX_PORT": "1", "ADB_MDNS": "0"}
    words = Path(home) / "server.log"
    port, server = _listening(env, words)
    try:
        yield port
    finally:
        if server.poll() is not None:  # a device that is gone is no fault of the test's: say whose it is
            print(
                f"adb's server ended by itself ({server.returncode}): {words.read_text(errors='replace')[-2000:]}"
            )
        # Asked first: a client that found the server dead has started another in its place.
        subprocess.run([program(), "-P", str(port), "kill-server"], env=env, timeout=PATIENCE, **QUIET)
        server.terminate()
        server.wait()
        shutil.rmtree(home, ignore_errors=True)


def _listening(env: dict[str, str], words: Path) -> tuple[int, "subprocess.Popen[bytes]"]:
    """A server that listens, and its port; one whose port somebody else took in between ends, and is started anew."""
    until = time.monotonic() + PATIENCE
    while True:
        with socket.create_server(("127.0.0.1", 0)) as free:
            port = free.getsockname()[1]
        command = [program(), "-P", str(port), "server", "nodaemon"]
        with words.open("wb") as log:
            server = subprocess.Popen(
                command, env=env, start_new_session=True, stdin=subprocess.DEVNULL, stdout=log, stderr=log
            )
        while server.poll() is None and time.monotonic() < until:
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port)):
                return port, server
            time.sleep(0.01)
        server.kill()
        server.wait()
        assert time.monotonic() < until, "adb's server does not start"
