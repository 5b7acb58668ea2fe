"""The agent tls-plaintext in real processes: what it recorded, imported, is what they said; it leaves no trace.

The command runs in a process of its own: Frida traces its target from the process that calls it.
"""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from ingest.alike import alike
from promptrail import ingest
from promptrail.case import Case
from promptrail.ingest.hook_record import key_lines
from promptrail.lab import authority
from rigs import tls_clients
from rigs.mitmdump import Mitmdump, routed, until
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


class Hook:
    """`with Hook(case, pid)`: the command has hooked the process; `stop()` is Ctrl-C."""

    def __init__(self, case: Case, pid: int, *options: str) -> None:
        self.case = case
        self.said: list[str] = []
        self.command = [sys.executable, "-m", "promptrail", "hook", str(pid), "--case", str(case.path)]
        self.command += ["--agents", "tls-plaintext", "--because", "our own test process", *options]

    def __enter__(self) -> "Hook":
        self.process = subprocess.Popen(
            self.command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        )
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self.said.append(line)
            if line.startswith("Recording to"):
                return self
        raise AssertionError("".join(self.said))

    def __exit__(self, *_: object) -> None:
        if self.process.poll() is None:
            self.process.kill()
        self.process.communicate()

    def stop(self) -> int:
        self.process.send_signal(signal.SIGINT)
        return self.over()

    def over(self) -> int:
        assert self.process.stdout is not None
        self.said += self.process.stdout.readlines()
        return self.process.wait(60)

    def records(self) -> list[dict[str, Any]]:
        (file,) = self.case.captures.glob("hook-*/hook.jsonl")
        lines = file.read_bytes().splitlines(keepends=True)
        return [json.loads(line) for line in lines if line.endswith(b"\n")]

    def kinds(self) -> list[str]:
        return [record["k"] for record in self.records()]


def stated(case: Case) -> list[tuple[Any, ...]]:
    """Method, path, what was asked and what was answered, of each flow."""
    ingest.frames_of(case)
    return [
        (
            f["method"],
            f["url"].split("/", 3)[3],
            case.bytes_of(f["request_body"]),
            case.bytes_of(f["response_body"]),
        )
        for f in case.table("flows").to_pylist()
        if f["kind"] == "http"
    ]


CLIENTS = ["python, TLS 1.3", "python, TLS 1.2", "node", "curl", "asyncio"]


def made(name: str, port: int, ca: Path) -> Client:
    if name.startswith("python"):
        return tls_clients.python(port, ca, "TLSv1_2" if name.endswith("2") else "TLSv1_3")
    if name == "curl":
        return tls_clients.Curl(port, ca)
    return tls_clients.node(port, ca) if name == "node" else tls_clients.asyncio(port, ca)


@pytest.mark.parametrize("name", CLIENTS)
def test_what_a_process_says_is_read(
    tmp_path: Path, server: WebServer, certificates: Path, name: str
) -> None:
    """The request with the prompt and its answer, complete, with SNI; keys in NSS form; no record missing."""
    case = Case.create(tmp_path / "case")
    with made(name, server.port, certificates / "ca.pem") as client:
        with Hook(case, client.pid, "--agents", "tls-plaintext", "tls-keylog") as hook:
            client.go()
            if client.process.poll() is None:
                until(lambda: "plaintext" in hook.kinds())
                assert hook.stop() == 0
            else:
                assert hook.over() == 0, hook.said
        if client.process.poll() is None:
            before = len(hook.records())
            client.go()
            assert len(hook.records()) == before, "nothing is recorded of what it says when it was let go"
    body = f"{PROMPT} 0".encode() if name.startswith("python") else PROMPT.encode()
    one = stated(case)[0]
    assert (one[0], one[1].split("?")[0], *one[2:]) == ("POST", "echo", body, body)
    (run,) = case.table("runs").to_pylist()
    assert run["complete"] and case.table("problems").num_rows == 0
    (connection, *_) = case.table("connections").to_pylist()
    assert connection["sni"] == HOST and connection["tls_version"] == (
        "TLSv1.2" if "1.2" in name else "TLSv1.3"
    )
    if name.startswith("python"):
        assert (connection["dest_ip"], connection["dest_port"]) == ("127.0.0.1", server.port)
    (folder,) = case.run_folders()
    labels = {line.split()[0] for line in key_lines(folder)}
    assert ("CLIENT_RANDOM" if "1.2" in name else "CLIENT_TRAFFIC_SECRET_0") in labels
    if name == "asyncio":
        (socket,) = [f for f in case.table("flows").to_pylist() if f["kind"] == "websocket"]
        said = [m for m in case.table("messages").to_pylist() if m["flow"] == socket["flow"]]
        assert [case.bytes_of(m["body"]) for m in said] == [
            PROMPT.encode(),
            f"you said {PROMPT} ".encode() * 20,
        ]


def test_a_hook_and_a_proxy_tell_the_same(tmp_path: Path, server: WebServer, certificates: Path) -> None:
    """A client behind a real mitmdump: its hook log gives the flows that the proxy recorded, a WebSocket too."""
    case = Case.create(tmp_path / "case")
    with Mitmdump(tmp_path / "proxy", *routed(server.port, certificates)) as proxy:
        ca = proxy.confdir / "mitmproxy-ca-cert.pem"
        with (
            tls_clients.asyncio(server.port, ca, f"http://127.0.0.1:{proxy.port}") as client,
            Hook(case, client.pid) as hook,
        ):
            client.go()
            assert hook.stop() == 0
        proxy.stop(signal.SIGINT)
    ingest.frames_of(case)
    flows, messages = case.table("flows").to_pylist(), case.table("messages").to_pylist()
    assert len(alike(flows, messages, proxy.folder / "flows.mitm")) == 2


def test_a_process_that_is_killed(tmp_path: Path, server: WebServer, certificates: Path) -> None:
    """What was recorded is on disk and is read; the command says so and fails; the run is incomplete."""
    case = Case.create(tmp_path / "case")
    with tls_clients.python(server.port, certificates / "ca.pem") as client, Hook(case, client.pid) as hook:
        client.go()
        until(lambda: "streamend" in hook.kinds())
        os.kill(client.pid, signal.SIGKILL)
        assert hook.over() == 1
    assert "ended while it was hooked" in "".join(hook.said)
    assert len(stated(case)) == 1
    assert not case.table("runs").to_pylist()[0]["complete"]


def test_a_process_without_tls(tmp_path: Path) -> None:
    """What was not found is said, and stands in the log."""
    case = Case.create(tmp_path / "case")
    with Client([sys.executable, "-c", "print('ready', flush=True); input()"]) as client:
        with Hook(case, client.pid) as hook:
            assert hook.stop() == 0
        assert client.process.poll() is None
    assert "not found in any module of it: SSL_read, SSL_write" in "".join(hook.said)
    (hooked,) = [record for record in hook.records() if record["k"] == "hooked"]
    assert hooked["found"] == [] and hooked["missing"] == ["SSL_read", "SSL_write"]


def test_a_library_that_is_loaded_later(tmp_path: Path, server: WebServer, certificates: Path) -> None:
    """It is hooked when it comes."""
    case = Case.create(tmp_path / "case")
    late = "print('ready', flush=True)\nimport sys\nsys.stdin.readline()\n" + tls_clients.PYTHON.replace(
        'print("ready", flush=True)\n', 'print("done", flush=True)\n'
    )
    words = [str(server.port), str(certificates / "ca.pem"), HOST, PROMPT, "TLSv1_3", "1", "1"]
    with Client([sys.executable, "-c", late, *words]) as client, Hook(case, client.pid) as hook:
        client.go()  # it loads its TLS library here
        client.go()
        until(lambda: "streamend" in hook.kinds())
        assert hook.stop() == 0
    assert [one[0] for one in stated(case)] == ["POST"]


def test_a_long_body_is_whole(tmp_path: Path, server: WebServer, certificates: Path) -> None:
    """Three megabytes in one call become several records, none of over a megabyte, and one body again."""
    case = Case.create(tmp_path / "case")
    with (
        tls_clients.python(server.port, certificates / "ca.pem", repeat=100_000) as client,
        Hook(case, client.pid) as hook,
    ):
        client.go()
        assert hook.stop() == 0
    sizes = [record["length"] for record in hook.records() if record["k"] == "plaintext"]
    assert max(sizes) <= 1 << 20
    (one,) = stated(case)
    assert one[2] == one[3] == f"{PROMPT} 0".encode() * 100_000


THREADS = """
import concurrent.futures, http.client, socket, ssl, sys
port, ca, host, number = sys.argv[1:5]
context = ssl.create_default_context(cafile=ca)
def talk(n):
    with context.wrap_socket(socket.create_connection(("127.0.0.1", int(port))), server_hostname=host) as secure:
        for k in range(int(number)):
            body = b"%d %d " % (n, k) * 50
            secure.sendall(b"POST /echo HTTP/1.1\\r\\nHost: a\\r\\nContent-Length: %d\\r\\n\\r\\n" % len(body) + body)
            response = http.client.HTTPResponse(secure)
            response.begin()
            assert response.read() == body
print("ready", flush=True)
for turn in sys.stdin:
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        list(pool.map(talk, range(8)))
    print("done", flush=True)
"""


def test_no_record_is_lost_among_threads(tmp_path: Path, server: WebServer, certificates: Path) -> None:
    """Eight threads at once: every exchange is there, whole, and no number is missing."""
    case = Case.create(tmp_path / "case")
    words = [str(server.port), str(certificates / "ca.pem"), HOST, "100"]
    with Client([sys.executable, "-c", THREADS, *words]) as client, Hook(case, client.pid) as hook:
        client.go()
        assert hook.stop() == 0
    assert {(n, one[2] == one[3]) for n, one in enumerate(stated(case))} == {(n, True) for n in range(800)}
    assert case.table("runs").to_pylist()[0]["complete"]
    numbers = [record["seq"] for record in hook.records() if "seq" in record]
    assert numbers == list(range(len(numbers)))
