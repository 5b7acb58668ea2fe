"""Certificates of the signature schemes: the same digest whichever scheme holds it, and blocks that lie."""

import hashlib
import io
import shutil
import struct
import subprocess
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from apk.packages import apk, certificate, pkcs7_signature, prefixed, signer, with_block, zipped
from promptrail.apk.archive import Archive, Budget
from promptrail.apk.container import Package
from promptrail.apk.identity import Certificate
from promptrail.apk.signing import certificates
from rigs.needs import missing_rig


def found(data: bytes) -> tuple[tuple[Certificate, ...], list[str]]:
    """The certificates of a package's bytes, and the reasons of what could not be read."""
    budget, stream = Budget(), io.BytesIO(data)
    package = Package("a.apk", Archive("a.apk", stream, budget), stream, len(data), "")
    return certificates([package]), [one.reason for one in budget.unread]


@pytest.mark.parametrize(
    "signed", [("v1",), ("v2",), ("v3",), ("v1", "v2"), ("v1", "v2", "v3"), ("v2", "v3")]
)
def test_each_scheme_gives_the_certificate(signed: tuple[str, ...]) -> None:
    """One certificate, told once with all its schemes; the digest is over its DER."""
    (one,), faults = found(apk(signed=signed))
    assert one.sha256 == hashlib.sha256(certificate()).hexdigest() and one.schemes == signed and not faults
    assert one.subject == "CN=Test fixture"


def test_an_unsigned_package_has_none() -> None:
    """And nothing is wrong with it."""
    assert found(apk()) == ((), [])


def test_the_signer_is_told_from_what_stands_above_it() -> None:
    """A PKCS #7 file may carry a chain: the signer is the one that its signer info names."""
    (one,), _ = found(zipped({"META-INF/A.RSA": pkcs7_signature("Some authority")}))
    assert one.subject == "CN=Test fixture" and one.schemes == ("v1",)


def test_another_certificate_in_another_scheme_is_told_too() -> None:
    """A package that was signed again in one scheme only."""
    other = signer("Somebody else")[1].public_bytes(Encoding.DER)
    value = prefixed(prefixed(prefixed(prefixed(b"", prefixed(other), b""), b"", b"")))
    block = struct.pack("<QI", 4 + len(value), 0x1B93AD61) + value
    told, _ = found(spliced(apk(signed=["v1"]), block))
    assert [(one.subject, one.schemes) for one in told] == [
        ("CN=Test fixture", ("v1",)),
        ("CN=Somebody else", ("v3.1",)),
    ]


def spliced(package: bytes, pairs: bytes, size: int | None = None) -> bytes:
    """A package with a signing block of these pairs, whose size may be a lie."""
    length = struct.pack("<Q", len(pairs) + 24 if size is None else size)
    at = package.index(b"PK\x01\x02")
    block = length + pairs + length + b"APK Sig Block 42"
    end = package.rindex(b"PK\x05\x06")
    moved = package[end : end + 16] + struct.pack("<I", at + len(block)) + package[end + 20 :]
    return package[:at] + block + package[at:end] + moved


NOBODY = prefixed(prefixed(prefixed(prefixed(b"", b"", b""), b"", b"")))
"""A signer without a certificate."""


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (spliced(apk(), b"", 1 << 60), "says it has 1,152,921,504,606,846,976 bytes"),
        (spliced(apk(), b"", 5), "says it has 5 bytes"),
        (spliced(apk(), struct.pack("<QI", 1 << 40, 0x7109871A)), "a pair in it ends outside it"),
        (spliced(apk(), struct.pack("<QI", 8, 0x7109871A) + b"\xff" * 4), "a length in it points outside it"),
        (spliced(apk(), struct.pack("<QI", 4, 0x7109871A)), "ends within a length"),
        (spliced(apk(), struct.pack("<QI", 4 + len(NOBODY), 0x7109871A) + NOBODY), "no certificate"),
        (zipped({"META-INF/A.RSA": b"no signature"}), "no PKCS #7 signature"),
    ],
)
def test_a_block_that_lies_has_its_reason(data: bytes, said: str) -> None:
    """Lengths out of the file are never believed, and the rest of the package is read all the same."""
    told, faults = found(data)
    assert told == () and len(faults) == 1 and said in faults[0]


def test_bytes_that_are_no_certificate_still_have_their_digest() -> None:
    """What was put where a certificate belongs is identified, and said to be unreadable."""
    value = prefixed(prefixed(prefixed(prefixed(b"", prefixed(b"not DER"), b""), b"", b"")))
    (one,), _ = found(spliced(apk(), struct.pack("<QI", 4 + len(value), 0x7109871A) + value))
    assert one.sha256 == hashlib.sha256(b"not DER").hexdigest() and one.subject.startswith("cannot be read")


def test_a_block_after_a_long_comment_is_found() -> None:
    """The end of the directory is looked for as far back as a comment may push it."""
    data = with_block(zipped({"a": b"b"}), ["v2"])
    end = data.rindex(b"PK\x05\x06")
    told, _ = found(data[: end + 20] + struct.pack("<H", 65_535) + b"c" * 65_535)
    assert len(told) == 1


def test_certificates_are_those_that_apksigner_signs_with_and_prints(tmp_path: Path) -> None:
    """A package that the platform's own tool signed in v1, v2 and v3, and what it prints of it."""
    if shutil.which("apksigner") is None:
        missing_rig("needs apksigner (Debian: apt install apksigner)")
    key, one = signer()
    source, signed = tmp_path / "unsigned.apk", tmp_path / "signed.apk"
    source.write_bytes(apk())
    (tmp_path / "k.pk8").write_bytes(key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption()))
    (tmp_path / "c.pem").write_bytes(one.public_bytes(Encoding.PEM))
    options = ["--key", "k.pk8", "--cert", "c.pem", "--min-sdk-version", "21", "--out", "signed.apk"]
    run = [
        "apksigner",
        "sign",
        *options,
        "--v1-signing-enabled",
        "true",
        "--v3-signing-enabled",
        "true",
        source.name,
    ]
    subprocess.run(run, cwd=tmp_path, check=True, capture_output=True)
    (told,), faults = found(signed.read_bytes())
    assert told.schemes == ("v1", "v2", "v3") and not faults
    assert printed(signed) == {told.sha256} == {hashlib.sha256(certificate()).hexdigest()}


def printed(package: Path) -> set[str]:
    """The digests that `apksigner verify --print-certs` prints; it ends with 0 only where the signatures hold."""
    command = ["apksigner", "verify", "--print-certs", "--min-sdk-version", "21", str(package)]
    out = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    return {line.rpartition(" ")[2] for line in out.splitlines() if "certificate SHA-256 digest" in line}
