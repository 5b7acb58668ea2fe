"""What adb and devices say, as issues and trials have it, and the row that each text is known by.

The texts are quoted from where they come from: adb 29 (run here), AOSP's adb and package manager, Magisk, toybox,
the emulator's console.
"""

import re

import pytest

from promptrail.device import adb_faults, install_faults
from promptrail.device.adb_faults import known, told

UNAUTHORISED = """\
error: device unauthorized.
This adb server's $ADB_VENDOR_KEYS is not set
Try 'adb kill-server' if that seems wrong.
Otherwise check for a confirmation dialog on your device."""

SAID = [
    ("error: no devices/emulators found", "no-device"),
    ("adb: no devices/emulators found", "no-device"),
    ("error: more than one device/emulator", "several"),
    ("error: more than one device and emulator", "several"),
    ("error: device 'nope' not found", "unknown-serial"),
    ("adb: device '0123456789' not found", "unknown-serial"),
    (UNAUTHORISED, "unauthorised"),
    ("failed to authenticate to 127.0.0.1:5655", "unauthorised"),
    ("error: device still authorizing", "unauthorised"),
    (
        "error: insufficient permissions for device: user in plugdev group; are your udev rules wrong?",
        "no-permissions",
    ),
    ("device authorizing", "unauthorised"),
    ("device connecting", "offline"),
    ("device no permissions", "no-permissions"),
    ("device recovery", "not-android"),
    ("error: device offline", "offline"),
    ("adb: device offline", "offline"),
    ("adb: error: failed to get feature set: device offline", "offline"),
    ("adb server version (41) doesn't match this client (40); killing...", "server-clash"),
    ("* failed to start daemon\nerror: cannot connect to daemon", "server-dead"),
    ("error: cannot connect to daemon at tcp:5037: Connection refused", "server-dead"),
    ("could not read ok from ADB Server", "server-dead"),
    ("ADB server didn't ACK", "server-dead"),
    ("failed to connect to '127.0.0.1:1': Connection refused", "not-reached"),
    ("failed to resolve host: 'nonsense': Name or service not known", "not-reached"),
    ("cannot connect to 10.0.0.9:5555: No route to host (113)", "not-reached"),
    ("unable to connect to 10.0.0.9:5555: Connection refused", "not-reached"),
    ("error: closed", "broke"),
    ("adb: error: failed to copy 'x' to '/data/x': couldn't read from device", "broke"),
    ("error: protocol fault (couldn't read status): Connection reset by peer", "broke"),
    (
        "adb F 11-22 09:17:39 7 7 file_sync_client.cpp:354] protocol fault: failed to read stat response",
        "broke",
    ),
    ("error: no emulator detected", "no-emulator"),
    ("cmd: Can't find service: package", "booting"),
    ("cmd: Can't find service: input", "booting"),
    ("adbd cannot run as root in production builds", "production-build"),
    (
        "ADB Root access is disabled by system setting - enable in Settings -> System -> Developer options",
        "root-disabled",
    ),
    ('Not running as root. Try "adb root" first.', "no-remount"),
    ("Device must be bootloader unlocked", "no-remount"),
    ("mount: '/system' not in /proc/mounts: Read-only file system", "no-remount"),
    ("mount: '/dev/block/dm-0' is read-only", "no-remount"),
    ("/system/bin/sh: avbctl: not found", "no-remount"),
    ("nsenter: setns: Invalid argument", "mount-master"),
    ("nsenter: exec /bin/mount: No such file or directory", "no-mount-program"),
    ("mount: '/apex/x'->'/y': Operation not permitted", "not-permitted"),
    ("/system/bin/sh: su: inaccessible or not found", "su-refused"),
    ("/system/bin/sh: su: not found", "su-refused"),
    ("su: invalid uid/gid '-c'", "su-refused"),
    ("java.lang.NullPointerException: Attempt to get length of null array", "text-not-ascii"),
    ("ERROR: could not get idle state.", "not-idle"),
    ("KO: Device 'cache' does not have the requested snapshot 'clean'", "snapshot"),
    ("KO: unknown command, try 'help'", "console"),
]
INSTALLING = [
    ("Failure [INSTALL_FAILED_NO_MATCHING_ABIS: Failed to extract native libraries, res=-113]", "abi"),
    ("Failure [INSTALL_FAILED_MISSING_SPLIT: Missing split for org.example.chat]", "splits"),
    (
        "Failure [INSTALL_FAILED_UPDATE_INCOMPATIBLE: Package org.example signatures do not match]",
        "other-signer",
    ),
    ("Failure [INSTALL_FAILED_VERSION_DOWNGRADE: Downgrade detected: Update version code 1]", "downgrade"),
    ("Failure [INSTALL_FAILED_OLDER_SDK: Requires newer sdk version #35]", "older-system"),
    ("Failure [INSTALL_PARSE_FAILED_NO_CERTIFICATES: Failed to collect certificates]", "unsigned"),
    (
        "Failure [INSTALL_FAILED_DEPRECATED_SDK_VERSION: App package must target at least SDK 23]",
        "old-target",
    ),
    ("Failure [INSTALL_FAILED_INSUFFICIENT_STORAGE]", "no-space"),
    ("Failure [INSTALL_FAILED_TEST_ONLY: installPackageLI]", "test-only"),
    ("Failure [INSTALL_FAILED_USER_RESTRICTED: Install canceled by user]", "refused-by-person"),
    ("Failure [INSTALL_PARSE_FAILED_NOT_APK: Failed to parse /data/app/x.apk]", "not-an-apk"),
]


@pytest.mark.parametrize(("said", "fault"), SAID)
def test_what_is_said(said: str, fault: str) -> None:
    """Each text is known by its row, alone and in the middle of other lines."""
    assert (known(said) or adb_faults.Fault("", "", "")).id == fault
    error = told("adb shell id", f"{said}\n\nwarning: something else")
    assert error.fault == fault and error.said.startswith(said)


@pytest.mark.parametrize(("said", "fault"), INSTALLING)
def test_what_the_package_manager_says(said: str, fault: str) -> None:
    """The names of the package manager's refusals, with what they are followed by."""
    found = known(f"adb: failed to install x.apk: {said}", install_faults.FAULTS)
    assert found is not None and found.id == fault


def test_every_row_is_met() -> None:
    """A row that no text of an issue or trial leads to would be a guess."""
    met = {fault for _, fault in (*SAID, *INSTALLING)}
    assert [one.id for one in install_faults.FAULTS if one.id not in met] == []


def test_ids_are_one_of_a_kind() -> None:
    """A fault is known by its id in JSON and in transcripts."""
    ids = [one.id for one in install_faults.FAULTS]
    assert len(ids) == len(set(ids)) and all(re.fullmatch(r"[a-z-]+", one) for one in ids)


def test_the_sentence() -> None:
    """What failed, what was said in one line, and what to do."""
    assert str(told("adb root", "adbd cannot run as root in production builds\n")).startswith(
        "adb root: adbd cannot run as root in production builds. A Google Play image"
    )
    assert str(told("adb x", "something\n new.\n")) == "adb x: something new."
    assert str(told("adb x", "")) == "adb x: it said nothing."


def test_ordinary_output_is_no_fault() -> None:
    """Words that stand in what devices answer when all is well."""
    for said in (
        "device",
        "List of devices attached",
        "restarting adbd as root",
        "Success",
        "no",
        "offline_mode=0",
    ):
        assert known(said, install_faults.FAULTS) is None


def test_what_a_device_says_drives_no_terminal() -> None:
    """Control and direction characters stand in the sentence as what they are; other scripts stay."""
    error = told("adb shell x", "\x1b]0;title\x07 서울 \u202etxt.exe\x00")
    assert str(error) == r"adb shell x: \x1b]0;title\x07 서울 \u202etxt.exe\x00."
    assert error.said.startswith("\x1b"), "the record has what was said"
