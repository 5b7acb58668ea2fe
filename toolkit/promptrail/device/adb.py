"""The adb client program: its arguments in, exit code, output and errors out; one process a call, a timeout on each.

Refuses, with adb's own words and what to do, a program that is not there and a device that cannot be reached. Any other
exit code but 0 is an error only where the caller wants it so.
"""

import os
import re
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple, Protocol

from promptrail.device import adb_faults
from promptrail.errors import DeviceError, MissingTool

TIMEOUT = 20.0
"""Seconds that a call gets; a wrong device can make adb wait for ever."""


class Answer(NamedTuple):
    code: int
    out: bytes
    err: bytes

    @property
    def text(self) -> str:
        return self.out.decode("utf-8", "replace").strip()

    @property
    def said(self) -> str:
        """All that it wrote: adb tells some of its errors on standard output."""
        return f"{self.err.decode('utf-8', 'replace').strip()}\n{self.text}".strip()


class Runner(Protocol):
    """Runs adb once. A `Path` among the arguments is a file of this machine. Raises TimeoutError."""

    def __call__(self, arguments: tuple[str | Path, ...], stdin: bytes | None, timeout: float) -> Answer: ...


class Listed(NamedTuple):
    """One line of `adb devices -l`."""

    serial: str
    state: str
    """device, offline, unauthorized, no permissions, ..."""
    properties: dict[str, str]


LISTED = re.compile(r"(?P<serial>\S+)\s+(?P<state>no permissions|\S+).*?(?P<properties>(?:\s\w+:\S+)*)\s*")


def program(environ: Mapping[str, str] = os.environ) -> str:
    """Where adb is: on PATH, else in the SDK that ANDROID_HOME names."""
    homes = [environ[name] for name in ("ANDROID_HOME", "ANDROID_SDK_ROOT") if environ.get(name)]
    path = os.pathsep.join([environ.get("PATH", ""), *(f"{home}/platform-tools" for home in homes)])
    if found := shutil.which("adb", path=path):
        return found
    raise MissingTool(
        "a device needs adb: `apt install adb`, `brew install android-platform-tools`, or the SDK's platform-tools "
        "with ANDROID_HOME set to the SDK."
    )


class Program:
    """The real thing, as a `Runner`."""

    def __init__(self, port: int | None = None) -> None:
        self.path = program()
        self.env = dict(os.environ)
        if port is not None:
            self.env["ANDROID_ADB_SERVER_PORT"] = str(port)

    def __call__(self, arguments: tuple[str | Path, ...], stdin: bytes | None, timeout: float) -> Answer:
        given: dict[str, object] = {"stdin": subprocess.DEVNULL} if stdin is None else {"input": stdin}
        try:
            done = subprocess.run(  # type: ignore[call-overload]
                [self.path, *map(str, arguments)], capture_output=True, env=self.env, timeout=timeout, **given
            )
        except subprocess.TimeoutExpired as late:
            raise TimeoutError(f"no answer within {timeout:g} s") from late
        return Answer(done.returncode, done.stdout, done.stderr)


class Adb:
    """adb for one device (`serial`), or for whichever is the only one; `port` is that of an adb server of its own."""

    def __init__(
        self, serial: str | None = None, port: int | None = None, *, runner: Runner | None = None
    ) -> None:
        self.serial = serial
        self.runner = runner or Program(port)

    def on(self, serial: str) -> "Adb":
        """The same adb, for this device."""
        return Adb(serial, runner=self.runner)

    def run(
        self,
        *arguments: str | Path,
        timeout: float = TIMEOUT,
        check: bool = True,
        stdin: bytes | None = None,
    ) -> Answer:
        """One call. A `Path` is a file of this machine. DeviceError if the device cannot be reached, it takes longer,
        or, with `check`, it ends with another code than 0."""
        answer = self.ask(*arguments, timeout=timeout, stdin=stdin)
        if answer.code != 0 and (check or adb_faults.known(answer.said, adb_faults.LINK)):
            raise adb_faults.told(told_as(arguments), answer.said)
        return answer

    def ask(
        self,
        *arguments: str | Path,
        timeout: float = TIMEOUT,
        stdin: bytes | None = None,
        doing: str | None = None,
    ) -> Answer:
        """One call, whatever its exit code says; DeviceError, which names it as `doing`, only if it takes longer."""
        whole = ("-s", self.serial, *arguments) if self.serial else arguments
        try:
            return self.runner(whole, stdin, timeout)
        except TimeoutError as late:
            raise DeviceError(
                f"{doing or told_as(arguments)}: no answer within {timeout:g} s. Look at the device: it may ask "
                "something, or hang; `adb reconnect`, or start it again.",
                fault="timeout",
            ) from late

    def devices(self) -> list[Listed]:
        """What adb knows of, reachable or not, in its order."""
        _, _, lines = self.run("devices", "-l").text.partition("List of devices attached")
        found = [LISTED.fullmatch(line.strip()) for line in lines.splitlines() if line.strip()]
        return [
            Listed(
                one["serial"],
                one["state"],
                dict(word.split(":", 1) for word in one["properties"].split()),
            )
            for one in found
            if one
        ]

    def connect(self, address: str) -> None:
        """Reach a device over the network. adb ends with 0 when it fails, so its words count."""
        answer = self.run("connect", address)
        if not re.match(r"(already )?connected to ", answer.text):
            raise adb_faults.told(f"adb connect {address}", answer.said)


def told_as(arguments: tuple[str | Path, ...]) -> str:
    """A call as an error names it: short, one line."""
    line = " ".join(str(one) for one in arguments)
    line = " ".join(line.split())
    return f"adb {line if len(line) <= 80 else line[:79] + '…'}"
