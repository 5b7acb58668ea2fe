"""Android's compiled XML and resource tables: their bytes in, elements, values and strings out.

androguard reads them, in a process that may use so much time and memory and no more (`androguard_process.py`). What
it cannot read, and everything asked of it after it had to be ended, is `Unreadable` with the reason.
"""

import importlib.util
import json
import struct
import subprocess
import sys
import threading
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from promptrail.apk.archive import Unreadable, shown
from promptrail.apk.limits import MEMORY, NODES, SECONDS
from promptrail.errors import MissingTool

PROGRAM = Path(__file__).with_name("androguard_process.py")


@dataclass(slots=True)
class Element:
    """One element of compiled XML. Attributes of Android's namespace begin with `android:`."""

    tag: str
    attributes: dict[str, str]
    text: str = ""
    children: "list[Element]" = field(default_factory=list)

    def all(self, tag: str) -> "list[Element]":
        """The children of this tag."""
        return [child for child in self.children if child.tag == tag]

    def walk(self) -> "Iterator[Element]":
        """This element and all below it, in order."""
        waiting = [self]
        while waiting:
            one = waiting.pop()
            yield one
            waiting += reversed(one.children)


class Compiled:
    """androguard in its process, from `with` to the end of it. MissingTool where it is not installed."""

    def __init__(self, seconds: float = SECONDS, memory: int = MEMORY) -> None:
        self.seconds, self.memory = seconds, memory
        self._left, self._gone = seconds, ""

    def __enter__(self) -> "Compiled":
        if importlib.util.find_spec("androguard") is None:
            raise MissingTool(
                "androguard is not installed, and manifests are read with it: `pip install 'promptrail[apk]'`."
            )
        command = [sys.executable, "-I", str(PROGRAM), str(self.memory), str(NODES)]
        self._process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
        )
        return self

    def __exit__(self, *_: object) -> None:
        self._process.kill()
        self._process.communicate()

    def xml(self, data: bytes) -> Element:
        """The root of compiled XML, with all below it."""
        rows = self._ask(b"x", data)["nodes"]
        above: list[Element] = []
        for depth, tag, attributes, text in rows:
            element = Element(tag, attributes, text)
            del above[depth:]
            if above:
                above[-1].children.append(element)
            above.append(element)
        return above[0]

    def strings(self, table: bytes) -> list[str]:
        """The strings of a resource table that have a dot in them, but for names of the package's own files."""
        return list(self._ask(b"s", table)["strings"])

    def load(self, table: bytes) -> None:
        """Take this resource table for `value` and `named`."""
        self._ask(b"t", table)

    def value(self, text: str | None) -> str | None:
        """An attribute's value; where it refers to a resource, that resource's."""
        if text is None or not text.startswith("@"):
            return text
        found = self._ask(b"v", text.encode("utf-8", "replace"))["value"]
        return None if found is None else str(found)

    def named(self, names: Iterable[str]) -> dict[str, str]:
        """The string resources of these names, as far as the table has them."""
        return dict(self._ask(b"n", json.dumps(list(names)).encode())["named"])

    def _late(self) -> None:
        self._gone = f"androguard took more than {self.seconds:g} seconds for this app and was ended"
        self._process.kill()

    def _ask(self, letter: bytes, data: bytes) -> dict[str, Any]:
        """The answer to one request; the time until it is there is taken from what is left."""
        if self._gone:
            raise Unreadable(self._gone)
        began = time.monotonic()
        timer = threading.Timer(max(self._left, 0), self._late)
        timer.daemon = True
        timer.start()
        try:
            reply = self._exchange(letter + struct.pack("<I", len(data)) + data)
        finally:
            timer.cancel()
            self._left -= time.monotonic() - began
        if not reply:
            timer.join()
            self._gone = (
                self._gone
                or "androguard ended while it read this app: too much memory, or a fault of its own"
            )
            raise Unreadable(self._gone)
        found: dict[str, Any] = json.loads(reply)
        if "error" in found:
            raise Unreadable(shown(f"androguard could not read it: {found['error']}"))
        return found

    def _exchange(self, request: bytes) -> bytes:
        """The bytes of an answer; none where the process has ended."""
        assert self._process.stdin is not None and self._process.stdout is not None
        try:
            self._process.stdin.write(request)
            self._process.stdin.flush()
            head = self._process.stdout.read(4)
            size = struct.unpack("<I", head)[0] if len(head) == 4 else 0
            reply = self._process.stdout.read(size)
        except OSError:
            return b""
        return reply if len(reply) == size else b""
