"""When Frida may enter a process, and when it has left it, on real processes of this machine."""

import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from promptrail.device import hook_entry
from rigs.alive import alive
from rigs.native.hooking import Hook

SLEEPER = "import sys\nfor line in sys.stdin: print('awake', flush=True)"
COMPUTER = "while True: sum(range(1000))"
LEAVE = """
import os, sys
from promptrail.device import hook_entry
from promptrail.device.hook_device import find
from promptrail.device.hook_link import Link
pid, waits = int(sys.argv[1]), sys.argv[2] == "wait"
if not waits:  # the same without what this file is about: gone as soon as Frida's last call is under way
    def gone(pid, loaded):
        while loaded & hook_entry.loaders(pid) and not hook_entry._traced(pid):
            pass
    hook_entry.gone = gone
link = Link(find(str(pid)), print, print)
link.session.create_script("1").load()
link.close()
os._exit(0)
"""

pytestmark = pytest.mark.rig


@contextmanager
def process(code: str) -> Iterator["subprocess.Popen[str]"]:
    pipe = subprocess.PIPE
    with subprocess.Popen([sys.executable, "-c", code], stdin=pipe, stdout=pipe, text=True) as running:
        try:
            yield running
        finally:
            running.kill()


def survives(how: str) -> bool:
    """Whether a process lives on after another one hooked it, let it go, and ended at once."""
    with process(SLEEPER) as target:
        hook_entry.sleeps(target.pid)
        subprocess.run([sys.executable, "-c", LEAVE, str(target.pid), how], check=True, timeout=60)
        time.sleep(0.05)
        return alive(target.pid)


def test_a_target_lives_on_when_we_end_at_once() -> None:
    """Who lets a process go and ends has waited for Frida's last call in it; the control, which does not, ends it."""
    assert all(survives("wait") for _ in range(10))
    assert not all(survives("at once") for _ in range(40)), (
        "the control shows no fault: is the wait still needed?"
    )


def test_frida_has_left_nothing_to_execute() -> None:
    """After the wait the process has no executable memory of Frida's, and nobody traces it."""
    from promptrail.device.hook_device import find
    from promptrail.device.hook_link import Link

    with process(SLEEPER) as target:
        hook_entry.sleeps(target.pid)
        before = hook_entry.loaders(target.pid)
        link = Link(find(str(target.pid)), print, print)
        assert hook_entry.loaders(target.pid) - before, "Frida loads itself otherwise now"
        link.close()
        assert hook_entry.loaders(target.pid) <= before


def test_a_main_thread_that_sleeps_and_one_that_computes() -> None:
    """The moment for entering is told apart by the state of the main thread; a process that is gone has no moment."""
    with process(SLEEPER) as asleep, process(COMPUTER) as busy:
        assert hook_entry.sleeps(asleep.pid)
        while not alive(busy.pid) or hook_entry.sleeps(busy.pid, 0.2):
            pass  # it is still starting
        assert not hook_entry.sleeps(busy.pid, 0.2)
    assert hook_entry.sleeps(2**22 + 1), "no kernel gives such a pid"


def test_entering_while_a_process_computes_is_told(tmp_path: Path) -> None:
    """Who hooks a busy process reads in the log, and on the screen, that its numbers may have suffered."""
    with process(COMPUTER) as busy:
        while hook_entry.sleeps(busy.pid, 0.5):
            pass  # it is still starting
        with Hook(tmp_path / "case", busy.pid, "tls-plaintext") as hook:
            hook.wait_for("event")
            assert any("was computing" in record["event"] for record in hook.records("event"))
    assert "was computing" in hook.said
