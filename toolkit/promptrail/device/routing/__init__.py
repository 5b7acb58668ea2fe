"""The ways from a device to the proxy, one a file; each a block that notes what it changes, and undoes it.

To add one: a class of Route with `name`, `misses` and `_lay`, its mode if the proxy needs one, its line in ROUTES, and
a test that shows what it catches, what it misses, and that nothing of it stays.
"""

from promptrail.device.routing.gateway import Gateway
from promptrail.device.routing.route import Change, Route
from promptrail.device.routing.settings import SettingsProxy
from promptrail.device.routing.transparent import Transparent
from promptrail.device.routing.tun import Tun
from promptrail.device.routing.wireguard import WireGuard

ROUTES: tuple[type[Route], ...] = (SettingsProxy, WireGuard, Transparent, Tun)
"""The first is the default: it needs neither root nor a host of one's own in between."""

__all__ = ["ROUTES", "Change", "Gateway", "Route", "SettingsProxy", "Transparent", "Tun", "WireGuard"]
