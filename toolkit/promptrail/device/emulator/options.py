"""How an emulator is to start: what a person chose in, its command line out; refuses what the emulator would not take.

The defaults are for recording: no window, no sound, a cold boot, and nothing of the session saved over the AVD's state.
"""

import re
from dataclasses import dataclass
from pathlib import Path

from promptrail.device.emulator.avd import NAME
from promptrail.errors import DeviceError

SPEEDS = ("gsm", "hscsd", "gprs", "edge", "umts", "hsdpa", "lte", "evdo", "full")
DELAYS = ("gsm", "gprs", "edge", "umts", "hsdpa", "lte", "evdo", "none")
NUMBERS = re.compile(r"\d+(:\d+)?")
ADDRESS = re.compile(r"(http://)?([^\s@/]+@)?[^\s:@/]+:\d{1,5}/?")
SERVERS = re.compile(r"[0-9A-Fa-f.:]+(,[0-9A-Fa-f.:]+)*")


@dataclass(frozen=True)
class Options:
    """Each is one option of the emulator; what is None is left to it."""

    headless: bool = True
    gpu: str | None = None
    """swiftshader_indirect without a window, where there may be no graphics card."""
    snapshot: str | None = None
    """Start from this one; without it Android boots anew."""
    read_only: bool = False
    """Nothing is written to the AVD: several of one AVD may run, and none can save a snapshot."""
    wipe: bool = False
    """The AVD's data are deleted first."""
    writable_system: bool = False
    """Only for the old way of remounting /system (SDK 33 and less); then always."""
    network_delay: str | None = None
    """A name of DELAYS, or milliseconds as MIN:MAX."""
    network_speed: str | None = None
    """A name of SPEEDS, or kbit/s as UP:DOWN."""
    http_proxy: str | None = None
    """All TCP of the guest, at the emulator's own network layer; cannot be changed until it ends."""
    dns_servers: str | None = None
    """Addresses with commas between."""
    tcpdump: Path | None = None
    """A new file for every packet of the guest; what a person is to look at, so it is never written over."""
    more: tuple[str, ...] = ()
    """Any others, as they are."""

    def __post_init__(self) -> None:
        rows: tuple[tuple[str, str | None, bool], ...] = (
            ("network delay", self.network_delay, _named(self.network_delay, DELAYS)),
            ("network speed", self.network_speed, _named(self.network_speed, SPEEDS)),
            ("HTTP proxy", self.http_proxy, bool(ADDRESS.fullmatch(self.http_proxy or "h:1"))),
            ("list of DNS servers", self.dns_servers, bool(SERVERS.fullmatch(self.dns_servers or "1"))),
            ("name of a snapshot", self.snapshot, bool(NAME.fullmatch(self.snapshot or "s"))),
        )
        for what, value, right in rows:
            if not right:
                raise DeviceError(f"{value!r} is no {what} that the emulator takes.")
        if self.snapshot and self.wipe:
            raise DeviceError("to start from a snapshot and to wipe the data exclude each other: choose one.")
        if self.tcpdump and self.tcpdump.exists():
            raise DeviceError(
                f"{self.tcpdump} exists, and a capture is never written over: give another name."
            )

    def arguments(self, avd: str, port: int) -> list[str]:
        """The command line behind the program."""
        words = ["-avd", avd, "-port", str(port), "-no-audio", "-no-boot-anim", "-no-snapshot-save"]
        words += ["-no-window"] if self.headless else []
        words += ["-gpu", self.gpu or ("swiftshader_indirect" if self.headless else "auto")]
        words += ["-snapshot", self.snapshot] if self.snapshot else ["-no-snapshot-load"]
        for flag, value in (
            ("-read-only", self.read_only),
            ("-wipe-data", self.wipe),
            ("-writable-system", self.writable_system),
        ):
            words += [flag] if value else []
        for option, given in (
            ("-netdelay", self.network_delay),
            ("-netspeed", self.network_speed),
            ("-http-proxy", self.http_proxy),
            ("-dns-server", self.dns_servers),
            ("-tcpdump", self.tcpdump and self.tcpdump.absolute()),
        ):
            words += [option, str(given)] if given else []
        return [*words, *self.more]


def _named(value: str | None, names: tuple[str, ...]) -> bool:
    return value is None or value in names or bool(NUMBERS.fullmatch(value))
