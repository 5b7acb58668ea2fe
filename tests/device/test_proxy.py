"""The proxy of a run: it listens when the block begins, its run is sealed after it, and failures have words."""

import os
import signal
import socket
import stat
import subprocess
import sys
import urllib.request
from pathlib import Path

import pytest

from promptrail.case import Case
from promptrail.case.evidence import verify
from promptrail.device.authority import authority
from promptrail.device.instructions import instructions
from promptrail.device.proxy import Proxy
from promptrail.errors import RecordingError
from rigs.mitmdump import ROOT, until

pytestmark = pytest.mark.rig


@pytest.fixture
def case(tmp_path: Path) -> Case:
    return Case.create(tmp_path / "50% case")


def test_a_run_is_open_for_the_length_of_the_block(case: Case) -> None:
    """A free port listens inside, the run is sealed after; a % in the folder's name does no harm."""
    with (
        Proxy(case, "r", meta={"app": "Parley"}) as proxy,
        socket.create_connection((proxy.host, proxy.port), 60),
    ):
        assert proxy.alive and not (proxy.folder / "manifest.json").exists()
    assert verify(proxy.folder) == [] and (proxy.folder / "flows.mitm").is_file()


def test_a_proxy_that_cannot_listen_is_an_error_with_its_words(case: Case) -> None:
    """A port that is taken: RecordingError with what mitmdump said, and no process left."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        proxy = Proxy(case, "r", port=taken.getsockname()[1])
        with pytest.raises(RecordingError, match=r"did not start.*exit code 1(?s:.*)in use"), proxy:
            pytest.fail("it cannot listen")


def test_a_proxy_that_dies_on_the_way_is_an_error(case: Case) -> None:
    """A recording that lost its proxy must not pass for a whole one."""
    with pytest.raises(RecordingError, match="ended before it was told to"), Proxy(case, "r") as proxy:
        proxy._process.kill()
        until(lambda: not proxy.alive)
    assert verify(proxy.folder) != []


def test_a_run_name_that_leaves_its_place_is_refused(case: Case) -> None:
    """The error is one of promptrail's own, so that the command line can show it."""
    with pytest.raises(RecordingError, match="cannot name a run"):
        Proxy(case, "../r")


def test_each_case_has_a_ca_of_its_own_and_keeps_it(tmp_path: Path) -> None:
    """Another case has another CA, the same case the same one, and only the owner can read it."""
    one, two = Case.create(tmp_path / "1"), Case.create(tmp_path / "2")
    keys = [(authority(case) / "mitmproxy-ca.pem").read_bytes() for case in (one, one, two)]
    assert keys[0] == keys[1] != keys[2]
    modes = {stat.S_IMODE(p.stat().st_mode) for p in [*one.private.rglob("*"), one.private]}
    assert modes == {0o600, 0o700} and [p.name for p in one.private.iterdir()] == ["mitmproxy"]


def test_recording_by_hand_says_what_to_do_and_ends_with_ctrl_c(tmp_path: Path) -> None:
    """`promptrail record CASE --manual` prints address, port and CA, records what is sent, and seals on Ctrl-C."""
    folder = tmp_path / "case"
    Case.create(folder)
    env = dict(os.environ) | {"PYTHONPATH": str(ROOT / "toolkit"), "PYTHONUNBUFFERED": "1"}
    command = [sys.executable, "-m", "promptrail", "record", str(folder), "--manual", "--host", "127.0.0.1"]
    with subprocess.Popen(command, env=env, stdout=subprocess.PIPE, text=True) as by_hand:
        assert by_hand.stdout
        said = ""
        while "Ctrl-C" not in said:
            line = by_hand.stdout.readline()
            assert line, said
            said += line
        port = said.split("port ")[1].split()[0]
        handler = urllib.request.ProxyHandler({"http": f"http://127.0.0.1:{port}"})
        with urllib.request.build_opener(handler).open("http://mitm.it/cert/pem", timeout=60) as offered:
            assert b"BEGIN CERTIFICATE" in offered.read()
        by_hand.send_signal(signal.SIGINT)
        by_hand.communicate(timeout=60)
    (run,) = (folder / "captures").iterdir()
    assert str(run) in said and str(folder / "private" / "mitmproxy" / "mitmproxy-ca-cert.pem") in said
    assert verify(run) == [] and "mitm.it" in (run / "evidence.jsonl").read_text()


@pytest.mark.parametrize(
    ("host", "phone"), [("127.0.0.1", False), ("192.0.2.9", True)], ids=["this machine only", "the network"]
)
def test_a_phone_is_told_of_only_where_it_can_reach(host: str, phone: bool) -> None:
    """A proxy on loopback gives no instructions for another device; any other says who else can use it."""
    text = "\n".join(instructions(host, 4321, Path("ca.pem"), Path("captures/r")))
    assert f"--proxy-server=http://{host}:4321" in text and "ca.pem" in text
    assert ("phone" in text, "Whoever is in this network" in text) == (phone, phone)
