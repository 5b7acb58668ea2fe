"""`promptrail hook` on a real JVM: a pinned app's prompts in the frames, with who sent them, as the proxy read them."""

import signal
import subprocess
import sys
from pathlib import Path

import pytest

from promptrail import pipeline
from promptrail.case import Case
from rigs.client import HOST
from rigs.java.compiled import classes
from rigs.java.jvm import Jvm
from rigs.java.pinned import READ, app, ask, ca
from rigs.mitmdump import PATIENCE, Mitmdump

pytestmark = pytest.mark.rig


class Command:
    """`with Command(case, app, ...)`: `promptrail hook` has set its hooks; after the block Ctrl-C ended it."""

    def __init__(self, case: Case, app: Jvm, *options: str):
        self.words = [
            sys.executable,
            "-m",
            "promptrail",
            "hook",
            str(app.process.pid),
            "--case",
            str(case.path),
        ]
        self.words += ["--because", "a test's own process", *options]

    def __enter__(self) -> "Command":
        self.process = subprocess.Popen(
            self.words, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        )
        self.said = ""
        assert self.process.stdout is not None
        while "Recording to" not in self.said:
            line = self.process.stdout.readline()
            assert line, self.said
            self.said += line
        return self

    def __exit__(self, *_: object) -> None:
        self.process.send_signal(signal.SIGINT)
        self.said += self.process.communicate(timeout=PATIENCE)[0]
        assert self.process.returncode == 0, self.said


def test_a_pinned_apps_prompts_reach_the_frames(tmp_path: Path, certificates: Path, proxy: Mitmdump) -> None:
    """Unpinned, read and asked for its origin in one go: flows equal the proxy's, and the class that asked is named."""
    case = Case.create(tmp_path / "case")
    prompt = '{"prompt":"한 마디 through a pin"}'
    agents = ["--ca", str(ca(proxy)), "--agents", "java-unpin", "java-tls-plaintext", "origin"]
    with app(tmp_path, certificates, "plain", "pinner", proxy) as running:
        before = ask(running, proxy, "/command", prompt)
        assert before.startswith("FAIL")
        with Command(case, running, *agents) as command:
            assert "found in okhttp3.CertificatePinner: check(" in command.said
            assert ask(running, proxy, "/command", prompt) == READ
        assert ask(running, proxy, "/command", prompt) == before
    assert pipeline.ensure(case) == []
    (flow,) = case.table("flows").to_pylist()
    (record,) = [r for r in proxy.records("request") if r["url"].endswith("/command")]
    wanted = {"url": f"https://{HOST}/command", "method": "POST", "http_version": "HTTP/1.1", "status": 200}
    assert {name: flow[name] for name in wanted} == wanted and record["url"] == wanted["url"]
    bodies = {row["sha256"]: row["data"] for row in case.table("bodies").to_pylist()}
    assert bodies[record["body"]["sha256"]] == prompt.encode()
    (asked,) = [
        r for r in case.table("hooks").to_pylist() if r["agent"] == "origin" and "url" in (r["detail"] or "")
    ]
    assert any(frame.startswith("PinnedClient.main(") for frame in asked["stack"])
    (run,) = case.table("runs").to_pylist()
    assert run["complete"]


def test_what_was_encrypted_stands_in_the_frames(tmp_path: Path) -> None:
    """The plaintext and the ciphertext of an app's own encryption are bodies; algorithm and stack stand beside them."""
    case = Case.create(tmp_path / "case")
    prompt = '{"prompt":"sealed before it is sent"}'
    with Jvm(str(classes()), "CryptoApp") as running, Command(case, running, "--agents", "java-crypto"):
        running.ask(f"gcm {prompt}")
    assert pipeline.ensure(case) == []
    (row,) = [r for r in case.table("hooks").to_pylist() if r["type"] == "crypto"]
    bodies = {body["sha256"]: body["data"] for body in case.table("bodies").to_pylist()}
    assert row["algorithm"] == "AES/GCM/NoPadding" and bodies[row["body"]] == prompt.encode()
    assert len(bodies[row["output"]]) == len(prompt) + 16
    assert row["stack"][-1].startswith("CryptoApp.main(")
