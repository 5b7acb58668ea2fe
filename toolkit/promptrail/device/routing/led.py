"""What both routes through a Linux gateway are: what comes in is led to the proxy, and UDP to port 443 is refused.

They fail closed: what leads stays when the proxy ends, until the route is taken back.
"""

from promptrail.device.routing.gateway import Gateway
from promptrail.device.routing.quic import Refusal
from promptrail.device.routing.route import Route


class Led(Route):
    """`what` comes in and `to` where it is led; each route says how by `_divert` and `_release`."""

    what: str
    to: str

    def __init__(self, gateway: Gateway) -> None:
        super().__init__()
        self.gateway = gateway
        self._quic = Refusal(gateway.shell, ("INPUT", "FORWARD"), gateway.interface)

    def count(self) -> dict[str, int]:
        return self._quic.count()

    def abandon(self, kept: dict[str, str]) -> None:
        self._release()
        self._quic.off()

    def _lay(self) -> None:
        into = f"that comes in by {self.gateway.interface}"
        self._change(f"{self.what} {into}", "routed", self.to, self._divert, self._release)
        self._change(f"UDP to port 443 {into}", "routed", "refused", self._quic.on, self._quic.off)

    def _divert(self) -> None:
        raise NotImplementedError

    def _release(self) -> None:
        """Take away what `_divert` put up, also of a run that was killed; what is not there is no error."""
        raise NotImplementedError
