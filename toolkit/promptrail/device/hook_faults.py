"""What Frida cannot do, as one sentence with the remedy: its error in, a RecordingError out.

Frida's errors share no base, and one kind of them means several things: its words tell them apart. Each line below was
provoked, or its words stand in frida 17; a test looks them up there.
"""

from typing import NamedTuple

from promptrail.errors import RecordingError


class Fault(NamedTuple):
    kind: str
    """Class of Frida's error; empty for any."""
    words: str
    """What its message holds, in small letters."""
    remedy: str


FAULTS = (
    Fault(
        "ProcessNotFoundError",
        "unable to find process",
        "It has ended, or was never there. Start the app, or give --spawn to have it started",
    ),
    Fault(
        "NotSupportedError",
        "no such process",
        "It is not a program that runs: it has ended and waits for its parent, or belongs to the kernel",
    ),
    Fault(
        "",
        "major versions match",
        "The frida-server there is of another major version. Put the one on the device that has the version "
        "of this Frida: `frida --version`",
    ),
    Fault(
        "",
        "incompatible frida-server version",
        "The frida-server there is of another version. Put the one on the device that has the version of "
        "this Frida: `frida --version`",
    ),
    Fault(
        "",
        "processes due to build configuration",
        "frida-server is built for another ABI than the process. Put the one on the device that fits it: "
        "`adb shell getprop ro.product.cpu.abilist` names the device's",
    ),
    Fault(
        "PermissionDeniedError",
        "failed to execute child process",
        "The process is of another ABI than this system can hook, as a 32-bit one on a 64-bit system without "
        "32-bit libraries. Hook a build of it for this system's ABI",
    ),
    Fault(
        "",
        "need gadget to attach",
        "frida-server does not run on the device, or not as root. Start it there as root, or put Frida's "
        "Gadget into the app",
    ),
    Fault(
        "PermissionDeniedError",
        "",
        "It belongs to another user, or the system forbids it (ptrace). Run this as its user or as root; on a "
        "device, start frida-server as root",
    ),
    Fault(
        "ServerNotRunningError",
        "",
        "No frida-server answers there. Start it on the device, listening on that address, or forward its "
        "port: `adb forward tcp:27042 tcp:27042`",
    ),
    Fault(
        "InvalidArgumentError",
        "device not found",
        "No such device is connected. `frida-ls-devices` lists those that are; on a phone, allow USB debugging",
    ),
    Fault(
        "ExecutableNotFoundError",
        "",
        "There is no such program. Give its whole path, or the package of an app that is installed on the device",
    ),
    Fault("ExecutableNotSupportedError", "", "It is no program that this system can run"),
    Fault(
        "ProtocolError",
        "connection is closed",
        "It ended when Frida was put into it. A program that is linked statically, or that watches for "
        "tracers, cannot be hooked so",
    ),
    Fault(
        "ProtocolError",
        "",
        "What answers there is no frida-server. Give the address that it listens on; its port is 27042 by default",
    ),
    Fault(
        "TransportError", "", "The connection to the device broke. Check the cable or network, and hook again"
    ),
    Fault(
        "ProcessNotRespondingError",
        "",
        "The process does not react: it is stopped, or in a debugger. Let it go on, and hook again",
    ),
    Fault(
        "TimedOutError",
        "",
        "It took too long. The process may be stopped, or the device busy; hook again",
    ),
)


def told(fault: BaseException, doing: str) -> RecordingError:
    """The sentence for a fault of Frida's; `doing` says what failed, such as "cannot attach to app (7)"."""
    said = str(fault).strip().rstrip(".") or type(fault).__name__
    for one in FAULTS:
        if one.kind in ("", type(fault).__name__) and one.words in said.lower():
            return RecordingError(f"{doing}: {said}. {one.remedy}.")
    return RecordingError(f"{doing}: {said}.")
