"""Refuses QUIC, so that apps fall back to TCP, which the proxy can read; what was refused is counted.

It works on whatever runs a shell command as root: the device itself (OUTPUT), or the gateway that it goes through
(INPUT, FORWARD). The packets are rejected, not dropped: an app that is answered falls back at once. IPv6 as well.
"""

import re
from collections.abc import Callable, Sequence

from promptrail.device.adb import Answer
from promptrail.errors import RecordingError

CHAIN = "promptrail-quic"
TOOLS = ("iptables", "ip6tables")
UDP443 = "-p udp --dport 443"
COUNTED = re.compile(r"^\s*(\d+)\s+(\d+)\s+REJECT\b", re.MULTILINE)
MANY = 20
"""Leftovers of runs that were killed; more than that is somebody else's doing."""
Shell = Callable[[str], Answer]
"""Runs one command as root; its exit code counts."""


class Refusal:
    """`interface`: only what comes in by it, for a gateway."""

    def __init__(self, shell: Shell, chains: Sequence[str], interface: str | None = None) -> None:
        self._shell = shell
        only = f"-i {interface} " if interface else ""
        self._jumps = [f"{chain} {only}{UDP443} -j {CHAIN}" for chain in chains]

    def on(self) -> None:
        """RecordingError with the words of iptables where it cannot be done; then nothing of it stays."""
        self.off()  # of a run that was killed
        for tool in TOOLS:
            for command in (
                f"{tool} -w -N {CHAIN}",
                f"{tool} -w -A {CHAIN} {UDP443} -j REJECT",
                *(f"{tool} -w -I {jump}" for jump in self._jumps),
            ):
                answer = self._shell(command)
                if answer.code:
                    self.off()
                    raise RecordingError(
                        f"QUIC cannot be refused: `{command}` said {answer.said[-200:]!r} (exit code {answer.code}). "
                        "It needs root and the packet filter (iptables and ip6tables with REJECT)."
                    )

    def off(self) -> None:
        """Take all of it away; what is not there is no error, what stays is."""
        for tool in TOOLS:
            for jump in self._jumps:
                for _ in range(MANY):
                    if self._shell(f"{tool} -w -D {jump}").code:
                        break
            self._shell(f"{tool} -w -F {CHAIN}")
            self._shell(f"{tool} -w -X {CHAIN}")
            if not self._shell(f"{tool} -w -S {CHAIN}").code:
                raise RecordingError(
                    f"{CHAIN} could not be taken out of {tool}: `{tool} -S | grep {CHAIN}` shows it; delete by hand."
                )

    def count(self) -> dict[str, int]:
        """Packets and bytes of UDP to port 443 that were refused so far, both IP versions together."""
        packets = size = 0
        for tool in TOOLS:
            answer = self._shell(f"{tool} -w -L {CHAIN} -v -n -x")
            found = COUNTED.search(answer.text)
            if answer.code or not found:
                raise RecordingError(f"the refused packets could not be counted: {answer.said[-200:]}")
            packets, size = packets + int(found[1]), size + int(found[2])
        return {"quic_packets_refused": packets, "quic_bytes_refused": size}
