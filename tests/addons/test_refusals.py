"""When the addon must not go on: no folder, no room, a name that is taken; and where it must: nothing but mitmproxy."""

import http.client
import resource
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

import pytest

from promptrail.case.evidence import verify
from rigs.client import HOST, client, get
from rigs.mitmdump import Mitmdump, routed, until
from rigs.tls_server import JSON, TlsServer

pytestmark = pytest.mark.rig


def refused(case: Path, settings: dict[str, str]) -> str:
    """The one line about us in the log of a proxy that does not start."""
    proxy = Mitmdump(case, settings=settings)
    with proxy:
        pass
    told = [line for line in proxy.words().splitlines() if "promptrail:" in line]
    assert proxy.process.returncode not in (0, None) and len(told) == 1 and "Traceback" not in proxy.words()
    return told[0]


def test_without_a_folder_it_says_so_once_and_ends(tmp_path: Path) -> None:
    """One sentence with the option to give, a non-zero exit, no traceback."""
    assert "add --set promptrail_case=DIR" in refused(tmp_path, {})


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"promptrail_run": "../up"}, "cannot name a run"),
        ({"promptrail_run": "taken"}, "never overwritten"),
        ({"promptrail_meta": "[1]"}, "not a JSON object"),
        ({"promptrail_meta": "{"}, "not a JSON object"),
    ],
)
def test_what_it_cannot_record_into_it_refuses(tmp_path: Path, settings: dict[str, str], words: str) -> None:
    """A run name that leaves its place or is taken, and facts that are no JSON object: one line, and no proxy."""
    (tmp_path / "captures" / "taken").mkdir(parents=True)
    assert words in refused(tmp_path, {"promptrail_case": str(tmp_path), **settings})
    assert sorted(p.name for p in (tmp_path / "captures").iterdir()) == ["taken"]


def test_a_full_disk_stops_the_proxy_and_keeps_what_was_good(
    tmp_path: Path, server: TlsServer, certificates: Path, confdir: Path
) -> None:
    """It says once which file and what to do, ends with an error, and forwards nothing that it could not write."""

    def small_disk() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (60_000, 60_000))

    options = [*routed(server.port, certificates), "--set", "promptrail_flow_file=false"]
    with Mitmdump(tmp_path, *options, confdir=confdir, before=small_disk) as proxy:
        get(proxy, "/").read()
        connection = client(proxy)
        with pytest.raises((http.client.HTTPException, OSError)):
            connection.request("POST", "/lost", body=b"x" * 100_000)
            connection.getresponse()
        until(lambda: proxy.process.poll() is not None, proxy.words)
    assert proxy.process.returncode != 0
    assert proxy.words().count("recording stopped") == 1 and "bodies.pack" in proxy.words()
    assert [path for path, _ in server.received] == [b"/"]
    assert [r["url"] for r in proxy.records("request")] == [f"https://{HOST}/"]
    assert proxy.body(proxy.records("response")[0]["body"]) == JSON
    assert not (proxy.folder / "manifest.json").exists()


def test_a_flow_file_that_cannot_be_written_leaves_the_run_unsealed(
    tmp_path: Path, server: TlsServer, certificates: Path, confdir: Path
) -> None:
    """mitmproxy ends when its own file is full; what the evidence holds is readable and does not claim to be whole."""

    def small_disk() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (60_000, 60_000))

    with Mitmdump(tmp_path, *routed(server.port, certificates), confdir=confdir, before=small_disk) as proxy:
        with pytest.raises((http.client.HTTPException, OSError)):
            for _ in range(100):
                get(proxy, "/").read()
        until(lambda: proxy.process.poll() is not None, proxy.words)
    assert proxy.process.returncode != 0 and "flows.mitm" in proxy.words()
    assert len(proxy.records("response")) > 5
    assert verify(proxy.folder) == ["it has no manifest.json, so its recording broke off"]


@pytest.mark.long
def test_it_works_where_only_mitmproxy_is_installed(tmp_path: Path) -> None:
    """A venv with mitmproxy and nothing else: the documented command records a run and seals it."""
    subprocess.run([sys.executable, "-m", "venv", tmp_path / "venv"], check=True)
    python = str(tmp_path / "venv" / "bin" / "python")
    install = [python, "-m", "pip", "install", "-q", f"mitmproxy=={version('mitmproxy')}"]
    subprocess.run(install, check=True)
    proxy = Mitmdump(tmp_path)
    at = proxy.command.index("-s")
    proxy.command = [str(tmp_path / "venv" / "bin" / "mitmdump"), *proxy.command[at:]]
    with proxy:
        listed = subprocess.run(
            [python, "-m", "pip", "list"], capture_output=True, text=True, check=True
        ).stdout
    assert "promptrail" not in listed and verify(proxy.folder) == [] and proxy.process.returncode == 0
