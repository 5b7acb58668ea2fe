"""Checks of the way a device's traffic takes: its proxy setting, the tunnel to this machine, the CA that it trusts."""

import contextlib
import re
import socket

from promptrail.device.device import Tunnel
from promptrail.device.doctor.bench import PATIENCE, Bench
from promptrail.device.doctor.check import Evidence, Result, fault, not_checked, ok, seen_of_adb

SETTING = "settings get global http_proxy"
NONE = ("", "null", ":0")
HERE = ("127.0.0.1", "localhost", "10.0.2.2")
"""This machine as the device names it: through a tunnel, and as the emulator's host."""
EMULATORS_HOST = "10.0.2.2"


def proxy_setting(bench: Bench) -> Result:
    """A setting that leads to no proxy takes the device's internet away, and outlives the session that made it."""
    set_to, evidence = _setting(bench)
    if set_to in NONE:
        return ok("no proxy is set on the device", evidence)
    host, port = _address(set_to)
    if host not in HERE:
        return fault(
            f"the device uses another proxy, {set_to}",
            "Recording replaces it while it lasts. To take it away for good: `adb shell settings put global "
            "http_proxy :0`",
            evidence,
        )
    to = (
        port
        if host == EMULATORS_HOST
        else next((t.host_port for t in _tunnels(bench) if t.device_port == port), None)
    )
    if to is not None and _answers(to):
        return ok(f"the device's proxy is {set_to}, and one listens there: a session runs", evidence)
    return fault(
        f"the proxy setting {set_to} was left behind, and no proxy is there: the device has no internet",
        "doctor --fix, or `adb shell settings put global http_proxy :0`",
        evidence,
    )


def reset_proxy(bench: Bench) -> Evidence:
    """`:0` is what the system follows at once; the values that it derived from the setting go with it."""
    command = (
        "settings put global http_proxy :0; settings delete global global_http_proxy_host; "
        "settings delete global global_http_proxy_port"
    )
    return seen_of_adb(bench, bench.shell(command), "shell", command)


def tunnel(bench: Bench) -> Result:
    """Whether each tunnel leads to something that listens, and whether the proxy setting has its own."""
    there = _tunnels(bench)
    listed = tuple(f"tcp:{one.device_port} tcp:{one.host_port}" for one in there)
    evidence = Evidence(f"adb -s {bench.phone.serial} reverse --list", 0, listed)
    set_to, setting = _setting(bench)
    host, port = _address(set_to)
    if host in HERE and host != EMULATORS_HOST and port not in {one.device_port for one in there}:
        return fault(
            f"the proxy setting needs a tunnel from port {port} of the device, and it is gone",
            f"`adb reverse tcp:{port} tcp:PORT` with the proxy's port: a tunnel ends with `adb root`, a reconnection "
            "or a snapshot that is loaded. Without a proxy: doctor --fix",
            evidence,
            setting,
        )
    dead = [one for one in there if not _answers(one.host_port)]
    if dead:
        return fault(
            f"nothing listens on this machine's port {dead[0].host_port}, to which a tunnel leads",
            f"Start the proxy there, or take the tunnel away: `adb reverse --remove tcp:{dead[0].device_port}`",
            evidence,
        )
    return ok(
        f"{len(there)} tunnels, each to something that listens" if there else "no tunnel is set", evidence
    )


def remove_tunnels(bench: Bench) -> Evidence:
    """Those that lead nowhere."""
    dead = [one for one in _tunnels(bench) if not _answers(one.host_port)]
    for one in dead:
        bench.phone.unreverse(one.device_port)
    removed = tuple(f"adb reverse --remove tcp:{one.device_port}" for one in dead)
    return Evidence(f"{len(dead)} tunnels taken away", None, removed)


def authority(bench: Bench) -> Result:
    """Whether the case's CA is in the store, in every namespace."""
    from promptrail.device import ca_store
    from promptrail.device.authority import CERTIFICATE

    if bench.case is None:
        return not_checked("each case has its own CA", remedy="Name the case: doctor --case CASE")
    file = bench.case.private / "mitmproxy" / CERTIFICATE
    if not file.is_file():
        return not_checked("the case has no CA before its first recording", Evidence(f"ls {file}", 2, ()))
    found = ca_store.installed(bench.phone, file)
    places = tuple(f"{one.state} {one.process} ({one.pid}) {one.why}".strip() for one in found.places[:4])
    evidence = Evidence(f"the store {found.store}", None, (f"SHA-256 {found.fingerprint}", *places))
    if found.everywhere:
        return ok(f"the case's CA is in {found.store}, in {found.namespaces} mount namespaces", evidence)
    return fault("the case's CA is not trusted everywhere on the device", str(found).rstrip("."), evidence)


def transparency(bench: Bench) -> Result:
    """Certificate Transparency, with which a CA in the store is not enough."""
    from promptrail.device import ca_store

    answer = bench.shell("getprop ro.build.version.sdk")
    evidence = seen_of_adb(bench, answer, "shell", "getprop ro.build.version.sdk")
    if not answer.text.isdigit():
        return not_checked("the device does not tell its SDK", evidence)
    if why := ca_store.transparency(int(answer.text)):
        what, _, todo = why.rpartition(": ")
        return fault(what, todo.rstrip("."), evidence)
    return ok(f"SDK {answer.text} does not demand Certificate Transparency of apps", evidence)


def _setting(bench: Bench) -> tuple[str, Evidence]:
    answer = bench.phone.shell(SETTING, timeout=PATIENCE)
    return answer.text, seen_of_adb(bench, answer, "shell", SETTING)


def _address(set_to: str) -> tuple[str, int]:
    found = re.fullmatch(r"(.*):(\d{1,5})", set_to)
    return (found[1], int(found[2])) if found else (set_to, 0)


def _tunnels(bench: Bench) -> list[Tunnel]:
    return bench.phone.reverses()


def _answers(port: int) -> bool:
    with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=2.0):
        return True
    return False
