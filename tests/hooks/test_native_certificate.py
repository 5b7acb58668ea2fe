"""Which certificates an agent takes for the proxy's: those that its authority signed, byte for byte, and no others."""

import datetime as dt
from collections.abc import Iterator
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.asymmetric.types import CertificateIssuerPrivateKeyTypes
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

from promptrail.device.agents import frida
from rigs.native.probe import probe

pytestmark = pytest.mark.rig

NOW = dt.datetime.now(dt.UTC)
DAY = dt.timedelta(days=1)


def name(said: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, said)])


OURS, OTHER = (rsa.generate_private_key(65537, 2048) for _ in range(2))
LONG = rsa.generate_private_key(65537, 4096)
CURVE = ec.generate_private_key(ec.SECP256R1())


def certificate(
    key: CertificateIssuerPrivateKeyTypes = OURS,
    issuer: str = "our CA",
    subject: str = "chat.parley.test",
    begin: dt.datetime = NOW - DAY,
    end: dt.datetime = NOW + DAY,
    with_hash: Any = None,
    of: Any = CURVE,
) -> x509.Certificate:
    """A certificate that names `issuer` as who signed it, and is signed by `key`."""
    builder = x509.CertificateBuilder(name(issuer), name(subject), of.public_key(), 7, begin, end)
    return builder.sign(key, with_hash or hashes.SHA256())


def der(of: x509.Certificate) -> bytes:
    return of.public_bytes(Encoding.DER)


def pem(of: x509.Certificate) -> str:
    return of.public_bytes(Encoding.PEM).decode()


AUTHORITY = pem(certificate(subject="our CA", of=OURS))
LONG_AUTHORITY = pem(certificate(key=LONG, subject="our CA", of=LONG))
SIGNED = {
    "as mitmproxy signs": (AUTHORITY, certificate()),
    "SHA-384": (AUTHORITY, certificate(with_hash=hashes.SHA384())),
    "SHA-512": (AUTHORITY, certificate(with_hash=hashes.SHA512())),
    "a key of 4096 bits": (LONG_AUTHORITY, certificate(key=LONG)),
    "a date behind 2050": (AUTHORITY, certificate(end=NOW + 12000 * DAY)),
}
REFUSED = {
    "another authority's of the same name": (AUTHORITY, certificate(key=OTHER)),
    "our key under another name": (AUTHORITY, certificate(issuer="somebody's CA")),
    "its time is over": (AUTHORITY, certificate(begin=NOW - 2 * DAY, end=NOW - DAY)),
    "its time is to come": (AUTHORITY, certificate(begin=NOW + DAY, end=NOW + 2 * DAY)),
    "an ECDSA signature": (AUTHORITY, certificate(key=CURVE)),
    "self-signed": (AUTHORITY, certificate(key=OTHER, subject="our CA", of=OTHER)),
}


@pytest.fixture(scope="module")
def ask() -> Iterator[Any]:
    """signed(authority as PEM, certificate as a list of bytes), as the agents ask it."""
    with probe("certificate") as exports:
        yield exports.signed


@pytest.mark.parametrize("case", SIGNED)
def test_what_the_authority_signed(ask: Any, case: str) -> None:
    """Every hash and key length that mitmproxy may use."""
    authority, leaf = SIGNED[case]
    assert ask(authority, list(der(leaf))) is True


@pytest.mark.parametrize("case", REFUSED)
def test_what_it_did_not_sign(ask: Any, case: str) -> None:
    """Nobody else's certificate passes, whatever it calls itself."""
    authority, leaf = REFUSED[case]
    assert ask(authority, list(der(leaf))) is False


def test_no_changed_byte_passes(ask: Any) -> None:
    """Each byte of a signed certificate is changed once; each of its beginnings is shown alone."""
    good = der(certificate())
    for at in range(len(good)):
        changed = bytearray(good)
        changed[at] ^= 0x55
        assert ask(AUTHORITY, list(changed)) is False, at
        assert ask(AUTHORITY, list(good[:at])) is False, at
    assert ask(AUTHORITY, [*good, 0]) is False


@pytest.mark.parametrize(
    ("authority", "words"),
    [
        ("", "it holds 0"),
        (AUTHORITY * 2, "it holds 2"),
        (pem(certificate(key=CURVE, subject="our CA")), "no RSA key"),
        (AUTHORITY.replace("M", "*", 1), "no PEM text"),
    ],
)
def test_an_authority_that_cannot_serve(ask: Any, authority: str, words: str) -> None:
    """It is refused with what is wrong with it, before anything is hooked."""
    with pytest.raises(frida().core.RPCException, match=words):
        ask(authority, [])
