"""Two ports for an emulator, console and adb: none or a wish in, a pair that nobody else has out.

adb calls an emulator by its console's port, which is even and between 5554 and 5682. Two of us that start at once do
not take the same: a pair is held by a lock file until the emulator has ended.
"""

import contextlib
import os
import socket
from collections.abc import Iterator
from pathlib import Path

import platformdirs
from filelock import FileLock, Timeout

from promptrail.errors import DeviceError

CONSOLES = range(5554, 5683, 2)
LOOPBACK = ((socket.AF_INET, "127.0.0.1"), (socket.AF_INET6, "::1"))
"""The emulator listens on both."""


@contextlib.contextmanager
def pair(wish: int | None = None) -> Iterator[int]:
    """The console's port; adb's is the next. DeviceError if the one that was wished for is taken, or all are."""
    if wish is not None and wish not in CONSOLES:
        raise DeviceError(f"{wish} is no port for an emulator: it has to be even, from 5554 to 5682.")
    for port in CONSOLES if wish is None else (wish,):
        with contextlib.ExitStack() as stack:
            try:
                stack.enter_context(_lock(port).acquire(blocking=False))
            except Timeout:
                continue
            if free(port) and free(port + 1):
                yield port
                return
    if wish is not None:
        raise DeviceError(
            f"port {wish} or {wish + 1} is taken, by another emulator perhaps: `adb devices` lists them. Leave the "
            "port out, and a free one is taken.",
            fault="ports-taken",
        )
    raise DeviceError(
        f"all ports for emulators ({CONSOLES[0]} to {CONSOLES[-1] + 1}) are taken: end one (`adb -s SERIAL emu kill`).",
        fault="ports-taken",
    )


def free(port: int) -> bool:
    """Whether nobody listens on it on the loopback, in either IP version that there is."""
    for family, address in LOOPBACK:
        try:
            with socket.socket(family, socket.SOCK_STREAM) as probe:
                if os.name == "posix":  # a connection that has just ended holds no port
                    probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                probe.bind((address, port))
        except OSError:
            if family == socket.AF_INET6 and not _has_ipv6():
                continue
            return False
    return True


def _has_ipv6() -> bool:
    try:
        with socket.socket(socket.AF_INET6, socket.SOCK_STREAM) as probe:
            probe.bind(("::1", 0))
    except OSError:
        return False
    return True


def _lock(port: int) -> FileLock:
    folder = Path(platformdirs.user_cache_dir("promptrail")) / "emulators"
    folder.mkdir(parents=True, exist_ok=True)
    return FileLock(folder / f"{port}.lock")
