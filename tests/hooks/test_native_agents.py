"""Agents under frida-tools' own commands, without promptrail: they compile, load, and say what they hooked or not."""

import contextlib
import json
import subprocess
import sys
from pathlib import Path

import pytest

from promptrail.device import agent_packages, agents
from rigs.java import compiled as java
from rigs.java.jvm import Jvm
from rigs.mitmdump import Mitmdump
from rigs.native import clients
from rigs.native.hooking import Hook
from rigs.native.probe import built

pytestmark = pytest.mark.rig

NATIVE = {
    "tls-plaintext": "SSL_write",
    "tls-keylog": "SSL_CTX_set_keylog_callback",
    "native-unpin": "X509_verify_cert",
    "boringssl-locate": "SSL_write",
}
"""What each tells of a process with OpenSSL and a stripped BoringSSL."""


def tool(name: str) -> str:
    """A command of frida-tools, beside this Python."""
    return str(Path(sys.executable).with_name(name))


def loaded(pid: int, bundle: Path, parameters: dict[str, str]) -> str:
    """What `frida -p PID -l BUNDLE -P JSON` prints."""
    words = [tool("frida"), "-p", str(pid), "-l", str(bundle), "-P", json.dumps(parameters), "-q", "-t", "1"]
    done = subprocess.run(words, capture_output=True, text=True, timeout=120, stdin=subprocess.DEVNULL)
    assert done.returncode == 0, done.stderr
    return done.stdout + done.stderr


def compiled(name: str, folder: Path) -> Path:
    """What frida-compile makes of an agent."""
    bundle = folder / f"{name}.js"
    with contextlib.ExitStack() as stack:
        sources = agents.folder()
        if agent_packages.needed(sources / f"{name}.ts"):
            sources = stack.enter_context(agent_packages.workshop(sources))
        words = [tool("frida-compile"), f"{name}.ts", "-S", "-c", "-o", str(bundle)]
        done = subprocess.run(words, cwd=sources, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0 and bundle.stat().st_size > 0, done.stdout + done.stderr
    return bundle


@pytest.mark.parametrize("name", sorted(set(agents.names()) - NATIVE.keys()))
def test_an_agent_for_java_under_fridas_own_command(tmp_path: Path, proxy: Mitmdump, name: str) -> None:
    """Built by frida-compile and loaded by frida -l into a JVM it prints what it hooked; the app answers afterwards."""
    bundle = compiled(name, tmp_path)
    ca = (proxy.confdir / "mitmproxy-ca-cert.pem").read_text()
    with Jvm(str(java.classes()), "CryptoApp") as app:
        said = loaded(app.process.pid, bundle, {"ca": ca})
        assert "'k': 'hooked'" in said, said
        assert app.ask("digest hello").startswith("input=")


@pytest.mark.parametrize("name", NATIVE)
def test_an_agent_under_fridas_own_command(tmp_path: Path, proxy: Mitmdump, name: str) -> None:
    """Built by frida-compile and loaded by frida -l it prints what it hooked; the process goes on when it is gone."""
    bundle = compiled(name, tmp_path)
    trusted = proxy.confdir / "mitmproxy-ca-cert.pem"
    with clients.curl_cffi(trusted, clients.stripped(tmp_path)) as client:
        said = loaded(client.pid, bundle, {"ca": trusted.read_text()})
        assert "'k': 'hooked'" in said and NATIVE[name] in said, said
        assert client.ask(proxy, "/frida-command") == "OK 200"


def test_a_fault_is_printed(tmp_path: Path) -> None:
    """An agent whose init fails says so as a message: frida's own command shows no exception of it."""
    bundle = tmp_path / "agent.js"
    bundle.write_text(agents.load("native-unpin").source)
    with clients.python(tmp_path, "TLSv1_3") as client:
        said = loaded(client.pid, bundle, {})
    assert "'k': 'error'" in said and "must be the PEM text" in said


def test_no_record_is_lost_at_ten_thousand_a_second(tmp_path: Path) -> None:
    """Thirty thousand records in three seconds are on disk, by their numbers, with their bytes."""
    agent = tmp_path / "burst.js"
    agent.write_text(built("burst"))
    with (
        clients.python(tmp_path, "TLSv1_3") as client,
        Hook(tmp_path / "case", client.pid, str(agent), rate=10_000, seconds=3) as hook,
    ):
        hook.wait_for("event")
    records = hook.records("plaintext")
    assert [record["seq"] for record in records] == list(range(1, 30_001))
    assert {(len(record["data"]), record["length"]) for record in records} == {(344, 256)}
