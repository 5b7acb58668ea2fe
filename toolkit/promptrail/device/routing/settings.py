"""The default route: the device's own proxy setting, and a tunnel by adb to the proxy on this machine.

What was set before is noted and set again. Apps may ignore the setting: what went past it is counted elsewhere, from
packets (see passed.py), and with root QUIC, which no proxy setting covers, is refused on the device.
"""

from shlex import quote
from typing import ClassVar

from promptrail.device.device import Device
from promptrail.device.routing.quic import Refusal
from promptrail.device.routing.route import Route
from promptrail.errors import DeviceError, RecordingError

PROXY = "http_proxy"
FOLLOWING = (
    "global_http_proxy_host",
    "global_http_proxy_port",
    "global_http_proxy_exclusion_list",
    "global_proxy_pac_url",
)
"""Settings that the system derives from http_proxy, or that would go before it (AOSP, ProxyTracker)."""
ABSENT, OFF = "null", ":0"
"""How `settings get` tells a value that is not there; what switches the proxy off before a restart."""


class SettingsProxy(Route):
    """`port` is the proxy's on this machine, `device_port` the one on the device that leads to it."""

    name: ClassVar[str] = "settings"
    by_name: ClassVar[bool] = True
    misses: ClassVar[str] = (
        "Apps may ignore the proxy setting (Flutter, raw sockets, some SDKs), and it never covers UDP: what went past "
        "it is unseen, unless packets were captured beside."
    )

    def __init__(self, device: Device, port: int, device_port: int = 8080, refuse_quic: bool = True) -> None:
        super().__init__()
        self.device, self.port, self.device_port = device, port, device_port
        self._wanted = refuse_quic
        self._quic: Refusal | None = None

    def _lay(self) -> None:
        self._tunnel()
        before = {name: self._get(name) for name in (PROXY, *FOLLOWING)}
        for name in FOLLOWING[2:]:
            if before[name] not in (ABSENT, ""):
                self._change(
                    f"settings global {name}",
                    before[name],
                    ABSENT,
                    lambda name=name: self._set(name, ABSENT),  # type: ignore[misc]
                    lambda name=name: self._set(name, before[name]),  # type: ignore[misc]
                )
        address = f"127.0.0.1:{self.device_port}"
        self._change(
            f"settings global {PROXY}",
            before[PROXY],
            address,
            lambda: self._set(PROXY, address),
            lambda: self._restore(before),
        )
        if self._wanted:
            self._refuse_quic()
        if fault := self.fault():
            raise RecordingError(fault)

    def fault(self) -> str | None:
        """Why the device's proxy setting does not lead to the proxy (any more); None if it does."""
        if (self.device_port, self.port) not in self.device.reverses():
            return (
                f"the tunnel from port {self.device_port} of {self.device.serial} to the proxy is gone, as after `adb "
                f"root` or a reconnection: `adb reverse tcp:{self.device_port} tcp:{self.port}`."
            )
        if (now := self._get(PROXY)) != f"127.0.0.1:{self.device_port}":
            return f"the proxy setting of {self.device.serial} is {now} now: something else has changed it."
        return None

    def count(self) -> dict[str, int]:
        return self._quic.count() if self._quic else {}

    def _tunnel(self) -> None:
        before = next(
            (t.host_port for t in self.device.reverses() if t.device_port == self.device_port), None
        )

        def back() -> None:
            self.device.unreverse(self.device_port)
            if before is not None:
                self.device.reverse(self.device_port, before)

        self._change(
            f"adb reverse tcp:{self.device_port}",
            ABSENT if before is None else f"tcp:{before}",
            f"tcp:{self.port}",
            lambda: self.device.reverse(self.device_port, self.port),
            back,
        )

    def _refuse_quic(self) -> None:
        """With root; without it the record says that QUIC was possible."""
        try:
            quic = Refusal(lambda command: self.device.as_root(command, check=False), ("OUTPUT",))
            self._change("UDP to port 443, on the device", "allowed", "refused", quic.on, quic.off)
        except (DeviceError, RecordingError) as e:
            self.changes.pop()  # it has undone itself
            self.notes.append(f"QUIC was not refused on the device: {e}")
        else:
            self._quic = quic

    def _get(self, name: str) -> str:
        return self.device.shell(f"settings get global {name}").text

    def _set(self, name: str, value: str) -> None:
        if value == ABSENT:
            self.device.shell(f"settings delete global {name}")
        else:
            self.device.shell(f"settings put global {name} {quote(value)}")

    def _restore(self, before: dict[str, str]) -> None:
        """First what makes the system let go of our proxy: it does not follow a value that is only deleted."""
        self._set(PROXY, OFF if before[PROXY] == ABSENT else before[PROXY])
        for name in (PROXY, *FOLLOWING):
            if self._get(name) != before[name]:
                self._set(name, before[name])
        if left := [name for name in before if self._get(name) != before[name]]:
            raise RecordingError(
                f"{', '.join(left)} could not be set back; `adb shell settings put global {PROXY} {OFF}` switches the "
                "proxy off"
            )
