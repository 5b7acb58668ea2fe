"""Who received what: sightings in, a Sankey of kind, host, operator, and group with its country of establishment out.

A host whose operator nobody names stands under the owner of its domain, and says so. Refuses a case without a sighting:
the block then says so in words.
"""

import pandas as pd
import plotly.graph_objects as go

from promptrail.attribute.rows import ORGANISATIONS
from promptrail.report.figures.flow import COLOURS_SAY, Stop, broken, flow, rare
from promptrail.report.text import label
from promptrail.report.view import PLURAL, Host, View, count_tiers, known

MOST = 12
"""Nodes in a column; the rarest beyond are one."""
LINE = 26
"""Letters of a label before it breaks."""
STOPS = ("kind_", "host_", "who_", "group_")


def recipients(view: View) -> go.Figure:
    """Kind of value, host, who runs it, and to which group and country of establishment that belongs."""
    frame = _columns(view)
    stops = [
        Stop("kind_", "what", 0.001, _kind),
        Stop("host_", "which host", 0.28, _host),
        Stop("who_", "who runs it", 0.6, _words),
        Stop("group_", "group, established in", 0.999, _words),
    ]
    return flow(view, frame, stops, _alt(frame), _caption(frame))


def _columns(view: View) -> pd.DataFrame:
    """The sightings with the four names under which the figure draws them."""
    frame = view.sightings.copy()
    hosts = [view.hosts.get(h) for h in frame["host"]]
    frame["kind_"] = [PLURAL.get(k, k) for k in frame["kind"]]
    frame["host_"] = rare(list(frame["host"]), MOST, "hosts more")
    frame["who_"] = rare([_who(host) for host in hosts], MOST, "operators more")
    frame["group_"] = rare([_group(host) for host in hosts], MOST, "groups more")
    return frame


def _who(host: Host | None) -> str:
    if host is None:
        return "not known who"
    if operator := host.best("service_operator"):
        return operator
    owner = host.best("domain_owner")
    return f"not known who (domain of {owner})" if owner else "not known who"


def _group(host: Host | None) -> str:
    country = _established(host) if host else None
    group = host.best("corporate_group") if host else None
    return f"{group or 'group not known'}, {f'in {country}' if country else 'country not known'}"


def _established(host: Host) -> str | None:
    """Where the organisation is established: its own row, or what stands beside the operator or owner."""
    beside = [r.get("country") for q in ORGANISATIONS for r in host.answers.get(q, []) if known(r["answer"])]
    return host.best("established_in") or next((str(c) for c in beside if known(c)), None)


def _kind(part: pd.DataFrame, name: str) -> str:
    return f"<b>{label(name)}</b><br>{part['probe'].nunique()} found"


def _host(part: pd.DataFrame, name: str) -> str:
    return f"<b>{_broken(name, '.')}</b><br>{count_tiers(part)}"


def _words(part: pd.DataFrame, name: str) -> str:
    return _broken(name, " ")


def _broken(name: str, at: str) -> str:
    """Broken before a dot of a host, or at a space."""
    return broken(name.replace(at, f"\n{at}").split("\n"), LINE)


def _alt(frame: pd.DataFrame) -> str:
    rows = []
    for (kind, host, who, group), part in frame.groupby(list(STOPS), sort=True):
        rows.append(f"{kind} to {host}, run by {who} ({group}): {count_tiers(part)}")
    return "Flow picture. " + "; ".join(rows) + "."


def _caption(frame: pd.DataFrame) -> str:
    runs = frame["run"].nunique()
    return (
        f"Sightings over {runs} {'run' if runs == 1 else 'runs'}, from what was typed or held to the group of who runs "
        "the host, and where that organisation is established, which is not where an address lies or data is stored. "
        f"{COLOURS_SAY}"
    )
