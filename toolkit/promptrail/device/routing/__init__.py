"""The ways from a device to the proxy, one a file; each a block that notes what it changes, and undoes it.

To add one: a class of Route with `name`, `misses` and `_lay`, its mode if the proxy needs one, `remember` and `abandon`
if it outlives a killed process, its line in ROUTES (and in `left`), and a test that shows what it catches, what it
misses, and that nothing of it stays.
"""

from promptrail.device.device import Device
from promptrail.device.routing.gateway import Gateway
from promptrail.device.routing.route import Change, Route
from promptrail.device.routing.settings import SettingsProxy
from promptrail.device.routing.transparent import Transparent
from promptrail.device.routing.tun import Tun
from promptrail.device.routing.wireguard import WireGuard

ROUTES: tuple[type[Route], ...] = (SettingsProxy, WireGuard, Transparent, Tun)
"""The first is the default: it needs neither root nor a host of one's own in between."""


def left(name: str, device: Device, gateway: Gateway | None) -> Route | None:
    """The route of this name as one that was left behind: to be abandoned, not to be laid. None: it leaves nothing."""
    if name == WireGuard.name:
        return WireGuard(device)
    if gateway is None:
        return None
    return {Transparent.name: Transparent(gateway, 0), Tun.name: Tun(gateway)}.get(name)


__all__ = ["ROUTES", "Change", "Gateway", "Route", "SettingsProxy", "Transparent", "Tun", "WireGuard", "left"]
