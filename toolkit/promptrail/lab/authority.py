"""The lab's own certificate authority: a folder in, ca.pem and one HOST.pem (key and certificate) a host out.

Its subject says SIMULATED, so every certificate that a capture holds says so too. Keys are readable by the owner only.
"""

import datetime
import os
from collections.abc import Sequence
from pathlib import Path

from promptrail.lab.world import CA_NAME, CA_ORGANISATION, EXFILTRATION, HOSTS

DAYS = 30
CA_FILE = "ca.pem"


def make(folder: Path, exfiltration: Sequence[str] = ()) -> Path:
    """Makes the authority and the certificates of `world.HOSTS` in an existing folder; returns the file of the CA.

    `exfiltration`: names below `world.EXFILTRATION`, which share one certificate: a wildcard stands for one label.
    """
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

    now = datetime.datetime.now(datetime.UTC)

    def name(common: str, organisation: str) -> x509.Name:
        return x509.Name(
            [
                x509.NameAttribute(NameOID.COMMON_NAME, common),
                x509.NameAttribute(NameOID.ORGANIZATION_NAME, organisation),
            ]
        )

    def sign(subject: x509.Name, key: ec.EllipticCurvePrivateKey, *hosts: str) -> x509.Certificate:
        builder = (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(ca_name)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - datetime.timedelta(hours=1))
            .not_valid_after(now + datetime.timedelta(days=DAYS))
            .add_extension(x509.BasicConstraints(ca=not hosts, path_length=None), critical=True)
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
            .add_extension(
                x509.AuthorityKeyIdentifier.from_issuer_public_key(ca_key.public_key()), critical=False
            )
        )
        if not hosts:
            usage = x509.KeyUsage(False, False, False, False, False, True, True, False, False)
            builder = builder.add_extension(usage, critical=True)
        else:
            purpose = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH])
            names = x509.SubjectAlternativeName([x509.DNSName(host) for host in hosts])
            builder = builder.add_extension(names, critical=False)
            builder = builder.add_extension(purpose, critical=False)
        return builder.sign(ca_key, hashes.SHA256())

    def pem(key: ec.EllipticCurvePrivateKey) -> bytes:
        return key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )

    ca_key = ec.generate_private_key(ec.SECP256R1())
    ca_name = name(CA_NAME, CA_ORGANISATION)
    for host in (*HOSTS, EXFILTRATION):
        key = ec.generate_private_key(ec.SECP256R1())
        more = exfiltration if host == EXFILTRATION else ()
        cert = sign(name(host, CA_ORGANISATION), key, host, *more).public_bytes(serialization.Encoding.PEM)
        _write(folder / f"{host}.pem", pem(key) + cert)
        _write(folder / f"{host}.crt", cert)
    # The CA's own key is not kept: nothing more is ever signed with it.
    ca = sign(ca_name, ca_key).public_bytes(serialization.Encoding.PEM)
    _write(folder / CA_FILE, ca)
    return folder / CA_FILE


def _write(path: Path, data: bytes) -> None:
    with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as f:
        f.write(data)
