"""Native clients that refuse the proxy, hooked: refused before, read after, refused again; never open to a third CA."""

import base64
import hashlib
from collections.abc import Callable
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from rigs.client import HOST
from rigs.mitmdump import Mitmdump
from rigs.native import clients
from rigs.native.clients import PROMPT, Client, Curl
from rigs.native.hooking import Hook

pytestmark = pytest.mark.rig

PLAN = ("before", "stranger", "hooked", "stranger-again", "after")
STACKS: dict[str, Callable[[Path, Path], Client]] = {
    "Python ssl, TLS 1.2": lambda trusted, _: clients.python(trusted, "TLSv1_2"),
    "Python ssl, TLS 1.3": lambda trusted, _: clients.python(trusted, "TLSv1_3"),
    "node": lambda trusted, _: clients.node(trusted),
    "curl_cffi": lambda trusted, _: clients.curl_cffi(trusted, None),
    "curl_cffi, stripped": lambda trusted, folder: clients.curl_cffi(trusted, clients.stripped(folder)),
}
BORINGSSL = ("earlier", "context", "connection", "store", "callback", "library")
"""Ways in which pinned.c checks."""


@pytest.fixture(scope="module")
def genuine(certificates: Path) -> Path:
    """The one CA that the app trusts: not the proxy's."""
    return certificates / "ca.pem"


def ca(of: Mitmdump) -> str:
    return (of.confdir / "mitmproxy-ca-cert.pem").read_text()


def asked(of: Mitmdump) -> dict[str, bytes]:
    """What the proxy read: the body of the request to each path."""
    return {r["url"].rsplit("/", 1)[1]: of.body(r["body"]) for r in of.records("request")}


def through_it_all(
    client: Client, folder: Path, proxy: Mitmdump, stranger: Mitmdump, name: str
) -> tuple[Hook, dict[str, str]]:
    """The answers to the five requests of PLAN, with the agent in the process for the three in the middle."""
    said = {}

    def ask(of: Mitmdump, step: str) -> None:
        said[step] = client.ask(of, f"/{name}-{step}")

    with client:
        ask(proxy, "before")
        with Hook(folder, client.pid, "native-unpin", ca=ca(proxy)) as hook:
            ask(stranger, "stranger")
            ask(proxy, "hooked")
            ask(stranger, "stranger-again")
        ask(proxy, "after")
    return hook, said


def check(hook: Hook, said: dict[str, str], proxy: Mitmdump, stranger: Mitmdump, name: str) -> None:
    assert {step: answer.split()[0] for step, answer in said.items()} == {
        "before": "FAIL",
        "stranger": "FAIL",
        "hooked": "OK",
        "stranger-again": "FAIL",
        "after": "FAIL",
    }, (said, hook.said)
    seen = {path: body for path, body in asked(proxy).items() if path.startswith(f"{name}-")}
    assert seen == {f"{name}-hooked": PROMPT.encode()}
    assert not any(path.startswith(f"{name}-") for path in asked(stranger))
    stats = hook.stats()
    assert stats["overruled"] >= 1 and stats["refused"] >= 2
    assert {record["event"] for record in hook.records("event")} == {
        "certificate check answered by the hook",
        "certificate refused",
    }


@pytest.mark.parametrize("stack", STACKS)
def test_refused_then_read_then_refused(
    tmp_path: Path, genuine: Path, proxy: Mitmdump, stranger: Mitmdump, stack: str
) -> None:
    """A client that does not trust the proxy is read while it is hooked, only then, and never by another proxy."""
    name = stack.replace(" ", "").replace(",", "")
    client = STACKS[stack](genuine, tmp_path)
    hook, said = through_it_all(client, tmp_path / "case", proxy, stranger, name)
    check(hook, said, proxy, stranger, name)


def test_curl(tmp_path: Path, genuine: Path, proxy: Mitmdump, stranger: Mitmdump) -> None:
    """The same of curl's command line, which may resume the session that was accepted while it was hooked."""
    steps = [(stranger if step.startswith("stranger") else proxy, f"/curl-{step}") for step in PLAN]
    hook, said = through_it_all(Curl(genuine, steps), tmp_path / "case", proxy, stranger, "curl")
    check(hook, said, proxy, stranger, "curl")


@pytest.mark.parametrize("how", BORINGSSL)
def test_android_boringssl(
    tmp_path: Path, certificates: Path, proxy: Mitmdump, stranger: Mitmdump, how: str
) -> None:
    """The same of an app that pins the server's certificate itself, in every way that Android's BoringSSL has."""
    client = clients.boringssl(certificates / "ca.pem", certificates / f"{HOST}.crt", how)
    hook, said = through_it_all(client, tmp_path / "case", proxy, stranger, f"boringssl-{how}")
    check(hook, said, proxy, stranger, f"boringssl-{how}")


@pytest.mark.parametrize("stack", ["Python ssl, TLS 1.3", "node", "curl_cffi, stripped"])
def test_an_unpinned_client_is_untouched(tmp_path: Path, proxy: Mitmdump, stack: str) -> None:
    """A client that trusts the proxy anyway asks as before; no verdict of its checks is changed."""
    client = STACKS[stack](proxy.confdir / "mitmproxy-ca-cert.pem", tmp_path)
    with client:
        assert client.ask(proxy, "/unpinned") == "OK 200"
        with Hook(tmp_path / "case", client.pid, "native-unpin", ca=ca(proxy)) as hook:
            assert client.ask(proxy, "/unpinned") == "OK 200"
        stats = hook.stats()
        assert stats["accepted"] >= 1 and stats["overruled"] == stats["refused"] == 0
        assert hook.records("event") == []


def test_another_agent_lifts_no_pin(tmp_path: Path, genuine: Path, proxy: Mitmdump) -> None:
    """With plaintext and keys hooked, a client that refuses the proxy goes on refusing it."""
    with clients.python(genuine, "TLSv1_3") as client:
        with Hook(tmp_path / "case", client.pid, "tls-plaintext", "tls-keylog"):
            assert client.ask(proxy, "/wrong-agent").startswith("FAIL")
        assert client.ask(proxy, "/wrong-agent").startswith("FAIL")


def test_another_authority_lifts_no_pin(
    tmp_path: Path, genuine: Path, proxy: Mitmdump, stranger: Mitmdump
) -> None:
    """The proxy is refused if the agent was given somebody else's CA, which has the same name."""
    with (
        clients.python(genuine, "TLSv1_3") as client,
        Hook(tmp_path / "case", client.pid, "native-unpin", ca=ca(stranger)),
    ):
        assert client.ask(proxy, "/wrong-authority").startswith("FAIL")
        assert client.ask(stranger, "/wrong-authority") == "OK 200"


def test_a_pin_of_the_apps_own_stays(tmp_path: Path, certificates: Path, proxy: Mitmdump) -> None:
    """A limit: what an app compares itself after the handshake, as curl's --pinnedpubkey does, is not lifted."""
    key = x509.load_pem_x509_certificate((certificates / f"{HOST}.crt").read_bytes()).public_key()
    known = key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    pin = "sha256//" + base64.b64encode(hashlib.sha256(known).digest()).decode()
    curl = Curl(certificates / "ca.pem", [(proxy, "/own-pin")], "--pinnedpubkey", pin)
    with curl, Hook(tmp_path / "case", curl.pid, "native-unpin", ca=ca(proxy)) as hook:
        assert "public key" in curl.ask(proxy, "/own-pin")
        hook.over()
    assert hook.stats()["overruled"] >= 1


def test_it_needs_an_authority(tmp_path: Path, genuine: Path, proxy: Mitmdump) -> None:
    """Without one it hooks nothing and says what it needs; the client goes on."""
    with clients.python(genuine, "TLSv1_3") as client:
        with pytest.raises(AssertionError, match='"ca" must be the PEM text'):
            Hook(tmp_path / "case", client.pid, "native-unpin").__enter__()
        assert client.ask(proxy, "/no-authority").startswith("FAIL")
