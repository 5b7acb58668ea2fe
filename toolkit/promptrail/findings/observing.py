"""What observing did to an app: runs of the same steps that were recorded in different ways, side by side.

In: the frames runs, flows and connections. Out: groups of scenarios that share app, version and control, and for each
scenario the hosts that it alone met, its connections, requests and bytes. A group of one scenario compares nothing and
is left out. Few runs differ by chance alone, so nothing here is a verdict.
"""

from dataclasses import asdict, dataclass
from typing import Any

import pandas as pd

from promptrail.case import Case

SAME = ["app", "app_version", "control"]


@dataclass(frozen=True, slots=True)
class Way:
    """One scenario: numbers are over all its runs."""

    steps: str
    """What the scenarios beside it share: app, version, control."""
    scenario: str
    runs: int
    hosts: list[str]
    only_here: list[str]
    """Hosts that no other scenario of the group met."""
    connections: int
    unread: int
    """Of these connections."""
    requests: int
    content_bytes: int | None
    """Bodies of the requests that were read; None where nothing could read any."""
    wire_bytes: int | None
    """What the app sent, as packets count it; None where a run has no packets."""

    def as_row(self) -> dict[str, Any]:
        return asdict(self)


def ways(case: Case, runs: list[str]) -> list[Way]:
    """By group and scenario, in the order of their names."""
    about = case.runs[case.runs["run"].isin(runs) & case.runs["scenario"].notna()]
    found: list[Way] = []
    for shared, group in about.groupby(SAME, dropna=False, sort=True):
        names = sorted(set(group["scenario"]))
        if len(names) < 2:
            continue
        met = {name: _hosts(case, group, name) for name in names}
        steps = ", ".join(str(value) for value in shared if isinstance(value, str))
        for name in names:
            others = set().union(*(hosts for other, hosts in met.items() if other != name))
            found.append(_way(case, group, steps, name, met[name], met[name] - others))
    return found


def _runs(group: pd.DataFrame, scenario: str) -> list[str]:
    return sorted(group.loc[group["scenario"] == scenario, "run"])


def _hosts(case: Case, group: pd.DataFrame, scenario: str) -> set[str]:
    """From requests and from connections that nobody could read."""
    runs = _runs(group, scenario)
    frames = (case.flows, case.connections)
    return {str(host) for frame in frames for host in frame.loc[frame["run"].isin(runs), "host"].dropna()}


def _way(
    case: Case, group: pd.DataFrame, steps: str, scenario: str, hosts: set[str], only_here: set[str]
) -> Way:
    runs = _runs(group, scenario)
    flows = case.flows[case.flows["run"].isin(runs)]
    known = case.connections[case.connections["run"].isin(runs)]
    wired = known["witnesses"].map(lambda names: names is not None and "packets" in names)
    on_the_wire = set(known.loc[wired, "run"]) >= set(runs)
    return Way(
        steps,
        scenario,
        len(runs),
        sorted(hosts),
        sorted(only_here),
        len(known),
        int((known["outcome"] != "read").sum()),
        int((flows["kind"] != "dns").sum()),
        int(flows["request_length"].fillna(0).sum()) if len(flows) else None,
        int(known.loc[wired, "bytes_out"].fillna(0).sum()) if on_the_wire else None,
    )
