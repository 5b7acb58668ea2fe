"""What the emulator, Frida and the proxy say in issues, and the row that each text is known by."""

import re

import pytest

from promptrail.device.adb_faults import known
from promptrail.device.doctor import texts

SAID = [
    ("x86_64 emulation currently requires hardware acceleration!", "no-acceleration"),
    ("KVM requires a CPU that supports vmx or svm", "kvm-processor"),
    ("/dev/kvm is not found: VT disabled in BIOS or KVM kernel module not loaded", "kvm-module"),
    ("This user doesn't have permissions to use KVM (/dev/kvm).", "kvm-rights"),
    (
        "frida.NotSupportedError: need Gadget to attach on jailed Android; its default location is: /x",
        "frida-jailed",
    ),
    ("frida.ServerNotRunningError: unable to connect to remote frida-server: closed", "frida-closed"),
    ("unable to find process with name 'system_server'", "frida-system-server"),
    (
        "unable to access process with pid 1234 due to system restrictions; try `sudo sysctl x`",
        "frida-restricted",
    ),
    ("Failed to spawn: unexpectedly timed out while waiting for app to launch", "frida-launch"),
    ("ReferenceError: 'Java' is not defined\n    at <anonymous> (/script1.js:1)", "frida-java"),
    (
        "Client TLS handshake failed. The client does not trust the proxy's certificate for chat.example.test "
        "(tlsv1 alert unknown ca)",
        "not-trusted",
    ),
    ("sslv3 alert certificate unknown", "not-trusted"),
    ("net::ERR_CERTIFICATE_TRANSPARENCY_REQUIRED", "transparency"),
    ("curl: (60) SSL certificate problem: certificate is not yet valid", "not-yet-valid"),
    # A few of adb's and the package manager's, whose own tables are tested with them: rows must not take each other's.
    ("error: device offline", "offline"),
    ("adbd cannot run as root in production builds", "production-build"),
    ("KO: Device 'cache' does not have the requested snapshot", "snapshot"),
    ("Failure [INSTALL_FAILED_MISSING_SPLIT: x]", "splits"),
    ("nsenter: setns: Invalid argument", "mount-master"),
]


@pytest.mark.parametrize(("said", "fault"), SAID)
def test_what_is_said(said: str, fault: str) -> None:
    """Each text is known by its row among all rows."""
    found = known(f"2026-11-22 10:00:00 {said}" if not said.startswith("KO") else said, texts.ALL)
    assert found is not None and found.id == fault


def test_every_row_is_met() -> None:
    """A row that no text of an issue leads to would be a guess."""
    met = {fault for _, fault in SAID}
    own = (*texts.FRIDA, *texts.PROXY)
    assert [one.id for one in own if one.id not in met] == []


def test_ids_are_one_of_a_kind() -> None:
    """Over all tables."""
    ids = [one.id for one in texts.ALL]
    assert len(ids) == len(set(ids)) and all(re.fullmatch(r"[a-z-]+", one) for one in ids)


def test_remedies_are_clauses() -> None:
    """They stand in front of a full stop that the sentence adds."""
    assert [one.id for one in texts.ALL if one.remedy.endswith(".") or one.remedy[0].islower()] == []
