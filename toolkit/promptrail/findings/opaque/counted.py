"""Whether every byte that left in some runs was counted by its size: a case in, what was not counted in words out.

An opaque channel need not be read, so the ledger of the unread does not decide here; but "not observed" needs packets
of whole runs, and every connection of a kind whose sizes are counted: TLS and QUIC that was not broken by the proxy.
"""

import pandas as pd

from promptrail import frames
from promptrail.case import Case
from promptrail.findings.ledger import GAVE_UP, NOT_A_LOSS, UNKNOWN_HOST, WORDS, ledger, shown
from promptrail.findings.wire import book
from promptrail.findings.words import listed
from promptrail.language import say, say_n

COUNTED = {"passed-through", "no-keys", "quic", "ech", *NOT_A_LOSS}
"""Outcomes of connections whose records or datagrams stand in the frame `bursts`, or that sent nothing."""
MOST = 5
"""Hosts named in one sentence."""


def uncounted(case: Case, runs: list[str]) -> list[str]:
    """Each thing that was not counted, as a clause; none: the sizes of everything that left are known."""
    about = case.runs[case.runs["run"].isin(runs)]
    blind = [
        row.run for row in frames.rows(about) if row.witnesses is None or "packets" not in list(row.witnesses)
    ]
    told = []
    if blind:
        told.append(
            say_n(
                "{n} run without a packet capture, which alone has sizes",
                "{n} runs without a packet capture, which alone has sizes",
                len(blind),
            )
        )
    if lost := ledger(case, runs).lost:
        told.append(say_n("the rest of {n} broken capture", "the rest of {n} broken captures", len(lost)))
    if hosts := book(case, runs).not_on_the_wire:
        told.append(say("{hosts}, seen by another witness and not in the packets", hosts=_named(hosts)))
    return [*told, *_connections(case, runs)]


def _connections(case: Case, runs: list[str]) -> list[str]:
    mine = case.connections[case.connections["run"].isin(runs) & ~case.connections["outcome"].isin(COUNTED)]
    plain = mine["tls_version"].isna() & (mine["transport"] != "udp")
    told = []
    for outcome, part in mine[(mine["outcome"] != "read") | plain].groupby("outcome", sort=True):
        names = part["host"].where(part["host"].notna(), part["dest_ip"])
        why = (
            say("without TLS, and read") if outcome == "read" else say(WORDS.get(str(outcome), str(outcome)))
        )
        if outcome in GAVE_UP:
            why = say("{reason}; what it would have sent is not known", reason=why)
        told.append(
            say_n(
                "{n} connection to {hosts} ({reason})",
                "{n} connections to {hosts} ({reason})",
                len(part),
                hosts=_named(_sorted(names)),
                reason=why,
            )
        )
    return told


def _sorted(names: "pd.Series[str]") -> list[str]:
    return sorted({name if isinstance(name, str) else UNKNOWN_HOST for name in names})


def _named(hosts: list[str]) -> str:
    more = [say("{n} more", n=len(hosts) - MOST)] if len(hosts) > MOST else []
    return listed([*map(shown, hosts[:MOST]), *more])
