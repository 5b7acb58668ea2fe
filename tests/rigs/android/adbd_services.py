"""What adbd does for a client: shell, exec, sync, reverse and restarts, each on one stream.

Written from AOSP's SERVICES.TXT, SYNC.TXT and shell_protocol.h. Of sync it has version 1, which is why the banner of
the stand-in promises no other.
"""

import contextlib
import os
import socket
import stat
import struct
import subprocess
import threading
from collections.abc import Callable
from pathlib import Path

from rigs.android.adbd_transport import PATIENCE, Stream, Transport

STDIN, STDOUT, STDERR, EXIT, CLOSE_STDIN = range(5)
"""Packets of shell v2."""


def shell(stream: Stream, process: "subprocess.Popen[bytes]", v2: bool) -> None:
    """A program's bytes to the client and back; version 2 keeps its two outputs apart, and tells its exit code."""
    writing = threading.Lock()

    def pass_on(source: int, packet: int) -> None:
        with contextlib.suppress(OSError):
            while data := os.read(source, 32768):
                with writing:
                    stream.write(struct.pack("<BI", packet, len(data)) + data if v2 else data)

    def take_in() -> None:
        with contextlib.suppress(OSError, ValueError):
            for data in (_packets if v2 else _pieces)(stream):
                process.stdin.write(data)  # type: ignore[union-attr]
                process.stdin.flush()  # type: ignore[union-attr]
        with contextlib.suppress(OSError):
            process.stdin.close()  # type: ignore[union-attr]

    threading.Thread(target=take_in, daemon=True).start()
    outputs = [(process.stdout, STDOUT), (process.stderr, STDERR)]
    passing = [
        threading.Thread(target=pass_on, args=(output.fileno(), packet), daemon=True)
        for output, packet in outputs
        if output
    ]
    for thread in passing:
        thread.start()
    for thread in passing:
        thread.join()
    code = process.wait()
    if v2:
        stream.write(struct.pack("<BIB", EXIT, 1, code & 0xFF))


def _pieces(stream: Stream):  # type: ignore[no-untyped-def]
    while data := stream.read():
        yield data


def _packets(stream: Stream):  # type: ignore[no-untyped-def]
    while len(head := stream.read(5)) == 5:
        packet, size = struct.unpack("<BI", head)
        data = stream.read(size) if size else b""
        if packet == CLOSE_STDIN:
            return
        if packet == STDIN:
            yield data


def sync(stream: Stream, real: Callable[[str], Path]) -> None:
    """push, pull and ls; `real` is where a path of the device lies here."""
    while len(head := stream.read(8)) == 8 and not head.startswith(b"QUIT"):
        path = stream.read(int.from_bytes(head[4:], "little")).decode()
        try:
            {b"STAT": _stat, b"LIST": _list, b"RECV": _receive, b"SEND": _send}[head[:4]](stream, path, real)
        except OSError as fault:
            said = (fault.strerror or str(fault)).encode()
            stream.write(b"FAIL" + struct.pack("<I", len(said)) + said)


def _stat(stream: Stream, path: str, real: Callable[[str], Path]) -> None:
    try:
        found = real(path).lstat()
    except FileNotFoundError:
        stream.write(b"STAT" + bytes(12))
    else:
        stream.write(b"STAT" + _described(found))


def _list(stream: Stream, path: str, real: Callable[[str], Path]) -> None:
    folder = real(path)
    for file in sorted(folder.iterdir()) if folder.is_dir() else []:
        name = file.name.encode()
        stream.write(b"DENT" + _described(file.lstat()) + struct.pack("<I", len(name)) + name)
    stream.write(b"DONE" + bytes(16))


def _described(found: os.stat_result) -> bytes:
    return struct.pack("<3I", found.st_mode, found.st_size & 0xFFFFFFFF, int(found.st_mtime))


def _receive(stream: Stream, path: str, real: Callable[[str], Path]) -> None:
    with real(path).open("rb") as file:
        while data := file.read(65536):
            stream.write(b"DATA" + struct.pack("<I", len(data)) + data)
    stream.write(b"DONE" + bytes(4))


def _send(stream: Stream, path: str, real: Callable[[str], Path]) -> None:
    path, _, mode = path.rpartition(",")
    received = bytearray()
    while (head := stream.read(8))[:4] == b"DATA":
        received += stream.read(int.from_bytes(head[4:], "little"))
    if head[:4] != b"DONE":  # the client is gone: what came is no file
        return
    file = real(path)
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(received)
    file.chmod(stat.S_IMODE(int(mode)))
    os.utime(file, (int.from_bytes(head[4:], "little"),) * 2)
    stream.write(b"OKAY" + bytes(4))


class Reverses:
    """The listeners of one connection, each a port of the device that leads to one of the client's machine."""

    def __init__(self, transport: Transport, listen: Callable[[int], socket.socket]) -> None:
        self.transport, self.listen = transport, listen
        self._there: dict[str, tuple[socket.socket, str]] = {}
        transport.at_end.append(self.close)

    def answer(self, asked: str) -> bytes:
        """The reply to a service behind `reverse:`; a list stands alone, everything else is OKAY or FAIL."""
        what, _, about = asked.partition(":")
        if what == "list-forward":
            lines = "".join(f"host {here} {to}\n" for here, (_, to) in self._there.items()).encode()
            return b"%04x%b" % (len(lines), lines)
        if what == "forward":
            return self._forward(*about.removeprefix("norebind:").split(";"))
        if what == "killforward" and about not in self._there:
            return _failed(f"listener '{about}' not found")
        for name in [about] if what == "killforward" else list(self._there):
            _hang_up(self._there.pop(name)[0])
        return b"OKAY"

    def close(self) -> None:
        for listener, _ in self._there.values():
            _hang_up(listener)
        self._there.clear()

    def _forward(self, here: str, to: str) -> bytes:
        if here in self._there:
            _hang_up(self._there.pop(here)[0])
        try:
            listener = self.listen(int(here.removeprefix("tcp:")))
        except OSError as fault:
            return _failed(f"cannot bind listener: {fault.strerror}")
        self._there[here] = listener, to
        threading.Thread(target=self._accept, args=(listener, to), daemon=True).start()
        return b"OKAY"

    def _accept(self, listener: socket.socket, to: str) -> None:
        with contextlib.suppress(OSError):
            while True:
                connection, _ = listener.accept()
                stream = self.transport.open(to)
                threading.Thread(target=tunnel, args=(stream, connection), daemon=True).start()


def tunnel(stream: Stream, connection: socket.socket) -> None:
    """Bytes of a stream and of a socket, each into the other, until both ended."""
    with stream.changed:
        stream.changed.wait_for(lambda: bool(stream.remote) or stream.ended, PATIENCE)

    def up() -> None:
        with contextlib.suppress(OSError):
            while data := connection.recv(32768):
                stream.write(data)
        stream.close()
        stream.end()

    threading.Thread(target=up, daemon=True).start()
    with contextlib.suppress(OSError):
        while data := stream.read():
            connection.sendall(data)
        connection.shutdown(socket.SHUT_WR)


def _failed(said: str) -> bytes:
    return b"FAIL%04x%b" % (len(said), said.encode())


def _hang_up(listener: socket.socket) -> None:
    with contextlib.suppress(OSError):
        listener.shutdown(socket.SHUT_RDWR)  # else the thread in accept() keeps the port
    listener.close()
