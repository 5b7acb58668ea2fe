"""A real app, built by Google's tools: what is read of it is what Google's and androguard's own readers say."""

import shutil
import subprocess
import zipfile
from pathlib import Path

import pytest

from apk.appium import SHA256, SIGNER, settings_apk
from promptrail import apk
from promptrail.apk import Identity, dex
from rigs.needs import missing_rig


@pytest.fixture(scope="module")
def file() -> Path:
    return settings_apk()


@pytest.fixture(scope="module")
def identity(file: Path) -> Identity:
    return apk.read(file)


def test_the_identity_of_a_real_app(identity: Identity) -> None:
    """As `aapt dump badging` prints it: versions, 27 permissions, a debug build for target SDK 35; nothing unread."""
    assert (identity.package, identity.version_name, identity.version_code) == (
        "io.appium.settings",
        "8.0.10",
        192,
    )
    assert (identity.min_sdk, identity.target_sdk, identity.debuggable) == (26, 35, True)
    assert len(identity.permissions) == 27 and "android.permission.READ_SMS" in identity.permissions
    assert (identity.cleartext, identity.user_certificates_trusted) == (False, False)
    assert identity.files[0].sha256 == SHA256 and identity.unread == ()
    assert identity.abis == () and identity.network_security is None and identity.frameworks == ()


def test_its_signer_is_the_one_that_apksigner_prints(file: Path, identity: Identity) -> None:
    """Signed in v2 only: the certificate lies in the signing block alone."""
    (one,) = identity.certificates
    assert (one.sha256, one.schemes) == (SIGNER, ("v2",))
    if shutil.which("apksigner") is None:
        missing_rig("needs apksigner (Debian: apt install apksigner)")
    command = ["apksigner", "verify", "--print-certs", str(file)]
    printed = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    assert f"certificate SHA-256 digest: {one.sha256}" in printed


def test_its_classes_and_strings_are_those_that_androguard_reads(file: Path) -> None:
    """Nine DEX files, written by d8: every class and every string, in order, by a reader that is not ours."""
    from androguard.core import dex as theirs

    theirs.logger.remove()
    with zipfile.ZipFile(file) as archive:
        names = [name for name in archive.namelist() if name.endswith(".dex")]
        assert len(names) == 9
        for name in names:
            data = archive.read(name)
            ours, other = dex.read(data), theirs.DEX(data)
            assert ours.classes == other.get_classes_names() and not ours.faults, name
            assert [dex.text_of(raw) for raw in ours.strings] == [
                str(text) for text in other.get_strings()
            ], name


def test_its_hosts_are_those_in_its_code(identity: Identity) -> None:
    """Two hosts in addresses, with the entries they stand in, and one that is only a name of XML's."""
    told = {host.name: host.certainty for host in identity.hosts}
    assert told == {
        "schemas.android.com": "namespace",
        "www.googleapis.com": "url",
        "youtrack.jetbrains.com": "url",
    }
