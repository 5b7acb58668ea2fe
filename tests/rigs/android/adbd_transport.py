"""The wire of adb: packets of one connection in, streams that carry bytes both ways out.

Written from AOSP's packages/modules/adb/protocol.txt: CNXN, AUTH, OPEN, OKAY, WRTE and CLSE are six words and a
payload; one WRTE may be under way in each direction of a stream, until the other side says OKAY.
"""

import contextlib
import os
import socket
import struct
import threading
from collections.abc import Callable

CNXN, AUTH, OPEN, OKAY, WRTE, CLSE = (
    int.from_bytes(name, "little") for name in (b"CNXN", b"AUTH", b"OPEN", b"OKAY", b"WRTE", b"CLSE")
)
VERSION, LARGEST = 0x01000001, 256 * 1024
TOKEN, SIGNATURE, PUBLIC_KEY = 1, 2, 3
PATIENCE = 60.0


class Stream:
    """One service's bytes: `read` gives the client's, `write` waits until the client took the last ones.

    After `allowance` bytes in either direction the whole connection breaks, if one is set.
    """

    def __init__(self, transport: "Transport", local: int, remote: int) -> None:
        self.transport, self.local, self.remote = transport, local, remote
        self.allowance: int | None = None
        self.ended = False
        self.changed = threading.Condition()
        self._received, self._credit = bytearray(), 1

    def read(self, size: int | None = None) -> bytes:
        """`size` bytes, fewer only at the end; without it whatever is there, nothing only at the end."""
        with self.changed:
            self.changed.wait_for(
                lambda: self.ended or (len(self._received) >= size if size else bool(self._received))
            )
            taken = bytes(self._received[: size or len(self._received)])
            del self._received[: len(taken)]
            return taken

    def write(self, data: bytes) -> None:
        for at in range(0, len(data), self.transport.largest):
            with self.changed:
                if not self.changed.wait_for(lambda: self._credit or self.ended, PATIENCE) or self.ended:
                    raise BrokenPipeError
                self._credit -= 1
            piece = data[at : at + self.transport.largest]
            kept = self._allowed(len(piece))
            self.transport.send(WRTE, self.local, self.remote, piece[:kept])
            if kept < len(piece):
                self.transport.drop()

    def close(self) -> None:
        """Tell the client that this was all."""
        if self.transport.forget(self.local) and not self.ended:
            self.transport.send(CLSE, self.local, self.remote)

    def fed(self, data: bytes) -> None:
        """The client wrote."""
        kept = self._allowed(len(data))
        with self.changed:
            self._received += data[:kept]
            self.changed.notify_all()
        if kept < len(data):
            self.transport.drop()
        self.transport.send(OKAY, self.local, self.remote)

    def taken(self, remote: int) -> None:
        """The client took what we wrote, or agreed to a stream that we opened."""
        with self.changed:
            if self.remote:
                self._credit += 1
            self.remote = self.remote or remote
            self.changed.notify_all()

    def end(self) -> None:
        with self.changed:
            self.ended = True
            self.changed.notify_all()

    def _allowed(self, size: int) -> int:
        """How much of so many bytes may pass."""
        if self.allowance is None:
            return size
        kept = min(size, self.allowance)
        self.allowance -= kept
        return kept


class Transport:
    """One connection of an adb server, served by `run` until it ends.

    `banner` is what the device says that it is, `auth` how it answers a key (see Modes), `serve` gets each stream that
    the client opens, with the service's name.
    """

    serve: Callable[[Stream, str], None]

    def __init__(self, connection: socket.socket, banner: bytes, auth: str) -> None:
        self.connection, self.banner, self.auth = connection, banner, auth
        self.largest = LARGEST
        self.at_end: list[Callable[[], None]] = []
        self._sending, self._known = threading.Lock(), threading.Lock()
        self._streams: dict[int, Stream] = {}
        self._last = 0

    def send(self, kind: int, first: int, second: int, data: bytes = b"") -> None:
        head = struct.pack("<6I", kind, first, second, len(data), sum(data) & 0xFFFFFFFF, kind ^ 0xFFFFFFFF)
        with self._sending:
            self.connection.sendall(head + data)

    def stream(self, remote: int) -> Stream:
        with self._known:
            self._last += 1
            made = self._streams[self._last] = Stream(self, self._last, remote)
            return made

    def open(self, service: str) -> Stream:
        """A stream to the client's machine, as adb reverse needs it; it works once `remote` is set."""
        made = self.stream(0)
        self.send(OPEN, made.local, 0, service.encode() + b"\0")
        return made

    def forget(self, local: int) -> Stream | None:
        with self._known:
            return self._streams.pop(local, None)

    def drop(self) -> None:
        """Break the connection, as a pulled cable does."""
        with contextlib.suppress(OSError):
            self.connection.shutdown(socket.SHUT_RDWR)

    def run(self) -> None:
        try:
            while True:
                kind, first, second, size, _, _ = struct.unpack("<6I", self._exactly(24))
                self._message(kind, first, second, self._exactly(size))
        except (ConnectionError, OSError):
            pass
        finally:
            for stream in list(self._streams.values()):
                stream.end()
            for undo in self.at_end:
                undo()
            self.connection.close()

    def _message(self, kind: int, first: int, second: int, data: bytes) -> None:
        known = self._streams.get(second)
        if kind == CNXN:
            self.largest = min(second, LARGEST)
            if self.auth == "open":
                self.send(CNXN, VERSION, LARGEST, self.banner)
            else:
                self.send(AUTH, TOKEN, 0, os.urandom(20))
        elif kind == AUTH:
            self._authenticate(first)
        elif kind == OPEN:
            made = self.stream(first)
            self.send(OKAY, made.local, first)
            service = data.rstrip(b"\0").decode()
            threading.Thread(target=self.serve, args=(made, service), daemon=True).start()
        elif kind == WRTE and known:
            known.fed(data)
        elif kind == OKAY and known:
            known.taken(first)
        elif kind == CLSE and self.forget(second) and known:
            known.end()
            self.send(CLSE, second, first)  # some clients wait for it

    def _authenticate(self, said: int) -> None:
        if (
            said == SIGNATURE
        ):  # by a key that this device does not know: ask for another, or for the key itself
            self.send(AUTH, TOKEN, 0, os.urandom(20))
        elif said == PUBLIC_KEY and self.auth == "confirmed":
            self.send(CNXN, VERSION, LARGEST, self.banner)
        elif said == PUBLIC_KEY and self.auth == "refused":
            self.drop()

    def _exactly(self, size: int) -> bytes:
        read = bytearray()
        while len(read) < size:
            piece = self.connection.recv(size - len(read))
            if not piece:
                raise ConnectionError
            read += piece
        return bytes(read)
