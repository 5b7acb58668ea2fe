"""Processes that are started to be hooked, and processes of a device that is reached over TCP and lost on the way."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from promptrail import ingest
from promptrail.case import Case
from promptrail.lab import authority
from rigs import tls_clients
from rigs.mitmdump import until
from rigs.native.hooking import Hook
from rigs.native.portal import Relay, portal
from rigs.tls_clients import HOST, PROMPT, Client
from rigs.web_server import WebServer

pytestmark = pytest.mark.rig


@pytest.fixture(scope="module")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return authority.make(tmp_path_factory.mktemp("certificates")).parent


@pytest.fixture(scope="module")
def server(certificates: Path) -> Iterator[WebServer]:
    with WebServer(certificates / f"{HOST}.pem") as running:
        yield running


def hook_spawned(
    case: Case, agents: list[str], command: list[str], because: str = "our own test"
) -> subprocess.CompletedProcess[str]:
    words = [sys.executable, "-m", "promptrail", "hook", "--case", str(case.path), "--spawn"]
    words += ["--because", because, "--agents", *agents, "--", *command]
    return subprocess.run(words, timeout=120, capture_output=True, text=True)


def running(word: str) -> bool:
    """Whether a process has this word in its command line."""
    lines = (Path("/proc", pid, "cmdline") for pid in os.listdir("/proc") if pid.isdigit())
    found = (line.read_bytes() for line in lines if line.exists())
    return any(word.encode() in line.split(b"\0") for line in found)


def test_a_command_is_hooked_from_its_start(tmp_path: Path, server: WebServer, certificates: Path) -> None:
    """curl, started by us, makes one request and ends: request, answer and all keys are there, and the run is whole."""
    case = Case.create(tmp_path / "case")
    command = ["curl", "-s", "--cacert", str(certificates / "ca.pem"), "-d", PROMPT, "-o", "/dev/null"]
    command += ["--resolve", f"{HOST}:{server.port}:127.0.0.1", f"https://{HOST}:{server.port}/echo"]
    done = hook_spawned(case, ["tls-plaintext", "tls-keylog"], command)
    assert done.returncode == 0, done.stdout + done.stderr
    assert ingest.frames_of(case) == []
    (flow,) = [one for one in case.table("flows").to_pylist() if one["kind"] == "http"]
    assert case.bytes_of(flow["request_body"]) == case.bytes_of(flow["response_body"]) == PROMPT.encode()
    assert case.table("runs").to_pylist()[0]["complete"]
    kinds = [one["type"] for one in case.table("hooks").to_pylist()]
    assert kinds.count("keylog") == 5


def test_a_program_that_is_not_there(tmp_path: Path) -> None:
    """One sentence; nothing is recorded."""
    case = Case.create(tmp_path / "case")
    done = hook_spawned(case, ["tls-plaintext"], ["/no/such/program"])
    assert done.returncode == 1 and "There is no such program" in done.stderr
    assert list(case.captures.iterdir()) == []


def test_no_reason_no_start(tmp_path: Path) -> None:
    """A command that is not the case's app is not even started without a reason."""
    case = Case.create(tmp_path / "case")
    mark = tmp_path / "started"
    done = hook_spawned(case, ["tls-plaintext"], ["touch", str(mark)], because="")
    assert done.returncode == 1 and "--because" in done.stderr and not mark.exists()


@pytest.mark.parametrize("fault", ["init", "compile"])
def test_an_agent_that_fails_leaves_no_process(tmp_path: Path, fault: str) -> None:
    """What was started for an agent that cannot be loaded is ended; it does not wait for ever."""
    case = Case.create(tmp_path / "case")
    agent = tmp_path / ("agent.js" if fault == "init" else "agent.ts")
    agent.write_text(
        "rpc.exports = { init() { throw new Error('no'); } };" if fault == "init" else "let n: number = '';"
    )
    word = f"86400.{os.getpid()}"
    done = hook_spawned(case, [str(agent)], ["sleep", word])
    assert done.returncode == 1, done.stdout
    until(lambda: not running(word))


def go(client: Client) -> None:
    """One request; joining the portal makes Frida chat on the client's standard output."""
    assert client.process.stdin is not None and client.process.stdout is not None
    client.process.stdin.write("go\n")
    client.process.stdin.flush()
    assert any(line == "done\n" for line in client.process.stdout)


def test_a_device_over_tcp(tmp_path: Path, server: WebServer, certificates: Path) -> None:
    """A process of another machine's frida is hooked by its address, and by its name there."""
    with tls_clients.python(server.port, certificates / "ca.pem") as client, portal(client.pid) as port:
        options = ["--device", f"127.0.0.1:{port}"]
        with Hook(tmp_path / "case", client.pid, "tls-plaintext", options=options) as hook:
            go(client)
    assert ingest.frames_of(hook.case) == []
    (flow,) = hook.case.table("flows").to_pylist()
    assert hook.case.bytes_of(flow["request_body"]) == f"{PROMPT} 0".encode()


def test_a_connection_that_breaks_is_taken_up(tmp_path: Path, server: WebServer, certificates: Path) -> None:
    """What the app says while the device is out of reach is told later: no record is missing, and the run is whole."""
    with (
        tls_clients.python(server.port, certificates / "ca.pem") as client,
        portal(client.pid) as control,
        Relay(control) as relay,
    ):
        options = ["--device", f"127.0.0.1:{relay.port}"]
        with Hook(tmp_path / "case", client.pid, "tls-plaintext", options=options) as hook:
            go(client)
            hook.wait_for("streamend")
            relay.cut()
            for _ in range(3):
                go(client)
            until(lambda: len(hook.records("streamend")) == 4, lambda: hook.log.read_text()[-2000:])
    events = [record["event"] for record in hook.records("event")]
    assert events == ["connection to the device lost", "connection to the device taken up again"]
    assert ingest.frames_of(hook.case) == [] and hook.case.table("flows").num_rows == 4
    assert hook.case.table("runs").to_pylist()[0]["complete"]
    manifest = json.loads(hook.log.with_name("manifest.json").read_text())
    assert manifest["target"]["ended"] is None


def test_a_device_that_stays_away(tmp_path: Path, server: WebServer, certificates: Path) -> None:
    """Ctrl-C ends the command all the same; it says that the end is missing, and what came before is on disk."""
    with (
        tls_clients.python(server.port, certificates / "ca.pem") as client,
        portal(client.pid) as control,
        Relay(control) as relay,
    ):
        options = ["--device", f"127.0.0.1:{relay.port}"]
        hook = Hook(tmp_path / "case", client.pid, "tls-plaintext", options=options).__enter__()
        go(client)
        hook.wait_for("streamend")
        relay.listener.close()
        relay.cut()
        hook.wait_for("event")
        assert hook.stop() == 1
    assert "out of reach at the end" in hook.said
    problems = ingest.frames_of(hook.case)
    assert any("did not say that they ended" in problem.what for problem in problems)
    assert hook.case.table("flows").num_rows == 1
    assert not hook.case.table("runs").to_pylist()[0]["complete"]
