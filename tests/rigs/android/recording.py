"""`promptrail record` on the stand-in for a phone: scenarios, its command line, and all that it may change, compared.

`bench` is a phone with two apps of the lab, whose vendors are both on this host, where a proxy for the settings finds
them, and behind the gateway. Several cases may be recorded on it, one after the other.
"""

import dataclasses
import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from promptrail.case import Case
from promptrail.device.recorder import Choices
from promptrail.lab.case import fill
from promptrail.lab.scenarios import SCENARIOS
from rigs.android import lab_phone, rom
from rigs.android.lab_phone import HOSTS, PACKAGE, PYTHON, Scene, Vendors, scene, vendors
from rigs.android.namespaces import UPLINK, Shape
from rigs.mitmdump import ROUTE, environment

NOTES = "test.marginalia.notes"
NOTES_HOME = f"/data/data/{NOTES}/files"
NOTE_BOOK = rom.Package(
    NOTES, f"{PYTHON} rigs.android.notes_app {NOTES_HOME}/plan.json", "1.9.2", (("files/.keep", b""),)
)
PAST = """
for _ in 1 2 3; do echo quic >/dev/udp/203.0.113.11/443; done 2>/dev/null
(exec 3<>/dev/tcp/203.0.113.14/443) 2>/dev/null
"""
"""What the chatbot app does first: three datagrams to port 443, and a connection that ignores the proxy."""
COMPILED = "import mitmproxy.tools.main, promptrail.cli, promptrail.device.recorder, promptrail.pipeline"
STORES = ("/system/etc/security/cacerts", "/apex/com.android.conscrypt/cacerts")
PROMPTS = """
[[prompt]]
id = "A"
text = "where can I mend a copper kettle {canary}"
[[prompt]]
id = "B"
text = "how long do tulip bulbs keep {canary}"
"""
STEPS = """
[[step]]
do = "launch"
[[step]]
do = "consent"
choice = "accept"
[[step]]
do = "prompt"
field = { id = "composer" }
send = { text = "^Send$" }
pause = 0.3
[[step]]
do = "quiet"
seconds = 0.6
[[step]]
do = "key"
name = "home"
[[step]]
do = "wait"
seconds = 0.4
[[step]]
do = "stop"
"""
SHORT = """
[[step]]
do = "launch"
[[step]]
do = "consent"
choice = "accept"
[[step]]
do = "wait"
seconds = 0.5
[[step]]
do = "stop"
"""


def scenario(folder: Path, name: str = "first-chat", about: str = "", steps: str = STEPS) -> Path:
    """A file of this name; `about` are further lines for its top."""
    head = f'schema = 1\nname = "{name}"\npackage = "{PACKAGE}"\napp = "Parley"\n'
    tables = about.find("\n[")
    plain, rest = (about, "") if tables < 0 else (about[:tables], about[tables:])
    file = folder / f"{name}.toml"
    file.write_text(f"{head}{plain}\n{PROMPTS if 'field' in steps else ''}{rest}\n{steps}", encoding="utf-8")
    return file


@dataclasses.dataclass
class Bench:
    the: Scene
    here: Vendors
    env: dict[str, str]

    def case(self, folder: Path) -> Case:
        """A case of the lab's app, and both apps as after installation."""
        case = Case.create(folder)
        fill(case)
        phone = self.the.phone
        lab_phone.prepare(phone, case, SCENARIOS[1], self.here, driven=True)
        plan = json.loads(phone.file(f"{lab_phone.HOME}/plan.json").read_text("utf-8"))
        phone.file(f"/data/data/{NOTES}/screen.xml").unlink(missing_ok=True)
        other = json.dumps({**plan, "folder": NOTES_HOME, "app": "Marginalia", "version": "1.9.2"})
        phone.file(f"{NOTES_HOME}/plan.json").write_text(other, "utf-8")
        return case

    def options(self, route: str = "settings") -> dict[str, str]:
        """mitmproxy's, so that it finds the vendors and trusts them."""
        names = {"lab_hosts": ",".join(host for host, _ in HOSTS), "lab_port": str(self.here.port)}
        return {"ssl_verify_upstream_trusted_ca": str(self.here.ca)} | (names if route == "settings" else {})

    def choices(self, route: str = "settings", watched: bool = True, **more: Any) -> Choices:
        """The same, and packets on the gateway, for the recorder itself."""
        scripts = [ROUTE] if route == "settings" else []
        gateway = {"interface": UPLINK, "namespace": self.the.gateway.namespace} if watched else {}
        return Choices(**{"scripts": scripts, "options": self.options(route)} | gateway | more)

    def command(self, *words: object) -> list[str]:
        return [sys.executable, "-m", "promptrail", *map(str, words)]

    def recording(self, case: Case, file: Path, *more: object, route: str = "settings") -> list[str]:
        """The command line that records this scenario, with packets on the gateway."""
        words: list[object] = ["record", case.path, "--scenario", file, "--serial", self.the.device.serial]
        words += ["--interface", UPLINK, "--namespace", self.the.gateway.namespace]
        for name, value in self.options(route).items():
            words += ["--set", f"{name}={value}"]
        return self.command(*words, *(("--script", ROUTE) if route == "settings" else ()), *more)

    def run(self, command: list[str]) -> "subprocess.CompletedProcess[str]":
        return subprocess.run(command, env=self.env, capture_output=True, text=True, timeout=300)

    def state(self) -> dict[str, Any]:
        """All that a recording may change, on the device and on the gateway."""
        phone = self.the.phone
        spaces = [phone.init, phone.pid("zygote64"), phone.pid("/system/bin/vold")]
        return {
            "settings": phone.run(
                "settings list global; echo; settings list secure; echo; settings list system"
            ),
            "tunnels": self.the.device.reverses(),
            "device filter": [
                rules(phone.run(f"{tool}-save -t filter")) for tool in ("iptables", "ip6tables")
            ],
            "gateway": [rules(self.the.gateway.do(f"{tool}-save")) for tool in ("iptables", "ip6tables")],
            "stores": [store(pid, path) for pid in spaces for path in STORES],
            "mounts": [Path(f"/proc/{pid}/mounts").read_text() for pid in spaces],
            "files": phone.run("ls -A /data/local/tmp"),
            "packages": phone.run("pm list packages"),
        }


def rules(saved: str) -> list[str]:
    """Of a packet filter, without counters, dates, and chains of the system that are empty."""
    return [line for line in saved.splitlines() if line.startswith("-A") or "promptrail" in line]


def store(pid: int, path: str) -> list[tuple[str, int, int, bytes]]:
    """A folder of certificates as a process sees it: names, modes, owners, bytes."""
    found = []
    folder = Path(f"/proc/{pid}/root{path}")
    for file in sorted(folder.iterdir()) if folder.is_dir() else []:
        about = file.stat()
        found.append((file.name, about.st_mode, about.st_uid, file.read_bytes()))
    return found


def ours(folder: Path) -> list[str]:
    """Command lines of running processes that name this folder: proxies and captures that a recording started."""
    found = []
    for line in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            words = line.read_bytes().replace(b"\0", b" ").decode("utf-8", "replace")
        except OSError:
            continue
        if str(folder) in words:
            found.append(words)
    return found


def record_of(case: Case, run: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((case.captures / run / "run.json").read_text("utf-8"))
    return found


@contextmanager
def bench(folder: Path, shape: Shape | None = None) -> Iterator[Bench]:
    with scene(folder, shape, behind=True, more=[NOTE_BOOK]) as the, vendors(the.lab.ca) as here:
        command = the.phone.file(f"/data/app/{PACKAGE}/command")
        command.write_text(PAST + command.read_text())
        port = the.device.adb.runner.env["ANDROID_ADB_SERVER_PORT"]  # type: ignore[attr-defined]
        # Compiled once for all that follow: the first proxy would take three times as long as the others.
        subprocess.run([sys.executable, "-c", COMPILED], env=environment(), check=True)
        home = {"ANDROID_ADB_SERVER_PORT": port, "XDG_STATE_HOME": str(folder / "state")}
        yield Bench(the, here, environment() | home)
