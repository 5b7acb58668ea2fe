"""Whose code is in an app, beside whom the app contacted: kept identities, exchanges and hooks in, rows out.

A vendor counts as contacted where a host lies below a domain of the SDK's signature, or its operator or owner is the
vendor by name. Code that was renamed does not show, and an SDK's hosts can be set at run time: neither row proves more
than it says.
"""

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Any

import pandas as pd

from promptrail import frames
from promptrail.apk.identity import Identity, Sdk
from promptrail.apk.kept import identities
from promptrail.case import Case
from promptrail.case.settings import NOT_STATED
from promptrail.findings.delivered import only_delivered
from promptrail.findings.origin import Origins

ANSWERS = ("service_operator", "domain_owner", "corporate_group")


@dataclass(frozen=True, slots=True)
class Embedded:
    """One SDK in the package, and what went to its vendor."""

    id: str
    name: str
    vendor: str | None
    purpose: str | None
    classes: list[str]
    class_count: int
    expected: list[str]
    """Domains at which its vendor is known to receive."""
    contacted: list[str]
    """Hosts of the runs that are the vendor's."""
    requests: int
    unread: int
    """Connections to them that could not be read."""
    flows: list[str]
    sent_by: list[str]
    """Classes that a hook saw send these requests."""
    source: str
    as_of: str | None

    def as_row(self) -> dict[str, Any]:
        return asdict(self)


def packages(case: Case) -> list[Identity]:
    """The identities kept for the case's own package; all of them where it names none."""
    own = case.app["package"]
    kept = [one for _, one in identities(case)]
    return [one for one in kept if own in (NOT_STATED, one.package)]


def embedded(case: Case, found: Iterable[Identity], runs: list[str]) -> list[Embedded]:
    """By SDK, each once over all kept versions, those that were contacted first."""
    sdks: dict[str, Sdk] = {}
    for identity in found:
        for sdk in identity.sdks:
            sdks.setdefault(sdk.id, sdk)
    flows = case.flows[case.flows["run"].isin(runs) & (case.flows["kind"] != "dns")]
    flows = only_delivered(case, flows)
    shut = case.connections
    shut = shut[shut["run"].isin(runs) & ~shut["outcome"].isin(["read", "not-reached"])]
    names = sorted({str(host) for frame in (flows, shut) for host in frame["host"].dropna()})
    origins = Origins(case)
    rows = [_row(case, sdk, names, flows, shut, origins) for sdk in sdks.values()]
    return sorted(rows, key=lambda row: (-row.requests, -row.unread, row.name))


def unexplained(case: Case, rows: list[Embedded], runs: list[str]) -> list[str]:
    """Hosts, not stated to be the maker's, that no SDK in the package accounts for."""
    stated = case.recipients[case.recipients["own"].fillna(False).astype(bool)]
    known = set(stated["host"]) | {host for row in rows for host in row.contacted}
    frames_ = (case.flows, case.connections)
    met = {str(host) for frame in frames_ for host in frame.loc[frame["run"].isin(runs), "host"].dropna()}
    return sorted(met - known)


def _row(
    case: Case, sdk: Sdk, names: list[str], flows: pd.DataFrame, shut: pd.DataFrame, origins: Origins
) -> Embedded:
    theirs = [host for host in names if _belongs(case, host, sdk)]
    mine = flows[flows["host"].isin(theirs)]
    senders = (origins.of(row.run, row.url, row.started, row.connection) for row in frames.rows(mine))
    return Embedded(
        sdk.id,
        sdk.name,
        sdk.vendor,
        sdk.purpose,
        list(sdk.classes),
        sdk.class_count,
        list(sdk.hosts),
        theirs,
        len(mine),
        int(shut["host"].isin(theirs).sum()),
        sorted(map(str, mine["flow"])),
        sorted({one.code for one in senders if one is not None}),
        sdk.source,
        sdk.as_of,
    )


def _belongs(case: Case, host: str, sdk: Sdk) -> bool:
    if any(host == domain or host.endswith(f".{domain}") for domain in sdk.hosts):
        return True
    said = case.recipients[(case.recipients["host"] == host) & case.recipients["question"].isin(ANSWERS)]
    return sdk.vendor is not None and sdk.vendor in set(said["answer"].dropna())
