"""Who signed the app on a device: by a copy of its package, once, or by what the case keeps of the same file."""

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from apk.packages import apk, certificate, zipped
from promptrail.apk import read
from promptrail.apk.kept import keep
from promptrail.case import Case
from promptrail.device.app_signer import signers
from promptrail.device.device import Device
from rigs.android.adbd import Adbd

pytestmark = pytest.mark.rig
BASE = "/data/app/base.apk"
SIGNER = hashlib.sha256(certificate()).hexdigest()


@contextmanager
def installed(folder: Path, package: bytes) -> Iterator[tuple[Device, list[dict[str, Any]]]]:
    """A device that has this package, and what its own sha256sum says of it."""
    file = folder / "device" / BASE.lstrip("/")
    file.parent.mkdir(parents=True)
    file.write_bytes(package)
    with Adbd(folder / "device") as adbd:
        yield adbd.device(), [{"file": "base.apk", "sha256": hashlib.sha256(package).hexdigest()}]


def test_the_certificate_of_the_package_on_the_device(tmp_path: Path) -> None:
    """Read from a copy that does not stay; for a second run nothing is copied."""
    case = Case.create(tmp_path / "case")
    with installed(tmp_path, apk(signed=["v2", "v3"])) as (device, apks):
        assert signers(case, device, apks, BASE) == [SIGNER]
        assert not list(case.private.rglob("*.apk"))
        (tmp_path / "device" / BASE.lstrip("/")).unlink()
        assert signers(case, device, apks, BASE) == [SIGNER]


def test_what_the_case_keeps_is_not_copied(tmp_path: Path) -> None:
    """The same file was read by `promptrail apk`: its digest is enough."""
    case, package = Case.create(tmp_path / "case"), apk(signed=["v1"])
    (tmp_path / "mine.apk").write_bytes(package)
    keep(case, read(tmp_path / "mine.apk"))
    with installed(tmp_path, package) as (device, apks):
        (tmp_path / "device" / BASE.lstrip("/")).unlink()
        assert signers(case, device, apks, BASE) == [SIGNER]


@pytest.mark.parametrize(
    ("package", "why"),
    [
        (apk(), "bears no signature"),
        (b"PK base", "not a ZIP file"),
        (zipped({"a": b""}), "without AndroidManifest.xml"),
    ],
)
def test_what_cannot_be_told_is_said(tmp_path: Path, package: bytes, why: str) -> None:
    """In words, and the recording goes on."""
    case = Case.create(tmp_path / "case")
    with installed(tmp_path, package) as (device, apks):
        assert why in str(signers(case, device, apks, BASE))
        assert "does not tell" in str(signers(case, device, [], None))
