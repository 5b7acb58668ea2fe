"""Pins lifted in real JVMs with OkHttp: refused before, read after, refused again; a third CA is refused all along."""

from pathlib import Path

import frida
import pytest

from rigs.java.chains import signed_by
from rigs.java.jvm import Hooked
from rigs.java.pinned import EDITIONS, MODES, NEWER, READ, app, ask, ca, http_client
from rigs.mitmdump import Mitmdump, routed
from rigs.tls_server import TlsServer

pytestmark = pytest.mark.rig


def prompts(of: Mitmdump, path: str) -> list[bytes]:
    """Bodies that a proxy read of requests to this path."""
    return [of.body(r["body"]) for r in of.records("request") if r["url"].endswith(path)]


def opened(
    folder: Path, certificates: Path, proxy: Mitmdump, stranger: Mitmdump, mode: str, edition: str
) -> None:
    """Refused, read, refused; where the pinner has lost its name, it shows itself by refusing once more."""
    trusted = () if mode == "untrusted" else (proxy, stranger)
    path, prompt = f"/{mode}-{edition}", f'{{"prompt":"read of {mode} {edition}"}}'
    with app(folder, certificates, edition, mode, *trusted) as running:
        before = ask(running, proxy, path, prompt)
        assert before.startswith("FAIL javax.net.ssl.SSL"), before
        with Hooked(running, "java-unpin", ca=ca(proxy).read_text()) as hooked:
            if "obfuscated" in edition and mode == "pinner":
                assert ask(running, proxy, path, prompt) == before
                hooked.until(lambda: len(hooked.records("hooked")) > 1)
            assert ask(running, stranger, path).startswith("FAIL javax.net.ssl.SSL")
            assert ask(running, proxy, path, prompt) == READ
            assert ask(running, stranger, path).startswith("FAIL javax.net.ssl.SSL")
            assert ask(running, proxy, path, prompt) == READ
            answered = hooked.records("event")
        assert ask(running, proxy, path, prompt) == before
    assert prompts(proxy, path) == [prompt.encode()] * 2 and prompts(stranger, path) == []
    assert any(r["event"] == "certificate check answered by the hook" for r in answered)
    assert hooked.ended["relaxed"] > 0 and hooked.ended["faults"] == 0


@pytest.mark.parametrize("edition", EDITIONS)
@pytest.mark.parametrize("mode", MODES)
def test_refused_then_read_then_refused(
    tmp_path: Path, certificates: Path, proxy: Mitmdump, stranger: Mitmdump, mode: str, edition: str
) -> None:
    """A pinned app refuses the proxy; hooked it is read; let go it refuses again, and never took a third CA."""
    opened(tmp_path, certificates, proxy, stranger, mode, edition)


def test_the_jdks_own_client(tmp_path: Path, certificates: Path, proxy: Mitmdump, stranger: Mitmdump) -> None:
    """A client on an SSLEngine that knows no proxy's CA: the given one passes while hooked, a third one never."""
    with http_client(tmp_path, certificates, "HTTP_2") as running:
        before = ask(running, proxy, "/jdk")
        assert before.startswith("FAIL javax.net.ssl.SSLHandshakeException")
        with Hooked(running, "java-unpin", ca=ca(proxy).read_text()):
            assert ask(running, proxy, "/jdk") == READ
            assert ask(running, stranger, "/jdk").startswith("FAIL javax.net.ssl.SSLHandshakeException")
        assert ask(running, proxy, "/jdk") == before


@pytest.mark.long
@pytest.mark.parametrize("edition", NEWER)
@pytest.mark.parametrize("mode", MODES)
def test_newer_okhttp(
    tmp_path: Path, certificates: Path, proxy: Mitmdump, stranger: Mitmdump, mode: str, edition: str
) -> None:
    """The same with OkHttp 4.12 and 5.5, whose pinner gets its chain from a function; Debian has neither."""
    opened(tmp_path, certificates, proxy, stranger, mode, edition)


@pytest.mark.parametrize("edition", EDITIONS)
def test_an_unpinned_app_is_as_it_was(
    tmp_path: Path, certificates: Path, proxy: Mitmdump, stranger: Mitmdump, edition: str
) -> None:
    """An app that trusts the proxy's CA is read before, with and after the hooks; a CA that it does not trust never."""
    with app(tmp_path, certificates, edition, "none", proxy) as running:
        assert ask(running, proxy) == READ
        with Hooked(running, "java-unpin", ca=ca(proxy).read_text()):
            assert ask(running, proxy) == READ
            assert "PKIX path" in ask(running, stranger)
        assert ask(running, proxy) == READ


def test_the_wrong_agent_opens_nothing(tmp_path: Path, certificates: Path, proxy: Mitmdump) -> None:
    """With hooks that only watch, a pinned app refuses the proxy as before."""
    with app(tmp_path, certificates, "plain", "pinner", proxy) as running:
        before = ask(running, proxy)
        with Hooked(running, "java-tls-plaintext"):
            assert ask(running, proxy) == before


@pytest.mark.parametrize("mode", ["verifier", "verifier-lambda", "untrusted", "jdk"])
def test_a_certificate_for_another_host_is_refused(
    tmp_path: Path, certificates: Path, proxy: Mitmdump, mode: str
) -> None:
    """The given CA is not enough where a check is about a host: its certificate for another one is refused."""
    misnamed = tmp_path / "misnamed.pem"
    misnamed.write_bytes(signed_by(proxy.confdir / "mitmproxy-ca.pem", "other.parley.test"))
    with TlsServer(misnamed) as server:
        unread = ["--ignore-hosts", ".*"]
        with (
            Mitmdump(tmp_path / "unread", *routed(server.port, certificates), *unread) as passing,
            (
                http_client(tmp_path, certificates, "HTTP_2")
                if mode == "jdk"
                else app(tmp_path, certificates, "plain", mode, proxy)
            ) as running,
            Hooked(running, "java-unpin", ca=ca(proxy).read_text()) as hooked,
        ):
            assert ask(running, passing).startswith("FAIL javax.net.ssl.SSL")
            if mode.startswith(
                "verifier"
            ):  # its class came with the first request, and shows itself by refusing
                hooked.until(lambda: len(hooked.records("hooked")) > 1)
            assert ask(running, proxy) == READ
        assert server.received == []


@pytest.mark.parametrize(
    ("parameters", "words"),
    [
        ({}, "needs the certificate"),
        ({"ca": "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"}, "Certificate"),
    ],
)
def test_without_a_certificate_nothing_is_hooked(
    tmp_path: Path, certificates: Path, proxy: Mitmdump, parameters: dict[str, str], words: str
) -> None:
    """Without a CA, or with one that is none, init fails and says so; nothing is relaxed."""
    with app(tmp_path, certificates, "plain", "pinner", proxy) as running:
        with pytest.raises(frida.RPCException, match=words), Hooked(running, "java-unpin", **parameters):
            pass
        assert ask(running, proxy).startswith("FAIL")
