"""A body that a real JVM encrypted, sent through a real mitmdump: opened by what a hook in the JVM saw, in one case."""

import base64
import json
from pathlib import Path

import pytest

from promptrail import frames, pipeline
from promptrail.case import Case
from promptrail.device.agents import load
from promptrail.device.hook import Hooked, Target
from rigs.client import HOST, client
from rigs.java import compiled
from rigs.java.jvm import Jvm
from rigs.mitmdump import Mitmdump, routed
from rigs.tls_server import TlsServer

pytestmark = pytest.mark.rig
PROMPT = "My landlord cut the heating, whom may I call? fieldfare-3390"
CIPHERS = {"gcm": "AES/GCM/NoPadding", "cbc": "AES/CBC/PKCS5Padding"}


def encrypted(app: Jvm, cipher: str) -> str:
    """What the app made of the prompt, in base64, as it prints it."""
    told = dict(word.split("=", 1) for word in app.ask(f"{cipher} {json.dumps({'q': PROMPT})}").split())
    return told["output"]


def post(proxy: Mitmdump, path: str, body: bytes) -> None:
    connection = client(proxy)
    connection.request("POST", path, body, {"Content-Type": "application/octet-stream"})
    connection.getresponse().read()
    connection.close()


@pytest.fixture(scope="module")
def case(tmp_path_factory: pytest.TempPathFactory, server: TlsServer, certificates: Path) -> Case:
    """Each cipher while it was hooked, once as it is and once in JSON; and one request after the hook had gone."""
    made = Case.create(tmp_path_factory.mktemp("bodies") / "case")
    made.add_probe("prompt", PROMPT)
    with (
        Mitmdump(made.path, *routed(server.port, certificates)) as proxy,
        Jvm(str(compiled.classes()), "CryptoApp") as app,
    ):
        with Hooked(proxy.folder, Target(app.process.pid, "java"), [load("java-crypto")]):
            kept = {cipher: encrypted(app, cipher) for cipher in CIPHERS}
        for cipher, output in kept.items():
            post(proxy, f"/{cipher}", base64.b64decode(output))
            post(proxy, f"/{cipher}-json", json.dumps({"v": 3, "payload": output}).encode())
        unhooked = app.ask("cbc " + json.dumps({"another": PROMPT}))
        post(proxy, "/unhooked", base64.b64decode(dict(w.split("=", 1) for w in unhooked.split())["output"]))
    assert pipeline.ensure(made) == []
    return made


@pytest.mark.parametrize("cipher", CIPHERS)
def test_a_body_whose_encryption_was_seen_is_opened(case: Case, cipher: str) -> None:
    """The prompt is found under the algorithm that the app named, as the body itself and inside JSON and base64."""
    found = [s for s in frames.rows(case.sightings) if not s.decoy]
    chains = {s.url.rsplit("/", 1)[1]: list(s.chain) for s in found}
    assert chains[cipher] == [f"javax.crypto {CIPHERS[cipher]}", "json"]
    assert chains[f"{cipher}-json"] == ["json", "base64", f"javax.crypto {CIPHERS[cipher]}", "json"]
    assert {s.host for s in found} == {HOST} and {s.tier for s in found} == {"exact"}


def test_a_body_that_no_hook_saw_is_counted(case: Case) -> None:
    """Encrypted after the hook had gone: no sighting, and its bytes are in the ledger."""
    (flow,) = [f for f in frames.rows(case.flows) if f.url.endswith("/unhooked")]
    assert not [s for s in frames.rows(case.sightings) if s.flow == flow.flow]
    shut = [u for u in frames.rows(case.undecoded) if u.direction == "request"]
    assert [(u.flow, u.reason, u.length) for u in shut] == [(flow.flow, "binary", flow.request_length)]


def test_the_record_says_who_encrypted(case: Case) -> None:
    """The frame `hooks` holds the operation with its stack."""
    told = [h for h in frames.rows(case.hooks) if h.type == "crypto"]
    assert {h.algorithm for h in told} == set(CIPHERS.values())
    assert all(h.stack[-1].startswith("CryptoApp.main(") for h in told)
