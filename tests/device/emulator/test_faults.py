"""What the SDK's programs say, as people reported it, and the row that knows it."""

import pytest

from promptrail.device import adb_faults
from promptrail.device.emulator.faults import FAULTS, told

REPORTED = [
    # android.md, section 4, after issues of android-29 images, docker-android and emulator-runner.
    ("x86_64 emulation currently requires hardware acceleration!\nCPU acceleration status: KVM requires a CPU that "
     "supports vmx or svm", "kvm-processor"),
    ("This user doesn't have permissions to use KVM (/dev/kvm).", "kvm-rights"),
    ("/dev/kvm is not found: VT disabled in BIOS or KVM kernel module not loaded", "kvm-module"),
    ("x86 emulation currently requires hardware acceleration!", "no-acceleration"),
    # flutter/flutter#48894
    ("emulator: ERROR: Running multiple emulators with the same AVD is an experimental feature.\nPlease use -read-only "
     "flag to enable this feature.", "avd-in-use"),
    # Stack Overflow, emulator 26
    ("emulator: ERROR: There's another emulator instance running with the current AVD 'Nexus5API25'. Exiting...",
     "avd-in-use"),
    # emulator 37.2.12 on GitHub's runners
    ("ERROR        | Unknown AVD name [nostrvault-ci], use -list-avds to see valid list.", "unknown-avd"),
    # flutter/flutter#25432, #50759
    ("PANIC: Broken AVD system path. Check your ANDROID_SDK_ROOT value [C:\\Android\\sdk]!", "image-missing"),
    ("PANIC: Cannot find AVD system path. Please define ANDROID_SDK_ROOT", "image-missing"),
    # flutter/flutter#16968
    ("PANIC: Missing emulator engine program for 'x86' CPU.", "engine-missing"),
    ("Could not launch '/x/../emulator/qemu/darwin-x86_64/qemu-system-i386': No such file or directory",
     "engine-missing"),
    # emulator 30.6.5, 35
    ("FATAL        | Not enough space to create userdata partition. Available: 6278.66 MB at /x, need 7372.80 MB.",
     "no-room"),
    # actions/runner-images#6253
    ("/x/qemu-system-x86_64: error while loading shared libraries: libpulse.so.0: cannot open shared object file: No "
     "such file or directory", "library-missing"),
    # DigiRL-agent/digirl#53
    ("ERROR        | A snapshot operation for 'test_Android' is pending and timeout has expired. Exiting...",
     "snapshot-pending"),
    # Measured by others on API 35; exit code 0.
    ("KO: Device 'encrypt' does not have the requested snapshot 'x'\nKO: Snapshot load failure: snapshot doesn't exist",
     "snapshot-missing"),
    # AOSP, external/qemu, console.c
    ("KO: authentication token does not match ~/.emulator_console_auth_token", "console-token"),
    ("KO: unable to read ~/.emulator_console_auth_token", "console-token"),
    # avdmanager 11 to 22
    ("Error: Android Virtual Device 'test_avd2' already exists.\nUse --force if you want to replace it.\nnull",
     "avd-there"),
    ("Error: AVD 'Test' already exists.", "avd-there"),
    ("Error: No device found matching --device pixel_7.\nnull", "hardware-unknown"),
    ("Error: Package path is not valid. Valid system image paths are:\nnull", "package-unknown"),
    # A stand-in's wording; the emulator's own help says that -read-only cannot save a snapshot.
    ("KO: Snapshot save failure: snapshots are disabled", "snapshot-refused"),
    # dotnet/android#3472
    ("Cold boot: different AVD configuration", "snapshot-other"),
    # Reports of Windows machines, 2024 to 2026
    ("Android Emulator hypervisor driver is not installed on this machine", "hypervisor"),
    ("ERROR        | It seems too many emulator instances are running on this machine. Aborting.", "ports-taken"),
    # QEMU's and Qt's own
    ("qemu-system-x86_64: cannot set up guest memory 'pc.ram': Cannot allocate memory", "no-memory"),
    ("qt.qpa.xcb: could not connect to display :0", "no-display"),
    ("ERROR: JAVA_HOME is not set and no 'java' command could be found in your PATH.", "no-java"),
]  # fmt: skip


@pytest.mark.parametrize(("said", "fault"), REPORTED, ids=[fault for _, fault in REPORTED])
def test_a_reported_text_is_known(said: str, fault: str) -> None:
    """By its row, whose remedy is told behind the words."""
    error = told("starting", said)
    assert error.fault == fault
    (row,) = (one for one in FAULTS if one.id == fault)
    assert str(error).endswith(f"{row.remedy}.") and error.said == said


def test_no_row_is_a_guess() -> None:
    """Each was met by a text, is told apart from adb's, and its remedy ends without the full stop that `told` sets."""
    assert {one.id for one in FAULTS} - {fault for _, fault in REPORTED} == set()
    ids = [one.id for one in FAULTS]
    assert len(set(ids)) == len(ids) and not set(ids) & {one.id for one in adb_faults.FAULTS}
    assert not [one.id for one in FAULTS if one.remedy.endswith(".")]


def test_adbs_own_texts_are_known_as_well() -> None:
    """`adb emu` may fail before the console is reached."""
    assert told("adb emu kill", "error: no emulator detected").fault == "no-emulator"


def test_nothing_is_guessed() -> None:
    """What no row knows has no remedy."""
    assert str(told("starting", "INFO | all is well")) == "starting: INFO | all is well."
