"""The kit's weak ciphers in a real JVM, hooked and sent through a real proxy: what finding 07 makes of the records."""

import json
import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from promptrail import pipeline
from promptrail.case import Case
from promptrail.case.evidence import seal
from promptrail.device.agents import load
from promptrail.device.hook import Hooked, Target
from promptrail.device.proxy import Proxy
from promptrail.findings.weak import finding as weak
from promptrail.lab import authority, java_kit
from promptrail.lab.world import FINGERPRINT
from promptrail.model import Finding
from rigs.needs import missing_rig

pytestmark = pytest.mark.rig
DEVICE = "9f86d081884c7d65"
WEAK = ("ecb", "fixed-iv", "derived", "des")
ROUTE = Path(java_kit.__file__).with_name("route.py")


@contextmanager
def vendors(certificates: Path) -> Iterator[int]:
    """The lab's server; its port."""
    command = [sys.executable, "-P", "-m", "promptrail.lab.server", str(certificates)]
    server = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert server.stdin and server.stdout
    try:
        yield int(json.loads(server.stdout.readline())["port"])
    finally:
        server.stdin.close()
        server.wait()
        server.stdout.close()


def report(port: int, how: str, event: str) -> bytes:
    """One report through the kit."""
    with socket.create_connection(("127.0.0.1", port), 60) as kit:
        body = json.dumps({"event": event, "id": DEVICE})
        kit.sendall(f"/v3/{how}\n{body}\n".encode())
        with kit.makefile("rb") as answer:
            return answer.readline().strip()


def record(case: Case, run: str, ways: tuple[str, ...], ca: Path, port: int, classes: Path) -> None:
    """A fresh start of the kit, which trusts the proxy here, hooked; two reports in each way."""
    options = {
        "ssl_verify_upstream_trusted_ca": str(ca),
        "lab_hosts": FINGERPRINT,
        "lab_port": str(port),
    }
    log = case.private / f"{run}.kit.log"
    with (
        Proxy(
            case, run, meta={"simulated": True}, flow_file=False, scripts=[ROUTE], options=options
        ) as proxy,
        java_kit.kit(classes, (proxy.host, proxy.port), proxy.ca, log, dict(os.environ)) as kit,
        Hooked(proxy.folder, Target(kit.pid, "FingerprintKit"), [load("java-crypto")]),
    ):
        line = {"t": time.time(), "event": "cleared", "label": "a new process"}
        (proxy.folder / "events.jsonl").write_text(json.dumps(line) + "\n")
        for how in ways:
            for event in ("app_launch", "app_background"):
                assert report(kit.port, how, event) == b"STATUS 200"
    seal(proxy.folder, ["events.jsonl"])


@pytest.fixture(scope="module")
def findings(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Finding]:
    """Two fresh starts of the weak kit, and of the sound one."""
    if shutil.which("javac") is None:
        missing_rig("needs a JDK (openjdk-17-jdk-headless)")
    ca = authority.make(tmp_path_factory.mktemp("certificates"))
    classes = java_kit.compiled(tmp_path_factory.mktemp("classes"))
    made = {}
    with vendors(ca.parent) as port:
        for name, ways in (("weak", WEAK), ("sound", ("profile",))):
            case = Case.create(tmp_path_factory.mktemp(name) / "case", simulated=True)
            case.add_probe("identifier", DEVICE, "did")
            for run in ("r1", "r2"):
                record(case, run, ways, ca, port, classes)
            assert pipeline.ensure(case) == []
            made[name] = weak.find(case)
    return made


def statuses(finding: Finding) -> dict[str, str]:
    facts: Any = finding.facts
    return {row["check"]: row["status"] for row in facts["checks"]}


def test_each_weak_way_is_found_in_the_records_and_in_the_messages(findings: dict[str, Finding]) -> None:
    """ECB, a nonce that repeats, keys over fresh starts, a key made of its message, 3DES, MD5 as a signature."""
    found = statuses(findings["weak"])
    hooks = ("ecb", "iv", "lasting-key", "key-in-message", "withdrawn", "signature")
    assert {found[name] for name in hooks} == {"found"}
    facts: Any = findings["weak"].facts
    decisive = [row for row in facts["rows"] if row["check"] in hooks]
    assert decisive and all(
        row["decides"]
        and (row["host"], row["tls"], row["kinds"]) == (FINGERPRINT, "inside TLS", ["identifier"])
        for row in decisive
    )
    assert {row["what"].split("/")[0].split(" ")[0] for row in decisive} == {"AES", "DESede", "MD5"}


def test_it_is_said_to_be_inside_tls(findings: dict[str, Finding]) -> None:
    """A claim about whoever has the app, and none about the way."""
    finding = findings["weak"]
    assert (finding.verdict, finding.grade) == ("supported", "E4")
    assert "Nothing was seen that is open to somebody on the way" in finding.sentence


def test_the_sound_kit_is_not_accused(findings: dict[str, Finding]) -> None:
    """GCM with fresh keys and nonces in the same rig: looked at, and nothing found."""
    found = statuses(findings["sound"])
    ran = ("ecb", "iv", "lasting-key", "key-in-message", "withdrawn", "signature", "cleartext", "blocks")
    assert {found[name] for name in ran} == {"not found"}
    assert findings["sound"].verdict == "not observed"
