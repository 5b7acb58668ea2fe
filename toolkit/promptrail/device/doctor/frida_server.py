"""Checks of Frida on the device: the server's version against ours, and that it runs as root."""

from shlex import quote

from promptrail.device.doctor.bench import PATIENCE, Bench
from promptrail.device.doctor.check import Result, fault, not_checked, ok, seen_of_adb

PLACES = "/data/local/tmp/frida-server /data/local/tmp/frida-server-*"
FIND = f"ls {PLACES} 2>/dev/null"
KINDS = {"arm64-v8a": "arm64", "armeabi-v7a": "arm", "x86_64": "x86_64", "x86": "x86"}


def server(bench: Bench) -> Result:
    ours = bench.version_of("frida")
    if ours is None:
        return not_checked("Frida is not installed on this machine")
    listed = bench.shell(FIND)
    found = listed.text.splitlines()
    abi = bench.shell("getprop ro.product.cpu.abi")
    get = (
        f"Put frida-server {ours} for android-{KINDS.get(abi.text, abi.text)} to /data/local/tmp/frida-server, "
        "`chmod 755` it, and start it as root"
    )
    if not found:
        return fault("no frida-server on the device", get, seen_of_adb(bench, listed, "shell", FIND))
    file = quote(found[0])
    answer = bench.phone.shell(f"{file} --version", timeout=PATIENCE, check=False)
    evidence = seen_of_adb(bench, answer, "shell", f"{file} --version")
    if answer.code != 0:
        return fault("the device's frida-server does not run", get, evidence)
    if answer.text != ours:
        return fault(f"frida-server there is {answer.text[:40]}, and Frida here {ours}", get, evidence)
    running = bench.phone.as_root("ps -A -o USER,NAME", timeout=PATIENCE, check=False)
    processes = seen_of_adb(bench, running, "shell", "ps -A -o USER,NAME")
    name = found[0].rpartition("/")[2]
    users = [line.split()[0] for line in running.text.splitlines() if line.split()[1:2] == [name]]
    if not users:
        return fault("frida-server does not run", f"Start it as root: `{file} --daemonize`", evidence)
    if "root" not in users:
        return fault(
            f"frida-server runs as {users[0]}: it can attach to no app",
            f"End it, and start it as root: `{file} --daemonize`",
            evidence,
            processes,
        )
    return ok(f"frida-server {ours} runs as root", evidence)
