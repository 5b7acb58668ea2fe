"""TLS keys of real clients through tls-keylog: complete, beside the app's own log, and gone without a trace."""

import sys
from pathlib import Path

import pytest

from promptrail.ingest.hook_record import key_lines
from rigs.client import HOST
from rigs.mitmdump import Mitmdump
from rigs.native import clients
from rigs.native.clients import LOOP, PROMPT, PYTHON, Client
from rigs.native.hooking import Hook

pytestmark = pytest.mark.rig

TLS_1_3 = {
    "SERVER_HANDSHAKE_TRAFFIC_SECRET",
    "CLIENT_HANDSHAKE_TRAFFIC_SECRET",
    "EXPORTER_SECRET",
    "CLIENT_TRAFFIC_SECRET_0",
    "SERVER_TRAFFIC_SECRET_0",
}
KEPT = """
import os
first, context = ask, ssl.create_default_context(cafile=trusted)
ssl.create_default_context = lambda cafile: context
def ask(port, path):
    if path == "/log":
        context.keylog_filename = os.environ["OWN"]
    return first(port, path)
"""
"""The Python client with one context for all requests, which logs its keys from the one for /log on."""


@pytest.fixture(scope="module")
def trusted(proxy: Mitmdump) -> Path:
    return proxy.confdir / "mitmproxy-ca-cert.pem"


def lines_of(hook: Hook) -> list[str]:
    return [str(record["line"]) for record in hook.records("keylog")]


def kinds(lines: list[str]) -> set[str]:
    return {line.split()[0] for line in lines}


@pytest.mark.parametrize(
    ("stack", "expected"),
    [
        ("python, TLS 1.3", TLS_1_3),
        ("python, TLS 1.2", {"CLIENT_RANDOM"}),
        ("node", TLS_1_3),
        ("boringssl", TLS_1_3),
        ("curl_cffi", TLS_1_3),
    ],
)
def test_keys_of_a_connection(
    tmp_path: Path, certificates: Path, proxy: Mitmdump, trusted: Path, stack: str, expected: set[str]
) -> None:
    """All keys of the connection made while it is hooked, none of the one after; the client goes on."""
    if stack.startswith("python"):
        client = clients.python(trusted, "TLSv1_3" if stack.endswith("3") else "TLSv1_2")
    elif stack == "node":
        client = clients.node(trusted)
    elif stack == "curl_cffi":
        client = clients.curl_cffi(trusted, None)
    else:
        client = clients.boringssl(trusted, certificates / f"{HOST}.crt", "library")
    with client:
        assert client.ask(proxy, "/keys-before") == "OK 200"
        with Hook(tmp_path / "case", client.pid, "tls-keylog") as hook:
            assert client.ask(proxy, "/keys") == "OK 200"
        told = lines_of(hook)
        assert kinds(told) == expected and list(key_lines(hook.log.parent)) == told
        assert client.ask(proxy, "/keys-after") == "OK 200"
        assert lines_of(hook) == told


def written(own: Path) -> list[str]:
    """The key lines in an app's own log."""
    return [line for line in own.read_text().splitlines() if not line.startswith("#")]


def test_the_apps_own_log_goes_on(tmp_path: Path, proxy: Mitmdump, trusted: Path) -> None:
    """An app that logs its keys writes the same lines while it is hooked, and its own alone before and after."""
    own = tmp_path / "own.log"
    words = [sys.executable, "-c", PYTHON + LOOP, trusted, HOST, PROMPT, "TLSv1_3"]
    with Client(words, {"SSLKEYLOGFILE": str(own)}) as client:
        client.ask(proxy, "/own-before")
        with Hook(tmp_path / "case", client.pid, "tls-keylog") as hook:
            client.ask(proxy, "/own")
        client.ask(proxy, "/own-after")
    lines = written(own)
    assert len(lines) == 3 * len(TLS_1_3) and kinds(lines) == TLS_1_3
    assert lines[5:10] == lines_of(hook)


def test_an_app_that_begins_to_log_later(tmp_path: Path, proxy: Mitmdump, trusted: Path) -> None:
    """It sets its callback on a context that ours is set on: both are told, and its own stays when ours is gone."""
    own = tmp_path / "own.log"
    words = [sys.executable, "-c", PYTHON + KEPT + LOOP, trusted, HOST, PROMPT, "TLSv1_3"]
    with Client(words, {"OWN": str(own)}) as client:
        with Hook(tmp_path / "case", client.pid, "tls-keylog") as hook:
            client.ask(proxy, "/later")
            client.ask(proxy, "/log")
        client.ask(proxy, "/later-after")
    told, lines = lines_of(hook), written(own)
    assert len(told) == len(lines) == 2 * len(TLS_1_3) and kinds(told) == kinds(lines) == TLS_1_3
    assert told[5:] == lines[:5]


@pytest.mark.parametrize("stack", ["python", "boringssl"])
def test_contexts_are_not_kept(
    tmp_path: Path, certificates: Path, proxy: Mitmdump, trusted: Path, stack: str
) -> None:
    """Forty requests with a context each: hardly one is held at a time, though each was held while it was in use."""
    genuine = certificates / f"{HOST}.crt"
    client = (
        clients.python(trusted, "TLSv1_3")
        if stack == "python"
        else clients.boringssl(trusted, genuine, "library")
    )
    with client:
        with Hook(tmp_path / "case", client.pid, "tls-keylog") as hook:
            for n in range(40):
                assert client.ask(proxy, f"/many-{stack}-{n}") == "OK 200"
        stats = hook.stats()
        assert stats["contexts"] == stats["released"] == 40 and stats["most_held"] <= 3
        assert client.ask(proxy, "/many-after") == "OK 200"
