"""promptrail record: an app on a device under a scenario, or whatever is pointed at the proxy by hand."""

import argparse
import functools
from pathlib import Path
from typing import Any

from promptrail.case import Case, lawful
from promptrail.cli.speech import safe, say, tell_problems
from promptrail.errors import ParameterError


def add(commands: Any) -> None:
    record = commands.add_parser(
        "record",
        help="record an app on a device under a scenario; or by hand: start the proxy, close on Ctrl-C",
        description="With --scenario the device is changed as little as needed, proved to be read before anything is "
        "recorded, and put back whatever happens.",
    )
    record.add_argument("case", metavar="CASE")
    how = record.add_mutually_exclusive_group(required=True)
    how.add_argument("--scenario", metavar="FILE", type=Path, help="the steps of the runs, as TOML")
    how.add_argument("--manual", action="store_true", help="you drive the app or browser yourself")
    record.add_argument("--dry-run", action="store_true", help="say what would be done, and do nothing")
    record.add_argument("--serial", help="the device, as `adb devices` names it, if there are several")
    record.add_argument(
        "--interface",
        metavar="NAME",
        help="of this host, through which the device's traffic passes: packets are captured there (as root), and the "
        "routes transparent and tun lead it to the proxy",
    )
    record.add_argument(
        "--namespace", metavar="HANDLE", type=Path, help="net namespace of that interface, as /run/netns/NAME"
    )
    record.add_argument("--no-film", action="store_true", help="do not record the screen")
    record.add_argument("--frida", metavar="usb|HOST:PORT|ID", help="the device as Frida names it, for hooks")
    record.add_argument(
        "--set",
        metavar="NAME=VALUE",
        action="append",
        default=[],
        dest="options",
        help="an option of mitmproxy; may be given again",
    )
    record.add_argument(
        "--script",
        metavar="FILE",
        action="append",
        type=Path,
        default=[],
        help="a further addon of mitmproxy",
    )
    record.add_argument("--package", help="by hand: what is recorded, if it is not the case's own package")
    record.add_argument(
        "--because", metavar="TEXT", help="why another package than the case's is recorded; it is logged"
    )
    record.add_argument("--port", type=int, default=0, help="port of the proxy; 0 takes a free one")
    record.add_argument(
        "--host",
        default="",
        help="by hand: address to listen on; empty: every address of this machine. With the route wireguard: this "
        "machine's address as the device reaches it",
    )
    record.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    if options.manual:
        return by_hand(options)
    if options.dry_run:
        return dry_run(options)
    return on_a_device(options)


def on_a_device(options: argparse.Namespace) -> int:
    from promptrail import pipeline
    from promptrail.device.adb import Adb
    from promptrail.device.device import choose
    from promptrail.device.recorder import Choices, record
    from promptrail.device.scenario import read

    case, plan = Case.open(options.case), read(options.scenario)
    choices = Choices(
        port=options.port,
        host=options.host or None,
        interface=options.interface,
        namespace=options.namespace,
        film=not options.no_film,
        frida=options.frida,
        because=options.because,
        scripts=options.script,
        options=dict(_option(one) for one in options.options),
    )

    def tell(line: str) -> None:
        print(safe(line), flush=True)

    for name in record(case, plan, choose(Adb(), options.serial), choices, tell):
        tell(f"Recorded: {case.captures / name}")
    lost = tell_problems(pipeline.ensure(case, say))
    return 3 if lost else 0


def dry_run(options: argparse.Namespace) -> int:
    """What would happen, from the files alone: no device is asked."""
    from promptrail.device.scenario import read, told

    Case.open(options.case)
    plan = read(options.scenario)
    print(f"{len(plan.runs)} runs by the route {plan.route}, each into CASE/captures/:")
    for planned in plan.runs:
        print(f"  {safe(planned.told)}")
    print(
        "Before each: remember the device, install the CA (root), lead its traffic to the proxy, prove both."
    )
    print("Steps:")
    for line in told(plan.steps):
        print(safe(line))
    print(
        "After each, whatever happened: take back the route, the CA and every setting. Nothing was done now."
    )
    return 0


def by_hand(options: argparse.Namespace) -> int:
    from promptrail import pipeline
    from promptrail.device import proxy

    case = Case.open(options.case)
    lawful.permit(case, options.package, options.because, "record")
    proxy.manual(case, functools.partial(print, flush=True), host=options.host, port=options.port)
    lost = tell_problems(pipeline.ensure(case, say))
    return 3 if lost else 0


def _option(text: str) -> tuple[str, str]:
    name, found, value = text.partition("=")
    if not found or not name:
        raise ParameterError(f"--set {text}: is no NAME=VALUE.")
    return name, value
