"""The rigs' app with OkHttp, in one of its modes: what it trusts and pins in, a running JVM out, and its answers."""

import base64
import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from rigs.client import HOST
from rigs.java import compiled
from rigs.java.jvm import Jvm
from rigs.mitmdump import Mitmdump
from rigs.tls_server import JSON

EDITIONS = {"plain": compiled.okhttp, "obfuscated": compiled.obfuscated}
"""OkHttp 3.13."""
NEWER = {
    "okhttp-4": compiled.okhttp4,
    "okhttp-4-obfuscated": compiled.okhttp4_obfuscated,
    "okhttp-5": compiled.okhttp5,
}
MODES = ["pinner", "trust-manager", "untrusted", "verifier", "verifier-lambda"]
"""How it pins; in `untrusted` it only does not know the proxy's CA. In `none` it does not pin."""
READ = f"OK 200 {JSON.decode()}"
"""What it says of an answer of the genuine server."""


@contextmanager
def http_client(folder: Path, certificates: Path, version: str, *trusted: Mitmdump) -> Iterator[Jvm]:
    """The app with the JDK's own client, which does not pin, and trusts these."""
    with Jvm(
        compiled.modern(), "EngineClient", str(trusts(folder, certificates, *trusted)), HOST, version
    ) as running:
        yield running


def trusts(folder: Path, certificates: Path, *trusted: Mitmdump) -> Path:
    store = folder / "trusted.pem"
    store.write_bytes(b"".join(f.read_bytes() for f in [certificates / "ca.pem", *map(ca, trusted)]))
    return store


@contextmanager
def app(folder: Path, certificates: Path, edition: str, mode: str, *trusted: Mitmdump) -> Iterator[Jvm]:
    """The app in this mode; it trusts the genuine CA and those of these proxies, as if a user had installed them."""
    arguments = [mode, str(trusts(folder, certificates, *trusted)), HOST, pin(certificates / f"{HOST}.crt")]
    with Jvm((EDITIONS | NEWER)[edition](), "PinnedClient", *arguments) as running:
        yield running


def ask(running: Jvm, proxy: Mitmdump, path: str = "/chat", body: str = '{"prompt":"hello"}') -> str:
    """What the app says of one request through this proxy."""
    return running.ask(f"{proxy.port} {path} {body}")


def ca(of: Mitmdump) -> Path:
    """The certificate of a proxy's CA."""
    return of.confdir / "mitmproxy-ca-cert.pem"


def pin(certificate: Path) -> str:
    """What an app pins of the genuine server: the hash of its public key (RFC 7469)."""
    key = x509.load_pem_x509_certificate(certificate.read_bytes()).public_key()
    known = key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return "sha256/" + base64.b64encode(hashlib.sha256(known).digest()).decode()
