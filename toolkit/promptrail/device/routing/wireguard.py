"""A route for a phone or emulator without root: the proxy is a WireGuard server, the device's WireGuard app its client.

The app has to be installed, hold a tunnel with our configuration, and let others control it; what a person does for it
is in `instructions`. The block then switches the tunnel on and off again. mitmproxy's server runs without a kernel
module; with the real app this was never run by us, and follows the app's and mitmproxy's documentation.
"""

import base64
import json
import os
import re
import time
from collections.abc import Iterator
from pathlib import Path
from shlex import quote
from typing import ClassVar

from promptrail.device.device import Device
from promptrail.device.routing.route import Route
from promptrail.errors import DeviceError, InputError

APP = "com.wireguard.android"
RECEIVER = f"{APP}/.model.TunnelManager$IntentReceiver"
KEYS = "wireguard.conf"
"""mitmproxy's keys, JSON in its confdir; made when it first runs in this mode."""
WAIT = 15.0
"""Seconds for the tunnel's interface to come or go."""


class WireGuard(Route):
    """`tunnel` is the name under which the app has our configuration."""

    name: ClassVar[str] = "wireguard"
    misses: ClassVar[str] = (
        "Apps that go past a VPN, or that stop when they see one; IPv6, which the tunnel does not carry; HTTP/3 where "
        "the proxy cannot read it."
    )

    def __init__(self, device: Device, tunnel: str = "promptrail") -> None:
        super().__init__()
        self.device, self.tunnel = device, tunnel

    @property
    def mode(self) -> str:
        return "wireguard"

    def _lay(self) -> None:
        if not self.device.shell(f"pm path {APP}", check=False).text.startswith("package:"):
            raise DeviceError(
                f"{APP} is not on {self.device.serial}: install the WireGuard app, and import the tunnel "
                f"{self.tunnel} with the configuration of this proxy."
            )
        mode = self._allowed()
        self._change(
            f"appops {APP} ACTIVATE_VPN",
            mode,
            "allow",
            lambda: self.device.shell(f"cmd appops set {APP} ACTIVATE_VPN allow"),
            lambda: self.device.shell(f"cmd appops set {APP} ACTIVATE_VPN {mode}"),
        )
        if self._up():
            raise DeviceError(
                f"a VPN is on already on {self.device.serial}: switch it off, or it would be in between."
            )
        self._change(
            f"WireGuard tunnel {self.tunnel}",
            "down",
            "up",
            lambda: self._switch("UP"),
            lambda: self._switch("DOWN"),
        )

    def remember(self) -> dict[str, str]:
        return {"allowed": self._allowed()}

    def abandon(self, kept: dict[str, str]) -> None:
        if self._up():
            self._switch("DOWN")
        if (mode := kept["allowed"]) != self._allowed():
            self.device.shell(f"cmd appops set {APP} ACTIVATE_VPN {quote(mode)}")

    def _allowed(self) -> str:
        """Whether the app may open a tunnel, as Android's appops call it."""
        said = self.device.shell(f"cmd appops get {APP} ACTIVATE_VPN", check=False).text
        return found[1] if (found := re.search(r"ACTIVATE_VPN: (\w+)", said)) else "default"

    def _switch(self, to: str) -> None:
        self.device.shell(
            f"am broadcast -a {APP}.action.SET_TUNNEL_{to} -n {quote(RECEIVER)} -e tunnel {quote(self.tunnel)}"
        )
        until = time.monotonic() + WAIT
        while self._up() != (to == "UP"):
            if time.monotonic() > until:
                raise DeviceError(
                    f"the tunnel {self.tunnel} of {self.device.serial} did not go {to.lower()}: is it in the WireGuard "
                    "app under this name, and `Allow remote control apps` on in the app's settings?"
                )
            time.sleep(0.1)

    def _up(self) -> bool:
        return re.search(r"\btun\d+:", self.device.shell("ip link show", check=False).text) is not None


def keys(confdir: Path) -> None:
    """Make the keys of a case's tunnel, as mitmproxy does, if there are none: the configuration then lasts."""
    from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

    if (confdir / KEYS).exists():
        return
    drawn = (X25519PrivateKey.generate().private_bytes_raw() for _ in range(2))
    made = dict(
        zip(("server_key", "client_key"), (base64.b64encode(key).decode() for key in drawn), strict=True)
    )
    with open(os.open(confdir / KEYS, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as out:
        json.dump(made, out, indent=4)


def configuration(confdir: Path, host: str, port: int) -> str:
    """What the app has to import: mitmproxy's own client, for its server at this address. It holds a private key."""
    from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

    try:
        keys = json.loads((confdir / KEYS).read_text("utf-8"))
        server = X25519PrivateKey.from_private_bytes(base64.b64decode(keys["server_key"], validate=True))
        client = str(keys["client_key"])
    except (OSError, ValueError, KeyError, TypeError) as e:
        raise InputError(
            f"{confdir / KEYS} has no WireGuard keys ({e}); it is made when the proxy starts with --mode wireguard."
        ) from None
    public = base64.b64encode(server.public_key().public_bytes_raw()).decode()
    return (
        f"[Interface]\nPrivateKey = {client}\nAddress = 10.0.0.1/32\nDNS = 10.0.0.53\n\n"
        f"[Peer]\nPublicKey = {public}\nAllowedIPs = 0.0.0.0/0\nEndpoint = {host}:{port}\n"
    )


def instructions(file: Path) -> Iterator[str]:
    """Lines for a person, who has the configuration in this file."""
    yield "WireGuard: on the device, install the WireGuard app, then"
    yield f"  adb push {file} /sdcard/Download/{file.name}"
    yield f"  in the app: +, import from file, {file.name}; the tunnel is called {file.stem} then;"
    yield "  in its settings: Allow remote control apps. Afterwards remove the tunnel and the file: it holds a key."
