"""Who signed a package: the archive and its file in, the certificates of its signature schemes v1, v2, v3, v3.1 out.

Source: the Android Open Source Project's "APK Signature Scheme" v2 and v3; v1 is JAR signing, a PKCS #7 file in
META-INF. Which certificates a package carries is read here; whether the signatures hold is not checked, and Android
installs nothing where they do not.
"""

import hashlib
import re
import struct
import warnings
from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import IO

from promptrail.apk.archive import Archive, Budget, Unreadable, shown
from promptrail.apk.container import Package, handed
from promptrail.apk.end_record import directories
from promptrail.apk.identity import Certificate
from promptrail.apk.limits import MIB
from promptrail.apk.pkcs7 import Misshapen, signers

MAGIC = b"APK Sig Block 42"
SCHEMES = {0x7109871A: "v2", 0xF05368C0: "v3", 0x1B93AD61: "v3.1"}
BLOCK = 32 * MIB
LEAST = 32
"""Bytes of the smallest signing block: its size twice, and the magic."""
V1 = re.compile(r"META-INF/[^/]+\.(?:RSA|DSA|EC)\Z", re.IGNORECASE)


def of_file(path: Path) -> tuple[Certificate, ...]:
    """The same of one file, or of the packages in it. InputError where there is no package; faults count as none."""
    with ExitStack() as stack:
        return certificates(handed(path, Budget(), stack).packages)


def certificates(packages: Iterable[Package]) -> tuple[Certificate, ...]:
    """The signers' certificates over all files of an app, each once with its schemes; faults go to the budget.

    Android installs splits only where all are signed alike, so more than one here is a reason to look.
    """
    found: dict[bytes, list[str]] = {}
    for package in packages:
        for scheme, der in (*_v1(package.archive), *_block(package.archive, package.stream)):
            schemes = found.setdefault(der, [])
            if scheme not in schemes:
                schemes.append(scheme)
    return tuple(
        Certificate(hashlib.sha256(der).hexdigest(), _subject(der), tuple(schemes))
        for der, schemes in found.items()
    )


def _v1(archive: Archive) -> Iterator[tuple[str, bytes]]:
    for name in filter(V1.match, archive.names):
        data = archive.found(name, MIB)
        try:
            yield from (("v1", der) for der in signers(data or b""))
        except Misshapen as fault:
            if data is not None:
                archive.budget.missing(archive.name, name, f"no PKCS #7 signature: {fault}")


def _block(archive: Archive, stream: IO[bytes]) -> Iterator[tuple[str, bytes]]:
    try:
        pairs = list(_pairs(_signing_block(stream)))
    except Unreadable as fault:
        archive.budget.missing(archive.name, "signing block", str(fault))
        return
    for scheme, value in pairs:
        try:
            for signer in _sequence(_prefixed(value, 0)[0]):
                signed, _ = _prefixed(signer, 0)
                _, at = _prefixed(signed, 0)
                chain, _ = _prefixed(signed, at)
                yield scheme, next(_sequence(chain))
        except (Unreadable, StopIteration) as fault:
            archive.budget.missing(archive.name, f"signature scheme {scheme}", str(fault) or "no certificate")


def _signing_block(stream: IO[bytes]) -> bytes:
    """The pairs between the entries and their directory; empty where there is no such block."""
    for directory, _ in directories(stream):
        if directory < LEAST:
            continue
        stream.seek(directory - 24)
        footer = stream.read(24)
        if footer[8:] == MAGIC:
            (length,) = struct.unpack_from("<Q", footer)
            if not 24 <= length <= min(BLOCK, directory - 8):
                raise Unreadable(f"says it has {length:,} bytes")
            stream.seek(directory - length)
            return stream.read(length - 24)
    return b""


def _pairs(block: bytes) -> Iterator[tuple[str, bytes]]:
    at = 0
    while at + 12 <= len(block):
        length, key = struct.unpack_from("<QI", block, at)
        if not 4 <= length <= len(block) - at - 8:
            raise Unreadable("a pair in it ends outside it")
        if key in SCHEMES:
            yield SCHEMES[key], block[at + 12 : at + 8 + length]
        at += 8 + length


def _prefixed(data: bytes, at: int) -> tuple[bytes, int]:
    """The bytes behind a length of four bytes, and the offset behind them."""
    if at + 4 > len(data):
        raise Unreadable("ends within a length")
    (length,) = struct.unpack_from("<I", data, at)
    if length > len(data) - at - 4:
        raise Unreadable("a length in it points outside it")
    return data[at + 4 : at + 4 + length], at + 4 + length


def _sequence(data: bytes) -> Iterator[bytes]:
    at = 0
    while at < len(data):
        item, at = _prefixed(data, at)
        yield item


def _subject(der: bytes) -> str:
    from cryptography import x509

    try:
        with warnings.catch_warnings(action="ignore"):  # of names that are longer than their type allows
            return shown(x509.load_der_x509_certificate(der).subject.rfc4514_string())
    except Exception as fault:  # as above; the digest holds whatever the bytes are
        return f"cannot be read: {shown(str(fault))}"
