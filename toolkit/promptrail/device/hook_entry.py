"""When Frida may enter a process on this Linux, and when it has left it: a pid in, an answer or a wait out.

Frida 17 enters and leaves by making the main thread run calls of its own (ptrace). Two things follow, both measured
with 17.26:

- It puts back the general registers, not those for floating point and vectors. A main thread that was computing goes
  on with wrong numbers (24 of 150 entries into a loop of AES); one that sleeps in a system call loses nothing.
- Its last call comes 2 to 60 ms after `detach` returned, and ends in a deliberate SIGSEGV that Frida catches. Where
  Frida's own process ends in between, the target dies of it (35 of 80).

On other systems, and on devices, nothing is known of this, and nothing is waited for.
"""

import time
from pathlib import Path

PATIENCE = 2.0
"""Seconds for a main thread to sleep, and for Frida to be gone; it takes milliseconds."""
STEP = 0.002
ASLEEP = "S"
"""State of a thread that waits in a system call, after proc_pid_stat(5); in D it may wait for a page, anywhere."""


def sleeps(pid: int, patience: float = PATIENCE) -> bool:
    """Wait until the main thread sleeps in a system call; False if it did not in this time."""
    until = time.monotonic() + patience
    while True:
        try:
            state = (
                Path(f"/proc/{pid}/task/{pid}/stat")
                .read_text("utf-8", "replace")
                .rpartition(")")[2]
                .split()[0]
            )
        except (OSError, IndexError):
            return True  # not ours to see, or gone: attaching will say which
        if state in ASLEEP:
            return True
        if time.monotonic() > until:
            return False
        time.sleep(STEP)


def loaders(pid: int) -> set[str]:
    """Where a process has memory that can be written and executed and is no file, as what Frida loads itself with."""
    try:
        lines = Path(f"/proc/{pid}/maps").read_text("utf-8", "replace").splitlines()
    except OSError:
        return set()
    fields = [line.split() for line in lines]
    return {places[0] for places in fields if len(places) == 5 and places[1].startswith("rwx")}


def gone(pid: int, loaded: set[str], patience: float = PATIENCE) -> bool:
    """Wait until Frida took away what it had `loaded` and traces the process no more; False if it did not."""
    until = time.monotonic() + patience
    while loaded & loaders(pid) or _traced(pid):
        if time.monotonic() > until:
            return False
        time.sleep(STEP)
    return True


def _traced(pid: int) -> bool:
    try:
        lines = Path(f"/proc/{pid}/status").read_text("utf-8", "replace").splitlines()
    except OSError:
        return False
    return any(line.split() != ["TracerPid:", "0"] for line in lines if line.startswith("TracerPid:"))
