"""What the emulator, its console and avdmanager say when something is wrong, and what to do: rows beside adb's.

Each text was reported from a run by somebody who has an SDK; tests/device/emulator/test_faults.py has them, with the
place. A text that no row knows is told as it is.
"""

from promptrail.device import adb_faults
from promptrail.device.adb_faults import Fault
from promptrail.errors import DeviceError

ACCELERATION = (
    Fault(
        "kvm-rights",
        r"doesn't have permissions to use KVM",
        "`sudo gpasswd -a $USER kvm`, then log in anew",
    ),
    Fault(
        "kvm-processor",
        r"requires a CPU that supports vmx or svm",
        "Switch on VT-x or AMD-V in the BIOS; in a virtual machine, nested virtualisation in its host",
    ),
    Fault(
        "kvm-module",
        r"/dev/kvm is not found",
        "Load the module: `sudo modprobe kvm_intel` or kvm_amd; a container needs the device handed in",
    ),
    Fault(
        "hypervisor",
        r"(hypervisor driver|HAXM) is not installed",
        "Windows: switch on Windows Hypervisor Platform among the Windows features; macOS: update it and the emulator",
    ),
    Fault(
        "no-acceleration",
        r"requires hardware acceleration",
        "Use a machine with KVM (Linux), Hypervisor Platform (Windows) or an image for this machine's own processor; "
        "without it an emulator is too slow",
    ),
)
"""Of `emulator -accel-check`, and of a start without it."""

STARTING = (
    Fault(
        "unknown-avd",
        r"Unknown AVD name",
        "`promptrail emulator list` shows the AVDs. avdmanager may have written it elsewhere than the emulator looks: "
        "set ANDROID_AVD_HOME for both",
    ),
    Fault(
        "avd-in-use",
        r"Running multiple emulators with the same AVD|another emulator instance running with the current AVD",
        "This AVD runs already: end that one (`adb emu kill`), or start every one of them with --read-only. If none "
        "runs, delete the *.lock files in the AVD's folder",
    ),
    Fault(
        "image-missing",
        r"Broken AVD system path|Cannot find AVD system path",
        "The image that this AVD was made with is not in this SDK: install it again with sdkmanager, or set "
        "ANDROID_HOME to the SDK that has it",
    ),
    Fault(
        "engine-missing",
        r"Missing emulator engine program|Could not launch '.*qemu",
        "This emulator is not whole, or the old one in SDK/tools: use SDK/emulator/emulator, `sdkmanager emulator`",
    ),
    Fault(
        "no-room",
        r"Not enough space to create userdata partition",
        "Make room where the AVDs lie (about 8 GB each), or set ANDROID_AVD_HOME to a larger disk",
    ),
    Fault(
        "library-missing",
        r"error while loading shared libraries: (\S+?):",
        "Install what it names; on Debian: apt install libpulse0 libgl1 libnss3 libxcomposite1 libxcursor1 libxdamage1",
    ),
    Fault(
        "no-display",
        r"could not connect to display|no Qt platform plugin could be initialized",
        "There is no screen for its window: start it headless (without --window)",
    ),
    Fault(
        "no-memory",
        r"cannot set up guest memory",
        "Close other emulators, or give this one less memory: hw.ramSize in the AVD's config.ini",
    ),
    Fault(
        "snapshot-pending",
        r"snapshot operation for '.*' is pending",
        "Another emulator still writes a snapshot of this AVD: wait, and end the one that hangs",
    ),
    Fault(
        "ports-taken",
        r"It seems too many emulator instances are running",
        "Nothing can be bound to its ports. Give another even one from 5554 to 5682. On Windows Hyper-V may have "
        "reserved them: `netsh interface ipv4 show excludedportrange protocol=tcp`",
    ),
)
"""Written by the emulator before it ends."""

CONSOLE = (
    Fault(
        "console-token",
        r"authentication token does not match|unable to read ~/\.emulator_console_auth_token",
        "The emulator was started by another user or with another HOME: its console wants the token of "
        "~/.emulator_console_auth_token as that one has it",
    ),
    Fault(
        "snapshot-missing",
        r"does not have the requested snapshot|snapshot doesn't exist",
        "There is no such snapshot of this AVD: `promptrail emulator snapshot list` shows those that are",
    ),
    Fault(
        "snapshot-other",
        r"different AVD configuration",
        "A snapshot belongs to one emulator version and one configuration of its AVD: start cold, prepare the device "
        "again, and save anew",
    ),
    Fault(
        "snapshot-refused",
        r"KO:.*snapshot",
        "Its log says why. One that was started with --read-only cannot save any (emulator -help-read-only)",
    ),
)
"""Told by the emulator's console, `adb emu`, which ends with 0 all the same."""

CREATING = (
    Fault(
        "avd-there",
        r"(Android Virtual Device|AVD) '.*' already exists",
        "Take another name, or delete it: `avdmanager delete avd -n NAME`",
    ),
    Fault(
        "package-unknown",
        r"Package path is not valid",
        "Install this image with sdkmanager, as avdmanager does not know it. If it is there, avdmanager is older than "
        'it: `sdkmanager "cmdline-tools;latest"`',
    ),
    Fault(
        "hardware-unknown",
        r"No device found matching --device",
        "Take a device that `avdmanager list device` shows",
    ),
    Fault(
        "no-java",
        r"JAVA_HOME is not set|UnsupportedClassVersionError",
        "Install Java 17 or newer, in which avdmanager and sdkmanager run (`apt install openjdk-17-jre-headless`)",
    ),
)
"""Told by avdmanager."""

FAULTS = (*ACCELERATION, *STARTING, *CONSOLE, *CREATING)


def told(doing: str, said: str) -> DeviceError:
    """The sentence for what one of these programs said; `doing` is what failed, such as "starting inv34"."""
    return adb_faults.told(doing, said, (*FAULTS, *adb_faults.FAULTS))
