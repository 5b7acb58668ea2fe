"""What the emulator, Frida and the proxy say when something is wrong, and what to do: rows beside those for adb.

The texts are from issues of these programs, as people report them; `doctor --explain` looks a text up in all rows.
"""

from promptrail.device import install_faults
from promptrail.device.adb_faults import Fault
from promptrail.device.emulator import faults

EMULATOR = faults.FAULTS
FRIDA = (
    Fault(
        "frida-jailed",
        r"need gadget to attach",
        "No frida-server runs on the device, or not as root, or in another version than here: see the check "
        "frida-server. Without root put Frida's Gadget into the app",
    ),
    Fault(
        "frida-closed",
        r"unable to connect to remote frida-server",
        "Nothing answers as frida-server: start it on the device as root; over TCP, forward its port: `adb forward "
        "tcp:27042 tcp:27042`",
    ),
    Fault(
        "frida-system-server",
        r"unable to find process with name 'system_server'",
        "This frida-server is built for another ABI than the device, or Android has not started yet",
    ),
    Fault(
        "frida-restricted",
        r"unable to access process with pid \d+ due to system restrictions",
        "The process may not be traced: run frida-server as root; on an emulator, as `adb root` gives it",
    ),
    Fault(
        "frida-launch",
        r"timed out while waiting for app to launch",
        "Start the app by hand and hook it by its name instead of --spawn: what it sends at its start is then not "
        "hooked, and the record has to say so",
    ),
    Fault(
        "frida-java",
        r"'Java' is not defined",
        "Frida 17 has no Java bridge of its own: load agents with `promptrail hook`, which brings it, or frida-tools' "
        "own programs",
    ),
)
PROXY = (
    Fault(
        "transparency",
        r"ERR_CERTIFICATE_TRANSPARENCY_REQUIRED",
        "This client demands Certificate Transparency, also of a CA in the system's store: use a device of SDK 35 or "
        "less, or the hooks",
    ),
    Fault(
        "not-yet-valid",
        r"certificate (is )?not yet valid|ERR_CERT_DATE_INVALID",
        "The device's clock is wrong: see the check clock",
    ),
    Fault(
        "not-trusted",
        r"the client does not trust the proxy's certificate|alert unknown ca|alert certificate unknown",
        "For every host: the CA is not in the app's mount namespace, see the check authority. For one host or app: it "
        "pins its certificates, and the hooks can read it. For Google's hosts alone: Play services pin, as expected",
    ),
)
ALL = (*install_faults.FAULTS, *EMULATOR, *FRIDA, *PROXY)
