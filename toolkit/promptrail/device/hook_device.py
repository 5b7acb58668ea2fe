"""Where an app runs and which process it is: a device and a name in, Frida's device and a pid out.

This machine, a device on USB, one by its id, or a frida-server over TCP. What is not there is one sentence.
"""

import os
import shutil
from collections.abc import Sequence
from pathlib import PurePosixPath
from typing import Any, NamedTuple

from promptrail.device.agents import frida
from promptrail.device.hook_faults import told
from promptrail.errors import RecordingError

LOCAL, USB = "local", "usb"
FINDING = 5.0
"""Seconds that a device gets to be found."""


class Target(NamedTuple):
    pid: int
    name: str
    device: Any = None
    """Frida's; None is this machine."""
    spawned: bool = False
    """It was started by us, and waits to be let go."""

    def __str__(self) -> str:
        return f"{self.name} ({self.pid})"

    @property
    def host(self) -> Any:
        return self.device or frida().get_local_device()


def device(name: str = LOCAL) -> Any:
    """Frida's device: local, usb, HOST:PORT of a frida-server, or an id that `frida-ls-devices` lists."""
    module = frida()
    try:
        if name == LOCAL:
            return module.get_local_device()
        if name == USB:
            return module.get_usb_device(timeout=FINDING)
        if ":" in name:
            return module.get_device_manager().add_remote_device(name)
        return module.get_device(name, timeout=FINDING)
    except Exception as fault:  # frida's errors share no base but this
        raise told(fault, f"cannot reach the device {name}") from fault


def find(target: str, on: Any = None) -> Target:
    """The process that a pid, a name or a package means; RecordingError if there is none, or more than one."""
    host = on or frida().get_local_device()
    try:
        fits = _running(host, target)
    except Exception as fault:  # frida's errors share no base but this
        raise told(fault, f"cannot ask {host.name} what runs there") from fault
    if not fits:
        raise RecordingError(
            f"no process {target!r} is running on {host.name}. Start the app first, give its pid, or --spawn."
        )
    if len(fits) > 1:
        pids = ", ".join(str(one.pid) for one in fits)
        raise RecordingError(f"{len(fits)} processes are called {target!r}: {pids}. Give the pid of one.")
    if fits[0].pid == os.getpid() and host.type == LOCAL:
        raise RecordingError(f"{fits[0]} is this very process: it cannot hook itself. Give another one.")
    return fits[0]


def called(words: Sequence[str]) -> str:
    """The name under which a command, or a package, will run."""
    return PurePosixPath(words[0]).name


def spawn(words: Sequence[str], on: Any = None) -> Target:
    """Start a command, or a package of a device, so far that it can be hooked before its first instruction."""
    host = on or frida().get_local_device()
    local = host.type == LOCAL
    program = (shutil.which(words[0]) if local else None) or words[0]
    try:
        return Target(host.spawn([program, *words[1:]]), called(words), on, spawned=True)
    except Exception as fault:  # frida's errors share no base but this
        raise told(fault, f"cannot start {called(words)} on {host.name}") from fault


def abandon(target: Target) -> None:
    """End a process that was started to be hooked and never let go; another one is left as it is."""
    if target.spawned:
        try:
            target.host.kill(target.pid)
        except Exception as fault:  # frida's errors share no base but this
            raise told(fault, f"cannot end {target}, which waits before its first instruction") from fault


def _running(host: Any, target: str) -> list[Target]:
    on = None if host.type == LOCAL else host
    running = [Target(one.pid, one.name, on) for one in host.enumerate_processes()]
    if target.isdigit():
        return [one for one in running if one.pid == int(target)]
    named = [one for one in running if one.name == target]
    if named or on is None:
        return named
    return [Target(one.pid, target, on) for one in host.enumerate_applications([target]) if one.pid]
