"""What a capture shows of each host, frames in, one record a host out: addresses, TLS names, certificates, CNAMEs.

A host whose name only a DNS answer holds is no recipient: nothing was asked of it. Names stand as they were captured.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

import pandas as pd

from promptrail import frames
from promptrail.attribute.subjects import Address, subject
from promptrail.case import Case

TYPES = frozenset({"A", "AAAA", "CNAME", "HTTPS", "SVCB", "NS", "TXT", "PTR", "MX", "SOA", "SRV", "CAA"})


@dataclass(slots=True)
class Observed:
    """One host as the capture shows it; each list in total order."""

    addresses: list[Address] = field(default_factory=list)
    server_names: list[str] = field(default_factory=list)
    """SNI of the connections that carried requests to it."""
    certificates: list[tuple[str, ...]] = field(default_factory=list)
    """The names of each certificate that was shown for it."""
    aliases: list[str] = field(default_factory=list)
    """Where the DNS answers of the capture lead from it by CNAME, in order of the chain."""
    first: float | None = None
    last: float | None = None
    """When it was met first and last, seconds since the epoch; None: the capture does not say."""


def observed(case: Case, runs: Iterable[str] | None = None) -> dict[str, Observed]:
    """Every host of a case, or of some of its runs."""
    flows, connections, messages = case.flows, case.connections, case.messages
    if runs is not None:
        wanted = set(runs)
        flows, connections, messages = (f[f["run"].isin(wanted)] for f in (flows, connections, messages))
    out: dict[str, Observed] = {}
    requests = flows[flows["kind"] != "dns"]
    _connect(out, requests, with_names=True)
    _connect(out, connections, with_names=False)
    for name in sorted(
        set(requests["sni"].dropna()) | set(flows.loc[flows["kind"] == "dns", "host"].dropna())
    ):
        out.setdefault(str(name), Observed())
    _date(out, flows.rename(columns={"started": "at"}))
    _date(out, connections.rename(columns={"opened": "at"}))
    _resolve(out, list(_answers(case, messages)))
    for seen in out.values():
        seen.addresses.sort(key=lambda a: (a.version, int(a)))
        seen.server_names.sort()
        seen.certificates.sort()
    return out


def _connect(out: dict[str, Observed], frame: pd.DataFrame, with_names: bool) -> None:
    columns = frame[["host", "sni", "dest_ip"]].copy()
    columns["names"] = [tuple(map(str, n)) if n is not None else () for n in frame["cert_names"]]
    for row in frames.rows(columns.drop_duplicates()):
        if not isinstance(row.host, str):
            continue
        seen = out.setdefault(row.host, Observed())
        address = subject(row.dest_ip).address if isinstance(row.dest_ip, str) else None
        if address and address not in seen.addresses:
            seen.addresses.append(address)
        if not with_names:
            continue
        if isinstance(row.sni, str) and row.sni not in seen.server_names:
            seen.server_names.append(row.sni)
        if row.names and row.names not in seen.certificates:
            seen.certificates.append(row.names)


def _date(out: dict[str, Observed], frame: pd.DataFrame) -> None:
    """When each host was met, from a frame with the columns `host` and `at`."""
    for row in frames.rows(frame.groupby("host")["at"].agg(["min", "max"]).dropna().reset_index()):
        if (seen := out.get(row.host)) is not None:
            seen.first = row.min if seen.first is None else min(seen.first, row.min)
            seen.last = row.max if seen.last is None else max(seen.last, row.max)


def _answers(case: Case, messages: pd.DataFrame) -> Iterator[tuple[str, str]]:
    """(name, what it leads to) of every CNAME, A and AAAA record in the capture's DNS messages."""
    import pyarrow.parquet as pq

    told = messages[messages["part"] == "dns"]
    wanted = sorted(set(told["body"].dropna()))
    if not wanted:
        return
    bodies = pq.read_table(
        case.frames_folder / "bodies.parquet", columns=["sha256", "data"], filters=[("sha256", "in", wanted)]
    )
    for digest, data in sorted(zip(bodies["sha256"].to_pylist(), bodies["data"].to_pylist(), strict=True)):
        assert digest
        for line in data.decode("utf-8", "replace").splitlines():
            words = line.split()
            if len(words) > 2 and words[1] in TYPES and words[1] not in ("A", "AAAA", "CNAME"):
                continue
            if len(words) >= 2 and words[0] != "?" and words[-1] not in TYPES:
                yield _bare(words[0]), _bare(words[-1])


def _bare(text: str) -> str:
    meant = subject(text)
    return meant.host if not meant.fault else text


def _resolve(out: dict[str, Observed], answers: list[tuple[str, str]]) -> None:
    """Follow the chains from each host; addresses at their end are the host's too."""
    leads: dict[str, list[str]] = {}
    for name, to in answers:
        if to not in leads.setdefault(name, []):
            leads[name].append(to)
    for host, seen in out.items():
        queue, done = [_bare(host)], set()
        while queue:
            name = queue.pop(0)
            if name in done:
                continue
            done.add(name)
            for to in leads.get(name, ()):
                address = subject(to).address
                if address is None and "." in to:
                    seen.aliases.append(to)
                    queue.append(to)
                elif address and not seen.addresses:
                    seen.addresses.append(address)
