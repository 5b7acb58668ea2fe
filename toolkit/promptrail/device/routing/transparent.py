"""Every TCP connection of a device, taken on its way through a Linux gateway; UDP to port 443 is refused and counted.

It fails closed: the redirection stays when the proxy ends, and a port on which nobody listens refuses. The proxy runs
on the gateway, in mode "transparent", and listens on all its addresses.
"""

from typing import ClassVar

from promptrail.device.routing.gateway import Gateway
from promptrail.device.routing.led import Led
from promptrail.device.routing.quic import MANY, TOOLS

CHAIN = "promptrail-tcp"


class Transparent(Led):
    """`port` is the proxy's."""

    name: ClassVar[str] = "transparent"
    misses: ClassVar[str] = (
        "UDP except to port 443 (DNS among it) passes unread, as do connections that were open before it began, and "
        "whatever the device sends by another way than this gateway."
    )
    what = "TCP"

    def __init__(self, gateway: Gateway, port: int) -> None:
        super().__init__(gateway)
        self.port, self.to = port, f"to the proxy, port {port}"

    @property
    def mode(self) -> str:
        return "transparent"

    @property
    def _jump(self) -> str:
        # What is meant for the gateway itself (its DNS, ssh) goes there.
        return f"PREROUTING -i {self.gateway.interface} -p tcp -m addrtype ! --dst-type LOCAL -j {CHAIN}"

    def _divert(self) -> None:
        self._release()  # of a run that was killed
        for tool in TOOLS:
            self.gateway.do(f"{tool} -w -t nat -N {CHAIN}")
            self.gateway.do(f"{tool} -w -t nat -A {CHAIN} -p tcp -j REDIRECT --to-ports {self.port}")
            self.gateway.do(f"{tool} -w -t nat -I {self._jump}")

    def _release(self) -> None:
        for tool in TOOLS:
            for _ in range(MANY):
                if self.gateway.shell(f"{tool} -w -t nat -D {self._jump}").code:
                    break
            if not self.gateway.shell(f"{tool} -w -t nat -S {CHAIN}").code:
                self.gateway.do(f"{tool} -w -t nat -F {CHAIN} && {tool} -w -t nat -X {CHAIN}")
