"""The connection to a hooked process: attached, taken up again when a device was out of reach, ended.

In: a target. Out: Frida's session, and words about what became of it. Over TCP or USB the agents go on while the
connection is away, and what they tell waits there for as long as `PATIENCE`; nothing of it is lost then. The end of the
target is told once.
"""

import threading
import time
from collections.abc import Callable
from typing import Any

from promptrail.device import hook_entry
from promptrail.device.hook_device import LOCAL, Target, abandon
from promptrail.device.hook_faults import told

PATIENCE = 60
"""Seconds for which agents on a device wait for us to come back."""
AGAIN = 0.5
"""Seconds between two tries."""


class Link:
    """`away`: the device is out of reach just now; who asks an agent then waits in vain.

    `busy`: the main thread was computing when Frida entered, which can spoil what it computed just then
    (hook_entry.py). `seen` gets what happened to the connection, `lost` why it ended, if we did not end it.
    RecordingError if it cannot be attached to.
    """

    def __init__(self, target: Target, seen: Callable[[str], None], lost: Callable[[str], None]) -> None:
        self.target, self._seen, self._lost = target, seen, lost
        self._closing = threading.Event()
        self._waiting = target.spawned
        self.away = False
        remote = target.host.type != LOCAL
        self._loaded: set[str] = set()
        self.busy = not remote and not target.spawned and not hook_entry.sleeps(target.pid)
        before = set() if remote else hook_entry.loaders(target.pid)
        try:
            self.session = target.host.attach(target.pid, **({"persist_timeout": PATIENCE} if remote else {}))
        except Exception as fault:  # frida's errors share no base but this
            self._abandon()
            raise told(fault, f"cannot attach to {target}") from fault
        if not remote:
            self._loaded = hook_entry.loaders(target.pid) - before
        self.session.on("detached", self._detached)

    def let_go(self) -> None:
        """Start a process that was held before its first instruction."""
        if self._waiting:
            self._waiting = False
            try:
                self.target.host.resume(self.target.pid)
            except Exception as fault:
                raise told(fault, f"cannot start {self.target}") from fault

    def close(self) -> None:
        """Leave the process to itself; one that was never let go is ended."""
        self._closing.set()
        self._abandon()
        try:
            self.session.detach()
        except Exception as fault:  # frida's errors share no base but this
            self._lost(str(fault))
        hook_entry.gone(self.target.pid, self._loaded)

    def _abandon(self) -> None:
        if self._waiting:
            self._waiting = False
            abandon(self.target)

    def _detached(self, reason: str, crash: Any) -> None:
        if reason == "application-requested" or self._closing.is_set():
            return
        if reason == "connection-terminated" and self.session.persist_timeout:
            # Frida calls this from the thread that would have to answer.
            threading.Thread(target=self._take_up, name="hook link", daemon=True).start()
        else:
            self._lost(f"{reason}: {crash.summary}" if crash else reason)

    def _take_up(self) -> None:
        self.away = True
        self._seen("connection to the device lost")
        until, why = time.monotonic() + PATIENCE, ""
        while time.monotonic() < until and not self._closing.wait(AGAIN):
            try:
                self.session.resume()
            except Exception as fault:  # frida's errors share no base but this
                why = str(fault)
                continue
            self.away = False
            self._seen("connection to the device taken up again")
            return
        self._lost(f"connection-terminated: {why}")
