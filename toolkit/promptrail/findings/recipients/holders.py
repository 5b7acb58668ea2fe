"""What each recipient received, its hosts taken together: the table of hosts and sightings in, one row a holder out.

A holder is who runs the service, or where nobody says that, the owner of the domain, and it says which of the two.
Hosts that nobody names are one row: they are not one company.
"""

from dataclasses import dataclass, field
from typing import Any

import pandas as pd

from promptrail import frames

NOBODY = "not known who"


@dataclass(slots=True)
class Holder:
    """One recipient, with what its hosts were sent as far as it was read."""

    name: str
    operates: bool
    """True: it is said to run the service; False: to hold the domain; nobody may know who runs it."""
    own: bool | None
    established: str | None = None
    group: str | None = None
    hosts: list[str] = field(default_factory=list)
    requests: int = 0
    bytes_out: int = 0
    bytes_in: int = 0
    unread_connections: int = 0
    kinds: dict[str, int] = field(default_factory=dict)
    """Values found in requests, by kind: how many different ones."""


def holders(table: pd.DataFrame, seen: pd.DataFrame) -> list[Holder]:
    """The holders of these hosts, those with most requests first. `seen` are sightings in requests, without decoys."""
    found: dict[tuple[str, bool], Holder] = {}
    for row in frames.rows(table):
        about: dict[str, Any] = row._asdict()
        name = about.get("service_operator") or about.get("domain_owner") or NOBODY
        key = (name, bool(about.get("service_operator")))
        own = None if about.get("own") is None else bool(about["own"])
        one = found.setdefault(key, Holder(*key, own))
        one.established = one.established or about.get("country")
        one.group = one.group or about.get("corporate_group")
        one.hosts.append(row.host)
        one.requests += row.requests
        one.bytes_out += row.bytes_out
        one.bytes_in += row.bytes_in
        one.unread_connections += row.unread_connections
    for one in found.values():
        mine = seen[seen["host"].isin(one.hosts)]
        one.kinds = {str(k): int(n) for k, n in mine.groupby("kind")["probe"].nunique().sort_index().items()}
    return sorted(found.values(), key=lambda h: (-h.requests, -h.unread_connections, h.name))
