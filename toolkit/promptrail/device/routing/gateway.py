"""A Linux host that a device's traffic goes through: an interface, and the net namespace it is in. Needs root.

The emulator's tap, a virtual machine's, a phone on a hot spot of this host: whatever arrives by `interface`. The rules
of the routes bear names of ours, so that they can be told from everybody else's.
"""

import contextlib
import os
import subprocess
from collections.abc import Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from typing import NamedTuple, TypeVar

from promptrail.device.adb import Answer
from promptrail.errors import RecordingError

Block = TypeVar("Block")


class Gateway(NamedTuple):
    """`namespace` is a handle such as /run/netns/NAME or /proc/PID/ns/net; None is that of this process."""

    interface: str
    namespace: Path | None = None

    def shell(self, command: str) -> Answer:
        """A shell command on the gateway, whatever its exit code."""
        within = ["nsenter", f"--net={self.namespace}", "--"] if self.namespace else []
        path = os.environ.get("PATH", "") + ":/usr/sbin:/sbin"
        done = subprocess.run(
            [*within, "sh", "-c", command], capture_output=True, timeout=30, env={**os.environ, "PATH": path}
        )
        return Answer(done.returncode, done.stdout, done.stderr)

    def do(self, command: str) -> str:
        """The same where it has to succeed; what it printed. RecordingError with its words."""
        answer = self.shell(command)
        if answer.code:
            raise RecordingError(
                f"On the gateway `{command}` ended with {answer.code}: {answer.said[-300:]}. It needs root, and the "
                "interface and packet filter of this Linux host."
            )
        return answer.text

    @contextlib.contextmanager
    def start(self, block: AbstractContextManager[Block]) -> Iterator[Block]:
        """`with gateway.start(Proxy(...)) as proxy:` proxy or packet capture run on the gateway, the block does not.

        A process stays in the namespace that it was started in. Linux, root.
        """
        with contextlib.ExitStack() as stack:
            with self._inside():
                value = stack.enter_context(block)
            yield value

    @contextlib.contextmanager
    def _inside(self) -> Iterator[None]:
        """This thread, and what it starts and opens meanwhile; adb would start a server of its own there."""
        if self.namespace is None:
            yield
            return
        with open("/proc/thread-self/ns/net") as home, open(self.namespace) as there:
            os.setns(there.fileno(), os.CLONE_NEWNET)
            try:
                yield
            finally:
                os.setns(home.fileno(), os.CLONE_NEWNET)
