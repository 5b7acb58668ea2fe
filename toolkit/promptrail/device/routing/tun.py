"""All of a device's IP traffic, led through a Linux gateway into the proxy's own TUN interface; UDP 443 is refused.

More than `transparent` sees, since UDP goes to the proxy as well. It fails closed: the interface is the proxy's and
goes with it, and the route behind it in the same table says unreachable. mitmproxy 11.1 and later, on Linux.
"""

import time
from typing import ClassVar

from promptrail.device.routing.gateway import Gateway
from promptrail.device.routing.led import Led
from promptrail.device.routing.quic import MANY
from promptrail.errors import RecordingError

TABLE = 7443
"""A routing table of our own; the number is arbitrary."""
FORWARDING = ("net.ipv4.ip_forward", "net.ipv6.conf.all.forwarding")
WAIT = 30.0
"""Seconds for the proxy to make its interface."""


class Tun(Led):
    """The proxy has to run on the gateway already, in `mode`: the interface is the proxy's."""

    name: ClassVar[str] = "tun"
    misses: ClassVar[str] = (
        "What the device sends by another way than this gateway; ICMP is not recorded, and IP in forms that the "
        "proxy's own network stack does not know."
    )
    what = "IP"

    def __init__(self, gateway: Gateway, tun: str = "promptrail0") -> None:
        super().__init__(gateway)
        self.tun, self.to = tun, f"to the proxy, by {tun}, table {TABLE}"

    @property
    def mode(self) -> str:
        return f"tun:{self.tun}"

    def remember(self) -> dict[str, str]:
        """The settings of the whole gateway; the interface's own go with it."""
        return {key: self.gateway.do(f"sysctl -n {key}") for key in FORWARDING}

    def abandon(self, kept: dict[str, str]) -> None:
        super().abandon(kept)
        for key, value in kept.items():
            self.gateway.do(f"sysctl -qw {key}={value}")

    def _lay(self) -> None:
        self._wait()
        for key in FORWARDING:
            self._sysctl(key, "1")
        # What comes out of it bears other people's addresses.
        self._sysctl(f"net.ipv4.conf.{self.tun}.rp_filter", "0")
        super()._lay()

    def _wait(self) -> None:
        until = time.monotonic() + WAIT
        while self.gateway.shell(f"ip link show {self.tun}").code:
            if time.monotonic() > until:
                raise RecordingError(
                    f"There is no interface {self.tun} on the gateway: the proxy has to run there, in mode {self.mode}."
                )
            time.sleep(0.05)

    def _sysctl(self, key: str, value: str) -> None:
        before = self.gateway.do(f"sysctl -n {key}")
        if before == value:
            return

        def back() -> None:
            if not self.gateway.shell(f"sysctl -n {key}").code:  # an interface's keys go with it
                self.gateway.do(f"sysctl -qw {key}={before}")

        self._change(
            f"sysctl {key}", before, value, lambda: self.gateway.do(f"sysctl -qw {key}={value}"), back
        )

    def _divert(self) -> None:
        self._release()  # of a run that was killed
        for ip in ("ip -4", "ip -6"):
            self.gateway.do(f"{ip} route add unreachable default metric 9999 table {TABLE}")
            self.gateway.do(f"{ip} route add default dev {self.tun} metric 1 table {TABLE}")
            self.gateway.do(f"{ip} rule add iif {self.gateway.interface} lookup {TABLE} priority {TABLE}")

    def _release(self) -> None:
        for ip in ("ip -4", "ip -6"):
            for _ in range(MANY):
                if self.gateway.shell(f"{ip} rule del iif {self.gateway.interface} lookup {TABLE}").code:
                    break
            self.gateway.shell(f"{ip} route flush table {TABLE}")
            if f"lookup {TABLE}" in self.gateway.do(f"{ip} rule show"):
                raise RecordingError(f"the rule for table {TABLE} is still in `{ip} rule show`")
