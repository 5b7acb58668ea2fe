"""A Frida portal on loopback that one process has joined: a device over TCP, as a phone with frida-server is one.

Before it stands a relay that can be cut, as a cable is pulled.
"""

import contextlib
import os
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager

JOINED = """
import frida, sys
cluster, control, pid = map(int, sys.argv[1:4])
ends = [frida.EndpointParameters(address="127.0.0.1", port=port) for port in (cluster, control)]
portal = frida.PortalService(*ends)
portal.start()
membership = frida.attach(pid).join_portal(f"127.0.0.1:{cluster}")
print("joined", flush=True)
sys.stdin.readline()
"""


@contextmanager
def portal(pid: int, path: str | None = None) -> Iterator[int]:
    """The port to control it by. `path` holds another version of Frida, for PYTHONPATH."""
    cluster, control = free_port(), free_port()
    env = os.environ | ({"PYTHONPATH": path} if path else {})
    words = [sys.executable, "-c", JOINED, str(cluster), str(control), str(pid)]
    process = subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=env)
    try:
        assert process.stdout is not None and process.stdout.readline() == b"joined\n"
        yield control
    finally:
        process.kill()
        process.communicate()


class Relay:
    """`with Relay(port) as relay`: `relay.port` leads there; `cut()` breaks what is open, and new connections work."""

    def __init__(self, to: int) -> None:
        self.to, self.open = to, list[socket.socket]()

    def __enter__(self) -> "Relay":
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = int(self.listener.getsockname()[1])
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self.listener.close()
        self.cut()

    def cut(self) -> None:
        for end in self.open:
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
        self.open.clear()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                near, _ = self.listener.accept()
                far = socket.create_connection(("127.0.0.1", self.to))
                self.open += [near, far]
                for one, other in ((near, far), (far, near)):
                    threading.Thread(target=self._pump, args=(one, other), daemon=True).start()

    def _pump(self, one: socket.socket, other: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while data := one.recv(65536):
                other.sendall(data)
        for end in (one, other):
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])
