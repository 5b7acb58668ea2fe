"""What the person who records chose, beside the scenario: ports, the way of the traffic, where packets are seen."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from promptrail.device.device import Device
from promptrail.device.routing import Gateway, Route, SettingsProxy, Transparent, Tun, WireGuard
from promptrail.errors import RecordingError

WIREGUARD_PORT = 51820
"""What WireGuard's documentation uses; it stands in the app's configuration, so it is not any free one."""


@dataclass(frozen=True)
class Choices:
    """`interface`: of this host (in `namespace`, a handle such as /run/netns/NAME), through which the device's traffic
    goes; gateway routes need it, and packets are captured there. `scripts` and `options` are for mitmproxy."""

    port: int = 0
    """The proxy's; 0 takes a free one."""
    host: str | None = None
    """This machine's address as the device reaches it; the route wireguard needs it."""
    device_port: int = 8080
    """The device's end of the tunnel to it."""
    interface: str | None = None
    namespace: Path | None = None
    film: bool = True
    """Record the screen, where the device can."""
    frida: str | None = None
    """Frida's name of the device, for hooks: usb, HOST:PORT, or an id; adb's serial by default."""
    because: str | None = None
    scripts: Sequence[Path] = ()
    options: dict[str, str] = field(default_factory=dict)

    @property
    def gateway(self) -> Gateway | None:
        return Gateway(self.interface, self.namespace) if self.interface else None

    def at(self, name: str) -> int | None:
        """The port on which the proxy of this route has to listen; None for any free one."""
        return self.port or (WIREGUARD_PORT if name == WireGuard.name else None)

    def route(self, name: str, device: Device, port: int, refuse_quic: bool) -> Route:
        """RecordingError if there is none of this name, or it needs a gateway."""
        if name == SettingsProxy.name:
            return SettingsProxy(device, port, self.device_port, refuse_quic)
        if name == WireGuard.name:
            return WireGuard(device)
        if name not in (Transparent.name, Tun.name):
            raise RecordingError(
                f"there is no route {name!r}; there are settings, wireguard, transparent and tun."
            )
        if self.gateway is None:
            raise RecordingError(
                f"the route {name} needs --interface: the one through which the device's traffic comes."
            )
        if not refuse_quic:
            raise RecordingError(
                f"the route {name} always refuses QUIC; take the route settings for a run that allows it."
            )
        return Transparent(self.gateway, port) if name == Transparent.name else Tun(self.gateway)
