"""Checks of this machine: the programs and packages that recording needs, the port, the disk."""

import errno
import shutil
import socket
from collections.abc import Callable

from promptrail.device import adb, adb_faults
from promptrail.device.doctor import texts
from promptrail.device.doctor.bench import Bench
from promptrail.device.doctor.check import Evidence, Result, fault, not_checked, ok, seen
from promptrail.errors import MissingTool

TIGHT, LITTLE = 200 << 20, 2 << 30
"""Bytes: with less nothing is begun; with less a long recording may fill the disk."""
ADB_AGE = (1, 0, 39)
"""Of `adb version`: shell v2 and exec-out are in all since 2017."""


def adb_program(bench: Bench) -> Result:
    try:
        path = adb.program(bench.programs.environ)
    except MissingTool as missing:
        return fault("adb is not installed", str(missing).rstrip("."))
    answer = bench.programs.run([path, "version"])
    told, evidence = _first_line(answer.text), seen("adb version", answer)
    if answer.code != 0:
        return fault(f"{path} does not run", "Install platform-tools anew", evidence)
    number = told.rpartition(" ")[2]
    if number.replace(".", "").isdigit() and tuple(map(int, number.split("."))) < ADB_AGE:
        return fault(f"adb {number} is too old", "Install platform-tools 31 or newer", evidence)
    return ok(f"{told}, {path}", evidence)


def adb_server(bench: Bench) -> Result:
    """One server, of the client's own version: two adbs end each other's."""
    answer = bench.adb().ask("start-server", timeout=20.0)
    evidence = seen("adb start-server", answer)
    if known := adb_faults.known(answer.said):
        return fault(_first_line(answer.said), known.remedy, evidence)
    if answer.code != 0:
        return fault("adb's server does not start", "`adb kill-server`, then again", evidence)
    others = bench.programs.all("adb")
    versions = {path: bench.programs.run([path, "version"]).text for path in others}
    if len(set(versions.values())) > 1:
        found = Evidence("which -a adb", 0, tuple(others))
        return fault(
            f"{len(others)} different adb programs are on PATH",
            "Keep one: each ends the server of the other, and with it what is recorded",
            evidence,
            found,
        )
    return ok("one adb server, of the client's version", evidence)


def mitmproxy(bench: Bench) -> Result:
    return _package(bench, "mitmproxy", "The proxy is mitmproxy: `pip install 'promptrail[capture]'`")


def frida(bench: Bench) -> Result:
    return _package(bench, "frida", "Hooks need Frida: `pip install 'promptrail[hooks]'`")


def tool(names: tuple[str, ...], option: str, remedy: str) -> Callable[[Bench], Result]:
    """A check for a program under any of these names, which tells its version by this option."""

    def run(bench: Bench) -> Result:
        path = next((found for name in names if (found := bench.programs.find(name))), None)
        if path is None:
            return fault(f"{names[0]} is not installed", remedy)
        answer = bench.programs.run([path, option])
        if answer.code != 0:
            return fault(f"{path} does not run", remedy, seen(f"{path} {option}", answer))
        return ok(f"{_first_line(answer.text or answer.said)}, {path}", seen(f"{path} {option}", answer))

    return run


GENERIC = next(row for row in texts.EMULATOR if row.id == "no-acceleration")


def acceleration(bench: Bench) -> Result:
    """The emulator's own test: that /dev/kvm exists says nothing."""
    path = bench.programs.find("emulator")
    if path is None:
        return not_checked("the emulator, which tests it, is not installed")
    answer = bench.programs.run([path, "-accel-check"], timeout=30.0)
    evidence = seen("emulator -accel-check", answer)
    if answer.code == 0:
        return ok("the emulator can use this machine's virtualisation", evidence)
    known = adb_faults.known(answer.said, texts.EMULATOR) or GENERIC
    return fault("the emulator cannot use virtualisation", known.remedy, evidence)


def port(bench: Bench) -> Result:
    """Whether the proxy can listen where the device will look for it."""
    evidence = Evidence(f"bind 127.0.0.1:{bench.port}", None, ())
    try:
        with socket.create_server(("127.0.0.1", bench.port)):
            return ok(f"port {bench.port} is free", evidence)
    except OSError as taken:
        evidence = evidence._replace(lines=(str(taken.strerror),))
        if taken.errno == errno.EACCES:
            return fault(f"port {bench.port} is for root", "Give a port from 1024 on", evidence)
        return fault(
            f"port {bench.port} is taken",
            f"End what listens there (`ss -ltnp 'sport = :{bench.port}'`), or give another port",
            evidence,
        )


def disk(bench: Bench) -> Result:
    free = shutil.disk_usage(bench.folder).free
    evidence = Evidence(f"df {bench.folder}", None, (f"{free:,} bytes free",))
    if free < TIGHT:
        return fault(
            f"{free >> 20} MiB are free", "Make room: a recording that cannot be written ends", evidence
        )
    if free < LITTLE:
        return ok(f"{free >> 20} MiB are free: enough for a short recording", evidence)
    return ok(f"{free >> 30} GiB are free", evidence)


def _package(bench: Bench, name: str, remedy: str) -> Result:
    version = bench.version_of(name)
    command = f"python -c \"from importlib.metadata import version; print(version('{name}'))\""
    if version is None:
        return fault(f"{name} is not installed in this Python", remedy, Evidence(command, 1, ()))
    return ok(f"{name} {version}", Evidence(command, 0, (version,)))


def _first_line(said: str) -> str:
    return (said.splitlines() or ["it said nothing"])[0].strip()[:120]
