"""What is missing on this machine and device for a recording, and what to do about it: a bench in, rows out.

Each check is a function in the file of its subject; CHECKS is all of them, in the order in which they are made. A check
that could not be made is `not checked`, never `ok`.
"""

from dataclasses import replace

from promptrail.device.doctor import app, connection, frida_server, leftovers, machine, traffic
from promptrail.device.doctor.bench import Bench
from promptrail.device.doctor.check import Check, Evidence, Result, Row, not_checked
from promptrail.errors import DeviceError, PromptrailError

__all__ = ["CHECKS", "Bench", "Check", "Row", "examine"]

CHROMIUM = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "microsoft-edge")
REACHED = ("device", "booted")
CHECKS: tuple[Check, ...] = (
    Check("adb", "required", machine.adb_program),
    Check("adb-server", "required", machine.adb_server, ("adb",)),
    Check("mitmproxy", "required", machine.mitmproxy),
    Check("disk", "required", machine.disk),
    Check("port", "recommended", machine.port),
    Check("frida", "recommended", machine.frida),
    Check(
        "tcpdump",
        "recommended",
        machine.tool(
            ("tcpdump",),
            "--version",
            "`apt install tcpdump`: without it nothing counts what went past the proxy",
        ),
    ),
    Check(
        "tshark",
        "recommended",
        machine.tool(("tshark",), "--version", "`apt install tshark`: it reads packet captures"),
    ),
    Check(
        "chromium",
        "optional",
        machine.tool(CHROMIUM, "--version", "`apt install chromium`: it draws stills and prints PDF"),
    ),
    Check(
        "npm",
        "optional",
        machine.tool(("npm",), "--version", "`apt install npm`: agents for Java are built with it"),
    ),
    Check(
        "emulator",
        "optional",
        machine.tool(
            ("emulator",),
            "-version",
            "`sdkmanager emulator`, and ANDROID_HOME set to the SDK; a phone needs none",
        ),
    ),
    Check("acceleration", "optional", machine.acceleration),
    Check("device", "required", connection.device, ("adb-server",)),
    Check("booted", "required", connection.booted, ("device",)),
    Check("clock", "required", connection.clock, REACHED),
    Check("root", "recommended", connection.root, REACHED),
    Check("storage", "recommended", connection.storage, REACHED),
    Check("snapshot", "optional", connection.snapshot, REACHED),
    Check("left-behind", "required", leftovers.recording, REACHED, leftovers.put_back),
    Check("proxy-setting", "required", traffic.proxy_setting, REACHED, traffic.reset_proxy),
    Check("tunnel", "recommended", traffic.tunnel, REACHED, traffic.remove_tunnels),
    Check(
        "authority",
        "recommended",
        traffic.authority,
        (*REACHED, "root"),
        asked=lambda bench: bench.case is not None,
    ),
    Check("transparency", "recommended", traffic.transparency, REACHED),
    Check("frida-server", "optional", frida_server.server, (*REACHED, "root")),
    Check("abi", "required", app.abi, REACHED, asked=lambda bench: bench.apk is not None),
)


def examine(bench: Bench, fix: bool = False, checks: tuple[Check, ...] = CHECKS) -> list[Row]:
    """Make the checks in their order; with `fix` those that can be put right are, and are then made again."""
    rows: dict[str, Row] = {}
    for check in checks:
        missing = [need for need in check.needs if need in rows and rows[need].result.state != "ok"]
        if missing:
            result = not_checked(f"it needs the check {missing[0]} to be ok")
        else:
            result = made(check, bench)
        row = Row(check, result, check.severity if check.asked(bench) else "optional")
        if fix and check.fix and not missing and result.state != "ok":
            row = fixed(row, bench)
        rows[check.id] = row
    return list(rows.values())


def made(check: Check, bench: Bench) -> Result:
    """What the check found; an error of the device or of a file is a fault, with its own sentence."""
    try:
        return check.run(bench)
    except PromptrailError as fault:
        said = fault.said if isinstance(fault, DeviceError) else ""
        told, _, remedy = str(fault).partition(". ")
        lines = tuple(line for line in said.splitlines() if line.strip())[:4]
        evidence = (Evidence(told.partition(": ")[0], None, lines),) if lines else ()
        return Result("fault", told.rstrip("."), remedy.rstrip("."), evidence)


def fixed(row: Row, bench: Bench) -> Row:
    assert row.check.fix is not None
    try:
        done = row.check.fix(bench)
    except PromptrailError as fault:
        return replace(row, fixed=(Evidence("fix", 1, (str(fault),)),))
    return Row(row.check, made(row.check, bench), row.severity, (done,))
