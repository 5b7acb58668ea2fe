"""The lab on the stand-in for a phone: its vendors where the proxy finds them, its app installed, prepared, collected.

`scene` puts all of it up: a case filled by the lab, the vendors here or behind the gateway, the phone, real adb.
"""

import hashlib
import json
import subprocess
import sys
import sysconfig
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any, NamedTuple

from promptrail.case import Case
from promptrail.case.evidence import LINES
from promptrail.device.device import Device
from promptrail.device.proxy import Proxy
from promptrail.device.routing import Gateway
from promptrail.lab import authority
from promptrail.lab.answer_key import EVENTS, KEY
from promptrail.lab.case import fill
from promptrail.lab.scenarios import ENCODINGS, Scenario
from promptrail.lab.world import FINGERPRINT
from promptrail.lab.world import HOSTS as NAMES
from rigs.android import rom
from rigs.android.namespaces import ROOT, UPLINK, Phone, Shape, until
from rigs.mitmdump import ROUTE, compiled, environment

HOSTS = tuple((host, f"203.0.113.{11 + n}") for n, host in enumerate(NAMES))
"""Where the device and a gateway believe the vendors to be: TEST-NET-3 (RFC 5737)."""
PACKAGE = "test.parley.chat"
HOME = f"/data/data/{PACKAGE}/files"
SEARCHED = ":".join(str(path) for path in (ROOT / "toolkit", ROOT / "tests", sysconfig.get_path("purelib")))
PYTHON = f"""
export PYTHONHOME={sys.base_prefix} PYTHONPATH={SEARCHED} PYTHONPYCACHEPREFIX={compiled()} PYTHONUNBUFFERED=1
exec -a "$0" {Path(sys.executable).resolve()} -P -m"""
"""Becomes a module of ours under the package's name."""
PARLEY = rom.Package(
    PACKAGE, f"{PYTHON} rigs.android.lab_app {HOME}/plan.json", "4.2.0", (("files/.keep", b""),)
)
WIREGUARD = rom.Package("com.wireguard.android", f'{PYTHON} rigs.android.wireguard "$1"', "1.0.20250531")
"""Stands in for the WireGuard app: a tunnel of our own making under its name."""


class Vendors(NamedTuple):
    ca: Path
    """Trusts all their certificates, which lie beside it."""
    port: int


@contextmanager
def vendors(ca: Path) -> Iterator[Vendors]:
    """The vendors' server on loopback, in the net namespace that it is started in."""
    server = subprocess.Popen(
        [sys.executable, "-P", "-m", "promptrail.lab.server", str(ca.parent)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env=environment(),
        start_new_session=True,
    )
    assert server.stdin and server.stdout
    try:
        yield Vendors(ca, int(json.loads(server.stdout.readline())["port"]))
    finally:
        server.stdin.close()
        server.wait(30)
        server.stdout.close()


def reachable(phone: Phone, port: int) -> None:
    """The vendors' addresses lead to their server on the loopback of what lies behind the gateway."""
    phone.outside.run("sysctl", "-qw", "net.ipv4.conf.all.route_localnet=1")
    to = ["-p", "tcp", "--dport", "443", "-j", "DNAT", "--to", f"127.0.0.1:{port}"]
    phone.outside.run("iptables", "-t", "nat", "-A", "PREROUTING", "-d", "203.0.113.0/24", *to)


def prepare(phone: Phone, case: Case, scenario: Scenario, lab: Vendors, *, driven: bool = False) -> None:
    """Before the app is started: its plan for one run, and nothing of the last."""
    home = phone.file(HOME)
    for name in (EVENTS, KEY, "../screen.xml"):
        (home / name).unlink(missing_ok=True)
    probes = {p.probe: {"kind": p.kind, "text": p.text} for p in case.declared_probes}
    lasting = {name: probe for name, probe in probes.items() if name not in ENCODINGS.prompts}
    plan: dict[str, Any] = {
        **scenario._asdict(),
        "folder": HOME,
        "probes": probes,
        "seed": hashlib.sha256(json.dumps(lasting, sort_keys=True).encode()).hexdigest(),
        "edition": "native",
        "driven": driven,
    }
    (home / "plan.json").write_text(json.dumps(plan), encoding="utf-8")
    (home / "pin.crt").write_bytes(lab.ca.with_name(f"{FINGERPRINT}.crt").read_bytes())


def events(phone: Phone) -> list[str]:
    """The app's own events so far."""
    try:
        lines = phone.file(f"{HOME}/{EVENTS}").read_text("utf-8").splitlines()
    except FileNotFoundError:
        return []
    return [json.loads(line)["event"] for line in lines]


def said(phone: Phone) -> str:
    """What the app wrote to its standard error: why it ended, if it did."""
    return phone.file(f"/data/data/{PACKAGE}/log").read_text("utf-8", "replace")


def collect(device: Device, folder: Path) -> None:
    """The app's events and answer key into the folder of the run, by adb; `seal` has to be told of them."""
    for name in (EVENTS, KEY):
        (folder / name).write_bytes(device.read(f"{HOME}/{name}"))


def play(phone: Phone) -> None:
    """The app that was prepared, by itself, to its end."""
    phone.run(f"am start -W -n {PACKAGE}/.Main")
    until(lambda: "end" in events(phone) or "Traceback" in said(phone))
    assert "end" in events(phone), said(phone)


class Scene(NamedTuple):
    """All that is there before a route is laid."""

    phone: Phone
    device: Device
    case: Case
    lab: Vendors
    gateway: Gateway

    def proxy(self, run: str = "r", **more: Any) -> Proxy:
        """For the settings proxy: on this host, and it knows the lab's names."""
        names = {"lab_hosts": ",".join(host for host, _ in HOSTS), "lab_port": str(self.lab.port)}
        trust = {"ssl_verify_upstream_trusted_ca": str(self.lab.ca)}
        scripts = [ROUTE, *more.pop("scripts", [])]
        return Proxy(self.case, run, scripts=scripts, options=names | trust | more.pop("options", {}), **more)

    def open(self, url: str) -> str:
        """The browser opens it; how that ended, as curl tells: URL, exit code, words."""
        visits = self.phone.file(f"/data/data/{rom.BROWSER.name}/visits")
        before = len(visits.read_text().splitlines()) if visits.exists() else 0
        self.phone.run(f"am start -a android.intent.action.VIEW -d {url}")
        until(lambda: visits.exists() and len(visits.read_text().splitlines()) > before)
        return visits.read_text().splitlines()[-1]


@contextmanager
def scene(
    folder: Path, shape: Shape | None = None, *, behind: bool = False, more: Sequence[rom.Package] = ()
) -> Iterator[Scene]:
    """`behind`: the vendors lie behind the gateway; else on this host, where a proxy for the settings runs."""
    case = Case.create(folder / "case")
    fill(case)
    (folder / "lab").mkdir()
    ca = authority.make(folder / "lab")
    shape = (shape or Shape())._replace(hosts=HOSTS)
    with ExitStack() as stack:
        phone = stack.enter_context(Phone(shape, [ca.read_bytes()], [rom.BROWSER, PARLEY, *more]))
        gateway = Gateway(UPLINK, phone.gateway.path)
        outside = Gateway("eth0", phone.outside.path)
        lab = stack.enter_context(outside.start(vendors(ca)) if behind else vendors(ca))
        if behind:
            reachable(phone, lab.port)
        adbd = stack.enter_context(phone.adbd())
        yield Scene(phone, adbd.device(), case, lab, gateway)


def asked(proxy: Proxy) -> list[str]:
    """The hosts of the requests that the proxy has recorded."""
    lines = [json.loads(line) for line in (proxy.folder / LINES).read_bytes().splitlines()]
    return [line["host"] for line in lines if line["k"] == "request" and line.get("method") != "CONNECT"]
