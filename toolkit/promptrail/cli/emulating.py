"""promptrail emulator list | create | start | snapshot | checklist."""

import argparse
import json
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from promptrail.cli.speech import safe, say
from promptrail.errors import DeviceError, MissingTool

if TYPE_CHECKING:  # loaded when the command runs
    from promptrail.device.first_run.step import Row

VERBS = ("list", "save", "load", "delete")


def add(commands: Any) -> None:
    emulator = commands.add_parser(
        "emulator",
        help="Android emulators of the SDK: make, start, snapshots, and the checklist of a first run",
        description="No emulator was at hand when this was written: its command lines follow the public documentation. "
        "`promptrail emulator checklist` tells what of it holds on your machine.",
    ).add_subparsers(metavar="WHAT", required=True)
    listed = emulator.add_parser(
        "list", help="the AVDs, the images that are installed, and whether they give root"
    )
    listed.add_argument("--json", action="store_true")
    listed.set_defaults(run=list_avds)
    _add_create(emulator)
    _add_start(emulator)
    snapshot = emulator.add_parser(
        "snapshot", help="a running emulator's clean states: list, save, load, delete"
    )
    snapshot.add_argument("verb", metavar="list|save|load|delete", choices=VERBS)
    snapshot.add_argument("name", metavar="NAME", nargs="?")
    snapshot.add_argument("--serial", help="as `adb devices` names it, if there are several")
    snapshot.set_defaults(run=snapshots)
    _add_checklist(emulator)


def _add_create(emulator: Any) -> None:
    create = emulator.add_parser(
        "create", help="a new AVD of an installed image; an image without root is refused"
    )
    create.add_argument("name", metavar="NAME")
    create.add_argument(
        "image", metavar="IMAGE", nargs="?", help='"system-images;android-34;google_apis;x86_64"'
    )
    create.add_argument("--hardware", metavar="ID", help="of `avdmanager list device`; pixel_6")
    create.set_defaults(run=create_avd)


def _add_start(emulator: Any) -> None:
    start = emulator.add_parser(
        "start", help="start an AVD, print its serial when it has booted, end it on Ctrl-C"
    )
    start.add_argument("avd", metavar="AVD")
    start.add_argument("--window", action="store_true", help="show its screen")
    start.add_argument("--port", type=int, help="of its console: even, 5554 to 5682; a free one by default")
    start.add_argument("--boot", type=float, metavar="SECONDS", help="in which it has to boot; 300")
    start.add_argument("--snapshot", metavar="NAME", help="start from it; without, Android boots anew")
    start.add_argument(
        "--read-only", action="store_true", help="write nothing to the AVD: several of it may run"
    )
    start.add_argument("--wipe", action="store_true", help="delete the AVD's data first")
    start.add_argument(
        "--network-delay", metavar="D", help="gsm, gprs, edge, umts, hsdpa, lte, none, or MIN:MAX ms"
    )
    start.add_argument(
        "--network-speed", metavar="S", help="gsm, edge, umts, hsdpa, lte, full, or UP:DOWN kbit/s"
    )
    start.add_argument("--http-proxy", metavar="ADDRESS", help="for all its TCP, as long as it runs")
    start.add_argument("--dns-server", metavar="IP,IP")
    start.add_argument("--tcpdump", metavar="FILE", type=Path, help="every packet of it, into a new file")
    start.add_argument("--keep", action="store_true", help="let it run on, and return when it has booted")
    start.set_defaults(run=start_avd)


def _add_checklist(emulator: Any) -> None:
    checklist = emulator.add_parser(
        "checklist",
        help="for the first person with a real emulator or phone: step by step, with a report for an issue",
        description="Every step that can be run is run, and undone. Ends with 0 if none failed.",
    )
    checklist.add_argument("--json", action="store_true", help="the report alone on stdout; it names nobody")
    checklist.add_argument("--serial", help="the device, as `adb devices` names it, if there are several")
    checklist.add_argument("--avd", metavar="NAME", help="start this AVD for it, and end it again")
    checklist.add_argument("--window", action="store_true", help="show the screen of the AVD that is started")
    checklist.set_defaults(run=first_run)


def list_avds(options: argparse.Namespace) -> None:
    from promptrail.device.emulator import acceleration, avd, sdk

    found = sdk.find()
    avds, images = avd.avds(found), found.images()
    try:
        virtual = acceleration.check(found)
    except MissingTool as missing:
        virtual = acceleration.Acceleration(False, str(missing), "")
    if options.json:
        told = {
            "sdk": str(found.root),
            "acceleration": virtual._asdict(),
            "avds": [
                {"name": one.name, "image": one.image and one.image.package, "fault": one.fault}
                for one in avds
            ],
            "images": [{"package": one.package, "no_root": one.no_root} for one in images],
        }
        print(json.dumps(told, ensure_ascii=False))
        return
    print(safe(f"SDK     {found.root}"))
    remedy = f" To do: {virtual.remedy}." if virtual.remedy else ""
    print(safe(f"{'fast' if virtual.usable else 'SLOW'}    {virtual.told}{remedy}"))
    for one in avds:
        note = one.fault or (one.image and one.image.no_root)
        print(safe(f"AVD     {one.name}  {one.image.package if one.image else ''}  {note or ''}".rstrip()))
    for image in images:
        print(safe(f"image   {image.package}  {image.no_root or ''}".rstrip()))
    if not avds:
        print(f'no AVD in {found.avd_home}: promptrail emulator create NAME "{sdk.IMAGE}"')


def create_avd(options: argparse.Namespace) -> None:
    from promptrail.device.emulator import avd, sdk

    made = avd.create(sdk.find(), options.name, options.image or sdk.IMAGE, options.hardware or avd.HARDWARE)
    print(safe(f"{made.name} in {made.path}"))


def start_avd(options: argparse.Namespace) -> None:
    from promptrail.device.emulator import running
    from promptrail.device.proxy import interruptible

    emulator = running.Emulator(
        options.avd,
        port=options.port,
        seconds=options.boot or running.BOOT,
        keep=options.keep,
        headless=not options.window,
        snapshot=options.snapshot,
        read_only=options.read_only,
        wipe=options.wipe,
        network_delay=options.network_delay,
        network_speed=options.network_speed,
        http_proxy=options.http_proxy,
        dns_servers=options.dns_server,
        tcpdump=options.tcpdump,
    )
    say(f"starting {options.avd} …")
    with interruptible(), emulator:
        try:
            print(emulator.serial, flush=True)
            if options.keep:
                return
            say("Ctrl-C ends it")
            while emulator.alive:
                time.sleep(0.2)
        except KeyboardInterrupt:
            say("ending it …")


def snapshots(options: argparse.Namespace) -> None:
    from promptrail.device.adb import Adb
    from promptrail.device.device import choose
    from promptrail.device.emulator import boot
    from promptrail.device.emulator.running import BOOT
    from promptrail.device.emulator.snapshots import Snapshots

    if (options.name is None) != (options.verb == "list"):
        raise DeviceError(
            f"snapshot {options.verb} takes {'no name' if options.name else 'the name of a snapshot'}: "
            "promptrail emulator snapshot list | save NAME | load NAME | delete NAME."
        )
    device = choose(Adb(), options.serial)
    kept = Snapshots(device.adb, lambda: boot.wait(device, BOOT, lambda: None))
    if options.verb == "list":
        for one in kept.list():
            print(safe(f"{one.name}  {one.size}  {one.saved}"))
    else:
        getattr(kept, options.verb)(options.name)
        say(f"{options.verb} {options.name}: done")


def first_run(options: argparse.Namespace) -> int:
    from promptrail.device import first_run as checklist
    from promptrail.device.adb import Adb
    from promptrail.device.proxy import interruptible

    with tempfile.TemporaryDirectory(prefix="promptrail-first-run-") as folder, interruptible():
        visit = checklist.Visit(Adb(), Path(folder), options.serial, options.avd, not options.window)
        with visit.closing:
            rows = checklist.walk(visit, ask, lambda row: None if options.json else tell(row))
            found = checklist.report(visit, rows)
    if not options.json:
        print("\nThe report, for an issue; it names nobody:")
    print(json.dumps(found, ensure_ascii=False, indent=None if options.json else 1))
    return 0 if found["passed"] else 1


def ask(question: str) -> bool | None:
    """y or n of a person at the terminal; None where there is none."""
    if not sys.stdin.isatty():
        return None
    while True:
        print(safe(f"   {question} [y/n] "), end="", file=sys.stderr, flush=True)
        line = sys.stdin.readline()
        if not line:
            return None
        if line.strip().lower() in ("y", "yes", "n", "no"):
            return line.strip().lower().startswith("y")


def tell(row: "Row") -> None:
    """One step: what was to be, and what was seen."""
    looked = {None: "", True: " (looked at: yes)", False: " (looked at: no)"}[row.looked]
    print(safe(f"{row.state:8} {row.step.id:13} {row.seconds:6.1f} s{looked}"))
    print(safe(f"         $ {row.step.command}"))
    if row.state != "passed":
        print(safe(f"         expected: {row.step.expected}"))
    print(safe(f"         {row.seen}"), flush=True)
