"""An emulator that runs: an AVD's name and options in, a booted device out; at the end of the block it has ended.

    with Emulator("inv34", headless=True) as running:
        device = running.device()           # running.serial is emulator-5554, or whichever pair of ports was free

Refuses an AVD that is not there, a port that is taken, and an emulator that dies or does not boot, with its own words.
It ends with us, however we end, unless `keep` is set. Its command line is after public documentation, not run by us.
"""

import contextlib
import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from promptrail.device import adb_faults
from promptrail.device.adb import Adb, program
from promptrail.device.device import Device
from promptrail.device.emulator import avd, boot, faults, keeper, ports, sdk
from promptrail.device.emulator.options import Options
from promptrail.device.emulator.snapshots import Snapshots
from promptrail.errors import DeviceError

BOOT, END = 300.0, 20.0
"""Seconds to boot (a first start may need most of it), and for each way of asking it to end."""
NOT_LOADED = "Failed to load snapshot"
HARMLESS = re.compile(r"(emulator: )?(INFO|USER_INFO|WARNING)\b")
DEADLY = (*faults.STARTING, *faults.ACCELERATION)


class Emulator:
    """`options` are the fields of Options. `port` is the console's; `adb_port` that of an adb server of its own.

    `log` keeps what the emulator wrote; without it, it is deleted in the end if all went well.
    """

    def __init__(
        self,
        name: str,
        *,
        found: sdk.Sdk | None = None,
        port: int | None = None,
        adb_port: int | None = None,
        seconds: float = BOOT,
        keep: bool = False,
        log: Path | None = None,
        **options: Any,
    ) -> None:
        self.sdk = found or sdk.find()
        self.name, self.options, self.keep = avd.find(self.sdk, name).name, Options(**options), keep
        self._wish, self._seconds = port, seconds
        self._adb = Adb(port=adb_port)
        self._env = {
            **self.sdk.env,
            **({"ANDROID_ADB_SERVER_PORT": str(adb_port)} if adb_port is not None else {}),
        }
        self.log, self._own_log = log, log is None
        self.port = 0

    @property
    def serial(self) -> str:
        return f"emulator-{self.port}"

    @property
    def alive(self) -> bool:
        return self._process.poll() is None

    @property
    def said(self) -> str:
        """All that it wrote so far."""
        return self.log.read_text("utf-8", "replace") if self.log else ""

    @property
    def snapshots(self) -> Snapshots:
        return Snapshots(self._adb.on(self.serial), self.wait)

    def device(self) -> Device:
        """Ask anew after a snapshot was loaded: its way to root is another then."""
        return Device(self._adb, self.serial)

    def __enter__(self) -> Self:
        # It tells the adb server that it is there, so there has to be one.
        self._adb.run("start-server")
        with contextlib.ExitStack() as stack:
            self.port = stack.enter_context(ports.pair(self._wish))
            self._start()
            stack.push(self._ended)
            self.wait()
            if (wanted := self.options.snapshot) and NOT_LOADED in self.said:
                raise self._failed(f"{self.serial} did not start from the snapshot {wanted}", f"'{wanted}'")
            self._closing = stack.pop_all()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._closing.__exit__(kind, error, trace)

    def wait(self) -> None:
        """Until Android has booted, also after it was restarted or a snapshot was loaded."""
        boot.wait(self.device(), self._seconds, self._died, self.log)

    def stop(self) -> None:
        """End it: asked by its console, then by signals to the one process that was started."""
        if self._process.stdin:
            with contextlib.suppress(OSError):  # it is gone already
                self._process.stdin.close()
        try:
            self._process.wait(4 * END)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
            raise DeviceError(
                f"{self.serial} does not end: look at its processes, and end them by hand."
            ) from None

    def _start(self) -> None:
        if self.log is None:
            handle, name = tempfile.mkstemp(prefix=f"promptrail-emulator-{self.port}-", suffix=".log")
            os.close(handle)
            self.log = Path(name)
        ask = [program(), "-s", self.serial, "emu", "kill"]
        emulator = [str(self.sdk.program("emulator")), *self.options.arguments(self.name, self.port)]
        with self.log.open("wb") as log:
            # A session of its own: Ctrl-C in the terminal reaches us, and we end it in our order.
            self._process = subprocess.Popen(
                [sys.executable, "-P", keeper.__file__, str(END), *ask, "--", *emulator],
                stdin=subprocess.PIPE,
                stdout=log,
                stderr=log,
                env=self._env,
                start_new_session=True,
                creationflags=getattr(subprocess, "CREATE_NEW_PROCESS_GROUP", 0),
            )

    def _died(self) -> DeviceError | None:
        if self.alive:
            return None
        return self._failed(
            f"the emulator of {self.name} ended (exit code {self._process.returncode}; its log: {self.log})"
        )

    def _failed(self, what: str, about: str = "") -> DeviceError:
        """With what it said about this, else with its last words and those before that a row knows."""
        lines = [line.strip() for line in self.said.splitlines() if line.strip()]
        # What it says of updates and of checks that went well stands before, between and behind its reason.
        wrong = [line for line in lines if not HARMLESS.match(line)] or lines
        known = [line for line in wrong if adb_faults.known(line, DEADLY)]
        told = [line for line in lines if about in line] if about else [*known[:3], *wrong[-4:]]
        return faults.told(what, "\n".join(dict.fromkeys(told)) or "it said nothing")

    def _ended(self, kind: type[BaseException] | None, *_: object) -> None:
        if self.keep and kind is None and self.alive and self._process.stdin:
            self._process.stdin.write(keeper.KEEP)
            self._process.stdin.close()
            self._process.wait(END)
            return
        died = self._died() if kind is None else None
        self.stop()
        if died:
            raise died
        if self._own_log and kind is None and self.log:
            self.log.unlink(missing_ok=True)
