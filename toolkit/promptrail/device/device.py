"""One Android device: commands, files, apps, tunnels and pictures, by adb; refuses what it could not see the end of.

adb ends with 0 when the connection breaks in the middle of a command (measured, adb 29), so a command's output counts
only if it carries the mark that it came to its end.
"""

import contextlib
import re
import time
from pathlib import Path
from shlex import quote
from typing import NamedTuple

from promptrail.device import adb_faults, install, png, root
from promptrail.device.adb import TIMEOUT, Adb, Answer, told_as
from promptrail.errors import DeviceError

END = b"\npromptrail-end "
ENDED = re.compile(rb"(\d+)\r?\n")
COPYING = 600.0
"""Seconds for a file, either way."""
RESTART = 60.0
"""Seconds in which adbd is back after it was restarted."""
PROPERTY = re.compile(r"^\[([^\]]+)\]: \[(.*?)\]$", re.MULTILINE | re.DOTALL)


class Tunnel(NamedTuple):
    """A port of the device that leads to one of this machine."""

    device_port: int
    host_port: int


class Device:
    """`Device(adb, serial)`; `choose` finds the serial. `rung` is the way to root, once one was found."""

    def __init__(self, adb: Adb, serial: str) -> None:
        self.adb, self.serial = adb.on(serial), serial
        self.rung: root.Rung | None = None

    def shell(
        self, command: str, *, timeout: float = TIMEOUT, check: bool = True, stdin: bytes | None = None
    ) -> Answer:
        """Run it in the device's shell, as the shell's user. Exit code and both outputs are the command's own.

        DeviceError if its end was not seen, or, with `check`, it ended with another code than 0.
        """
        return self._ended("shell", command, timeout, check, stdin)

    def as_root(
        self, command: str, *, timeout: float = TIMEOUT, check: bool = True, stdin: bytes | None = None
    ) -> Answer:
        """The same as root. DeviceError if there is no way to root on this device."""
        return self.shell(self.find_root().form(command), timeout=timeout, check=check, stdin=stdin)

    def push(self, local: Path, remote: str) -> None:
        """A file or folder of this machine onto the device."""
        self._copy("push", Path(local), remote)

    def pull(self, remote: str, local: Path) -> None:
        """A file of the device onto this machine."""
        self._copy("pull", remote, Path(local))

    def read(self, remote: str, *, as_root: bool = False) -> bytes:
        """A file's bytes; DeviceError with the device's words if it cannot be read, or was not read to its end."""
        command = f"cat {quote(remote)}"
        form = self.find_root().form(command) if as_root else command
        return self._ended("exec-out", f"{form} 2>&1", COPYING, True, None).out

    def write(self, remote: str, data: bytes) -> None:
        """A file with these bytes, for what does not lie on this machine's disk."""
        self.shell(f"cat > {quote(remote)}", stdin=data, timeout=COPYING)

    def install(self, apks: Path) -> install.Installed:
        """An .apk, a folder of splits, .apks, .xapk or .apkm; see install.py."""
        return install.install(self.adb, self.properties(), Path(apks))

    def reverse(self, device_port: int, host_port: int) -> None:
        """Lead this port of the device to one of this machine; gone when adbd restarts or the device reconnects."""
        self.adb.run("reverse", f"tcp:{device_port}", f"tcp:{host_port}")

    def reverses(self) -> list[Tunnel]:
        """The tunnels that are there; those that are not from a TCP port to a TCP port are not ours, and left out."""
        found = re.findall(
            r"^\S+ tcp:(\d+) tcp:(\d+)\s*$", self.adb.run("reverse", "--list").text, re.MULTILINE
        )
        return sorted(Tunnel(int(there), int(here)) for there, here in found)

    def unreverse(self, device_port: int | None = None) -> None:
        """Take one tunnel away, or all; one that is not there is no error."""
        if device_port is None:
            self.adb.run("reverse", "--remove-all")
        elif any(one.device_port == device_port for one in self.reverses()):
            self.adb.run("reverse", "--remove", f"tcp:{device_port}")

    def properties(self) -> dict[str, str]:
        """What getprop knows, by name."""
        return dict(PROPERTY.findall(self.shell("getprop").text.replace("\r\n", "\n")))

    def screenshot(self) -> bytes:
        """The screen as a PNG whose every chunk is whole.

        What screencap warns of (several displays) would stand among the picture's bytes: exec has one output only.
        """
        picture = self._ended("exec-out", "screencap -p 2>/dev/null", TIMEOUT, True, None).out
        if fault := png.fault(picture):
            raise DeviceError(f"screencap on {self.serial}: its picture {fault}. Take it again.")
        return picture

    def _ended(self, service: str, command: str, timeout: float, check: bool, stdin: bytes | None) -> Answer:
        """Run it with the mark behind its output; what stands before the mark, and the exit code in it."""
        marked = f"sh -c {quote(command)}; e=$?; printf '\\npromptrail-end %d\\n' $e; exit $e"
        doing = told_as((service, command))
        answer = self.adb.ask(service, marked, timeout=timeout, stdin=stdin, doing=doing)
        before, mark, behind = answer.out.rpartition(END)
        ended = ENDED.match(behind) if mark else None
        if ended is None:
            if answer.code == 0 or not answer.err.startswith((b"adb:", b"error:")):
                raise self._broke(doing, answer.said)
            raise adb_faults.told(doing, answer.said)
        done = Answer(int(ended[1]), before + behind[ended.end() :], answer.err)
        if check and done.code != 0:
            raise adb_faults.told(f"{doing} (exit code {done.code})", done.said)
        return done

    def _copy(self, *arguments: str | Path) -> None:
        """adb push or pull; where the connection breaks adb may end with 1 and not a word (measured, adb 29)."""
        answer = self.adb.ask(*arguments, timeout=COPYING)
        if answer.code != 0:
            silent = "error: " not in answer.said and adb_faults.known(answer.said) is None
            doing = told_as(arguments)
            raise self._broke(doing, answer.said) if silent else adb_faults.told(doing, answer.said)

    def _broke(self, doing: str, said: str) -> DeviceError:
        return DeviceError(
            f"{doing}: the connection to {self.serial} broke before it was done. Check that the device still runs "
            "(`adb devices -l`), and repeat.",
            said,
            "broke",
        )

    def find_root(self, restart: bool = True) -> root.Rung:
        """The way to root, looked for once. `adb root`, which restarts adbd, is tried last, and only with `restart`."""
        if self.rung is None:
            self.write(root.SCRIPT, root.ASKING)
            try:
                self.rung = self._climb(restart)
            finally:
                self.shell(f"rm -f {root.SCRIPT}")
        return self.rung

    def _climb(self, restart: bool) -> root.Rung:
        def asked(command: str) -> Answer:
            return self.shell(command, timeout=root.TRYING, check=False)

        said: list[tuple[str, str]] = []
        for rung in root.RUNGS:
            if (words := root.holds(rung, asked)) is None:
                return rung
            said.append((rung.name, words))
        if restart:
            said.append(("adb root", self.restart_as_root()))
            if (words := root.holds(root.PLAIN, asked)) is None:
                return root.PLAIN
            said.append(("after adb root", words))
        raise root.refused(said)

    def restart_as_root(self) -> str:
        """`adb root`, and wait until the device is back with its tunnels; what adbd said to it."""
        tunnels = self.reverses()
        said = self.adb.run("root", timeout=RESTART, check=False).said
        if "restarting" in said:
            self.wait()
            for one in tunnels:
                self.reverse(*one)
        return said

    def wait(self, seconds: float = RESTART) -> None:
        """Until the device answers again, after a restart of adbd or of the whole; not until Android has booted."""
        until = time.monotonic() + seconds
        while True:
            try:
                self.shell("true", timeout=max(1.0, until - time.monotonic()))
                return
            except DeviceError:
                if time.monotonic() >= until:
                    raise
            time.sleep(0.2)
            if ":" in self.serial:  # over the network adb may have given it up
                with contextlib.suppress(DeviceError):
                    Adb(runner=self.adb.runner).connect(self.serial)


def choose(adb: Adb, serial: str | None = None) -> Device:
    """The device with this serial, or the only one; DeviceError if there is none, or it does not let adb in."""
    there = adb.devices()
    named = [one for one in there if one.serial == serial] if serial else there
    if not named and serial:
        listed = ", ".join(one.serial for one in there) or "none"
        raise adb_faults.told("choosing a device", f"device '{serial}' not found (connected: {listed})")
    if not named:
        raise adb_faults.told("choosing a device", "no devices/emulators found")
    ready = [one for one in named if one.state == "device"]
    if len(ready) > 1 or (len(named) > 1 and not ready):
        listed = ", ".join(one.serial for one in named)
        raise adb_faults.told("choosing a device", f"more than one device/emulator: {listed}")
    if not ready:
        (one,) = named
        raise adb_faults.told(f"choosing the device {one.serial}", f"device {one.state}")
    return Device(adb, ready[0].serial)
