"""The emulator's own test of virtualisation, by a stand-in that answers as it does."""

import pytest

from promptrail.device.emulator import acceleration
from rigs.android.sdk.folder import StandIn


def test_it_can(stand_in: StandIn) -> None:
    """Exit code 0, and its own words."""
    found = acceleration.check(stand_in.found())
    assert found == (True, "KVM (version 12) is installed and usable.", "")


@pytest.mark.parametrize(
    ("code", "said", "remedy"),
    [
        (8, "/dev/kvm is not found: VT disabled in BIOS or KVM kernel module not loaded", "modprobe"),
        (11, "This user doesn't have permissions to use KVM (/dev/kvm).", "gpasswd -a $USER kvm"),
        (4, "KVM requires a CPU that supports vmx or svm", "nested virtualisation"),
        (6, "Android Emulator hypervisor driver is not installed on this machine", "Windows features"),
        (99, "something new", "Use a machine with KVM"),
        (2, "", "Use a machine with KVM"),
    ],
)
def test_it_cannot(stand_in: StandIn, code: int, said: str, remedy: str) -> None:
    """The exit code decides, the words choose the remedy; /dev/kvm is not looked at."""
    stand_in.behave(acceleration=[code, said])
    found = acceleration.check(stand_in.found())
    assert not found.usable and remedy in found.remedy and (said or str(code)) in found.told
