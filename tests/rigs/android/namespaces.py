"""A stand-in for a phone in namespaces: a shape in, a running "device" with zygote, apps and CA stores out. Needs root.

    with Phone(Shape(sdk=34)) as phone: phone.run("getprop ro.build.version.sdk")

It is no Android: programs in /system/bin are stubs that say so. What is real is what the tests ask about: mount
namespaces and their propagation, trust by what an app's own namespace shows, sockets, packet filters. Everything hangs
on a pipe of this process: when it ends, however it ends, the kernel takes the namespaces away.
"""

import contextlib
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, NamedTuple, Self

from rigs.android import rom
from rigs.android.adbd import Adbd
from rigs.mitmdump import compiled
from rigs.needs import missing_rig

ROOT = Path(__file__).resolve().parents[3]
HERE = Path(__file__).parent
GATEWAY, DEVICE, GATEWAY6, DEVICE6 = "10.66.1.1", "10.66.1.2", "fd66::1", "fd66::2"
OUTSIDE, BEYOND = ("10.66.2.2", "fd66:2::2"), ("203.0.113.0/24", "2001:db8::/32")
"""Behind the gateway, with no way further: a stand-in for everybody else, who have TEST-NET-3 and RFC 3849's prefix."""
UPLINK = "dev0"
"""The gateway's interface towards the device."""
TOOLS = ("ip", "iptables", "ip6tables", "nsenter", "unshare", "setsid", "curl", "pidof", "pivot_root")
STORE, APEX = "/system/etc/security/cacerts", "/apex/com.android.conscrypt/cacerts"


class Shape(NamedTuple):
    """What kind of Android it stands in for."""

    sdk: int = 34
    apex: bool = True
    """The Conscrypt APEX brings the store: Android 14, or 13 with a mainline update."""
    propagation: str = "slave"
    """Of the zygote's mounts: slave as in AOSP, or private, which hides a later mount from every app."""
    hosts: tuple[tuple[str, str], ...] = ()
    """(name, address): what the device resolves, having no DNS."""


class Namespace:
    """A net namespace that lasts as long as `process`; `path` is its handle."""

    def __init__(self, pid: int) -> None:
        self.pid, self.path = pid, Path(f"/proc/{pid}/ns/net")

    def run(self, *command: str, check: bool = True) -> str:
        """A program of the host with the network of the namespace; what it printed."""
        done = subprocess.run(
            ["nsenter", f"--net={self.path}", "--", *command], capture_output=True, text=True, timeout=30
        )
        assert not check or done.returncode == 0, (command, done.stderr)
        return done.stdout


class Phone:
    """The device, its gateway, and what lies behind. `init` is process 1 of the device as the host numbers it.

    `authorities`: PEM certificates of the stores; `packages` are installed before it boots.
    """

    def __init__(
        self,
        shape: Shape | None = None,
        authorities: Sequence[bytes] = (),
        packages: Sequence[rom.Package] = (rom.BROWSER,),
    ) -> None:
        why_not()
        self.shape = shape or Shape()
        self._image = rom.Image(self.shape.sdk, self.shape.apex, self.shape.hosts, authorities, packages)
        self._done = contextlib.ExitStack()

    def __enter__(self) -> Self:
        with contextlib.ExitStack() as stack:
            self.folder = folder = Path(tempfile.mkdtemp(prefix="promptrail-device-"))
            stack.callback(shutil.rmtree, folder, ignore_errors=True)
            (folder / "root").mkdir()
            self._image.write(folder / "rom")
            self.gateway = Namespace(self._hanging(stack, ["unshare", "--net", "cat"], {}).pid)
            self.outside = Namespace(self._hanging(stack, ["unshare", "--net", "cat"], {}).pid)
            self._boot(stack, folder)
            self._wire()
            self._done = stack.pop_all()
        return self

    def __exit__(self, *_: object) -> None:
        self._done.close()

    def _boot(self, stack: contextlib.ExitStack, folder: Path) -> None:
        seen = {"/usr", str(ROOT), compiled(), sys.prefix, sys.base_prefix}
        env = {
            "PATH": os.environ["PATH"],
            "ROOT": str(folder / "root"),
            "ROM": str(folder / "rom"),
            "SEEN": "\n".join(
                sorted(path for path in seen if path == "/usr" or not path.startswith("/usr/"))
            ),
            "APEX": "1" if self.shape.apex else "",
            "PROPAGATION": self.shape.propagation,
        }
        spaces = ["--net", "--mount", "--propagation", "private", "--pid", "--fork", "--kill-child"]
        process = self._hanging(stack, ["unshare", *spaces, "bash", str(HERE / "boot.sh")], env)
        assert process.stdout
        assert process.stdout.readline() == b"ready\n", "the stand-in did not boot; it said why above"
        children = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text()
        self.init = int(children.split()[0])
        self.namespace = Namespace(self.init)
        self.root = Path(f"/proc/{self.init}/root")
        self.prefix = ["nsenter", f"--target={self.init}", "--mount", "--pid", "--net", "--root", "--wd"]

    def _hanging(
        self, stack: contextlib.ExitStack, command: list[str], env: dict[str, str]
    ) -> "subprocess.Popen[bytes]":
        """A process that ends when its standard input does: with this block, or with us."""
        process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env=env or None,
            start_new_session=True,
        )
        stack.callback(self._end, process)
        return process

    @staticmethod
    def _end(process: "subprocess.Popen[bytes]") -> None:
        assert process.stdin and process.stdout
        process.stdin.close()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        process.stdout.close()

    def _wire(self) -> None:
        """device - gateway - outside: two wires between three namespaces, and none that leads on."""
        ours = os.readlink("/proc/self/ns/net")
        for one in (self.gateway, self.outside):
            until(lambda one=one: os.readlink(one.path) != ours)
        for one in (self.gateway, self.outside, self.namespace):
            one.run("ip", "link", "set", "lo", "up")
        self.gateway.run("sysctl", "-qw", "net.ipv4.ip_forward=1", "net.ipv6.conf.all.forwarding=1")
        self._wire_to(UPLINK, (GATEWAY, GATEWAY6), self.namespace, "wlan0", (DEVICE, DEVICE6))
        self._wire_to("out0", ("10.66.2.1", "fd66:2::1"), self.outside, "eth0", OUTSIDE)
        for family, beyond, via in zip(("-4", "-6"), BEYOND, OUTSIDE, strict=True):
            self.gateway.run("ip", family, "route", "add", beyond, "via", via)
            self.outside.run("ip", family, "route", "add", "local", beyond, "dev", "lo")

    def _wire_to(
        self, name: str, here: tuple[str, str], other: Namespace, there: str, theirs: tuple[str, str]
    ) -> None:
        """A wire from the gateway, which is the other end's way to everything."""
        peer = ["peer", "name", there, "netns", str(other.pid)]
        self.gateway.run("ip", "link", "add", name, "type", "veth", *peer)
        for run, end, (four, six) in ((self.gateway.run, name, here), (other.run, there, theirs)):
            run("ip", "addr", "add", f"{four}/24", "dev", end)
            run("ip", "addr", "add", f"{six}/64", "dev", end, "nodad")
            run("ip", "link", "set", end, "up")
        for family, via in zip(("-4", "-6"), here, strict=True):
            other.run("ip", family, "route", "add", "default", "via", via)

    def run(self, command: str, check: bool = True) -> str:
        """A command in the device's shell, without adb; what it printed."""
        done = subprocess.run(
            [*self.prefix, "/system/bin/sh", "-c", command],
            capture_output=True,
            text=True,
            timeout=60,
            env=ENVIRONMENT,
        )
        assert not check or done.returncode == 0, (command, done.stdout, done.stderr)
        return done.stdout.strip()

    def adbd(self, **modes: Any) -> Adbd:
        """A stand-in for its adbd, rooted unless told otherwise; `with phone.adbd() as adbd: adbd.device()`."""
        there = {"path": ENVIRONMENT["PATH"], "env": ENVIRONMENT, "rooted": True}
        return Adbd(self.root, self.prefix, str(self.namespace.path), **there | modes)

    def pid(self, name: str) -> int:
        """The process of this name (its argv[0]), as the host numbers it."""
        for process in self.processes():
            with contextlib.suppress(OSError):
                if Path(f"/proc/{process}/cmdline").read_bytes().split(b"\0")[0] == name.encode():
                    return process
        raise AssertionError(f"no process {name} in the stand-in")

    def processes(self) -> list[int]:
        """The processes of the device, as the host numbers them."""
        ours = os.readlink(f"/proc/{self.init}/ns/pid")
        found = []
        for folder in Path("/proc").glob("[0-9]*"):
            with contextlib.suppress(OSError):
                if os.readlink(folder / "ns" / "pid") == ours:
                    found.append(int(folder.name))
        return sorted(found)

    def file(self, path: str) -> Path:
        """A file of the device as its first namespace shows it, for the host."""
        return self.root / path.lstrip("/")


ENVIRONMENT = {
    "PATH": "/system/bin:/usr/bin:/usr/sbin",
    "ANDROID_ROOT": "/system",
    "ANDROID_DATA": "/data",
    "HOME": "/data",
    "TERM": "dumb",
}
"""What adbd gives a shell."""


def until(true: Callable[[], object], seconds: float = 30.0) -> None:
    """Wait until a function says so; the deadline only ends a rig that is stuck."""
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline, "it never came to be so"
        time.sleep(0.02)


def why_not(tun: bool = False) -> None:
    """Skip, with the reason, where namespaces cannot be made, or with `tun` no such interface in them."""
    if os.geteuid() != 0:
        missing_rig("namespaces need root")
    if missing := [tool for tool in TOOLS if not shutil.which(tool)]:
        missing_rig(f"not installed: {', '.join(missing)}")
    if subprocess.run(
        ["unshare", "--net", "--mount", "--pid", "--fork", "true"], capture_output=True
    ).returncode:
        missing_rig("this system lets nobody make namespaces")
    if tun and not Path("/dev/net/tun").exists():
        missing_rig("this system has no /dev/net/tun")
