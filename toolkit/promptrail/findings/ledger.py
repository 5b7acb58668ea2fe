"""The ledger of the unseen: what was on the wire of some runs and could not be read, and what that forbids to say."""

from dataclasses import asdict, dataclass
from typing import Any

import pandas as pd

from promptrail import frames
from promptrail.case import Case
from promptrail.language import mark, say, say_n

WORDS = {
    "pinned": mark("TLS refused: the app does not trust the proxy (certificate pinning)"),
    "tls-failed": mark("TLS failed"),
    "passed-through": mark("passed through on purpose, not decrypted"),
    "not-reached": mark("the server was not reached"),
    "broken-off": mark("still open when the recording broke off"),
    "no-keys": mark("TLS in a packet capture without its keys"),
    "quic": mark("QUIC, which could not be opened"),
    "ech": mark("TLS with an encrypted hello, whose host is not known"),
    "not-http": mark("a protocol that is not read"),
    "missing": mark("body not in the capture"),
    "incomplete": mark("stream broke off or was still open"),
    "encoding": mark("compression or coding could not be undone"),
    "binary": mark("decrypted, format unknown"),
    "limit": mark("nested or inflated beyond the limits"),
}
NOT_A_LOSS = {"not-reached"}
"""Nothing can have been sent where no server answered."""
GAVE_UP = {"pinned", "tls-failed"}
"""What the app would have sent is not known: the bytes on the wire are those of a handshake that failed."""
NOT_LISTED = {
    "mitm": mark("connections that failed or were relayed unread, which a flow file does not list"),
    "har": mark("what failed or was not loaded by the tool itself, which a HAR does not list"),
    "hook": mark("whatever did not pass through a hooked function"),
}
"""What a capture of this kind leaves out without a trace, unless packets were captured beside it."""
BYPASSED = {
    "settings": mark("what went past the device's proxy setting, which nothing counted"),
    "manual": mark("what went past a proxy set by hand, which nothing counted"),
}
"""The same by the way in which the traffic came to the proxy: an app need not follow a setting."""
UNKNOWN_HOST = mark("unknown host")
"""In the place of a name."""


@dataclass(frozen=True, slots=True)
class Row:
    """One reason, with all hosts that it concerns."""

    reason: str
    words: str
    hosts: list[str]
    count: int
    """Connections, or pieces of messages."""
    unit: str
    bytes_out: int | None
    """Sent and unread; None: not known."""


@dataclass(frozen=True, slots=True)
class Ledger:
    """Requests only: what the app sent. `unknown` counts the rows whose size nobody knows."""

    rows: list[Row]
    read: int
    """Bytes of requests that were read: URL, headers, bodies, messages."""
    unread: int
    """Bytes known to have been sent and not read."""
    unknown: int
    """Connections or messages of unknown size."""
    lost: list[str]
    """Runs whose capture is cut short or broken."""
    unlisted: list[str]
    """What some of these captures do not list at all, in words: a flow file names no connection that failed."""

    @property
    def share(self) -> float | None:
        """Unread bytes of all bytes that are known, 0 to 1; None where nothing is known."""
        total = self.read + self.unread
        return self.unread / total if total else None

    @property
    def allows_absence(self) -> bool:
        """Whether "not observed" may be said: everything that is known to have been sent was read."""
        return bool(self.read) and not (self.unread or self.unknown or self.lost or self.unlisted)

    def hosts(self) -> list[str]:
        return sorted({h for row in self.rows if row.reason not in NOT_A_LOSS for h in row.hosts})

    def figure(self) -> str:
        """The figure that every finding carries, in words."""
        if not self.rows and not self.lost and not self.unlisted:
            return say("nothing: all {read:,} bytes that were seen to be sent were read", read=self.read)
        parts = []
        if self.unread:
            parts.append(
                say(
                    "{unread:,} of {all:,} bytes sent ({share:.1f} %)",
                    unread=self.unread,
                    all=self.read + self.unread,
                    share=100 * (self.share or 0),
                )
            )
        if n := self._of_unknown_size("connections"):
            parts.append(say_n("{n} connection of unknown size", "{n} connections of unknown size", n))
        if n := self._of_unknown_size("pieces"):
            parts.append(say_n("{n} message of unknown size", "{n} messages of unknown size", n))
        if n := len(self.lost):
            parts.append(say_n("the rest of {n} broken capture", "the rest of {n} broken captures", n))
        parts += self.unlisted
        return say(" and ").join(parts) or say("nothing that the app could have sent")

    def _of_unknown_size(self, unit: str) -> int:
        return sum(row.count for row in self.rows if row.unit == unit and row.bytes_out is None)

    def facts(self) -> dict[str, Any]:
        """The figures, by the names that every finding uses."""
        return {
            "unseen": self.figure(),
            "unseen_share": None if self.share is None else round(100 * self.share, 1),
            "unseen_unknown": self.unknown,
        }

    def as_rows(self) -> list[dict[str, Any]]:
        return [asdict(row) for row in self.rows]


def ledger(case: Case, runs: list[str]) -> Ledger:
    """The ledger of these runs."""
    flows = case.flows[case.flows["run"].isin(runs)]
    messages = case.messages[case.messages["run"].isin(runs) & (case.messages["direction"] == "request")]
    undecoded = case.undecoded[case.undecoded["run"].isin(runs) & (case.undecoded["direction"] == "request")]
    connections = case.connections[
        case.connections["run"].isin(runs) & (case.connections["outcome"] != "read")
    ]
    rows, unknown = [], 0
    for reason, group in connections.groupby("outcome", sort=True):
        sizes = group["bytes_out"]
        known = None if sizes.isna().any() or reason in GAVE_UP else int(sizes.sum())
        if reason in NOT_A_LOSS:
            known = 0
        elif known is None:
            unknown += len(group)
        hosts = group["host"].where(group["host"].notna(), group["dest_ip"])
        rows.append(_row(str(reason), hosts, len(group), "connections", known))
    for reason, group in undecoded.groupby("reason", sort=True):
        sizes = group["length"]
        known = None if sizes.isna().any() else int(sizes.sum())
        unknown += int(sizes.isna().sum())
        rows.append(_row(str(reason), group["host"], len(group), "pieces", known))
    sent = int(messages["length"].fillna(0).sum()) + _heads(flows)
    unread = min(sent, int(undecoded["length"].fillna(0).sum()))
    about = case.runs[case.runs["run"].isin(runs)]
    return Ledger(
        rows=sorted(rows, key=lambda r: (-(r.bytes_out if r.bytes_out is not None else 1 << 60), r.reason)),
        read=sent - unread,
        unread=unread + sum(r.bytes_out or 0 for r in rows if r.unit == "connections"),
        unknown=unknown,
        lost=sorted(about.loc[~about["complete"].astype(bool), "run"]),
        unlisted=sorted({say(words) for row in frames.rows(about) if (words := _left_out(row))}),
    )


def shown(host: str) -> str:
    """A host as a sentence names it."""
    return say(UNKNOWN_HOST) if host == UNKNOWN_HOST else host


def _left_out(run: Any) -> str | None:
    """What no witness of a run would have listed; None where one lists every connection, read or not."""
    if "packets" in list(run.witnesses):
        return None
    return NOT_LISTED.get(run.source) or BYPASSED.get(str(run.route))


def _row(reason: str, hosts: pd.Series, count: int, unit: str, known: int | None) -> Row:
    names = sorted({h if isinstance(h, str) else UNKNOWN_HOST for h in hosts})
    return Row(reason, say(WORDS.get(reason, reason)), names, count, unit, known)


def _heads(flows: pd.DataFrame) -> int:
    """Bytes of URLs and request headers."""
    urls = sum(len(u.encode("utf-8", "surrogatepass")) for u in flows["url"] if isinstance(u, str))
    headers = sum(
        len(h["name"]) + len(h["value"]) + 4
        for row in flows["request_headers"]
        if row is not None
        for h in row
    )
    return urls + headers
