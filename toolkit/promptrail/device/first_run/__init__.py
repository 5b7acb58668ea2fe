"""The checklist for the first person with a real emulator or phone: a visit in, a row a step out, nothing left behind.

Each step calls the module that recording calls. What can be run is run; where a person has to look, one is asked, and
where nobody is there the row says so. STEPS is the list: a step is a function in the file of its subject and a line.
"""

from collections.abc import Callable

from promptrail.device.first_run import machine, screen, starting, state, traffic
from promptrail.device.first_run.report import report
from promptrail.device.first_run.step import Ask, Row, Step, Visit, take

__all__ = ["STEPS", "Visit", "report", "walk"]

STEPS: tuple[Step, ...] = (
    Step("sdk", "emulator -version", "emulator, avdmanager and sdkmanager are there", machine.the_sdk),
    Step("acceleration", "emulator -accel-check", "exit code 0", machine.acceleration, ("sdk",)),
    Step("image", "sdkmanager --list_installed", "an image whose adbd can be root", machine.image, ("sdk",)),
    Step("avd", "avdmanager list avd", "an AVD of such an image", machine.avd, ("sdk",)),
    Step(
        "boot",
        "promptrail emulator start NAME",
        "sys.boot_completed and dev.bootcomplete are 1, the boot animation has stopped",
        starting.booted,
        look=starting.screen,
    ),
    Step("root", "adb root; adb shell id", "uid 0", starting.root, ("boot",)),
    Step("proxy", "mitmdump", "it listens", traffic.proxy),
    Step(
        "ca-store",
        "promptrail.device.ca_store.install(device, proxy.ca)",
        "the CA is in the store of every mount namespace",
        traffic.authority,
        ("root", "proxy"),
    ),
    Step(
        "route",
        "adb reverse tcp:8080 tcp:PORT; adb shell settings put global http_proxy 127.0.0.1:8080",
        "the tunnel and the setting are there, and QUIC is refused",
        traffic.route,
        ("boot", "proxy"),
    ),
    Step(
        "self-test",
        "promptrail.device.selftest.SelfTest(log).run(device)",
        "a client of the device gets through the proxy, and trusts its CA",
        traffic.self_test,
        ("ca-store", "route"),
    ),
    Step(
        "taken-back",
        "adb shell settings get global http_proxy; adb reverse --list",
        "setting, tunnel, packet filter and store are as before",
        traffic.taken_back,
        ("boot", "proxy"),
    ),
    Step(
        "ime",
        "adb shell am broadcast -a ADB_KEYBOARD_INPUT_TEXT --es text BASE64",
        "result=-1, and the input method of before is chosen again",
        screen.typed,
        ("boot",),
        please="Open something with a text field on the device, such as a search, and tap into the field.",
        look=screen.reads,
    ),
    Step(
        "screenshot", "adb exec-out screencap -p", "a whole PNG", screen.picture, ("boot",), look=screen.shows
    ),
    Step(
        "screenrecord",
        "adb shell screenrecord /data/local/tmp/x.mp4, ended by SIGINT",
        "an MP4 with its movie box",
        screen.film,
        ("boot",),
        look=screen.shows,
    ),
    Step(
        "frida-server",
        "/data/local/tmp/frida-server --version",
        "the version of Frida here, running as root",
        state.frida,
        ("root",),
    ),
    Step(
        "snapshot",
        f"adb emu avd snapshot save {state.NAME}",
        "OK, and it is listed",
        state.snapshot,
        ("boot",),
    ),
    Step(
        "restore",
        f"adb emu avd snapshot load {state.NAME}",
        "a setting made since then is gone, and adb answers",
        state.restore,
        ("snapshot", "root"),
    ),
)


def walk(visit: Visit, ask: Ask, tell: Callable[[Row], None], steps: tuple[Step, ...] = STEPS) -> list[Row]:
    """Every step in its order; `tell` gets each row. What a step needs and has not passed makes it `not run`.

    `visit.closing` stays open, so that a report can still ask the device: close it at the end.
    """
    rows: dict[str, Row] = {}
    with visit.traffic:  # taken away also where it ends before the step that does it
        for step in steps:
            missing = [need for need in step.needs if need in rows and rows[need].state != "passed"]
            if missing:
                row = Row(step, "not run", f"it needs the step {missing[0]} to pass", None, 0.0)
            else:
                row = take(step, visit, ask)
            rows[step.id] = row
            tell(row)
    return list(rows.values())
