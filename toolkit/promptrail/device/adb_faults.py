"""What adb and a device say when something is wrong, and what to do: their text in, a row with the remedy out.

Each text was measured with adb 29, or stands in the source that the row's tests name. A text that no row knows is told
as it is. The texts of an installation are in install_faults.py.
"""

import re
from collections.abc import Iterable
from typing import NamedTuple

from promptrail.errors import DeviceError


class Fault(NamedTuple):
    id: str
    words: str
    """Regular expression, matched without case anywhere in what was said."""
    remedy: str


LINK = (
    Fault(
        "several",
        r"more than one (device|emulator)",
        "Several devices are connected: give one with --serial; `adb devices -l` lists them",
    ),
    Fault(
        "no-emulator",
        r"no emulator detected",
        "This command speaks to an emulator's console, and the device is none: use another way back to a clean state",
    ),
    Fault(
        "no-device",
        r"no (devices/emulators|devices|emulators) found",
        "Start the emulator, or connect the phone and allow USB debugging; then `adb devices -l` lists it",
    ),
    Fault(
        "unknown-serial",
        r"device '.*' not found|device with transport id '?\d+'? not found",
        "No device has this serial: take one that `adb devices -l` lists, or `adb connect` it again",
    ),
    Fault(
        "unauthorised",
        r"device unauthorized|failed to authenticate to|device (still )?authorizing",
        "Unlock the device and confirm the dialog that asks to allow USB debugging for this computer. A snapshot "
        "or emulator copied from another machine trusts that machine's key: cold boot it, or copy the adb key",
    ),
    Fault(
        "no-permissions",
        r"no permissions|insufficient permissions for device",
        "This user may not open the USB device: install the udev rules (Debian: android-sdk-platform-tools-common), "
        "join the group plugdev and plug the phone in again",
    ),
    Fault(
        "offline",
        r"device offline|device (still )?connecting",
        "Wait some seconds: a device that starts, or has loaded a snapshot, is offline for a while. If it stays: "
        "`adb reconnect offline`, then unplug it or restart the emulator",
    ),
    Fault(
        "not-android",
        r"^device (recovery|sideload|bootloader|rescue)$",
        "The device has not started Android but what repairs it: `adb reboot`, or `fastboot reboot`",
    ),
    Fault(
        "server-clash",
        r"server version \(\d+\) doesn't match this client",
        "Two versions of adb are on this machine, and each ends the other's server. Keep one of those that `which -a "
        "adb` lists",
    ),
    Fault(
        "server-dead",
        r"cannot connect to daemon|failed to start daemon|could not read ok from adb server|failed to check server "
        r"version|didn't ack",
        "The server of adb does not answer: `adb kill-server`, then again. Another program may hold its port (5037, or "
        "ANDROID_ADB_SERVER_PORT)",
    ),
    Fault(
        "not-reached",
        r"failed to connect to|cannot connect to \S+: |failed to resolve host|unable to connect to \S+:\d+",
        "Nothing answers as a device at this address: check it, and that debugging over the network is on there "
        "(`adb tcpip 5555` over USB first)",
    ),
    Fault(
        "broke",
        r"error: closed|protocol fault|connection reset|couldn't read from device|unexpected eof|broken pipe|"
        r"failed to read copy response|failed to copy",
        "The connection to the device broke in the middle. Check that it still runs (`adb devices -l`), and repeat",
    ),
)
"""Of the way to the device: the command did not run there, or its end was not seen."""

SYSTEM = (
    Fault(
        "booting",
        r"can't find service: \w+",
        "Android has not started yet: wait until `adb shell getprop sys.boot_completed` says 1",
    ),
    Fault(
        "production-build",
        r"adbd cannot run as root in production builds",
        "A Google Play image or a phone's own system gives no root: use a google_apis image, or root it with Magisk",
    ),
    Fault(
        "root-disabled",
        r"adb root access is disabled by system setting",
        "Allow root for adb in the device's developer options (LineageOS: Rooted debugging)",
    ),
    Fault(
        "no-remount",
        r"not running as root\. try \"adb root\" first|device must be bootloader unlocked|read-only file system|"
        r"'/dev/block/[^']*' is read-only|avbctl: not found",
        "The system partition stays as it is: put a tmpfs over the store instead of remounting, which needs root only",
    ),
    Fault(
        "mount-master",
        r"nsenter: setns: invalid argument|nsenter: .*setns.*invalid argument",
        "This su cannot enter other processes' mount namespaces: in Magisk's settings choose the global mount "
        "namespace, or use a Magisk whose su knows -mm",
    ),
    Fault(
        "no-mount-program",
        r"nsenter: exec \S*mount: no such file or directory|nsenter: failed to execute \S*mount",
        "The program mount is at another place in that namespace: give its path from `which mount` on the device",
    ),
    Fault(
        "su-refused",
        r"su: (inaccessible or )?not found|su: permission denied|su: invalid (uid|user)|/su: no such file",
        "The device has no su for the shell, or refused it: allow the shell (com.android.shell) in the root app",
    ),
    Fault(
        "not-permitted",
        r"operation not permitted",
        "Root was given without the right to do this (SELinux, or su in a closed namespace): use an image where "
        "`adb root` works, or Magisk's global mount namespace",
    ),
    Fault(
        "text-not-ascii",
        r"attempt to get length of null array",
        "`input text` types ASCII only, and no empty text: use the Unicode keyboard for this prompt",
    ),
    Fault(
        "not-idle",
        r"could not get idle state",
        "The screen moves all the time: switch animations off (window_animation_scale and its two siblings to 0)",
    ),
    Fault(
        "snapshot",
        r"does not have the requested snapshot",
        "There is no such snapshot: save one first, `adb emu avd snapshot save clean`",
    ),
    Fault(
        "console",
        r"^KO:",
        "The emulator's console refused: it needs the same user and HOME (~/.emulator_console_auth_token), and the "
        "snapshot's own emulator version",
    ),
)
"""Said by the device, or by its console, on a way that works."""

FAULTS = (*LINK, *SYSTEM)


def known(said: str, table: Iterable[Fault] = FAULTS) -> Fault | None:
    """The first row whose words are in what was said."""
    return next((one for one in table if re.search(one.words, said, re.IGNORECASE | re.MULTILINE)), None)


def one_line(said: str) -> str:
    """In one line and without what drives a terminal: a device may say anything."""
    line = " ".join(said.split())
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in line)


def told(doing: str, said: str, table: Iterable[Fault] = FAULTS) -> DeviceError:
    """The sentence for what was said; `doing` is what failed, such as "adb root"."""
    words = one_line(said)[:400].rstrip(". ") or "it said nothing"
    fault = known(said, table)
    remedy = f" {fault.remedy}." if fault else ""
    return DeviceError(f"{doing}: {words}.{remedy}", said, fault.id if fault else "")
